//! Credit notes: what is taken back of what an issued invoice asks for.

use async_trait::async_trait;
use domain_kernel::field::{CurrencyCode, Link, LongText, Moment, Money, ShortText};
use domain_kernel::policy::Area;
use domain_kernel::{ENTRY_FIELDS, Error, Id, Operations, Records, Resource, Result, Step};

use super::{Entering, FEATURE, Invoice, enter, get};
use crate::OrderWork;
use crate::invoice::status::InvoiceState;

/// The series that credit notes are numbered in.
const SERIES: &str = "credit_note";

domain_kernel::resource! {
    /// What is taken back of an invoice. It is made once and stays as it is.
    pub struct CreditNote, patch CreditNotePatch, beside ENTRY_FIELDS {
        /// Its number, without gaps, such as `CN-000042`.
        number: ShortText<32> [read_only, searched],
        /// The invoice.
        invoice: Link<Invoice> [read_only],
        /// How much.
        amount: Money<12> [read_only],
        /// The invoice's currency.
        currency: CurrencyCode [read_only],
        /// Why.
        reason: LongText [read_only],
        /// When.
        issued_at: Moment [read_only],
    }
}

#[async_trait]
impl Resource for CreditNote {
    const NAME: &'static str = "credit-notes";
    const SINGULAR: &'static str = "credit_note";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "What is taken back of invoices.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    const OPERATIONS: Operations = Operations::ReadOnly;
    type Work = dyn OrderWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.credit_notes()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_orders().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let Some(id) = data.invoice.kept() else { return Err(Error::NotFound) };
        let invoice = get(work, id).await?;
        if invoice.data.state() == InvoiceState::Draft {
            let message = "The invoice is a draft: change it instead.";
            return Err(Error::Conflict(message.to_owned()));
        }
        data.currency = invoice.data.currency;
        let Step { ctx, now, random, .. } = *step;
        let amount = data.amount.0;
        enter(work, &Entering { ctx, now, random }, invoice, |money| money.credit(amount)).await?;
        let number = work.next_number(SERIES).await?;
        data.number = ShortText::trusted(format!("CN-{number:06}"));
        data.issued_at = Moment(Some(now));
        Ok(())
    }
}

impl CreditNote {
    /// A credit note that is about to be made.
    pub fn wanted(invoice: Id<Invoice>, amount: Money<12>, reason: LongText) -> Self {
        Self { invoice: Link::to(Some(invoice)), amount, reason, ..Self::default() }
    }
}
