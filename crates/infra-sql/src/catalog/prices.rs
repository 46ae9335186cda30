//! Prices: read from views, and added to their table, which nobody changes.

use domain_catalog::PriceChange;
use domain_kernel::field::{CurrencyCode, DoneBy, Link, Moment, Money, Word};
use domain_kernel::{Amount, Error};

use super::product_variants::product_variants;
use super::products::products;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    price_changes (id) {
        id -> BigInt,
        organization_id -> BigInt,
        variant_id -> BigInt,
        price -> BigInt,
        currency -> Text,
        recorded_at -> Moment,
        recorded_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    price_history (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        variant_id -> BigInt,
        product_id -> BigInt,
        variant_sku -> Text,
        variant_name -> Text,
        price -> BigInt,
        currency -> Text,
        recorded_at -> Moment,
        recorded_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    recent_prices (id) {
        id -> BigInt,
        organization_id -> BigInt,
        variant_id -> BigInt,
        price -> BigInt,
        currency -> Text,
        recorded_at -> Moment,
        recorded_by -> Nullable<BigInt>,
        place -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(price_history, product_variants);
diesel::allow_tables_to_appear_in_same_query!(price_history, products);

#[derive(Queryable, Selectable)]
#[diesel(table_name = price_history, check_for_backend(Db))]
struct Seen {
    id: i64,
    organization_id: i64,
    variant_id: i64,
    product_id: i64,
    variant_sku: String,
    variant_name: String,
    price: i64,
    currency: String,
    recorded_at: At,
    recorded_by: Option<i64>,
}

/// The variant unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_variant() -> _ {
    product_variants::table
        .filter(product_variants::organization_id.eq(price_history::organization_id))
        .filter(product_variants::id.eq(price_history::variant_id))
        .filter(product_variants::deleted_at.is_null())
        .select(product_variants::id)
        .single_value()
}

/// The product unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_product() -> _ {
    products::table
        .filter(products::organization_id.eq(price_history::organization_id))
        .filter(products::id.eq(price_history::product_id))
        .filter(products::deleted_at.is_null())
        .select(products::id)
        .single_value()
}

fn record((seen, variant, product): (Seen, Option<i64>, Option<i64>)) -> Record<PriceChange> {
    let data = PriceChange {
        variant: Link::stored(Some(seen.variant_id), variant),
        product: Link::stored(Some(seen.product_id), product),
        variant_sku: Word::trusted(seen.variant_sku),
        variant_name: Word::trusted(seen.variant_name),
        price: Money(Amount::from_ten_thousandths(seen.price)),
        currency: CurrencyCode::trusted(&seen.currency),
        recorded_at: Moment(Some(seen.recorded_at.0)),
        recorded_by: DoneBy(seen.recorded_by.map(Id::new)),
    };
    Record::new(Id::new(seen.id), Id::new(seen.organization_id), data, seen.recorded_at.0)
}

reads! {
    /// The prices of one workspace's variants.
    PriceHistory of PriceChange in price_history,
    rows (Seen, Option<i64>, Option<i64>), selected by (Seen::as_select(), live_variant(), live_product())
}
port! { PriceHistory of PriceChange }

impl PriceHistory<'_> {
    async fn insert(&mut self, data: PriceChange, now: Timestamp) -> Result<Record<PriceChange>> {
        let tenant = self.0.tenant()?;
        let id: i64 = diesel::insert_into(price_changes::table)
            .values((
                price_changes::organization_id.eq(tenant.raw()),
                price_changes::variant_id.eq(data.variant.kept().map_or(0, Id::raw)),
                price_changes::price.eq(data.price.0.ten_thousandths()),
                price_changes::currency.eq(data.currency.0.code()),
                price_changes::recorded_at.eq(At(data.recorded_at.0.unwrap_or(now))),
                price_changes::recorded_by.eq(data.recorded_by.0.map(Id::raw)),
            ))
            .returning(price_changes::id)
            .get_result(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(Record::new(Id::new(id), tenant, data, now))
    }

    async fn update(&mut self, _: &Record<PriceChange>) -> Result<bool> {
        Err(Error::internal("a price is added and never changed"))
    }
}
