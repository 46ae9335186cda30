//! Orders and what follows from them.

use std::time::Duration;

use domain_catalog::ProductVariant;
use domain_kernel::field::{Choice, Count, Link, Moment, Nested, ShortText, Word};
use domain_kernel::query::ListQuery;
use domain_kernel::{Id, OpContext, Record, Resource, Which};
use domain_sales::shipment::fulfilment::Part;
use domain_sales::shipment::status::ShipmentState;
use domain_sales::{
    GivenMoney, Invoice, Invoiced, Order, OrderLine, OrderWork, Payment, Shipment, ShippedParts,
};

use super::Fixture;
use super::catalog::{product, variant};
use super::steps::soon;
use crate::builders::{amount, contact};

/// An order without lines; each needs a number of its own.
pub(super) fn order(number: &str) -> Order {
    Order {
        number: ShortText::trusted(number),
        status: Choice::trusted("pending"),
        state: Choice::trusted("draft"),
        ordered_at: Moment(Some(jiff::Timestamp::UNIX_EPOCH)),
        lines: Nested::Stored(Vec::new()),
        ..Order::default()
    }
}

/// A line of an order.
fn line(order: Id<Order>, variant: Id<ProductVariant>, quantity: i64) -> OrderLine {
    OrderLine {
        order: Link::to(Some(order)),
        product_variant: Link::to(Some(variant)),
        variant_name: Word::trusted("Red"),
        quantity: Count(quantity),
        unit_price: GivenMoney(Some(amount::<10>("2.50").0)),
        total_price: amount("25.00"),
        ..OrderLine::default()
    }
}

/// An invoice of an order.
pub(super) fn invoice(order: Id<Order>, status: &str, total: &str) -> Invoice {
    Invoice {
        order: Link::to(Some(order)),
        status: Choice::trusted(status),
        total_amount: GivenMoney(Some(amount::<12>(total).0)),
        ..Invoice::default()
    }
}

impl Fixture {
    pub(super) async fn trading(&self, ctx: &OpContext) -> Box<dyn OrderWork> {
        soon("beginning to write", self.orders.begin_write(ctx)).await.expect("a unit")
    }

    /// Stores a new row of trade.
    pub(super) async fn put_trade<T: Resource<Work = dyn OrderWork>>(
        &self,
        ctx: &OpContext,
        data: T,
    ) -> Record<T> {
        let mut work = self.trading(ctx).await;
        let made = T::records(&mut *work).insert(data, self.later()).await.expect("it is stored");
        work.commit().await.expect("a commit");
        made
    }

    /// Marks a row of trade as deleted.
    async fn drop_trade<T: Resource<Work = dyn OrderWork>>(
        &self,
        ctx: &OpContext,
        row: &Record<T>,
    ) {
        let mut work = self.trading(ctx).await;
        let now = self.later();
        let gone = Record { deleted_at: Some(now), ..row.rewritten(row.data.clone(), now) };
        assert!(T::records(&mut *work).update(&gone).await.expect("an update"), "it was there");
        work.commit().await.expect("a commit");
    }

    async fn found<T: Resource<Work = dyn OrderWork>>(
        &self,
        ctx: &OpContext,
        id: Id<T>,
    ) -> Record<T> {
        let mut work = self.orders.begin_read(ctx).await.expect("a unit");
        let found = T::records(&mut *work).find(&[id], Which::Any).await.expect("a look-up").pop();
        work.commit().await.expect("a commit");
        found.expect("it is there")
    }

    async fn a_variant(&self, ctx: &OpContext) -> Id<ProductVariant> {
        let product = self.put_goods(ctx, product("shirt", None)).await.id;
        self.put_goods(ctx, variant("shirt-L", product)).await.id
    }

    /// An order with three lines, in order of id.
    pub(super) async fn with_lines(
        &self,
        ctx: &OpContext,
        number: &str,
    ) -> (Id<Order>, Vec<Record<OrderLine>>) {
        let variant = self.a_variant(ctx).await;
        let order = self.put_trade(ctx, order(number)).await.id;
        let lines = (1..=3).map(|quantity| line(order, variant, quantity)).collect();
        let mut work = self.trading(ctx).await;
        let lines = work.insert_lines(lines, self.later()).await.expect("they are stored");
        work.commit().await.expect("a commit");
        (order, lines)
    }
}

fn quantities(lines: &Nested<OrderLine>) -> Vec<i64> {
    match lines {
        Nested::Stored(lines) => lines.iter().map(|line| line.data.quantity.0).collect(),
        other => panic!("{other:?}"),
    }
}

/// `next_number`: from 1, one more each time, by series and by workspace; what is not committed was
/// not given.
pub async fn numbers_are_counted_without_gaps(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let next = async |ctx: &OpContext, series: &str, commits: bool| {
        let mut work = fixture.trading(ctx).await;
        let number = work.next_number(series).await.expect("a number");
        if commits {
            work.commit().await.expect("a commit");
        }
        number
    };
    assert_eq!(next(&ctx, "invoice", true).await, 1);
    assert_eq!(next(&ctx, "invoice", false).await, 2);
    assert_eq!(next(&ctx, "invoice", true).await, 2);
    assert_eq!(next(&ctx, "order", true).await, 1);
    assert_eq!(next(&other, "invoice", true).await, 1);
    let mut work = fixture.trading(&ctx).await;
    assert_eq!(work.next_number("invoice").await.expect("a number"), 3);
    assert_eq!(work.next_number("invoice").await.expect("a number"), 4);
}

/// `sold`: the variants that live lines of the workspace name, among those asked for.
pub async fn sold_variants_are_found(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let (_, lines) = fixture.with_lines(&ctx, "SO-1").await;
    let sold = lines[0].data.product_variant.kept().expect("a variant");
    let product = fixture.put_goods(&ctx, product("hat", None)).await.id;
    let unsold = fixture.put_goods(&ctx, variant("hat-S", product)).await.id;
    let asked = async |ctx: &OpContext| {
        let mut work = fixture.trading(ctx).await;
        work.sold(&[sold, unsold]).await.expect("an answer")
    };
    assert_eq!(asked(&ctx).await, [sold]);
    assert_eq!(asked(&other).await, []);
    for line in &lines {
        fixture.drop_trade(&ctx, line).await;
    }
    assert_eq!(asked(&ctx).await, []);
}

/// `orders`: each comes with its live lines in order of id and its contact's name; lines that are
/// stored together are stored in order.
pub async fn an_order_comes_with_its_lines_and_its_contact(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let (first, lines) = fixture.with_lines(&ctx, "SO-1").await;
    assert!(lines.is_sorted_by_key(|line| line.id));
    let mut work = fixture.trading(&ctx).await;
    let ada = contact("Ada", "Lovelace");
    let ada = work.contacts().insert(ada, fixture.later()).await.expect("it is stored");
    work.commit().await.expect("a commit");
    let named = Order { contact: Link::to(Some(ada.id)), ..order("SO-2") };
    let second = fixture.put_trade(&ctx, named).await.id;
    fixture.drop_trade(&ctx, &lines[1]).await;
    let found = fixture.found(&ctx, first).await;
    assert_eq!(quantities(&found.data.lines), [1, 3]);
    assert_eq!(&*found.data.contact_name, "");
    let mut work = fixture.orders.begin_read(&ctx).await.expect("a unit");
    let listed = work.orders().list(&ListQuery::all::<Order>()).await.expect("a list").records;
    let shown: Vec<_> = listed
        .iter()
        .map(|row| (row.id, quantities(&row.data.lines), row.data.contact_name.to_string()))
        .collect();
    let expected =
        [(first, vec![1, 3], String::new()), (second, vec![], "Ada Lovelace".to_owned())];
    assert_eq!(shown, expected);
    assert_eq!(&*listed[0].data.status, "pending");
}

/// `set_shares` changes the shares alone; `delete_lines` and `restore_lines` mark those of one order.
pub async fn lines_are_marked_with_their_order(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let (order, lines) = fixture.with_lines(&ctx, "SO-1").await;
    let other = fixture.put_trade(&ctx, self::order("SO-2")).await.id;
    let variant = lines[0].data.product_variant.kept().expect("a variant");
    let others = fixture.put_trade(&ctx, line(other, variant, 9)).await;
    let mut work = fixture.trading(&ctx).await;
    let mut shared = lines[0].clone();
    shared.data.discount_share = amount("1.00");
    shared.data.tax_amount = amount("2.00");
    shared.data.quantity = Count(7);
    work.set_shares(&[shared.clone()]).await.expect("they are set");
    work.commit().await.expect("a commit");
    let found = fixture.found(&ctx, shared.id).await;
    shared.data.quantity = lines[0].data.quantity;
    assert_eq!(found, shared);
    fixture.drop_trade(&ctx, &lines[1]).await;
    let gone_at = fixture.later();
    let mut work = fixture.trading(&ctx).await;
    work.delete_lines(order, gone_at).await.expect("they go");
    work.commit().await.expect("a commit");
    let gone = fixture.found(&ctx, lines[2].id).await;
    assert_eq!((gone.deleted_at, gone.version), (Some(gone_at), 2));
    assert_eq!(fixture.found(&ctx, others.id).await, others);
    let mut work = fixture.trading(&ctx).await;
    work.restore_lines(order, gone_at, fixture.later()).await.expect("they come back");
    work.commit().await.expect("a commit");
    let back = fixture.found(&ctx, lines[2].id).await;
    assert_eq!((back.deleted_at, back.version), (None, 3));
    // What had gone before stays gone.
    assert!(fixture.found(&ctx, lines[1].id).await.deleted_at.is_some());
}

/// `lock_orders`: another who locks the orders of the workspace waits; one of another does not.
pub async fn who_locks_the_orders_waits(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let order = fixture.put_trade(&ctx, order("SO-1")).await;
    let mut first = fixture.trading(&ctx).await;
    first.lock_orders().await.expect("the lock");
    let second = async {
        let mut work = fixture.orders.begin_write(&ctx).await.expect("a unit");
        work.lock_orders().await.expect("the lock");
        let found = work.orders().find(&[order.id], Which::Live).await.expect("a look-up");
        found[0].version
    };
    let first = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let next = order.rewritten(order.data.clone(), fixture.later());
        assert!(first.orders().update(&next).await.expect("an update"));
        first.commit().await.expect("a commit");
    };
    let (version, ()) = soon("taking turns", async { tokio::join!(second, first) }).await;
    assert_eq!(version, 2, "the second saw what the first had written");
    let mut work = fixture.trading(&other).await;
    soon("another workspace", work.lock_orders()).await.expect("the lock");
}

/// `invoiced`: what the live invoices of an order ask for, those that are void and one left out.
pub async fn what_is_invoiced_is_summed_up(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let (one, two) = (
        fixture.put_trade(&ctx, order("SO-1")).await.id,
        fixture.put_trade(&ctx, order("SO-2")).await.id,
    );
    let mut made = Vec::new();
    for (order, status, total) in [
        (one, "draft", "1.00"),
        (one, "paid", "2.00"),
        (one, "void", "4.00"),
        (two, "draft", "8.00"),
        (one, "draft", "16.00"),
        (one, "credited", "32.00"),
    ] {
        let credited_amount = amount(if status == "credited" { total } else { "0.00" });
        let invoice = Invoice { credited_amount, ..invoice(order, status, total) };
        made.push(fixture.put_trade(&ctx, invoice).await);
    }
    fixture.drop_trade(&ctx, &made[4]).await;
    let mut work = fixture.trading(&ctx).await;
    let mut asked = async |order, except| work.invoiced(order, except).await.expect("a sum");
    let invoiced = |drafts: &str, issued: &str| Invoiced {
        drafts: amount::<12>(drafts).0,
        issued: amount::<12>(issued).0,
    };
    assert_eq!(asked(one, None).await, invoiced("1.00", "2.00"));
    assert_eq!(asked(one, Some(made[1].id)).await, invoiced("1.00", "0.00"));
    assert_eq!(asked(two, Some(made[3].id)).await, Invoiced::default());
}

/// `payment_by`: the live payment of this workspace; the provider is compared folded, the reference as
/// it is written.
pub async fn a_payment_is_found_by_its_reference(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let order = fixture.put_trade(&ctx, order("SO-1")).await.id;
    let invoice = fixture.put_trade(&ctx, invoice(order, "issued", "9.00")).await.id;
    let payment = Payment {
        invoice: Link::to(Some(invoice)),
        amount: amount("1.00"),
        provider: ShortText::trusted("Straße"),
        transaction_reference: ShortText::trusted("Tx-1"),
        processed_at: Moment(Some(fixture.later())),
        ..Payment::default()
    };
    let made = fixture.put_trade(&ctx, payment).await;
    let by = async |ctx: &OpContext, provider: &str, reference: &str| {
        let mut work = fixture.trading(ctx).await;
        let found = work.payment_by(provider, reference).await.expect("a look-up");
        found.map(|row| row.id)
    };
    assert_eq!(by(&ctx, "STRASSE", "Tx-1").await, Some(made.id));
    assert_eq!(by(&ctx, "Straße", "tx-1").await, None);
    assert_eq!(by(&ctx, "Bank", "Tx-1").await, None);
    assert_eq!(by(&other, "Straße", "Tx-1").await, None);
    fixture.drop_trade(&ctx, &made).await;
    assert_eq!(by(&ctx, "Straße", "Tx-1").await, None);
}

/// `shipments`: each comes with its parts in order; `parts_of` and `pending_shipments` tell of the live
/// ones of an order.
pub async fn a_shipment_comes_with_its_parts(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let (order, lines) = fixture.with_lines(&ctx, "SO-1").await;
    let mut made = Vec::new();
    for (status, parts) in [
        ("pending", vec![(lines[2].id.raw(), 2), (lines[0].id.raw(), 1)]),
        ("delivered", vec![(lines[1].id.raw(), 1)]),
        ("pending", vec![(lines[1].id.raw(), 1)]),
    ] {
        let shipment = Shipment {
            order: Link::to(Some(order)),
            status: Choice::trusted(status),
            lines: ShippedParts::stored(parts.clone()),
            ..Shipment::default()
        };
        let mut work = fixture.trading(&ctx).await;
        let row = work.shipments().insert(shipment, fixture.later()).await.expect("it is stored");
        work.insert_parts(row.id, &parts).await.expect("they are stored");
        work.commit().await.expect("a commit");
        assert_eq!(fixture.found(&ctx, row.id).await, row);
        made.push(row);
    }
    fixture.drop_trade(&ctx, &made[2]).await;
    let mut work = fixture.trading(&ctx).await;
    let mut parts = work.parts_of(order).await.expect("the parts");
    parts.sort_by_key(|part| (part.line, part.quantity));
    let part =
        |place: usize, quantity, state| Part { line: lines[place].id.raw(), quantity, state };
    let expected = [
        part(0, 1, ShipmentState::Pending),
        part(1, 1, ShipmentState::Delivered),
        part(2, 2, ShipmentState::Pending),
    ];
    assert_eq!(parts, expected);
    assert_eq!(work.pending_shipments(order).await.expect("a number"), 1);
    assert_eq!(work.time_zone().await.expect("a zone").iana_name(), Some("UTC"));
}
