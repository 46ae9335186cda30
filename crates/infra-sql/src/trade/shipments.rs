//! Shipments and what is in them.

use std::collections::BTreeMap;

use domain_kernel::field::{Choice, Link, Moment, ShortText};
use domain_kernel::fold;
use domain_sales::shipment::fulfilment::Part;
use domain_sales::shipment::status::ShipmentState;
use domain_sales::{Order, Shipment, ShippedParts};

use super::orders::orders;
use crate::dialect::insert_all;
use crate::part::ById;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    shipments (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        order_id -> BigInt,
        carrier -> Text,
        carrier_folded -> Text,
        tracking_number -> Text,
        tracking_number_folded -> Text,
        shipped_at -> Nullable<Moment>,
        delivered_at -> Nullable<Moment>,
        status -> Text,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    shipment_parts (id) {
        id -> BigInt,
        organization_id -> BigInt,
        shipment_id -> BigInt,
        order_line_id -> BigInt,
        quantity -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(orders, shipments);
diesel::allow_tables_to_appear_in_same_query!(shipments, shipment_parts);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = shipments, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    order_id: i64,
    carrier: String,
    carrier_folded: String,
    tracking_number: String,
    tracking_number_folded: String,
    shipped_at: Option<At>,
    delivered_at: Option<At>,
    status: String,
}

impl From<&Shipment> for Columns {
    fn from(shipment: &Shipment) -> Self {
        Self {
            // It is there: no shipment is stored without.
            order_id: shipment.order.kept().map_or(0, Id::raw),
            carrier: shipment.carrier.to_string(),
            carrier_folded: fold(&shipment.carrier),
            tracking_number: shipment.tracking_number.to_string(),
            tracking_number_folded: fold(&shipment.tracking_number),
            shipped_at: shipment.shipped_at.0.map(At),
            delivered_at: shipment.delivered_at.0.map(At),
            status: shipment.status.to_string(),
        }
    }
}

impl Columns {
    /// The shipment without its parts; its order unless that is deleted.
    fn shipment(self, order: Option<i64>) -> Shipment {
        Shipment {
            order: Link::<Order>::stored(Some(self.order_id), order),
            carrier: ShortText::trusted(self.carrier),
            tracking_number: ShortText::trusted(self.tracking_number),
            shipped_at: Moment(self.shipped_at.map(|at| at.0)),
            delivered_at: Moment(self.delivered_at.map(|at| at.0)),
            status: Choice::trusted(&self.status),
            lines: ShippedParts::default(),
        }
    }
}

/// The order unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_order() -> _ {
    orders::table
        .filter(orders::organization_id.eq(shipments::organization_id))
        .filter(orders::id.eq(shipments::order_id))
        .filter(orders::deleted_at.is_null())
        .select(orders::id)
        .single_value()
}

fn record((stamp, columns, order): (Stamp, Columns, Option<i64>)) -> Record<Shipment> {
    stamp.record(columns.shipment(order))
}

reads! {
    /// The shipments of one workspace without their parts.
    ShipmentRows of Shipment in shipments,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(shipments), Columns::as_select(), live_order())
}
inserts! { ShipmentRows of Shipment in shipments }
updates! { ShipmentRows of Shipment in shipments }

/// The shipments of one workspace.
pub(super) struct Shipments<'w>(ShipmentRows<'w>);
port! { Shipments of Shipment }

impl<'w> Shipments<'w> {
    pub(super) fn new(scope: Scope<'w>) -> Self {
        Self(ShipmentRows(scope))
    }

    async fn find(&mut self, ids: &[Id<Shipment>], which: Which) -> Result<Vec<Record<Shipment>>> {
        let found = self.0.find(ids, which).await?;
        self.with_parts(found).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Shipment>>> {
        let listing = self.0.list(query).await?;
        let records = self.with_parts(listing.records).await?;
        Ok(Listing { records, ..listing })
    }

    async fn insert(&mut self, data: Shipment, now: Timestamp) -> Result<Record<Shipment>> {
        self.0.insert(data, now).await
    }

    async fn update(&mut self, record: &Record<Shipment>) -> Result<bool> {
        self.0.update(record).await
    }

    /// One statement for the parts of any number of shipments.
    async fn with_parts(
        &mut self,
        mut records: Vec<Record<Shipment>>,
    ) -> Result<Vec<Record<Shipment>>> {
        let ids: Vec<i64> = records.iter().map(|record| record.id.raw()).collect();
        if ids.is_empty() {
            return Ok(records);
        }
        let scope = &mut self.0.0;
        let found: Vec<(i64, i64, i64)> = shipment_parts::table
            .filter(Rows::all(scope.tenant()?, "shipment_parts"))
            .filter(shipment_parts::shipment_id.eq_any(ids))
            .order(ById("shipment_parts"))
            .select((
                shipment_parts::shipment_id,
                shipment_parts::order_line_id,
                shipment_parts::quantity,
            ))
            .load(&mut scope.lease.handle().await?)
            .await
            .map_err(of_query)?;
        let mut parts: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
        for (shipment, line, quantity) in found {
            parts.entry(shipment).or_default().push((line, quantity));
        }
        for record in &mut records {
            let own = parts.remove(&record.id.raw()).unwrap_or_default();
            record.data.lines = ShippedParts::stored(own);
        }
        Ok(records)
    }

    /// Stores the parts of a new shipment.
    pub(super) async fn insert_parts(
        &mut self,
        shipment: Id<Shipment>,
        parts: &[(i64, i64)],
    ) -> Result<()> {
        let scope = &mut self.0.0;
        let tenant = scope.tenant()?.raw();
        let rows: Vec<_> = parts
            .iter()
            .map(|(line, quantity)| {
                (
                    shipment_parts::organization_id.eq(tenant),
                    shipment_parts::shipment_id.eq(shipment.raw()),
                    shipment_parts::order_line_id.eq(*line),
                    shipment_parts::quantity.eq(*quantity),
                )
            })
            .collect();
        let mut handle = scope.lease.handle().await?;
        let stored: QueryResult<()> = async {
            insert_all!(&mut handle, shipment_parts::table, rows);
            Ok(())
        }
        .await;
        stored.map_err(of_query)
    }

    /// The parts of an order's live shipments.
    pub(super) async fn parts_of(&mut self, order: Id<Order>) -> Result<Vec<Part>> {
        let scope = &mut self.0.0;
        let tenant = scope.tenant()?;
        let found: Vec<(i64, i64, String)> = shipment_parts::table
            .inner_join(
                shipments::table.on(shipments::organization_id
                    .eq(shipment_parts::organization_id)
                    .and(shipments::id.eq(shipment_parts::shipment_id))),
            )
            .filter(Rows::seen_by::<Shipment>(Some(tenant), TABLE, Which::Live))
            .filter(Rows::all(tenant, "shipment_parts"))
            .filter(shipments::order_id.eq(order.raw()))
            .order(ById("shipment_parts"))
            .select((shipment_parts::order_line_id, shipment_parts::quantity, shipments::status))
            .load(&mut scope.lease.handle().await?)
            .await
            .map_err(of_query)?;
        let part = |(line, quantity, status): (i64, i64, String)| Part {
            line,
            quantity,
            state: ShipmentState::from_code(&status).unwrap_or(ShipmentState::Pending),
        };
        Ok(found.into_iter().map(part).collect())
    }

    /// How many of an order's live shipments are pending.
    pub(super) async fn pending_of(&mut self, order: Id<Order>) -> Result<i64> {
        let scope = &mut self.0.0;
        shipments::table
            .filter(Rows::seen_by::<Shipment>(Some(scope.tenant()?), TABLE, Which::Live))
            .filter(shipments::order_id.eq(order.raw()))
            .filter(shipments::status.eq("pending"))
            .count()
            .get_result(&mut scope.lease.handle().await?)
            .await
            .map_err(of_query)
    }
}
