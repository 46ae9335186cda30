//! Payments: what a customer has paid, and what was given back.

pub mod balance;
mod refund;

use async_trait::async_trait;
use domain_kernel::field::{CurrencyCode, Link, Moment, Money, ShortText};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{Amount, Error, Operations, Record, Records, Resource, Result, Step};
pub use refund::{Refund, RefundPatch};

use self::balance::Balance;
use crate::invoice::{Entering, enter};
use crate::{Invoice, OrderWork};

/// The feature that gates payments and refunds.
const FEATURE: &str = "billing.payments";

domain_kernel::resource! {
    /// Money that a customer has paid for an invoice.
    pub struct Payment, patch PaymentPatch {
        /// The invoice; a payment stays with it.
        invoice: Link<Invoice> [required],
        /// How much; at most what is owed.
        amount: Money<12> [required],
        /// The invoice's currency.
        currency: CurrencyCode [read_only],
        /// Who took the money, such as a bank.
        provider: ShortText<64> [required, searched],
        /// The provider's name for it. The same provider and reference again is the same payment.
        transaction_reference: ShortText<128> [required, searched],
        /// When it was entered.
        processed_at: Moment [read_only],
        /// What of it was given back.
        refunded_amount: Money<12> [read_only],
    }
}

#[async_trait]
impl Resource for Payment {
    const NAME: &'static str = "payments";
    const SINGULAR: &'static str = "payment";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "What customers have paid.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn OrderWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.payments()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_orders().await
    }

    /// The provider's notice of a payment comes twice: the second is answered as the first was.
    async fn made_before(work: &mut Self::Work, data: &Self) -> Result<Option<Record<Self>>> {
        let first = work.payment_by(&data.provider, &data.transaction_reference).await?;
        let Some(first) = first else { return Ok(None) };
        let same = |payment: &Self| (payment.invoice.kept(), payment.amount);
        if same(&first.data) == same(data) {
            return Ok(Some(first));
        }
        Err(reference_taken())
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let before = step.before.map(|before| &before.data);
        if before.is_some_and(|before| before.invoice.kept() != data.invoice.kept()) {
            return Err(Error::field("invoice", "A payment stays with its invoice."));
        }
        if step.verb != Verb::Deleted {
            let other = work.payment_by(&data.provider, &data.transaction_reference).await?;
            if other.is_some_and(|other| Some(other.id) != step.before.map(|before| before.id)) {
                return Err(match step.verb {
                    Verb::Restored => Error::Conflict(TAKEN.to_owned()),
                    _ => reference_taken(),
                });
            }
        }
        if before.is_none() {
            data.processed_at = Moment(Some(step.now));
        }
        let Some(id) = data.invoice.kept() else { return Ok(()) };
        let Some(invoice) = work.invoices().find(&[id], domain_kernel::Which::Live).await?.pop()
        else {
            // Of a new payment it is said with the other links.
            return match before {
                None => Ok(()),
                Some(_) => Err(Error::Conflict("Its invoice is deleted.".to_owned())),
            };
        };
        data.currency = invoice.data.currency;
        let was = before.filter(|_| step.verb != Verb::Restored).map(|before| before.amount.0);
        let is = (step.verb != Verb::Deleted).then_some(data.amount.0);
        if is.unwrap_or_default() < data.refunded_amount.0 {
            let message = format!("{} of it were given back.", data.refunded_amount.0);
            return Err(Error::Conflict(message));
        }
        if was == is {
            return Ok(());
        }
        let Step { ctx, now, random, .. } = *step;
        enter(work, &Entering { ctx, now, random }, invoice, |money| replaced(money, was, is)).await
    }
}

/// An invoice's money with a payment of another amount than before; none is no payment.
fn replaced(money: Balance, was: Option<Amount>, is: Option<Amount>) -> Result<Balance> {
    let without = money.paid.checked_sub(was.unwrap_or_default()).unwrap_or_default();
    let without = Balance { paid: without, ..money };
    is.map_or(Ok(without), |amount| without.pay(amount))
}

/// What the same reference with another payment is answered.
const TAKEN: &str = "Another payment has this provider and reference.";

fn reference_taken() -> Error {
    Error::field("transaction_reference", TAKEN)
}
