//! Refunds: what of a payment was given back.

use async_trait::async_trait;
use domain_kernel::crud::{next, update_row};
use domain_kernel::field::{CurrencyCode, Link, LongText, Moment, Money};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{ENTRY_FIELDS, Error, Id, Operations, Records, Resource, Result, Step, Which};

use super::{FEATURE, Payment};
use crate::OrderWork;
use crate::invoice::{Entering, enter, get};

domain_kernel::resource! {
    /// What of a payment was given back. It is made once and stays as it is.
    pub struct Refund, patch RefundPatch, beside ENTRY_FIELDS {
        /// The payment.
        payment: Link<Payment> [read_only],
        /// How much.
        amount: Money<12> [read_only],
        /// The payment's currency.
        currency: CurrencyCode [read_only],
        /// Why.
        reason: LongText [read_only],
        /// When.
        refunded_at: Moment [read_only],
    }
}

#[async_trait]
impl Resource for Refund {
    const NAME: &'static str = "refunds";
    const SINGULAR: &'static str = "refund";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "What was given back of payments.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    const OPERATIONS: Operations = Operations::ReadOnly;
    type Work = dyn OrderWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.refunds()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_orders().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let Some(id) = data.payment.kept() else { return Err(Error::NotFound) };
        let found = work.payments().find(&[id], Which::Live).await?.pop();
        let payment = found.ok_or(Error::NotFound)?;
        let Some(invoice) = payment.data.invoice.kept() else { return Err(Error::NotFound) };
        let left = payment.data.amount.0.checked_sub(payment.data.refunded_amount.0);
        let left = left.unwrap_or_default();
        if data.amount.0 > left {
            return Err(Error::field("amount", format!("Only {left} of the payment are left.")));
        }
        let amount = data.amount.0;
        let Step { ctx, now, random, .. } = *step;
        let invoice = get(work, invoice).await?;
        enter(work, &Entering { ctx, now, random }, invoice, |money| money.refund(amount)).await?;
        data.currency = payment.data.currency;
        data.refunded_at = Moment(Some(now));
        let mut given_back = payment.data.clone();
        let sum = given_back.refunded_amount.0.checked_add(amount).unwrap_or(given_back.amount.0);
        given_back.refunded_amount = Money(sum);
        let step =
            Step { ctx, verb: Verb::Updated, before: Some(&payment), now, move_to: None, random };
        match next(&step, &payment, given_back) {
            None => Ok(()),
            Some(next) => update_row(work, &step, next).await?.map(drop).ok_or(Error::Busy),
        }
    }
}

impl Refund {
    /// A refund that is about to be made.
    pub fn wanted(payment: Id<Payment>, amount: Money<12>, reason: LongText) -> Self {
        Self { payment: Link::to(Some(payment)), amount, reason, ..Self::default() }
    }
}
