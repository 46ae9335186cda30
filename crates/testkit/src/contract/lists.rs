//! Lists: filters and pages.

use domain_kernel::field::{LongText, ShortText, WebAddress};
use domain_kernel::query::{Condition, ListQuery, Test, Window, filters};
use domain_kernel::{Kind, Record, Value};
use domain_sales::{Company, Contact, DealStage, Lead, Opportunity, Pipeline};
use jiff::{SignedDuration, Timestamp};

use super::steps::{asked, ids, whole};
use super::{Fixture, Sampled};
use crate::builders::{company, contact, employee};

pub use super::random_lists::lists_answer_any_question_as_the_memory_does;

/// A list leaves out the deleted or shows only them.
pub async fn a_list_leaves_out_the_deleted_or_shows_only_them(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let live = fixture.insert(&ctx, company("Live")).await;
    let gone = fixture.insert(&ctx, company("Gone")).await;
    let gone = fixture.delete(&ctx, &gone).await;
    let all = fixture.list::<Company>(&ctx, &ListQuery::all::<Company>()).await;
    assert_eq!(all.records, [live], "a list leaves out what is deleted");
    let query = ListQuery { deleted: true, ..ListQuery::all::<Company>() };
    let all = fixture.list::<Company>(&ctx, &query).await;
    assert_eq!(all.records, [gone], "or shows only that");
}

/// Every filter finds exactly the rows that match.
pub async fn every_filter_finds_exactly_the_rows_that_match(fixture: &Fixture) {
    check_filters::<Company>(fixture).await;
    check_filters::<Contact>(fixture).await;
    check_filters::<Lead>(fixture).await;
    check_filters::<Pipeline>(fixture).await;
    check_filters::<DealStage>(fixture).await;
    check_filters::<Opportunity>(fixture).await;
}

async fn check_filters<T: Sampled>(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let rows = fixture.populate::<T>(&ctx).await;
    for (name, field, test) in filters::<T>() {
        let mut values: Vec<Value> = Vec::new();
        for value in rows.iter().map(|row| row.value(field.name).unwrap_or(Value::Null)) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.push(match field.kind {
            Kind::Integer
            | Kind::Count
            | Kind::Money { .. }
            | Kind::Percent
            | Kind::Rate
            | Kind::Member
            | Kind::Target
            | Kind::Link { .. }
            | Kind::Key { .. } => Value::Integer(-1),
            Kind::Timestamp => Value::Timestamp(Timestamp::UNIX_EPOCH),
            Kind::Date => Value::Date(jiff::civil::date(1970, 1, 1)),
            _ => Value::Text("nobody has this".to_owned()),
        });
        // Nothing is at or after null; such a question has no meaning.
        values.retain(|value| test == Test::Equal || *value != Value::Null);
        for value in values {
            let condition = Condition { field, test, value };
            let expected: Vec<i64> = rows
                .iter()
                .filter(|row| row.deleted_at.is_none() && matches(&condition, row))
                .map(|row| row.id.raw())
                .collect();
            let conditions = vec![condition.clone()];
            let query = whole(ListQuery { conditions, ..ListQuery::all::<T>() });
            let found = ids(&fixture.list::<T>(&ctx, &query).await.records);
            assert_eq!(found, expected, "{name} finds the rows that match {condition:?}");
        }
    }
}

/// Whether a row meets a condition, told once more than in the fake.
fn matches<T: Sampled>(condition: &Condition, row: &Record<T>) -> bool {
    let actual = row.value(condition.field.name);
    match (condition.test, actual.as_ref(), &condition.value) {
        (Test::Equal, actual, wanted) => actual == Some(wanted),
        (Test::From, Some(Value::Timestamp(one)), Value::Timestamp(two)) => one >= two,
        (Test::Until, Some(Value::Timestamp(one)), Value::Timestamp(two)) => one <= two,
        (Test::From, Some(Value::Date(one)), Value::Date(two)) => one >= two,
        (Test::Until, Some(Value::Date(one)), Value::Date(two)) => one <= two,
        _ => false,
    }
}

/// Text is filtered as it is written; what folds to the same is found by searching.
pub async fn text_is_filtered_as_it_is_written(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let row = Company {
        website: WebAddress::trusted("https://example.com/Ä"),
        billing_address: LongText::trusted("Main Street"),
        ..company("Müller Straße")
    };
    let row = fixture.insert(&ctx, row).await;
    for (name, text, found) in [
        ("name", "Müller Straße", true),
        ("name", "müller straße", false),
        ("name", "Müller STRASSE", false),
        ("name", "Mu\u{308}ller Straße", false),
        ("name", "Müller", false),
        ("website", "https://example.com/Ä", true),
        ("website", "https://example.com/ä", false),
        ("billing_address", "Main Street", true),
        ("billing_address", "main street", false),
    ] {
        let expected = if found { vec![row.id] } else { vec![] };
        let listed = fixture.listed::<Company>(&ctx, &[(name, text)]).await;
        assert_eq!(listed, expected, "{name}={text} finds it: {found}");
    }
}

/// Filters take their text literally.
pub async fn filters_take_their_text_literally(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    for name in ["100%", "1000", "a_c", "abc", "\\", "\\\\", "' OR 1=1 --", "null", ""] {
        let row = fixture.insert(&ctx, company(name)).await;
        let listed = fixture.listed::<Company>(&ctx, &[("name", name)]).await;
        assert_eq!(listed, [row.id], "{name:?} finds only itself");
    }
    for pattern in ["%", "_", "*", ".*", "%%"] {
        let listed = fixture.listed::<Company>(&ctx, &[("name", pattern)]).await;
        assert_eq!(listed, [], "{pattern:?} is no pattern");
    }
}

/// From and until include their instant.
pub async fn from_and_until_include_their_instant(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut rows = Vec::new();
    for _ in 0..3 {
        fixture.clock.advance(SignedDuration::from_micros(1));
        rows.push(fixture.insert(&ctx, company("Acme")).await);
    }
    let middle = rows[1].created_at.to_string();
    for (parameter, expected) in [
        ("created_after", &rows[1..]),
        ("created_before", &rows[..2]),
        ("created_at", &rows[1..2]),
        ("updated_after", &rows[1..]),
        ("deleted_after", &[]),
        ("deleted_before", &[]),
    ] {
        let listed = fixture.listed::<Company>(&ctx, &[(parameter, &middle)]).await;
        let expected: Vec<_> = expected.iter().map(|row| row.id).collect();
        assert_eq!(listed, expected, "{parameter}={middle}");
    }
}

/// Null finds the rows without a value.
pub async fn null_finds_the_rows_without_a_value(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let employer = fixture.insert(&ctx, company("Acme")).await;
    fixture.insert(&ctx, employee("Ada", "Lovelace", employer.id)).await;
    let free = fixture.insert(&ctx, contact("Grace", "Hopper")).await;
    let listed = fixture.listed::<Contact>(&ctx, &[("company", "null")]).await;
    assert_eq!(listed, [free.id], "null finds who works nowhere");
    let listed = fixture.listed::<Contact>(&ctx, &[("deleted_at", "null")]).await;
    assert_eq!(listed.len(), 2, "null finds what is not deleted");
}

/// All conditions must hold.
pub async fn all_conditions_must_hold(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let employer = fixture.insert(&ctx, company("Acme")).await;
    let both = fixture.insert(&ctx, employee("Ada", "Lovelace", employer.id)).await;
    fixture.insert(&ctx, employee("Ada", "Byron", employer.id)).await;
    fixture.insert(&ctx, contact("Ada", "Lovelace")).await;
    let employer = employer.id.to_string();
    let parameters = [("last_name", "Lovelace"), ("company", employer.as_str())];
    let listed = fixture.listed::<Contact>(&ctx, &parameters).await;
    assert_eq!(listed, [both.id], "a row must meet all conditions");
}

/// A page tells the total and whether more follow.
pub async fn a_page_tells_the_total_and_whether_more_follow(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut all = Vec::new();
    for number in 0..7 {
        let industry = ShortText::trusted(if number < 5 { "toys" } else { "tools" });
        let row = Company { industry, ..company("Acme") };
        all.push(fixture.insert(&ctx, row).await.id.raw());
    }
    let gone = fixture.insert(&ctx, company("Gone")).await;
    fixture.delete(&ctx, &gone).await;
    for (parameters, total) in [(&[][..], 7), (&[("industry", "toys")][..], 5)] {
        for size in [1, 2, 5, 7, 8] {
            let (mut number, mut seen) = (0, Vec::new());
            loop {
                number += 1;
                let window = Window::Page { number, size };
                let query = ListQuery { window, ..asked::<Company>(parameters) };
                let page = fixture.list::<Company>(&ctx, &query).await;
                assert_eq!(page.total, Some(total), "a page tells how many rows match");
                seen.extend(ids(&page.records));
                let left = total - number * size;
                assert_eq!(
                    page.more,
                    left > 0,
                    "page {number} of {size} tells whether more follow"
                );
                if left <= 0 {
                    break;
                }
                assert_eq!(page.records.len() as i64, size, "a page with more behind it is full");
            }
            let expected = &all[..usize::try_from(total).expect("a few")];
            assert_eq!(seen, expected, "the pages together are the list");
        }
    }
    let window = Window::Keyset { from: None, size: 3 };
    let query = ListQuery { window, ..ListQuery::all::<Company>() };
    let listing = fixture.list::<Company>(&ctx, &query).await;
    assert_eq!(listing.total, None, "a keyset page counts nothing");
}

/// A page past the end is empty and tells the total.
pub async fn a_page_past_the_end_is_empty(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    fixture.insert(&ctx, company("Acme")).await;
    for number in [2, 3, 1 << 40] {
        let window = Window::Page { number, size: 200 };
        let query = ListQuery { window, ..ListQuery::all::<Company>() };
        let page = fixture.list::<Company>(&ctx, &query).await;
        assert_eq!(page.records, [], "a page past the end is empty");
        assert_eq!((page.total, page.more), (Some(1), false), "and tells the total");
    }
}
