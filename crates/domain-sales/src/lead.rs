//! Leads.

use async_trait::async_trait;
use domain_kernel::field::{JsonObject, Link, LongText, ShortText, Whole};
use domain_kernel::policy::Area;
use domain_kernel::{Records, Resource, Result, Step};

use crate::{Contact, SalesWork};

/// What a lead's status is unless a request says otherwise.
const FIRST_STATUS: &str = "new";

domain_kernel::resource! {
    /// Somebody who may become a customer.
    pub struct Lead, patch LeadPatch {
        /// The person, where they are known.
        contact: Link<Contact>,
        /// Where it came from.
        source: ShortText<128> [searched],
        /// How far one has come with it, in the workspace's own words; `new` unless given.
        status: ShortText<64> [searched],
        /// What is to be remembered.
        notes: LongText,
        /// How promising it is; the workspace's own scale.
        score: Whole,
        /// What other programs keep with it.
        metadata: JsonObject,
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

    async fn prepare(_: &mut Self::Work, _: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if data.status.is_empty() {
            data.status = ShortText::trusted(FIRST_STATUS);
        }
        Ok(())
    }
}
