//! The table of lots.

use domain_catalog::{InventoryLot, ProductVariant};
use domain_kernel::field::{Count, Date, Link, ShortText};
use domain_kernel::fold;

use super::product_variants::product_variants;
use super::suppliers::suppliers;
use crate::columns::Day;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    inventory_lots (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        variant_id -> BigInt,
        supplier_id -> Nullable<BigInt>,
        quantity -> BigInt,
        reserved -> BigInt,
        received_at -> Day,
        expires_at -> Nullable<Day>,
        location -> Text,
        location_folded -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(product_variants, inventory_lots);
diesel::allow_tables_to_appear_in_same_query!(suppliers, inventory_lots);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = inventory_lots, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    variant_id: i64,
    supplier_id: Option<i64>,
    quantity: i64,
    reserved: i64,
    received_at: Day,
    expires_at: Option<Day>,
    location: String,
    location_folded: String,
}

impl From<&InventoryLot> for Columns {
    fn from(lot: &InventoryLot) -> Self {
        let InventoryLot {
            variant,
            supplier,
            quantity,
            reserved,
            received_at,
            expires_at,
            location,
        } = lot;
        Self {
            // Both are required, so they are there; what no lot can be without, no row is.
            variant_id: variant.kept().map_or(0, Id::raw),
            received_at: Day(received_at.0.unwrap_or_default()),
            supplier_id: supplier.kept().map(Id::raw),
            quantity: quantity.0,
            reserved: reserved.0,
            expires_at: expires_at.0.map(Day),
            location: location.to_string(),
            location_folded: fold(location),
        }
    }
}

/// The variant unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_variant() -> _ {
    product_variants::table
        .filter(product_variants::organization_id.eq(inventory_lots::organization_id))
        .filter(product_variants::id.eq(inventory_lots::variant_id))
        .filter(product_variants::deleted_at.is_null())
        .select(product_variants::id)
        .single_value()
}

/// The supplier unless they are deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_supplier() -> _ {
    suppliers::table
        .filter(suppliers::organization_id.eq(inventory_lots::organization_id))
        .filter(suppliers::id.nullable().eq(inventory_lots::supplier_id))
        .filter(suppliers::deleted_at.is_null())
        .select(suppliers::id)
        .single_value()
}

type Row = (Stamp, Columns, Option<i64>, Option<i64>);

fn record((stamp, columns, variant, supplier): Row) -> Record<InventoryLot> {
    stamp.record(InventoryLot {
        variant: Link::stored(Some(columns.variant_id), variant),
        supplier: Link::stored(columns.supplier_id, supplier),
        quantity: Count(columns.quantity),
        reserved: Count(columns.reserved),
        received_at: Date(Some(columns.received_at.0)),
        expires_at: Date(columns.expires_at.map(|day| day.0)),
        location: ShortText::trusted(columns.location),
    })
}

records! {
    /// The lots of one workspace.
    InventoryLots of InventoryLot in inventory_lots,
    rows Row, selected by (stamp!(inventory_lots), Columns::as_select(), live_variant(), live_supplier())
}

impl InventoryLots<'_> {
    /// The live lots of variants, in order of id; in a unit for writing locked in that order.
    pub(super) async fn of_variants(
        &mut self,
        variants: &[Id<ProductVariant>],
    ) -> Result<Vec<Record<InventoryLot>>> {
        let rows = Rows::seen_by::<InventoryLot>(Some(self.0.tenant()?), TABLE, Which::Live);
        let variants: Vec<i64> = variants.iter().map(|id| id.raw()).collect();
        let query = inventory_lots::table
            .filter(rows)
            .filter(inventory_lots::variant_id.eq_any(variants))
            .select((
                stamp!(inventory_lots),
                Columns::as_select(),
                live_variant(),
                live_supplier(),
            ));
        let handle = &mut self.0.lease.handle().await?;
        let found: QueryResult<Vec<Row>> =
            load_found!(query, inventory_lots::id, self.0.writing, handle);
        let mut found: Vec<_> = found.map_err(of_query)?.into_iter().map(record).collect();
        found.sort_by_key(|lot| lot.id);
        Ok(found)
    }
}
