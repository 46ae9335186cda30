//! Many rows at once: stored together, found by many texts, and made by one at a time.

use std::sync::Arc;

use domain_catalog::Product;
use domain_kernel::field::{Email, Link, ShortText, Slug};
use domain_kernel::query::ListQuery;
use domain_kernel::{Record, Records, Resource, Which};
use domain_sales::{Company, Contact};
use jiff::SignedDuration;

use super::Fixture;
use super::catalog::{category, product};
use super::steps::{ids, insert};
use crate::builders::{company, contact};

/// More than any adapter puts into one statement.
const MANY: usize = 2_100;

/// Many rows that are stored together are found as they were handed in, in their order.
pub async fn many_rows_are_stored_in_their_order(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let employer = fixture.insert(&ctx, company("Acme")).await.id;
    let rows: Vec<Contact> = (0..MANY)
        .map(|number| Contact {
            company: Link::to((number % 2 == 0).then_some(employer)),
            email: Email::trusted(format!("{number}@example.com")),
            ..contact("Ada", &number.to_string())
        })
        .collect();
    let mut work = fixture.writing(&ctx).await;
    let made = stored(work.contacts(), rows, fixture).await;
    assert!(stored(work.contacts(), Vec::new(), fixture).await.is_empty(), "none is none");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.find_all(&ctx, &made, Which::Live).await.len(), MANY);
}

/// So are many products.
pub async fn many_products_are_stored_in_their_order(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let shelf = fixture.put_goods(&ctx, category("shelf", None)).await.id;
    let rows: Vec<Product> = (0..MANY)
        .map(|number| Product {
            // Shown by a look-up; what is stored is the link.
            category_name: domain_kernel::field::Word::trusted("shelf"),
            category_slug: Slug::trusted("shelf"),
            ..product(&format!("P{number}"), Some(shelf))
        })
        .collect();
    let mut work = fixture.writing_catalog(&ctx).await;
    stored(work.products(), rows, fixture).await;
    work.commit().await.expect("a commit");
}

/// Stores rows together and looks whether each is there as it was handed in.
async fn stored<T: Resource>(
    mut records: Box<dyn Records<T> + '_>,
    rows: Vec<T>,
    fixture: &Fixture,
) -> Vec<domain_kernel::Id<T>> {
    let made = records.insert_many(rows.clone(), fixture.now()).await.expect("they are stored");
    assert_eq!(made.len(), rows.len());
    let ids: Vec<_> = made.iter().map(|row| row.id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "ids grow with the rows");
    assert!(made.iter().all(|row| row.version == 1 && row.created_at == fixture.now()));
    let data: Vec<T> = made.into_iter().map(|row| row.data).collect();
    assert!(data == rows, "each is given as it was handed in");
    let mut found: Vec<Record<T>> = records.find(&ids, Which::Live).await.expect("a look-up");
    found.sort_by_key(|row| row.id);
    assert_eq!(found.len(), rows.len());
    for (found, row) in found.iter().zip(&rows) {
        assert_eq!(&found.data, row, "each is found under its id");
    }
    ids
}

/// Many rows that are stored anew together are written where nobody was faster, each with its answer.
pub async fn many_rows_are_stored_anew_together(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let rows: Vec<Contact> = (0..MANY).map(|number| contact("Ada", &number.to_string())).collect();
    let mut work = fixture.writing(&ctx).await;
    let made = work.contacts().insert_many(rows, fixture.now()).await.expect("they are stored");
    work.commit().await.expect("a commit");
    fixture.clock.advance(SignedDuration::from_secs(60));
    let renamed = |record: &Record<Contact>| {
        let data = Contact { first_name: ShortText::trusted("Grace"), ..record.data.clone() };
        record.rewritten(data, fixture.now())
    };
    let mut wanted: Vec<Record<Contact>> = made.iter().map(renamed).collect();
    // Of these another version is stored than the one before theirs.
    for late in [0, 1_000, MANY - 1] {
        wanted[late].version += 1;
    }
    let is_late = |place: usize| wanted[place].version == 3;
    let mut work = fixture.writing(&ctx).await;
    let written = work.contacts().update_many(&wanted).await.expect("they are written");
    assert!(work.contacts().update_many(&[]).await.expect("nothing").is_empty(), "none is none");
    work.commit().await.expect("a commit");
    assert_eq!(written.len(), MANY);
    assert!((0..MANY).all(|place| written[place] != is_late(place)), "each has its answer");
    let ids: Vec<_> = made.iter().map(|record| record.id).collect();
    let found = fixture.find_all(&ctx, &ids, Which::Live).await;
    assert_eq!(found.len(), MANY);
    for (place, found) in found.iter().enumerate() {
        let expected = if is_late(place) { &made[place] } else { &wanted[place] };
        assert_eq!(found, expected, "{place}");
    }
}

/// Several texts find the rows that have any of them, whatever its case, in order of id.
pub async fn several_texts_find_the_rows_that_have_any_of_them(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    fixture.insert(&other, company("Straße")).await;
    let first = fixture.insert(&ctx, company("zeta")).await;
    let gone = fixture.insert(&ctx, company("STRASSE")).await;
    fixture.delete(&ctx, &gone).await;
    let second = fixture.insert(&ctx, company("straße")).await;
    fixture.insert(&ctx, company("Strass")).await;
    let third = fixture.insert(&ctx, company("ZETA")).await;
    let asked = async |texts: &[&str]| {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        let query = ListQuery::alike::<Company>("name", texts).expect("a field of text");
        ids(&fixture.list::<Company>(&ctx, &query).await.records)
    };
    let expected = ids(&[first, second, third]);
    assert_eq!(asked(&["Zeta", "Strasse", "nobody"]).await, expected);
    assert!(asked(&["%", "_eta"]).await.is_empty(), "taken literally");
    assert!(asked(&[]).await.is_empty(), "none finds none");
    let mut many: Vec<String> = (0..5_000).map(|number| format!("No. {number}")).collect();
    many.push("zeta".to_owned());
    let query = ListQuery::alike::<Company>("name", many).expect("a field of text");
    assert_eq!(fixture.list::<Company>(&ctx, &query).await.records.len(), 2, "of many, too");
    // A slug is compared as it is written: it has no folded form.
    let kept = fixture.put_goods(&ctx, category("shelf", None)).await.id;
    for (slug, expected) in [("shelf", vec![kept]), ("SHELF", vec![])] {
        let query = ListQuery::alike::<domain_catalog::Category>("slug", vec![slug.to_owned()]);
        let mut work = fixture.writing_catalog(&ctx).await;
        let found = work.categories().list(&query.expect("a field of text")).await.expect("a list");
        let found: Vec<_> = found.records.iter().map(|row| row.id).collect();
        assert_eq!(found, expected, "{slug}");
    }
}

/// Contacts are found by first and last name together: of each name the first with an e-mail address,
/// and the first without.
pub async fn contacts_are_found_by_both_their_names(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let at = |first: &str, last: &str| Contact {
        email: Email::trusted("someone@example.com"),
        ..contact(first, last)
    };
    fixture.insert(&other, contact("Анна", "Иванова")).await;
    let gone = fixture.insert(&ctx, contact("Анна", "Иванова")).await;
    fixture.delete(&ctx, &gone).await;
    let mut anna = Vec::new();
    for row in [contact("анна", "ИВАНОВА"), at("Анна", "Иванова"), contact("Анна", "Иванова")]
    {
        anna.push(fixture.insert(&ctx, row).await.id);
    }
    fixture.insert(&ctx, contact("Анна", "Петрова")).await;
    let pyotr = fixture.insert(&ctx, contact("Пётр", "")).await.id;
    fixture.insert(&ctx, contact("Пётр", "Иванова")).await;
    let mut work = fixture.reading(&ctx).await;
    let name = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    let names = [name("АННА", "иванова"), name("пётр", ""), name("Nobody", "")];
    for (most, expected) in [
        (2, vec![anna[0], anna[1], anna[2], pyotr]),
        (1, vec![anna[0], anna[1], pyotr]),
        (0, vec![]),
    ] {
        let found = work.contacts_named(&names, most).await.expect("a look-up");
        assert_eq!(found, expected, "at most {most}");
    }
    assert!(work.contacts_named(&[], 1).await.expect("a look-up").is_empty());
}

/// Those who lock the customers take turns: what they look for first, they make once.
pub async fn those_who_lock_the_customers_take_turns(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let now = fixture.now();
    let attempts = (0..8).map(|_| {
        let (sales, ctx) = (Arc::clone(&fixture.sales), ctx.clone());
        tokio::spawn(async move {
            let mut work = sales.begin_write(&ctx).await.expect("a unit for writing");
            work.lock_customers().await.expect("the lock");
            let known = work.company_called("Acme").await.expect("a look-up").is_some();
            if !known {
                let made = Company { name: ShortText::trusted("Acme"), ..Company::default() };
                insert(&mut *work, made, now).await;
            }
            work.commit().await.expect("a commit");
            !known
        })
    });
    let mut made = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        made += usize::from(attempt.await.expect("no panic"));
    }
    assert_eq!(made, 1);
}
