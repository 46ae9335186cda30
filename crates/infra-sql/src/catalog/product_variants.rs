//! The table of variants. Each comes with its last prices.

use std::collections::BTreeMap;

use domain_catalog::{PRICES_SHOWN, PricePoint, PricePoints, ProductVariant};
use domain_kernel::field::{Choice, CurrencyCode, Flag, JsonObject, Link, Money, ShortText};
use domain_kernel::{Amount, Currency, fold};
use serde_json::Value;

use super::prices::recent_prices;
use super::products::products;
use crate::part::ById;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    product_variants (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        product_id -> BigInt,
        name -> Text,
        name_folded -> Text,
        sku -> Text,
        sku_folded -> Text,
        attributes -> JsonValue,
        price -> BigInt,
        cost -> BigInt,
        currency -> Text,
        barcode -> Text,
        barcode_folded -> Text,
        status -> Text,
        is_default -> Bool,
    }
}

diesel::allow_tables_to_appear_in_same_query!(products, product_variants);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = product_variants, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    product_id: i64,
    name: String,
    name_folded: String,
    sku: String,
    sku_folded: String,
    attributes: Value,
    price: i64,
    cost: i64,
    currency: String,
    barcode: String,
    barcode_folded: String,
    status: String,
    is_default: bool,
}

impl From<&ProductVariant> for Columns {
    fn from(variant: &ProductVariant) -> Self {
        Self {
            // Required, so it is there; what no variant can be without, no row is.
            product_id: variant.product.kept().map_or(0, Id::raw),
            name: variant.name.to_string(),
            name_folded: fold(&variant.name),
            sku: variant.sku.to_string(),
            sku_folded: fold(&variant.sku),
            attributes: Value::Object(variant.attributes.0.clone()),
            price: variant.price.0.ten_thousandths(),
            cost: variant.cost.0.ten_thousandths(),
            currency: variant.currency.0.code().to_owned(),
            barcode: variant.barcode.to_string(),
            barcode_folded: fold(&variant.barcode),
            status: variant.status.to_string(),
            is_default: variant.is_default.0,
        }
    }
}

impl Columns {
    /// The variant without its prices; `product` is its product unless that is deleted.
    fn variant(self, product: Option<i64>) -> ProductVariant {
        ProductVariant {
            product: Link::stored(Some(self.product_id), product),
            name: ShortText::trusted(self.name),
            sku: ShortText::trusted(self.sku),
            attributes: JsonObject::trusted(self.attributes),
            price: Money(Amount::from_ten_thousandths(self.price)),
            cost: Money(Amount::from_ten_thousandths(self.cost)),
            currency: CurrencyCode::trusted(&self.currency),
            barcode: ShortText::trusted(self.barcode),
            status: Choice::trusted(&self.status),
            is_default: Flag(self.is_default),
            price_history: PricePoints::default(),
        }
    }
}

/// The product unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_product() -> _ {
    products::table
        .filter(products::organization_id.eq(product_variants::organization_id))
        .filter(products::id.eq(product_variants::product_id))
        .filter(products::deleted_at.is_null())
        .select(products::id)
        .single_value()
}

fn record((stamp, columns, product): (Stamp, Columns, Option<i64>)) -> Record<ProductVariant> {
    stamp.record(columns.variant(product))
}

reads! {
    /// The variants of one workspace without their prices.
    VariantRows of ProductVariant in product_variants,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(product_variants), Columns::as_select(), live_product())
}
linked! { ProductVariant in product_variants }
inserts! { VariantRows of ProductVariant in product_variants }
updates! { VariantRows of ProductVariant in product_variants }

/// The variants of one workspace.
pub(crate) struct ProductVariants<'w>(VariantRows<'w>);
port! { ProductVariants of ProductVariant }

impl<'w> ProductVariants<'w> {
    pub(crate) fn new(scope: Scope<'w>) -> Self {
        Self(VariantRows(scope))
    }

    async fn find(
        &mut self,
        ids: &[Id<ProductVariant>],
        which: Which,
    ) -> Result<Vec<Record<ProductVariant>>> {
        let found = self.0.find(ids, which).await?;
        with_prices(&mut self.0.0, found).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<ProductVariant>>> {
        let listing = self.0.list(query).await?;
        let records = with_prices(&mut self.0.0, listing.records).await?;
        Ok(Listing { records, ..listing })
    }

    async fn insert(
        &mut self,
        data: ProductVariant,
        now: Timestamp,
    ) -> Result<Record<ProductVariant>> {
        self.0.insert(data, now).await
    }

    async fn update(&mut self, record: &Record<ProductVariant>) -> Result<bool> {
        self.0.update(record).await
    }
}

/// The live variants of products, in order of id, with their prices.
pub(super) async fn of_products(
    scope: &mut Scope<'_>,
    products: &[i64],
) -> Result<Vec<Record<ProductVariant>>> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Rows::seen_by::<ProductVariant>(Some(scope.tenant()?), TABLE, Which::Live);
    let found: Vec<(Stamp, Columns, Option<i64>)> = product_variants::table
        .filter(rows)
        .filter(product_variants::product_id.eq_any(products))
        .order(ById(TABLE))
        .select((stamp!(product_variants), Columns::as_select(), live_product()))
        .load(&mut scope.lease.handle().await?)
        .await
        .map_err(of_query)?;
    with_prices(scope, found.into_iter().map(record).collect()).await
}

/// A row of the last prices: its id, variant, price, currency, when and by whom.
type Recent = (i64, i64, i64, String, At, Option<i64>);

/// Shows the last prices of variants, in one statement for any number of them.
async fn with_prices(
    scope: &mut Scope<'_>,
    mut records: Vec<Record<ProductVariant>>,
) -> Result<Vec<Record<ProductVariant>>> {
    if records.is_empty() {
        return Ok(records);
    }
    let ids: Vec<i64> = records.iter().map(|record| record.id.raw()).collect();
    let most = i64::try_from(PRICES_SHOWN).unwrap_or(i64::MAX);
    let found: Vec<Recent> = recent_prices::table
        .filter(Rows::all(scope.tenant()?, "recent_prices"))
        .filter(recent_prices::variant_id.eq_any(&ids))
        .filter(recent_prices::place.le(most))
        .order((recent_prices::variant_id, recent_prices::place))
        .select((
            recent_prices::id,
            recent_prices::variant_id,
            recent_prices::price,
            recent_prices::currency,
            recent_prices::recorded_at,
            recent_prices::recorded_by,
        ))
        .load(&mut scope.lease.handle().await?)
        .await
        .map_err(of_query)?;
    let mut prices: BTreeMap<i64, Vec<PricePoint>> = BTreeMap::new();
    for (id, variant, price, currency, recorded_at, recorded_by) in found {
        prices.entry(variant).or_default().push(PricePoint {
            id: Id::new(id),
            price: Amount::from_ten_thousandths(price),
            currency: Currency::from_code(&currency).unwrap_or_default(),
            recorded_at: recorded_at.0,
            recorded_by: recorded_by.map(Id::new),
        });
    }
    for record in &mut records {
        let own = prices.remove(&record.id.raw()).unwrap_or_default();
        record.data.price_history = PricePoints(own);
    }
    Ok(records)
}
