//! Order, and walking a list by cursors.

use std::cmp::Ordering;

use domain_kernel::query::{ListQuery, OrderBy, Window, orderable};
use domain_kernel::{Cursor, OpContext, RECORD_FIELDS, Record, Value, sort_key};
use domain_sales::{Company, Contact, DealStage, Lead, Opportunity, Pipeline};

use super::steps::{asked, ids, whole};
use super::{Fixture, Sampled};
use crate::builders::company;

/// The order by one field and then by id.
fn by<T: Sampled>(step: OrderBy) -> ListQuery {
    let mut ordering = vec![step];
    if step.field.name != "id" {
        ordering.push(OrderBy { field: &RECORD_FIELDS[0], descending: false });
    }
    ListQuery { ordering, ..ListQuery::all::<T>() }
}

/// Every order by one field.
fn orders<T: Sampled>() -> impl Iterator<Item = ListQuery> {
    orderable::<T>()
        .flat_map(|field| [false, true].map(|descending| by::<T>(OrderBy { field, descending })))
}

/// The rows in the order of one field, told once more than in the fake.
fn sorted<T: Sampled>(rows: &[Record<T>], step: &OrderBy) -> Vec<i64> {
    let mut rows: Vec<_> = rows.iter().map(|row| (sort_key(row, step), row.id.raw())).collect();
    rows.sort_by(|(one, one_id), (two, two_id)| {
        let nulls = (*one == Value::Null).cmp(&(*two == Value::Null));
        let values = match (one, two) {
            (Value::Integer(one), Value::Integer(two)) => one.cmp(two),
            (Value::Text(one), Value::Text(two)) => one.as_bytes().cmp(two.as_bytes()),
            (Value::Timestamp(one), Value::Timestamp(two)) => one.cmp(two),
            (Value::Flag(one), Value::Flag(two)) => one.cmp(two),
            (Value::Date(one), Value::Date(two)) => one.cmp(two),
            _ => Ordering::Equal,
        };
        let values = if step.descending { values.reverse() } else { values };
        nulls.then(values).then(one_id.cmp(two_id))
    });
    rows.into_iter().map(|(_, id)| id).collect()
}

async fn check_orders<T: Sampled>(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let rows = fixture.populate::<T>(&ctx).await;
    for deleted in [false, true] {
        let rows: Vec<_> =
            rows.iter().filter(|row| row.deleted_at.is_some() == deleted).cloned().collect();
        assert!(rows.len() > 2, "there are samples");
        for query in orders::<T>() {
            let query = whole(ListQuery { deleted, ..query });
            let listed = ids(&fixture.list::<T>(&ctx, &query).await.records);
            let step = query.ordering[0];
            assert_eq!(
                listed,
                sorted(&rows, &step),
                "the order by {} (descending: {}) is that of its folded text, bytewise, with \
                 nothing last and then by id",
                step.field.name,
                step.descending
            );
        }
    }
}

/// Companies are ordered by every field either way.
pub async fn companies_are_ordered_by_every_field_either_way(fixture: &Fixture) {
    check_orders::<Company>(fixture).await;
}

/// Contacts are ordered by every field either way.
pub async fn contacts_are_ordered_by_every_field_either_way(fixture: &Fixture) {
    check_orders::<Contact>(fixture).await;
}

/// Leads, pipelines, their stages and deals are ordered by every field either way.
pub async fn leads_and_deals_are_ordered_by_every_field_either_way(fixture: &Fixture) {
    check_orders::<Lead>(fixture).await;
    check_orders::<Pipeline>(fixture).await;
    check_orders::<DealStage>(fixture).await;
    check_orders::<Opportunity>(fixture).await;
}

/// Deleted rows are ordered by when they were deleted.
pub async fn deleted_rows_are_ordered_by_when_they_were_deleted(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut rows = Vec::new();
    for name in ["a", "b", "c"] {
        rows.push(fixture.insert(&ctx, company(name)).await);
    }
    for place in [1, 0, 2] {
        fixture.later();
        fixture.delete(&ctx, &rows[place]).await;
    }
    let parameters = [("deleted", "true"), ("ordering", "-deleted_at")];
    let listed = fixture.listed::<Company>(&ctx, &parameters).await;
    assert_eq!(listed, [rows[2].id, rows[0].id, rows[1].id], "what was deleted last comes first");
}

/// Walks a list from its beginning to its end and back, `size` rows at a time.
async fn walk<T: Sampled>(fixture: &Fixture, ctx: &OpContext, query: &ListQuery, size: i64) {
    let expected = ids(&fixture.list::<T>(ctx, &whole(query.clone())).await.records);
    let described = || {
        let step = query.ordering[0];
        format!("by {} (descending: {}), {size} at a time", step.field.name, step.descending)
    };
    let at = |cursor: Option<Cursor>| {
        // Through its text, as a client sends it back.
        let text = cursor.map_or(String::new(), |cursor| cursor.encode(&query.ordering));
        let from = Cursor::decode(&text, &query.ordering).expect("one of ours");
        ListQuery { window: Window::Keyset { from, size }, ..query.clone() }
    };
    let full = usize::try_from(size).expect("a few");
    let mut listing = fixture.list::<T>(ctx, &at(None)).await;
    let mut forth = Vec::new();
    loop {
        forth.extend(ids(&listing.records));
        let Some(last) = listing.records.last().filter(|_| listing.more) else { break };
        assert_eq!(listing.records.len(), full, "a page with more behind it is full");
        listing =
            fixture.list::<T>(ctx, &at(Some(Cursor::beside(last, &query.ordering, false)))).await;
    }
    assert_eq!(forth, expected, "walking on visits the pages' order {}", described());
    let mut back = Vec::new();
    let mut page = listing.records;
    loop {
        back.splice(0..0, ids(&page));
        let Some(first) = page.first() else { break };
        let cursor = Cursor::beside(first, &query.ordering, true);
        let before = fixture.list::<T>(ctx, &at(Some(cursor))).await;
        let left = expected.len() - back.len();
        assert_eq!(before.more, left > full, "going back tells of rows before {}", described());
        page = before.records;
    }
    assert_eq!(back, expected, "walking back visits the pages' order {}", described());
}

async fn walk_all<T: Sampled>(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    fixture.populate::<T>(&ctx).await;
    for query in orders::<T>() {
        walk::<T>(fixture, &ctx, &query, 3).await;
    }
    let deleted = ListQuery { deleted: true, ..asked::<T>(&[("ordering", "deleted_at")]) };
    for size in [1, 2, 100] {
        walk::<T>(fixture, &ctx, &deleted, size).await;
        let several = asked::<T>(&[("ordering", "-updated_at,version,-id")]);
        walk::<T>(fixture, &ctx, &several, size).await;
    }
}

/// Deals are walked in the order of their pages, forth and back.
pub async fn deals_are_walked_in_the_order_of_their_pages(fixture: &Fixture) {
    walk_all::<Opportunity>(fixture).await;
}

/// Companies are walked in the order of their pages, forth and back.
pub async fn companies_are_walked_in_the_order_of_their_pages(fixture: &Fixture) {
    walk_all::<Company>(fixture).await;
}

/// Contacts are walked in the order of their pages, forth and back.
pub async fn contacts_are_walked_in_the_order_of_their_pages(fixture: &Fixture) {
    walk_all::<Contact>(fixture).await;
}

/// A walk goes on from where a row was, though it is gone or others came.
pub async fn a_walk_goes_on_from_where_a_row_was(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut rows = Vec::new();
    for name in ["a", "c", "e"] {
        rows.push(fixture.insert(&ctx, company(name)).await);
    }
    let query = asked::<Company>(&[("ordering", "name")]);
    let beside = |backwards| Some(Cursor::beside(&rows[1], &query.ordering, backwards));
    fixture.delete(&ctx, &rows[1]).await;
    let before = fixture.insert(&ctx, company("b")).await;
    let after = fixture.insert(&ctx, company("d")).await;
    for (backwards, expected) in [(false, [after.id, rows[2].id]), (true, [rows[0].id, before.id])]
    {
        let window = Window::Keyset { from: beside(backwards), size: 5 };
        let listing = fixture.list::<Company>(&ctx, &ListQuery { window, ..query.clone() }).await;
        let found: Vec<_> = listing.records.iter().map(|row| row.id).collect();
        assert_eq!(found, expected, "a walk goes on beside a row that is gone");
        assert!(!listing.more, "and ends at the end");
    }
}
