//! How much there is of what: sums and counts over a workspace's tables.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use domain_kernel::{Amount, Currency, Id, TenantId};
use domain_sales::DealStatus;
use domain_sales::overview::{
    AGREED, DUE, DailySums, DaySums, Figures, IN_TRANSIT, OpenDeals, PENDING, Since, Sums,
};
use domain_sales::state::State;

use super::invoices::invoices;
use super::orders::orders;
use super::payments::payments;
use super::shipments::shipments;
use crate::catalog::inventory_lots::inventory_lots;
use crate::catalog::product_variants::product_variants;
use crate::catalog::products::products;
use crate::catalog::suppliers::suppliers;
use crate::columns::{At, Day};
use crate::dialect::{self, Handle, types};
use crate::rows::Rows;
use crate::sales::notes::note_texts;
use crate::sales::opportunities::deals;

/// What a sum is split by, so that no sum of 64 bits overflows.
const SPLIT: i64 = 1_000_000;

/// What of a payment was not given back.
const KEPT: &str = "(amount - refunded_amount)";

/// The live rows of a table.
macro_rules! live {
    ($table:ident of $tenant:ident) => {
        $table::table.filter(Rows::live($tenant, stringify!($table)))
    };
}

/// The orders that are agreed upon.
macro_rules! agreed {
    ($tenant:ident) => {
        live!(orders of $tenant).filter(orders::state.eq_any(AGREED.map(State::code)))
    };
}

/// The invoices that ask for something.
macro_rules! owed {
    ($tenant:ident) => {
        live!(invoices of $tenant).filter(invoices::status.eq_any(DUE.map(State::code)))
    };
}

/// The payments since the month began.
macro_rules! paid {
    ($tenant:ident, $since:ident) => {
        live!(payments of $tenant).filter(payments::processed_at.ge(At($since.month)))
    };
}

/// Sums of rows by currency. They are grouped by the state, too, where an index has it before the
/// currency: it is read from end to end then, and nothing is sorted.
macro_rules! by_currency {
    ($rows:expr, $table:ident, $groups:expr, $column:expr, $handle:ident) => {
        sums(
            $rows
                .group_by($groups)
                .select(($table::currency, halves($column)))
                .load(&mut *$handle)
                .await?,
        )
    };
}

/// The same by the day of an instant, too: the first two columns.
macro_rules! by_day {
    ($rows:expr, $at:literal, $column:expr, $handle:ident) => {
        day_sums(
            $rows
                .group_by(sql::<Text>("1, 2"))
                .select((sql::<Text>("currency"), day_of($at), halves($column)))
                .load(&mut *$handle)
                .await?,
        )
    };
}

type Halves = (i64, i64);
/// None where a sum is one of no rows.
type Counts = (
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

/// A sum as the database gives it: the millions, and what is left of each row.
fn halves(column: &str) -> (SqlLiteral<BigInt>, SqlLiteral<BigInt>) {
    (
        sql(&format!("CAST(SUM({column} / {SPLIT}) AS BIGINT)")),
        sql(&format!("CAST(SUM({column} % {SPLIT}) AS BIGINT)")),
    )
}

/// The day of an instant in UTC.
fn day_of(column: &str) -> SqlLiteral<types::Day> {
    sql(&dialect::utc_day(column))
}

fn amount((millions, rest): Halves) -> Amount {
    Amount::from_ten_thousandths(millions.saturating_mul(SPLIT).saturating_add(rest))
}

fn currency(code: &str) -> Currency {
    // What is stored has one that there is.
    Currency::from_code(code).unwrap_or_default()
}

fn sums(rows: Vec<(String, Halves)>) -> Sums {
    let mut sums = Sums::default();
    for (code, halves) in rows {
        let sum = sums.entry(currency(&code)).or_default();
        *sum = sum.saturating_add(amount(halves));
    }
    sums
}

fn day_sums(rows: Vec<(String, Day, Halves)>) -> DaySums {
    let sum =
        |(code, day, halves): (String, Day, Halves)| ((currency(&code), day.0), amount(halves));
    rows.into_iter().map(sum).collect()
}

/// The figures of a workspace.
pub(super) async fn figures(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    since: &Since,
) -> QueryResult<Figures> {
    let (now, notes) = (At(since.now), At(since.notes));
    let open = live!(deals of tenant)
        .filter(deals::status.eq(DealStatus::OPEN))
        .group_by((deals::stage_id, deals::currency))
        .select((deals::stage_id, deals::currency, sql::<BigInt>("COUNT(*)"), halves("amount")))
        .load::<(i64, String, i64, Halves)>(&mut *handle)
        .await?;
    let agreed = by_currency!(
        agreed!(tenant),
        orders,
        (orders::state, orders::currency),
        "total_amount",
        handle
    );
    let sum_owed = by_currency!(
        owed!(tenant),
        invoices,
        (invoices::status, invoices::currency),
        "owed_amount",
        handle
    );
    let paid = by_currency!(paid!(tenant, since), payments, payments::currency, KEPT, handle);
    let pending = live!(orders of tenant).filter(orders::state.eq_any(PENDING.map(State::code)));
    // Only those that ask for something have the moment.
    let overdue = live!(invoices of tenant).filter(invoices::overdue_at.le(now));
    let in_transit =
        live!(shipments of tenant).filter(shipments::status.eq_any(IN_TRANSIT.map(State::code)));
    let active = live!(products of tenant).filter(products::is_active);
    let units = live!(inventory_lots of tenant)
        .select(sql::<Nullable<BigInt>>("CAST(SUM(quantity) AS BIGINT)"));
    let recent = live!(note_texts of tenant).filter(note_texts::created_at.ge(notes));
    let counts: Counts = diesel::select((
        pending.count().single_value(),
        owed!(tenant).count().single_value(),
        overdue.count().single_value(),
        in_transit.count().single_value(),
        active.count().single_value(),
        live!(product_variants of tenant).count().single_value(),
        live!(suppliers of tenant).count().single_value(),
        units.single_value(),
        recent.count().single_value(),
    ))
    .get_result(&mut *handle)
    .await?;
    let (pending, due, overdue, in_transit, active, variants, suppliers, units, recent) = counts;
    let [pending, due, overdue, in_transit, active, variants, suppliers, units, recent] =
        [pending, due, overdue, in_transit, active, variants, suppliers, units, recent]
            .map(Option::unwrap_or_default);
    let open_deals = open.into_iter().map(|(stage, code, count, value)| OpenDeals {
        stage: Id::new(stage),
        currency: currency(&code),
        count,
        value: amount(value),
    });
    Ok(Figures {
        open_deals: open_deals.collect(),
        pending_orders: pending,
        orders: agreed,
        invoices_due: due,
        owed: sum_owed,
        overdue_invoices: overdue,
        payments: paid,
        shipments_in_transit: in_transit,
        products_active: active,
        product_variants: variants,
        suppliers,
        inventory_on_hand: units,
        notes_recent: recent,
    })
}

/// Some of them day by day.
pub(super) async fn daily_sums(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    since: &Since,
) -> QueryResult<DailySums> {
    Ok(DailySums {
        orders: by_day!(agreed!(tenant), "ordered_at", "total_amount", handle),
        owed: by_day!(owed!(tenant), "issued_at", "owed_amount", handle),
        payments: by_day!(paid!(tenant, since), "processed_at", KEPT, handle),
    })
}
