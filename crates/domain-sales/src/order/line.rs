//! Lines of orders: what is bought, how many and at which price.

use async_trait::async_trait;
use domain_catalog::ProductVariant;
use domain_kernel::field::{Count, Link, Money, NESTED_MAX, Word};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{
    Amount, Error, FieldErrors, Id, Operations, Record, Records, Resource, Result, Step, Which,
};

use super::totals::{Line, TotalsError, totals};
use super::{FEATURE, Order, lines};
use crate::OrderWork;
use crate::money::GivenMoney;
use crate::trade::Unit;

domain_kernel::resource! {
    /// One kind of thing in an order.
    pub struct OrderLine, patch OrderLinePatch {
        /// The order; a line stays with it. Needed when a line is made by itself.
        order: Link<Order>,
        /// What is bought. It is priced in the order's currency.
        product_variant: Link<ProductVariant> [required],
        /// The variant's name when the line was made.
        variant_name: Word<255> [read_only],
        /// The variant's number in stock-keeping when the line was made.
        variant_sku: Word<64> [read_only],
        /// How many, at least one.
        quantity: Count<1> [required],
        /// What one costs; the variant's price where a create leaves it out.
        unit_price: GivenMoney<10>,
        /// What is taken off the line.
        discount_amount: Money<10>,
        /// The rate of tax in percent, up to 100.
        tax_rate: Money<5, 2>,
        /// What the line comes to: quantity times unit price less its discount, rounded half-even to
        /// the currency's places; before tax and the order's discount.
        total_price: Money<12> [read_only],
        /// The line's share of the order's discount.
        discount_share: Money<12> [read_only, derived],
        /// The line's share of the tax at its rate.
        tax_amount: Money<12> [read_only, derived],
    }
}

#[async_trait]
impl Resource for OrderLine {
    const NAME: &'static str = "order-lines";
    const SINGULAR: &'static str = "order_line";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "What is bought in orders, line by line.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn OrderWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.order_lines()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_orders().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let Some(order) = its_order(work, step, data).await? else { return Ok(()) };
        order.data.require_changeable()?;
        if step.verb == Verb::Deleted {
            return Ok(());
        }
        let is_more = matches!(step.verb, Verb::Created | Verb::Restored);
        if is_more && lines::stored(&order.data.lines).len() >= NESTED_MAX {
            let message = format!("An order has no more than {NESTED_MAX} lines.");
            return Err(Error::Conflict(message));
        }
        if step.verb == Verb::Restored {
            data.require_currency(work, &order.data).await?;
        }
        let before = step.before.map(|before| &before.data);
        let renamed = Some(&*data).filter(|data| data.names_another(before));
        let variants = lines::variants(work, renamed).await?;
        data.complete(before, &order.data, &variants).into_result()
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        let Some(order) = record.data.order.kept() else { return Ok(()) };
        lines::sum_up_again(work, step, order, record).await
    }
}

/// Why a line cannot go to another order.
pub(super) const STAYS: &str = "A line stays with its order.";

/// The order of a line that is about to be stored. None when there is no such order, which is said
/// with the other links.
async fn its_order(
    work: &mut Unit,
    step: &Step<'_, OrderLine>,
    data: &mut OrderLine,
) -> Result<Option<Record<Order>>> {
    if let Some(before) = step.before {
        if data.order.kept().is_none() {
            data.order = before.data.order.clone();
        }
        if data.order.kept() != before.data.order.kept() {
            return Err(Error::field("order", STAYS));
        }
        if data.order.shown().is_none() {
            return Err(Error::Conflict("Its order is deleted. Restore that first.".to_owned()));
        }
    }
    let required = || Error::field("order", "This field is required.");
    let id: Id<Order> = data.order.shown().ok_or_else(required)?;
    Ok(work.orders().find(&[id], Which::Live).await?.pop())
}

impl OrderLine {
    /// Refuses a line to come back to an order that has another currency by now than its price.
    async fn require_currency(&self, work: &mut Unit, order: &Order) -> Result<()> {
        let Some(id) = self.product_variant.kept() else { return Ok(()) };
        let variant = work.product_variants().find(&[id], Which::Any).await?.pop();
        match variant.map(|variant| variant.data.currency.0) {
            Some(its) if its != order.currency.0 => {
                let (its, ours) = (its.code(), order.currency.0.code());
                let message = format!("The variant is priced in {its}, the order is in {ours}.");
                Err(Error::Conflict(message))
            }
            _ => Ok(()),
        }
    }

    /// Whether it names another variant than before.
    pub(super) fn names_another(&self, before: Option<&Self>) -> bool {
        before.is_none_or(|before| before.product_variant != self.product_variant)
    }

    /// Completes a line with what its variant says, and checks it. `variants` has the variant, where
    /// it names another than before; unless there is none.
    pub(super) fn complete(
        &mut self,
        before: Option<&Self>,
        order: &Order,
        variants: &[Record<ProductVariant>],
    ) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.quantity.0 < 1 {
            errors.add("quantity", "Ensure this value is greater than or equal to 1.");
        }
        if self.tax_rate.0 > PERCENT {
            errors.add("tax_rate", "Ensure this value is less than or equal to 100.");
        }
        let places = order.currency.0.price_places();
        if let Err(message) = self.unit_price.in_places(places) {
            errors.add("unit_price", message);
        }
        if let Err(message) = self.discount_amount.in_places(places) {
            errors.add("discount_amount", message);
        }
        if self.names_another(before) {
            self.take_over(order, variants, &mut errors);
        } else if let (None, Some(before)) = (self.unit_price.0, before) {
            self.unit_price = before.unit_price;
        }
        if errors.is_empty() {
            match totals(&[self.line()], Amount::default(), order.currency.0.places()) {
                Ok(totals) => {
                    self.total_price = Money(totals.subtotal);
                    // Worked out anew with all lines of the order; until then no line has more of its
                    // discount than it comes to.
                    self.discount_share = Money(self.discount_share.0.min(totals.subtotal));
                }
                Err(error @ TotalsError::LineDiscount { .. }) => {
                    errors.add("discount_amount", error.to_string());
                }
                Err(error) => errors.add("quantity", error.to_string()),
            }
        }
        errors
    }

    /// Takes over what the variant says that it names anew.
    fn take_over(
        &mut self,
        order: &Order,
        variants: &[Record<ProductVariant>],
        errors: &mut FieldErrors,
    ) {
        let Some(named) = self.product_variant.kept() else { return };
        let Some(variant) = variants.iter().find(|variant| variant.id == named) else {
            return errors.add("product_variant", super::no_such_row(named));
        };
        let (its, ours) = (variant.data.currency.0.code(), order.currency.0.code());
        if its != ours {
            let message = format!("The variant is priced in {its}, the order is in {ours}.");
            errors.add("product_variant", message);
        }
        self.variant_name = Word::trusted(variant.data.name.to_string());
        self.variant_sku = Word::trusted(variant.data.sku.to_string());
        self.unit_price = GivenMoney(self.unit_price.0.or(Some(variant.data.price.0)));
    }

    /// What its totals are made of.
    pub(super) fn line(&self) -> Line {
        Line {
            quantity: self.quantity.0,
            unit_price: self.unit_price.amount(),
            discount: self.discount_amount.0,
            tax_rate: self.tax_rate.0,
        }
    }
}

/// All of it, in percent.
const PERCENT: Amount = Amount::from_ten_thousandths(1_000_000);
