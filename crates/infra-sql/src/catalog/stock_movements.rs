//! The table of movements, which is added to and never changed.

use std::collections::BTreeMap;

use domain_catalog::{Claim, Movement, MovementKind, Reference, StockMovement};
use domain_kernel::PersonId;
use domain_kernel::field::{Choice, DoneBy, Link, LongText, RowId, Whole, Word};

use super::inventory_lots::inventory_lots;
use super::product_variants::product_variants;
use crate::dialect::insert_all;
use crate::part::ById;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    stock_movements (id) {
        id -> BigInt,
        organization_id -> BigInt,
        created_at -> Moment,
        kind -> Text,
        lot_id -> BigInt,
        variant_id -> BigInt,
        location -> Text,
        quantity -> BigInt,
        reason -> Text,
        reference_type -> Text,
        reference_id -> Nullable<BigInt>,
        created_by -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(inventory_lots, stock_movements);
diesel::allow_tables_to_appear_in_same_query!(product_variants, stock_movements);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = stock_movements, check_for_backend(Db))]
struct Columns {
    organization_id: i64,
    created_at: At,
    kind: String,
    lot_id: i64,
    variant_id: i64,
    location: String,
    quantity: i64,
    reason: String,
    reference_type: String,
    reference_id: Option<i64>,
    created_by: Option<i64>,
}

/// The lot unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_lot() -> _ {
    inventory_lots::table
        .filter(inventory_lots::organization_id.eq(stock_movements::organization_id))
        .filter(inventory_lots::id.eq(stock_movements::lot_id))
        .filter(inventory_lots::deleted_at.is_null())
        .select(inventory_lots::id)
        .single_value()
}

/// The variant unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_variant() -> _ {
    product_variants::table
        .filter(product_variants::organization_id.eq(stock_movements::organization_id))
        .filter(product_variants::id.eq(stock_movements::variant_id))
        .filter(product_variants::deleted_at.is_null())
        .select(product_variants::id)
        .single_value()
}

type Row = (i64, Columns, Option<i64>, Option<i64>);

fn record((id, row, lot, variant): Row) -> Record<StockMovement> {
    let data = StockMovement {
        kind: Choice::trusted(&row.kind),
        lot: Link::stored(Some(row.lot_id), lot),
        variant: Link::stored(Some(row.variant_id), variant),
        location: Word::trusted(row.location),
        quantity: Whole(row.quantity),
        reason: LongText::trusted(row.reason),
        reference_type: Word::trusted(row.reference_type),
        reference_id: RowId(row.reference_id),
        created_by: DoneBy(row.created_by.map(Id::new)),
    };
    Record::new(Id::new(id), Id::new(row.organization_id), data, row.created_at.0)
}

reads! {
    /// The ledger of one workspace's stock.
    StockMovements of StockMovement in stock_movements,
    rows Row, selected by (stock_movements::id, Columns::as_select(), live_lot(), live_variant())
}
read_only! { StockMovements of StockMovement }

/// What of a movement counts for claims: lot, what for, which, kind and units.
type Counted = (i64, String, Option<i64>, String, i64);

impl StockMovements<'_> {
    /// Adds lines, in one statement where the database has one.
    pub(super) async fn add(
        &mut self,
        movements: &[Movement],
        by: Option<PersonId>,
        now: Timestamp,
    ) -> Result<()> {
        if movements.is_empty() {
            return Ok(());
        }
        let tenant = self.0.tenant()?;
        let rows: Vec<Columns> = movements
            .iter()
            .map(|movement| Columns {
                organization_id: tenant.raw(),
                created_at: At(now),
                kind: movement.kind.code().to_owned(),
                lot_id: movement.lot.raw(),
                variant_id: movement.variant.map_or(0, Id::raw),
                location: movement.location.clone(),
                quantity: movement.quantity,
                reason: movement.reason.clone(),
                reference_type: movement.reference.kind.to_owned(),
                reference_id: (movement.reference.id > 0).then_some(movement.reference.id),
                created_by: by.map(Id::raw),
            })
            .collect();
        let handle = &mut self.0.lease.handle().await?;
        insert_rows(handle, rows).await.map_err(of_query)
    }

    /// What is reserved and shipped under references, by lot.
    pub(super) async fn claims(&mut self, references: &[Reference]) -> Result<Vec<Claim>> {
        if references.is_empty() {
            return Ok(Vec::new());
        }
        let kinds: Vec<&str> = references.iter().map(|reference| reference.kind).collect();
        let ids: Vec<i64> = references.iter().map(|reference| reference.id).collect();
        let found: Vec<Counted> = stock_movements::table
            .filter(Rows::all(self.0.tenant()?, TABLE))
            .filter(stock_movements::reference_type.eq_any(kinds))
            .filter(stock_movements::reference_id.eq_any(ids))
            .order(ById(TABLE))
            .select((
                stock_movements::lot_id,
                stock_movements::reference_type,
                stock_movements::reference_id,
                stock_movements::kind,
                stock_movements::quantity,
            ))
            .load(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        let mut claims: BTreeMap<(i64, Reference), Claim> = BTreeMap::new();
        for (lot, of, id, kind, quantity) in found {
            let is_it = |one: &&Reference| one.kind == of && Some(one.id) == id;
            let wanted = references.iter().find(is_it);
            if let (Some(reference), Some(kind)) = (wanted, MovementKind::from_code(&kind)) {
                let none =
                    Claim { lot: Id::new(lot), reference: *reference, reserved: 0, shipped: 0 };
                claims.entry((lot, *reference)).or_insert(none).apply(kind, quantity);
            }
        }
        Ok(claims.into_values().collect())
    }
}

async fn insert_rows(
    handle: &mut crate::dialect::Handle<'_>,
    rows: Vec<Columns>,
) -> QueryResult<()> {
    insert_all!(handle, stock_movements::table, rows);
    Ok(())
}
