//! Leads.

mod conversion;

use async_trait::async_trait;
pub use conversion::{CONTACT_GIVES, Conversion, OPPORTUNITY_GIVES};
use domain_kernel::field::{JsonObject, Link, LongText, Moment, ShortText, Whole};
use domain_kernel::policy::Area;
use domain_kernel::{Error, Records, Resource, Result, Step};

use crate::{Company, Contact, Opportunity, SalesWork};

/// What a lead's status is unless a request says otherwise.
const FIRST_STATUS: &str = "new";
/// What it is once the lead is converted.
const LAST_STATUS: &str = "converted";

domain_kernel::resource! {
    /// Somebody who may become a customer.
    pub struct Lead, patch LeadPatch {
        /// The person, where they are known.
        contact: Link<Contact>,
        /// Where it came from.
        source: ShortText<128> [searched],
        /// How far one has come with it, in the workspace's own words; `new` unless given, and
        /// `converted` for good once it is.
        status: ShortText<64> [searched],
        /// What is to be remembered.
        notes: LongText,
        /// How promising it is; the workspace's own scale.
        score: Whole,
        /// What other programs keep with it.
        metadata: JsonObject,
        /// When it was converted.
        converted_at: Moment [read_only],
        /// The contact that it became.
        converted_contact: Link<Contact> [read_only],
        /// The company of that contact.
        converted_company: Link<Company> [read_only],
        /// The deal that it became.
        converted_opportunity: Link<Opportunity> [read_only],
    }
}

#[async_trait]
impl Resource for Lead {
    const NAME: &'static str = "leads";
    const SINGULAR: &'static str = "lead";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "People and companies that may become customers.";
    const AREA: Area = Area::Customers;
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.leads()
    }

    // So that a conversion at the same time is seen whole: what a lead became stands beside it.
    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_deals().await
    }

    async fn prepare(_: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let converted = step.before.filter(|before| before.data.is_converted());
        if data.status.is_empty() {
            let status = converted.map_or(FIRST_STATUS, |before| &before.data.status);
            data.status = ShortText::trusted(status);
        }
        match converted {
            Some(before) if before.data.status != data.status => {
                let message = "This lead is converted: its status stays.";
                Err(Error::Conflict(message.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

impl Lead {
    /// Whether it is a customer already.
    pub fn is_converted(&self) -> bool {
        self.converted_at.0.is_some()
    }
}
