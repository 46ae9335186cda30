//! The lists of what is sold, and of what belongs to it.

use domain_kernel::field::{
    Choice, Count, CurrencyCode, Date, DoneBy, Link, LongText, Member, Moment, Rate, ShortText,
    Slug, TargetId, TargetKind, WebAddress, Word,
};
use domain_kernel::query::{ListQuery, Window};
use domain_kernel::{Id, OpContext, Record, Resource};
use domain_sales::{
    Activity, Attachment, CreditNote, DealStage, ExchangeRate, Invoice, Note, Opportunity, Order,
    OrderLine, Payment, Refund, SalesWork, Shipment, ShippedParts, StageChange,
};
use jiff::Timestamp;
use jiff::civil::date;

use super::Fixture;
use super::every_list::check_list;
use super::trade::{invoice, order};
use crate::builders::{self, amount, contact, deal};

impl Fixture {
    /// All rows of trade that a query finds.
    async fn traded_rows<T: Resource<Work = dyn domain_sales::OrderWork>>(
        &self,
        ctx: &OpContext,
        query: ListQuery,
    ) -> Vec<Record<T>> {
        let mut work = self.orders.begin_read(ctx).await.expect("a unit");
        let found = T::records(&mut *work).list(&whole(query)).await.expect("a list").records;
        work.commit().await.expect("a commit");
        found
    }

    /// All rows of sales that a query finds.
    async fn sales_rows<T: Resource<Work = dyn SalesWork>>(
        &self,
        ctx: &OpContext,
        query: ListQuery,
    ) -> Vec<Record<T>> {
        let mut work = self.reading(ctx).await;
        let found = T::records(&mut *work).list(&whole(query)).await.expect("a list").records;
        work.commit().await.expect("a commit");
        found
    }
}

fn whole(query: ListQuery) -> ListQuery {
    ListQuery { window: Window::Page { number: 1, size: 200 }, ..query }
}

fn at(second: i64) -> Moment {
    Moment(Timestamp::from_second(1_700_000_000 + second).ok())
}

/// Two deals, a contact, and two rows of each kind that belongs to them.
async fn with_deals(
    fixture: &Fixture,
    member: &builders::Member,
) -> (Id<Opportunity>, Link<domain_sales::Contact>) {
    let ctx = &member.ctx;
    let ada = fixture.insert(ctx, contact("Ada", "Lovelace")).await.id;
    let way = fixture.way(ctx).await;
    let first = fixture.insert(ctx, deal("One", way, 1)).await;
    let second = fixture.insert(ctx, deal("Two", way, 2)).await;
    let owners = [Some(member.person.id), None];
    for (place, deal) in (0_i64..).zip([&first, &second]) {
        let owner = owners[usize::try_from(place).expect("small")];
        let text = format!("Text {place}");
        let mut activity = Activity {
            opportunity: Link::to(Some(deal.id)),
            r#type: ShortText::trusted(text.clone()),
            subject: ShortText::trusted(text.clone()),
            due_at: at(place),
            completed_at: if place > 0 { at(place) } else { Moment(None) },
            owner: Member(owner),
            ..Activity::default()
        };
        activity.tell_time(fixture.now());
        let note = Note {
            author: Member(owner),
            author_name: Word::default(),
            content: LongText::trusted(text.clone()),
            related_object_type: TargetKind::trusted("opportunity"),
            related_object_id: TargetId(deal.id.raw()),
        };
        let file = Attachment {
            uploaded_by: Member(owner),
            file_name: ShortText::trusted(text.clone()),
            file_url: WebAddress::trusted(format!("https://example.com/{place}")),
            related_object_type: TargetKind::trusted("opportunity"),
            related_object_id: TargetId(deal.id.raw()),
            ..Attachment::default()
        };
        let step = StageChange {
            opportunity: Link::to(Some(deal.id)),
            from_stage: Link::to((place > 0).then_some(way.1)),
            from_stage_name: Word::trusted(text),
            to_stage: Link::<DealStage>::to(Some(way.1)),
            to_stage_name: Word::trusted("New"),
            seconds_in_former_stage: Count(place),
            changed_by: DoneBy(owner),
            changed_by_name: Word::default(),
            changed_at: at(place),
        };
        let (mut work, now) = (fixture.writing(ctx).await, fixture.later());
        work.activities().insert(activity, now).await.expect("it is stored");
        work.notes().insert(note, now).await.expect("it is stored");
        work.attachments().insert(file, now).await.expect("it is stored");
        work.stage_changes().insert(step, now).await.expect("it is added");
        work.commit().await.expect("a commit");
    }
    (first.id, Link::to(Some(ada)))
}

/// Two orders with all that follows from them, no two alike.
async fn traded(fixture: &Fixture) -> OpContext {
    let member = fixture.member().await;
    let ctx = member.ctx.clone();
    let (deal, ada) = with_deals(fixture, &member).await;
    let (first, lines) = fixture.with_lines(&ctx, "SO-1").await;
    let second = Order {
        contact: ada,
        contact_name: Word::trusted("Ada Lovelace"),
        opportunity: Link::to(Some(deal)),
        state: Choice::trusted("fulfilled"),
        status: Choice::trusted("shipped"),
        currency: CurrencyCode::trusted("EUR"),
        total_amount: amount("9.00"),
        fulfilled_at: at(5),
        ..order("SO-2")
    };
    let second = fixture.put_trade(&ctx, second).await.id;
    for (place, order) in (0_i64..).zip([first, second]) {
        let text = format!("Text {place}");
        let currency =
            CurrencyCode::trusted(["USD", "EUR"][usize::try_from(place).expect("small")]);
        let is_issued = place > 0;
        let invoice = Invoice {
            number: ShortText::trusted(format!("INV-{place}")),
            series: Slug::trusted(format!("S{place}")),
            issued_at: if is_issued { at(1) } else { Moment(None) },
            due_date: Date(is_issued.then(|| date(2026, 3, 1))),
            overdue_at: if is_issued { at(2) } else { Moment(None) },
            currency,
            owed_amount: amount(&format!("{place}.50")),
            ..invoice(
                order,
                if is_issued { "issued" } else { "draft" },
                &format!("{}.00", place + 9),
            )
        };
        let invoice = fixture.put_trade(&ctx, invoice).await.id;
        let credit = CreditNote {
            number: ShortText::trusted(format!("CN-{place}")),
            invoice: Link::to(Some(invoice)),
            amount: amount(&format!("{place}.25")),
            currency,
            reason: LongText::trusted(text.clone()),
            issued_at: at(place),
        };
        fixture.put_trade(&ctx, credit).await;
        let payment = Payment {
            invoice: Link::to(Some(invoice)),
            amount: amount(&format!("{}.00", place + 1)),
            currency,
            provider: ShortText::trusted(text.clone()),
            transaction_reference: ShortText::trusted(format!("T{place}")),
            processed_at: at(place),
            refunded_amount: amount(&format!("{place}.10")),
        };
        let payment = fixture.put_trade(&ctx, payment).await.id;
        let refund = Refund {
            payment: Link::to(Some(payment)),
            amount: amount(&format!("{}.10", place + 1)),
            currency,
            reason: LongText::trusted(text.clone()),
            refunded_at: at(place),
        };
        fixture.put_trade(&ctx, refund).await;
        let parts = vec![(lines[usize::try_from(place).expect("small")].id.raw(), 1)];
        let shipment = Shipment {
            order: Link::to(Some(order)),
            carrier: ShortText::trusted(text.clone()),
            tracking_number: ShortText::trusted(format!("T{place}")),
            shipped_at: if is_issued { at(3) } else { Moment(None) },
            delivered_at: if is_issued { at(4) } else { Moment(None) },
            status: Choice::trusted(if is_issued { "delivered" } else { "pending" }),
            lines: ShippedParts::stored(parts.clone()),
        };
        let mut work = fixture.trading(&ctx).await;
        let row = work.shipments().insert(shipment, fixture.later()).await.expect("it is stored");
        work.insert_parts(row.id, &parts).await.expect("they are stored");
        work.commit().await.expect("a commit");
        let rate = ExchangeRate {
            base: currency,
            quote: CurrencyCode::trusted("JPY"),
            date: Date(Some(date(2026, 3, 1 + i8::try_from(place).expect("small")))),
            rate: Rate::stored(10_000_000_000 + place),
        };
        fixture.put_trade(&ctx, rate).await;
    }
    ctx
}

/// Every filter and every order of the lists of trade gives what the rows say.
pub async fn every_filter_and_order_of_trade_holds(fixture: &Fixture) {
    let ctx = traded(fixture).await;
    check_list(async |query| fixture.traded_rows::<Order>(&ctx, query).await).await;
    check_list(async |query| fixture.traded_rows::<OrderLine>(&ctx, query).await).await;
    check_list(async |query| fixture.traded_rows::<Invoice>(&ctx, query).await).await;
    check_list(async |query| fixture.traded_rows::<CreditNote>(&ctx, query).await).await;
    check_list(async |query| fixture.traded_rows::<Payment>(&ctx, query).await).await;
    check_list(async |query| fixture.traded_rows::<Refund>(&ctx, query).await).await;
    check_list(async |query| fixture.traded_rows::<Shipment>(&ctx, query).await).await;
    check_list(async |query| fixture.traded_rows::<ExchangeRate>(&ctx, query).await).await;
    check_list(async |query| fixture.sales_rows::<Activity>(&ctx, query).await).await;
    check_list(async |query| fixture.sales_rows::<Note>(&ctx, query).await).await;
    check_list(async |query| fixture.sales_rows::<Attachment>(&ctx, query).await).await;
    check_list(async |query| fixture.sales_rows::<StageChange>(&ctx, query).await).await;
}
