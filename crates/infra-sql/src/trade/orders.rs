//! Orders: read from a view, which knows their contacts, and written to their table. Each comes with
//! its lines.

use std::collections::BTreeMap;

use domain_kernel::field::{Choice, CurrencyCode, Link, Moment, Money, Nested, ShortText, Word};
use domain_kernel::{Amount, fold};
use domain_sales::Order;

use super::order_lines;
use crate::records::prelude::*;
use crate::sales::contacts::contacts;
use crate::sales::opportunities::opportunities;

diesel::table! {
    use crate::dialect::types::*;

    sales_orders (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        number -> Text,
        number_folded -> Text,
        contact_id -> Nullable<BigInt>,
        opportunity_id -> Nullable<BigInt>,
        status -> Text,
        state -> Text,
        currency -> Text,
        discount_amount -> BigInt,
        subtotal_amount -> BigInt,
        tax_amount -> BigInt,
        total_amount -> BigInt,
        ordered_at -> Moment,
        fulfilled_at -> Nullable<Moment>,
        contact_name -> Text,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    orders (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        number -> Text,
        number_folded -> Text,
        contact_id -> Nullable<BigInt>,
        opportunity_id -> Nullable<BigInt>,
        status -> Text,
        state -> Text,
        currency -> Text,
        discount_amount -> BigInt,
        subtotal_amount -> BigInt,
        tax_amount -> BigInt,
        total_amount -> BigInt,
        ordered_at -> Moment,
        fulfilled_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(contacts, sales_orders);
diesel::allow_tables_to_appear_in_same_query!(opportunities, sales_orders);

#[derive(Queryable, Selectable)]
#[diesel(table_name = sales_orders, check_for_backend(Db))]
struct Seen {
    number: String,
    contact_id: Option<i64>,
    contact_name: String,
    opportunity_id: Option<i64>,
    status: String,
    state: String,
    currency: String,
    discount_amount: i64,
    subtotal_amount: i64,
    tax_amount: i64,
    total_amount: i64,
    ordered_at: At,
    fulfilled_at: Option<At>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = orders, treat_none_as_null = true)]
struct Columns {
    number: String,
    number_folded: String,
    contact_id: Option<i64>,
    opportunity_id: Option<i64>,
    status: String,
    state: String,
    currency: String,
    discount_amount: i64,
    subtotal_amount: i64,
    tax_amount: i64,
    total_amount: i64,
    ordered_at: At,
    fulfilled_at: Option<At>,
}

impl From<&Order> for Columns {
    fn from(order: &Order) -> Self {
        Self {
            number: order.number.to_string(),
            number_folded: fold(&order.number),
            contact_id: order.contact.kept().map(Id::raw),
            opportunity_id: order.opportunity.kept().map(Id::raw),
            status: order.status.to_string(),
            state: order.state.to_string(),
            currency: order.currency.0.code().to_owned(),
            discount_amount: order.discount_amount.0.ten_thousandths(),
            subtotal_amount: order.subtotal_amount.0.ten_thousandths(),
            tax_amount: order.tax_amount.0.ten_thousandths(),
            total_amount: order.total_amount.0.ten_thousandths(),
            // Set when it is made.
            ordered_at: At(order.ordered_at.0.unwrap_or_default()),
            fulfilled_at: order.fulfilled_at.0.map(At),
        }
    }
}

impl Seen {
    /// The order without its lines; what it links to unless that is deleted.
    fn order(self, contact: Option<i64>, opportunity: Option<i64>) -> Order {
        let money = |raw| Money(Amount::from_ten_thousandths(raw));
        Order {
            number: ShortText::trusted(self.number),
            contact: Link::stored(self.contact_id, contact),
            contact_name: Word::trusted(self.contact_name),
            opportunity: Link::stored(self.opportunity_id, opportunity),
            status: Choice::trusted(&self.status),
            state: Choice::trusted(&self.state),
            currency: CurrencyCode::trusted(&self.currency),
            discount_amount: money(self.discount_amount),
            subtotal_amount: money(self.subtotal_amount),
            tax_amount: money(self.tax_amount),
            total_amount: money(self.total_amount),
            ordered_at: Moment(Some(self.ordered_at.0)),
            fulfilled_at: Moment(self.fulfilled_at.map(|at| at.0)),
            lines: Nested::Stored(Vec::new()),
        }
    }
}

/// The linked contact unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_contact() -> _ {
    contacts::table
        .filter(contacts::organization_id.eq(sales_orders::organization_id))
        .filter(contacts::id.nullable().eq(sales_orders::contact_id))
        .filter(contacts::deleted_at.is_null())
        .select(contacts::id)
        .single_value()
}

/// The linked deal unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_opportunity() -> _ {
    opportunities::table
        .filter(opportunities::organization_id.eq(sales_orders::organization_id))
        .filter(opportunities::id.nullable().eq(sales_orders::opportunity_id))
        .filter(opportunities::deleted_at.is_null())
        .select(opportunities::id)
        .single_value()
}

fn record(
    (stamp, seen, contact, opportunity): (Stamp, Seen, Option<i64>, Option<i64>),
) -> Record<Order> {
    stamp.record(seen.order(contact, opportunity))
}

reads! {
    /// The orders of one workspace without their lines.
    OrderRows of Order in sales_orders,
    rows (Stamp, Seen, Option<i64>, Option<i64>),
    selected by (stamp!(sales_orders), Seen::as_select(), live_contact(), live_opportunity())
}
linked! { Order in sales_orders }
inserts! { OrderRows of Order in orders }
updates! { OrderRows of Order in orders }

/// The orders of one workspace.
pub(super) struct Orders<'w>(OrderRows<'w>);
port! { Orders of Order }

impl<'w> Orders<'w> {
    pub(super) fn new(scope: Scope<'w>) -> Self {
        Self(OrderRows(scope))
    }

    async fn find(&mut self, ids: &[Id<Order>], which: Which) -> Result<Vec<Record<Order>>> {
        let found = self.0.find(ids, which).await?;
        self.with_lines(found).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Order>>> {
        let listing = self.0.list(query).await?;
        let records = self.with_lines(listing.records).await?;
        Ok(Listing { records, ..listing })
    }

    /// One statement for the lines of any number of orders.
    async fn with_lines(&mut self, mut records: Vec<Record<Order>>) -> Result<Vec<Record<Order>>> {
        let ids: Vec<i64> = records.iter().map(|record| record.id.raw()).collect();
        let mut lines: BTreeMap<i64, Vec<_>> = BTreeMap::new();
        for line in order_lines::of_orders(&mut self.0.0, &ids).await? {
            let order = line.data.order.kept().map_or(0, |id| id.raw());
            lines.entry(order).or_default().push(line);
        }
        for record in &mut records {
            let own = lines.remove(&record.id.raw()).unwrap_or_default();
            record.data.lines = Nested::Stored(own);
        }
        Ok(records)
    }

    async fn insert(&mut self, data: Order, now: Timestamp) -> Result<Record<Order>> {
        self.0.insert(data, now).await
    }

    async fn update(&mut self, record: &Record<Order>) -> Result<bool> {
        self.0.update(record).await
    }
}
