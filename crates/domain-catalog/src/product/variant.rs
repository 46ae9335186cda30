//! Variants of products: what is priced, stored and sold.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain_kernel::field::{
    Choice, CurrencyCode, DoneBy, Flag, JsonObject, Link, Moment, Money, ShortText,
};
use domain_kernel::journal::{Entry, Verb};
use domain_kernel::policy::Area;
use domain_kernel::query::Condition;
use domain_kernel::{
    Error, FieldErrors, Id, Record, Records, Resource, Result, Step, Value, Which,
};

use super::status::{ACTIVE, ARCHIVED, VariantStatus};
use super::{PriceChange, PricePoint, PricePoints, Product};
use crate::ask::{all, is};
use crate::names::{SKU, variant_sku};
use crate::{CatalogWork, Unit};

domain_kernel::resource! {
    /// One of the forms in which a product is sold.
    pub struct ProductVariant, patch ProductVariantPatch {
        /// The product; a variant stays with it.
        product: Link<Product>,
        /// The name.
        name: ShortText<255> [required, searched],
        /// Its number in stock-keeping, unique in the workspace; made where none is given.
        sku: ShortText<64> [searched],
        /// What tells it from the others, such as colour or size.
        attributes: JsonObject,
        /// What one unit is sold for.
        price: Money<10> [required],
        /// What one unit costs oneself.
        cost: Money<10> [required],
        /// The currency of both.
        currency: CurrencyCode,
        /// The number on its label.
        barcode: ShortText<64>,
        /// Where it is in its life; `active` where a create leaves it out.
        status: Choice<VariantStatus>,
        /// Whether it is the one that is meant by its product alone; each product has one.
        is_default: Flag<false>,
        /// The last five prices that it got, newest first; all are in the price history.
        price_history: PricePoints [read_only, derived],
    }
}

#[async_trait]
impl Resource for ProductVariant {
    const NAME: &'static str = "product-variants";
    const SINGULAR: &'static str = "product_variant";
    const MODULE: &'static str = "catalog";
    const DESCRIPTION: &'static str = "The forms in which products are sold, with their prices.";
    const AREA: Area = Area::Catalog;
    const ORDER: &'static [&'static str] = &["name"];
    type Work = dyn CatalogWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.product_variants()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_catalog().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if step.verb == Verb::Deleted {
            return require_spent(work, step).await;
        }
        data.require_places()?;
        let product = its_product(step, data)?;
        let before = step.before.map(|before| &before.data);
        if data.status.is_empty() {
            data.status = before.map_or_else(|| Choice::trusted(ACTIVE), |before| before.status);
        }
        let stem = match (data.sku.is_empty(), before) {
            (true, None) => {
                let product = work.products().find(&[product], Which::Live).await?.pop();
                let sku = product.map_or_else(|| "SKU".to_owned(), |row| row.data.sku.into_inner());
                variant_sku(&sku, &data.name)
            }
            _ => String::new(),
        };
        let sku = before.map(|before| &*before.sku);
        data.sku = ShortText::trusted(SKU.settle(work, step, &data.sku, sku, || stem).await?);
        settle_default(work, step, product, data).await
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        pass_default_on(work, step, record).await?;
        let old = step.before.map(|before| &before.data);
        let cost = |data: &Self| (data.price, data.currency);
        if old.is_none_or(|old| cost(old) != cost(&record.data)) {
            record_price(work, step, record).await?;
        }
        Ok(())
    }
}

impl ProductVariant {
    /// Refuses smaller parts of its currency than prices have.
    fn require_places(&self) -> Result<()> {
        let mut errors = FieldErrors::default();
        for (field, amount) in [("price", self.price), ("cost", self.cost)] {
            if let Err(message) = amount.in_places(self.currency.0.price_places()) {
                errors.add(field, message);
            }
        }
        errors.into_result()
    }
}

/// Refuses to delete what orders are of, and what lies in stock.
async fn require_spent(work: &mut Unit, step: &Step<'_, ProductVariant>) -> Result<()> {
    let Some(before) = step.before else { return Ok(()) };
    let name = &*before.data.name;
    let why = if !work.sold(&[before.id]).await?.is_empty() {
        format!("Orders are of {name}")
    } else if !stocked(work, &[before.id]).await?.is_empty() {
        format!("{name} is in stock")
    } else {
        return Ok(());
    };
    Err(Error::Conflict(format!("{why}: it can be archived, not deleted.")))
}

/// Those of some variants of which something lies in stock.
pub(super) async fn stocked(
    work: &mut Unit,
    variants: &[Id<ProductVariant>],
) -> Result<BTreeSet<Id<ProductVariant>>> {
    let lots = work.lots_of(variants).await?;
    let here = lots.iter().filter(|lot| lot.data.quantity.0 > 0);
    Ok(here.filter_map(|lot| lot.data.variant.kept()).collect())
}

/// The product of a variant that is about to be stored.
fn its_product(step: &Step<'_, ProductVariant>, data: &mut ProductVariant) -> Result<Id<Product>> {
    let Some(before) = step.before else {
        let required = || Error::field("product", "This field is required.");
        return data.product.shown().ok_or_else(required);
    };
    if data.product.kept().is_none() {
        data.product = before.data.product.clone();
    }
    if data.product.kept() != before.data.product.kept() {
        return Err(Error::field("product", "A variant stays with its product."));
    }
    let gone = || Error::Conflict("Its product is deleted. Restore that first.".to_owned());
    data.product.shown().ok_or_else(gone)
}

/// Says whether a variant is its product's default, of which there is one; another that was it is it
/// no more.
async fn settle_default(
    work: &mut Unit,
    step: &Step<'_, ProductVariant>,
    product: Id<Product>,
    data: &mut ProductVariant,
) -> Result<()> {
    let own = step.before.map(|before| before.id);
    let mut others = siblings(work, product, own, true).await?;
    if data.is_default.0 && step.verb == Verb::Restored {
        data.is_default = Flag(others.is_empty());
    } else if data.is_default.0 {
        for other in others.drain(..) {
            mark_default(work, step, &other, false).await?;
        }
    } else if others.is_empty() {
        let was = step.before.is_some_and(|before| before.data.is_default.0);
        // Given up, it goes to another, if there is one.
        let given_up = was && step.verb == Verb::Updated;
        let stays = !given_up || siblings(work, product, own, false).await?.is_empty();
        data.is_default = Flag(stays);
    }
    Ok(())
}

/// Makes the oldest other variant the default when the one that was it goes or gives it up; one that
/// is archived only where all are.
async fn pass_default_on(
    work: &mut Unit,
    step: &Step<'_, ProductVariant>,
    record: &Record<ProductVariant>,
) -> Result<()> {
    let was = step.before.filter(|before| before.data.is_default.0);
    let is = record.data.is_default.0 && record.deleted_at.is_none();
    let (Some(_), false, Some(product)) = (was, is, record.data.product.shown()) else {
        return Ok(());
    };
    let others = siblings(work, product, Some(record.id), false).await?;
    match others.iter().any(|other| other.data.is_default.0) {
        true => Ok(()),
        false => {
            match others.iter().find(|other| &*other.data.status != ARCHIVED).or(others.first()) {
                Some(oldest) => mark_default(work, step, oldest, true).await,
                None => Ok(()),
            }
        }
    }
}

/// The other live variants of a live product, in order of id; only the default one, or all.
async fn siblings(
    work: &mut Unit,
    product: Id<Product>,
    own: Option<Id<ProductVariant>>,
    only_default: bool,
) -> Result<Vec<Record<ProductVariant>>> {
    let mut conditions = of_product(product);
    if only_default {
        conditions.extend(is::<ProductVariant>("is_default", Value::Flag(true)));
    }
    let mut found = all::<ProductVariant>(work, conditions).await?;
    found.retain(|variant| Some(variant.id) != own);
    Ok(found)
}

/// That a variant is of a product.
pub(super) fn of_product(product: Id<Product>) -> Vec<Condition> {
    is::<ProductVariant>("product", Value::Integer(product.raw()))
}

/// Writes another variant in the step of one.
async fn mark_default(
    work: &mut Unit,
    step: &Step<'_, ProductVariant>,
    other: &Record<ProductVariant>,
    is_default: bool,
) -> Result<()> {
    let data = ProductVariant { is_default: Flag(is_default), ..other.data.clone() };
    let next = other.rewritten(data, step.now);
    if !work.product_variants().update(&next).await? {
        return Err(Error::Busy);
    }
    work.journal(Entry::of(step.ctx, step.random, Verb::Updated, Some(other), &next)?);
    Ok(())
}

async fn record_price(
    work: &mut Unit,
    step: &Step<'_, ProductVariant>,
    record: &mut Record<ProductVariant>,
) -> Result<()> {
    let (price, currency) = (record.data.price, record.data.currency);
    let recorded_by = step.ctx.actor.person();
    let change = PriceChange {
        variant: Link::to(Some(record.id)),
        price,
        currency,
        recorded_at: Moment(Some(step.now)),
        recorded_by: DoneBy(recorded_by),
        ..PriceChange::default()
    };
    let id = work.price_history().insert(change, step.now).await?.id;
    let (price, currency) = (price.0, currency.0);
    let newest = PricePoint { id, price, currency, recorded_at: step.now, recorded_by };
    record.data.price_history.push(newest);
    Ok(())
}
