//! How much there is of what.

use domain_catalog::{InventoryLot, Product, Supplier};
use domain_kernel::field::{
    Choice, Count, CurrencyCode, Date, Link, LongText, Moment, OwnCurrency, ShortText, TargetId,
    TargetKind,
};
use domain_kernel::{Amount, Currency, Id, OpContext, Record, Resource};
use domain_sales::overview::{DailySums, DaySums, Figures, OpenDeals, Since, Sums};
use domain_sales::{GivenMoney, Invoice, Note, Opportunity, Order, OrderWork, Payment, Shipment};
use jiff::ToSpan as _;
use jiff::civil::date;

use super::Fixture;
use super::catalog::{product, variant};
use crate::builders::{amount, deal, pipeline, stage};

const EUR: &str = "EUR";

fn currency(code: &str) -> Currency {
    Currency::from_code(code).expect("a currency")
}

fn sums(of: &[(&str, &str)]) -> Sums {
    of.iter().map(|(code, sum)| (currency(code), amount::<12>(sum).0)).collect()
}

/// Stores a row of trade, and one that is deleted at once.
async fn put<T: Resource<Work = dyn OrderWork>>(
    fixture: &Fixture,
    ctx: &OpContext,
    data: T,
) -> Id<T> {
    let mut work = fixture.orders.begin_write(ctx).await.expect("a unit");
    let made = T::records(&mut *work).insert(data, fixture.now()).await.expect("it is stored");
    work.commit().await.expect("a commit");
    made.id
}

async fn drop_last<T: Resource<Work = dyn OrderWork>>(
    fixture: &Fixture,
    ctx: &OpContext,
    id: Id<T>,
) {
    let mut work = fixture.orders.begin_write(ctx).await.expect("a unit");
    let row = T::records(&mut *work).find(&[id], domain_kernel::Which::Live).await;
    let row = row.expect("a look-up").pop().expect("it is there");
    let now = fixture.now();
    let gone = Record { deleted_at: Some(now), ..row.rewritten(row.data.clone(), now) };
    assert!(T::records(&mut *work).update(&gone).await.expect("an update"), "it was there");
    work.commit().await.expect("a commit");
}

/// `figures`: counts and sums of what is live in the workspace, sums by currency.
pub async fn figures_are_of_what_is_there(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let now = fixture.now();
    let ago = |hours: i64| now - hours.hours();
    let since = Since { now, month: ago(48), notes: ago(24) };
    assert_eq!(figures(fixture, &other, &since).await, Figures::default());

    let way = fixture.insert(&ctx, pipeline("New")).await.id;
    let first = fixture.insert(&ctx, stage("First", way)).await.id;
    let second = fixture.insert(&ctx, stage("Second", way)).await.id;
    for (stage, code, status, units) in [
        (first, "USD", "open", 1),
        (first, "USD", "open", 2),
        (first, EUR, "open", 4),
        (second, "USD", "open", 8),
        (second, "USD", "won", 16),
        (second, "USD", "lost", 32),
    ] {
        let data = Opportunity {
            currency: OwnCurrency(Some(currency(code))),
            status: Choice::trusted(status),
            ..deal("D", (way, stage), units)
        };
        fixture.insert(&ctx, data).await;
    }
    let gone = fixture.insert(&ctx, deal("Gone", (way, first), 64)).await;
    fixture.delete(&ctx, &gone).await;

    let mut orders = Vec::new();
    for (number, state, code, total) in [
        ("1", "draft", "USD", "1.00"),
        ("2", "confirmed", "USD", "2.00"),
        ("3", "partly_fulfilled", EUR, "4.00"),
        ("4", "fulfilled", "USD", "8.00"),
        ("5", "closed", "USD", "9999999999.9999"),
        ("6", "cancelled", "USD", "16.00"),
        ("7", "confirmed", "USD", "32.00"),
    ] {
        let order = Order {
            number: ShortText::trusted(number),
            status: Choice::trusted(state),
            state: Choice::trusted(state),
            currency: CurrencyCode(currency(code)),
            total_amount: amount(total),
            ordered_at: Moment(Some(now)),
            ..Order::default()
        };
        orders.push(put(fixture, &ctx, order).await);
    }
    drop_last(fixture, &ctx, orders[6]).await;

    let mut invoices = Vec::new();
    for (status, owed, overdue) in [
        ("draft", "1.00", None),
        ("issued", "2.00", Some(ago(1))),
        ("issued", "4.00", Some(now + 1.hours())),
        ("partly_paid", "8.00", Some(now)),
        ("paid", "0.00", None),
        ("void", "0.00", None),
    ] {
        let invoice = Invoice {
            order: Link::to(Some(orders[0])),
            status: Choice::trusted(status),
            overdue_at: Moment(overdue),
            total_amount: GivenMoney(Some(amount::<12>("20.00").0)),
            owed_amount: amount(owed),
            issued_at: Moment(Some(now)),
            ..Invoice::default()
        };
        invoices.push(put(fixture, &ctx, invoice).await);
    }
    for (reference, at, sum, back) in
        [("a", ago(49), "1.00", "0.00"), ("b", ago(48), "2.00", "0.50"), ("c", now, "4.00", "0.00")]
    {
        let payment = Payment {
            invoice: Link::to(Some(invoices[0])),
            amount: amount(sum),
            refunded_amount: amount(back),
            provider: ShortText::trusted("Bank"),
            transaction_reference: ShortText::trusted(reference),
            processed_at: Moment(Some(at)),
            ..Payment::default()
        };
        put(fixture, &ctx, payment).await;
    }
    for status in ["pending", "shipped", "in_transit", "delivered", "returned", "cancelled"] {
        let shipment = Shipment {
            order: Link::to(Some(orders[0])),
            status: Choice::trusted(status),
            ..Shipment::default()
        };
        put(fixture, &ctx, shipment).await;
    }

    let shirt = fixture.put_goods(&ctx, product("shirt", None)).await.id;
    let hidden = Product { is_active: domain_kernel::field::Flag(false), ..product("old", None) };
    fixture.put_goods(&ctx, hidden).await;
    let variant = fixture.put_goods(&ctx, variant("shirt-L", shirt)).await.id;
    fixture.put_goods(&ctx, Supplier::default()).await;
    for quantity in [3, 4] {
        let lot = InventoryLot {
            variant: Link::to(Some(variant)),
            quantity: Count(quantity),
            received_at: Date(Some(date(2020, 1, 1))),
            location: ShortText::trusted("Store"),
            ..InventoryLot::default()
        };
        fixture.put_goods(&ctx, lot).await;
    }
    let mut work = fixture.writing(&ctx).await;
    for at in [ago(25), ago(24), now] {
        let note = Note {
            content: LongText::trusted("Likes shirts."),
            related_object_type: TargetKind::trusted("contact"),
            related_object_id: TargetId(1),
            ..Note::default()
        };
        work.notes().insert(note, at).await.expect("it is stored");
    }
    work.commit().await.expect("a commit");

    let mut found = figures(fixture, &ctx, &since).await;
    found.open_deals.sort_by_key(|deals| (deals.stage, deals.currency));
    let open = |stage, code, count, units: i64| OpenDeals {
        stage,
        currency: currency(code),
        count,
        value: Amount::from_ten_thousandths(units * 100),
    };
    let expected = Figures {
        open_deals: vec![
            open(first, EUR, 1, 4),
            open(first, "USD", 2, 3),
            open(second, "USD", 1, 8),
        ],
        pending_orders: 3,
        orders: sums(&[(EUR, "4.00"), ("USD", "10000000009.9999")]),
        invoices_due: 3,
        owed: sums(&[("USD", "14.00")]),
        overdue_invoices: 2,
        payments: sums(&[("USD", "5.50")]),
        shipments_in_transit: 2,
        products_active: 1,
        product_variants: 1,
        suppliers: 1,
        inventory_on_hand: 7,
        notes_recent: 2,
    };
    assert_eq!(found, expected);
    assert_eq!(figures(fixture, &other, &since).await, Figures::default());
}

async fn figures(fixture: &Fixture, ctx: &OpContext, since: &Since) -> Figures {
    let mut work = fixture.orders.begin_read(ctx).await.expect("a unit");
    let figures = work.figures(since).await.expect("figures");
    work.commit().await.expect("a commit");
    figures
}

/// `daily_sums`: the sums of `figures` that are of days, by the day in UTC.
pub async fn sums_are_given_day_by_day(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let at = |text: &str| text.parse::<jiff::Timestamp>().expect("an instant");
    let mut orders = Vec::new();
    for (state, code, total, when) in [
        ("confirmed", "USD", "1.00", "2026-03-01T00:00:00Z"),
        ("closed", "USD", "9999999999.9999", "2026-03-01T23:59:59.999999Z"),
        ("confirmed", "USD", "4.00", "2026-03-02T00:00:00Z"),
        ("fulfilled", EUR, "8.00", "2026-03-02T12:00:00Z"),
        ("confirmed", EUR, "16.00", "1969-12-31T23:59:59.999999Z"),
        ("draft", "USD", "32.00", "2026-03-02T00:00:00Z"),
        ("cancelled", "USD", "64.00", "2026-03-02T00:00:00Z"),
        ("confirmed", "USD", "128.00", "2026-03-02T00:00:00Z"),
    ] {
        let order = Order {
            number: ShortText::trusted(&*format!("SO-{}", orders.len())),
            status: Choice::trusted(state),
            state: Choice::trusted(state),
            currency: CurrencyCode(currency(code)),
            total_amount: amount(total),
            ordered_at: Moment(Some(at(when))),
            ..Order::default()
        };
        orders.push(put(fixture, &ctx, order).await);
    }
    drop_last(fixture, &ctx, orders[7]).await;
    let mut invoices = Vec::new();
    for (status, owed, when) in [
        ("issued", "1.00", "2026-03-01T09:00:00Z"),
        ("partly_paid", "2.00", "2026-03-01T10:00:00Z"),
        ("issued", "4.00", "2026-03-03T10:00:00Z"),
        ("paid", "0.00", "2026-03-03T10:00:00Z"),
    ] {
        let invoice = Invoice {
            order: Link::to(Some(orders[0])),
            status: Choice::trusted(status),
            issued_at: Moment(Some(at(when))),
            total_amount: GivenMoney(Some(amount::<12>("20.00").0)),
            owed_amount: amount(owed),
            ..Invoice::default()
        };
        invoices.push(put(fixture, &ctx, invoice).await);
    }
    for (reference, when, sum, back) in [
        ("a", "2026-02-28T23:59:59Z", "1.00", "0.00"),
        ("b", "2026-03-01T00:00:00Z", "2.00", "0.50"),
        ("c", "2026-03-01T01:00:00Z", "4.00", "0.00"),
        ("d", "2026-03-02T01:00:00Z", "8.00", "8.00"),
    ] {
        let payment = Payment {
            invoice: Link::to(Some(invoices[0])),
            amount: amount(sum),
            refunded_amount: amount(back),
            provider: ShortText::trusted("Bank"),
            transaction_reference: ShortText::trusted(reference),
            processed_at: Moment(Some(at(when))),
            ..Payment::default()
        };
        put(fixture, &ctx, payment).await;
    }
    let (now, month) = (at("2026-03-05T00:00:00Z"), at("2026-03-01T00:00:00Z"));
    let since = Since { now, month, notes: month };
    let days = |of: &[(&str, jiff::civil::Date, &str)]| -> DaySums {
        let sum =
            |(code, day, sum): &(&str, _, &str)| ((currency(code), *day), amount::<12>(sum).0);
        of.iter().map(sum).collect()
    };
    let (first, second, third) = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3));
    let expected = DailySums {
        orders: days(&[
            (EUR, date(1969, 12, 31), "16.00"),
            (EUR, second, "8.00"),
            ("USD", first, "10000000000.9999"),
            ("USD", second, "4.00"),
        ]),
        owed: days(&[("USD", first, "3.00"), ("USD", third, "4.00")]),
        payments: days(&[("USD", first, "5.50"), ("USD", second, "0.00")]),
    };
    let of = async |ctx: &OpContext| {
        let mut work = fixture.orders.begin_read(ctx).await.expect("a unit");
        let sums = work.daily_sums(&since).await.expect("sums");
        work.commit().await.expect("a commit");
        sums
    };
    assert_eq!(of(&ctx).await, expected);
    assert_eq!(of(&other).await, DailySums::default());
}
