//! How much there is of what.

use std::collections::BTreeMap;

use domain_catalog::{InventoryLot, Product, ProductVariant, Supplier};
use domain_kernel::{Amount, Currency, Record, TenantId};
use domain_sales::overview::{
    AGREED, DUE, DailySums, DaySums, Figures, IN_TRANSIT, OpenDeals, PENDING, Since, Sums,
};
use domain_sales::state::State as Moves;
use domain_sales::{DealStatus, Invoice, Note, Opportunity, Order, Payment, Shipment};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::state::{State, Stored};

/// The figures of a workspace.
pub(super) fn figures(state: &State, tenant: TenantId, since: &Since) -> Figures {
    let pending = live::<Order>(state, tenant).filter(|row| is_one(&PENDING, &row.data.state));
    let due = || due(state, tenant);
    let overdue = due().filter(|row| row.data.overdue_at.0.is_some_and(|at| at <= since.now));
    let in_transit =
        live::<Shipment>(state, tenant).filter(|row| is_one(&IN_TRANSIT, &row.data.status));
    let recent = live::<Note>(state, tenant).filter(|row| row.created_at >= since.notes);
    let units = live::<InventoryLot>(state, tenant).map(|row| row.data.quantity.0);
    Figures {
        open_deals: open_deals(state, tenant),
        pending_orders: count(pending),
        orders: sums(
            agreed(state, tenant).map(|row| (row.data.currency.0, row.data.total_amount.0)),
        ),
        invoices_due: count(due()),
        owed: sums(due().map(|row| (row.data.currency.0, row.data.owed_amount.0))),
        overdue_invoices: count(overdue),
        payments: sums(paid(state, tenant, since).map(kept)),
        shipments_in_transit: count(in_transit),
        products_active: count(live::<Product>(state, tenant).filter(|row| row.data.is_active.0)),
        product_variants: count(live::<ProductVariant>(state, tenant)),
        suppliers: count(live::<Supplier>(state, tenant)),
        inventory_on_hand: units.sum(),
        notes_recent: count(recent),
    }
}

/// Some of them day by day.
pub(super) fn daily_sums(state: &State, tenant: TenantId, since: &Since) -> DailySums {
    DailySums {
        orders: day_sums(
            agreed(state, tenant)
                .map(|row| (row.data.ordered_at.0, (row.data.currency.0, row.data.total_amount.0))),
        ),
        owed: day_sums(
            due(state, tenant)
                .map(|row| (row.data.issued_at.0, (row.data.currency.0, row.data.owed_amount.0))),
        ),
        payments: day_sums(
            paid(state, tenant, since).map(|row| (row.data.processed_at.0, kept(row))),
        ),
    }
}

fn agreed(state: &State, tenant: TenantId) -> impl Iterator<Item = &Record<Order>> {
    live::<Order>(state, tenant).filter(|row| is_one(&AGREED, &row.data.state))
}

fn due(state: &State, tenant: TenantId) -> impl Iterator<Item = &Record<Invoice>> {
    live::<Invoice>(state, tenant).filter(|row| is_one(&DUE, &row.data.status))
}

fn paid<'s>(
    state: &'s State,
    tenant: TenantId,
    since: &Since,
) -> impl Iterator<Item = &'s Record<Payment>> {
    let month = since.month;
    live::<Payment>(state, tenant)
        .filter(move |row| row.data.processed_at.0.is_some_and(|at| at >= month))
}

/// What of a payment was not given back.
fn kept(row: &Record<Payment>) -> (Currency, Amount) {
    let (amount, back) = (row.data.amount.0, row.data.refunded_amount.0);
    let kept = amount.ten_thousandths() - back.ten_thousandths();
    (row.data.currency.0, Amount::from_ten_thousandths(kept))
}

fn live<T: Stored>(state: &State, tenant: TenantId) -> impl Iterator<Item = &Record<T>> {
    T::table(state).of(tenant).filter(|row| row.deleted_at.is_none())
}

fn is_one<S: Moves>(states: &[S], code: &str) -> bool {
    states.iter().any(|state| state.code() == code)
}

fn count<T>(rows: impl Iterator<Item = T>) -> i64 {
    rows.map(|_| 1).sum()
}

fn sums(amounts: impl Iterator<Item = (Currency, Amount)>) -> Sums {
    let mut sums = Sums::new();
    for (currency, amount) in amounts {
        let sum = sums.entry(currency).or_default();
        *sum = sum.saturating_add(amount);
    }
    sums
}

fn day_sums(amounts: impl Iterator<Item = (Option<Timestamp>, (Currency, Amount))>) -> DaySums {
    let mut sums = DaySums::new();
    for (at, (currency, amount)) in amounts {
        let day = TimeZone::UTC.to_datetime(at.expect("what counts has happened")).date();
        let sum = sums.entry((currency, day)).or_default();
        *sum = sum.saturating_add(amount);
    }
    sums
}

fn open_deals(state: &State, tenant: TenantId) -> Vec<OpenDeals> {
    let mut open = BTreeMap::new();
    let rows = live::<Opportunity>(state, tenant);
    for row in rows.filter(|row| &*row.data.status == DealStatus::OPEN) {
        let Some(stage) = row.data.stage.kept() else { continue };
        let currency = row.data.currency.0.unwrap_or_default();
        let none = OpenDeals { stage, currency, count: 0, value: Amount::default() };
        let deals = open.entry((stage.raw(), currency)).or_insert(none);
        deals.count += 1;
        deals.value = deals.value.saturating_add(row.data.amount.0);
    }
    open.into_values().collect()
}
