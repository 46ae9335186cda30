//! Single rows: inserting, finding, updating, deleting.

use std::collections::BTreeSet;

use domain_kernel::field::{Email, Json, Link, LongText, Phone, ShortText, WebAddress};
use domain_kernel::{Error, Id, OpContext, Record, Resource as _, Which};
use domain_sales::{Company, Contact, SalesStore};
use jiff::Timestamp;
use serde_json::json;

use super::Fixture;
use super::steps::ids;
use crate::builders::{company, contact};

/// Text that databases and drivers have been known to change.
fn awkward_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "  spaces at both ends  ",
        "tab\tand\r\nlines\n",
        "quotes ' \" ` and \\ backslashes \\\\",
        "wildcards % _ * ? [a-z]",
        "$1 ?1 :name {} %s",
        "Zu\u{308}rich and Zürich",
        "ΣΊΣΥΦΟΣ σίσυφος",
        "Иванов",
        "שלום \u{202E}abc\u{202C}",
        "東京都",
        "👩‍👩‍👧‍👦 🦀",
        "\u{FEFF}byte order mark",
        "\u{1}\u{7F}\u{80}\u{FFFF}\u{10FFFF}",
        "007",
        "1e5",
        "null",
        "true",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("🦀".repeat(128));
    texts
}

/// JSON whose parts databases have been known to change.
fn awkward_json() -> Json {
    Json(json!({
        "": [], "ключ": {"nested": [null, true, false, {}]},
        "z first, a last": 1, "a": [0, -1, i64::MAX, i64::MIN, u64::MAX, 0.1, -2.5e-7],
        "text": ["", " ", "\"\\/\u{8}\n", "🦀", "\u{FFFF}"],
    }))
}

fn companies() -> impl Iterator<Item = Company> {
    awkward_texts().into_iter().enumerate().map(|(place, text)| Company {
        industry: ShortText::trusted(text.clone()),
        website: WebAddress::trusted("https://example.com/?q=%20#ü"),
        billing_address: LongText::trusted(text.repeat(if place % 2 == 0 { 1 } else { 1_000 })),
        shipping_address: LongText::trusted(""),
        ..company(&text)
    })
}

fn contacts(company: Id<Company>) -> impl Iterator<Item = Contact> {
    awkward_texts().into_iter().map(move |text| Contact {
        company: Link::to(Some(company)),
        email: Email::trusted("Ada.Lovelace+crm@Example.COM"),
        phone_number: Phone::trusted("+44 (0)20 7946 0000 ext. 1"),
        tags: awkward_json(),
        ..contact(&text, &text)
    })
}

/// What is inserted is found as it was.
pub async fn what_is_inserted_is_found_as_it_was(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut employer = None;
    for data in companies() {
        let made = fixture.insert(&ctx, data.clone()).await;
        let found = fixture.find(&ctx, made.id).await;
        assert_eq!(made.data, data, "an insert gives the row as it was handed in");
        assert_eq!(found.as_ref(), Some(&made), "a company is found as it was inserted");
        employer = Some(made.id);
    }
    let employer = employer.expect("there are samples");
    let unset = Contact::default();
    for data in contacts(employer).chain([unset]) {
        let made = fixture.insert(&ctx, data.clone()).await;
        let found = fixture.find(&ctx, made.id).await.expect("the contact is found");
        assert_eq!(made.data, data, "an insert gives the row as it was handed in");
        assert_eq!(found, made, "a contact is found as it was inserted");
        assert_eq!(found.data.company.shown(), data.company.kept(), "with its link shown");
        let newest = super::asked::<Contact>(&[("ordering", "-id")]);
        let listed = fixture.list::<Contact>(&ctx, &newest).await;
        assert_eq!(listed.records.first(), Some(&made), "a list shows the same row");
    }
}

/// What is updated is found as it was.
pub async fn what_is_updated_is_found_as_it_was(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let employer = fixture.insert(&ctx, company("Acme")).await;
    let mut current = fixture.insert(&ctx, contact("Ada", "Lovelace")).await;
    for data in contacts(employer.id).chain([Contact::default()]) {
        let created_at = current.created_at;
        fixture.later();
        current = fixture.rewrite(&ctx, &current, data).await.expect("nobody else writes");
        let found = fixture.find(&ctx, current.id).await;
        assert_eq!(found.as_ref(), Some(&current), "a row is found as it was updated");
        assert_eq!(current.created_at, created_at, "when it was created stays");
    }
    let mut current = employer;
    for data in companies() {
        current = fixture.rewrite(&ctx, &current, data).await.expect("nobody else writes");
        let found = fixture.find(&ctx, current.id).await;
        assert_eq!(found.as_ref(), Some(&current), "a row is found as it was updated");
    }
}

/// A new row has version one and an id of its own.
pub async fn a_new_row_has_version_one_and_an_id_of_its_own(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        let row = fixture.insert(&ctx, company("Same")).await;
        assert_eq!(row.version, 1, "a new row has version 1");
        assert_eq!(row.tenant, ctx.tenant, "a new row belongs to the workspace of the context");
        assert_eq!((row.created_at, row.updated_at), (fixture.now(), fixture.now()));
        assert_eq!(row.deleted_at, None, "a new row is not deleted");
        assert!((1..1 << 53).contains(&row.id.raw()), "an id is positive and below 2^53");
        assert!(seen.last() < Some(&row.id.raw()), "ids grow");
        assert!(seen.insert(row.id.raw()), "no id is given twice");
    }
}

/// Instants are kept to the microsecond.
pub async fn instants_are_kept_to_the_microsecond(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    for text in [
        "2026-01-15T12:00:00.123456Z",
        "2026-01-15T12:00:00.999999Z",
        "2026-01-15T12:00:00Z",
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00.000001Z",
        "9999-12-30T21:59:59.999999Z",
    ] {
        let at: Timestamp = text.parse().expect("an instant");
        fixture.clock.set(at);
        let row = fixture.insert(&ctx, company("Acme")).await;
        let found = fixture.find(&ctx, row.id).await.expect("the row is found");
        assert_eq!((found.created_at, found.updated_at), (at, at), "an instant is kept");
        fixture.delete(&ctx, &row).await;
        let found = fixture.find_all(&ctx, &[row.id], Which::Any).await;
        assert_eq!(found[0].deleted_at, Some(at), "an instant is kept");
    }
}

/// Text that folds to more than a database's index entry may hold is stored all the same.
pub async fn text_that_folds_to_more_is_stored(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    // Each of these characters is a whole phrase when folded.
    let phrases = ['\u{FDFA}', '\u{FDFB}', '\u{FDF2}', '\u{33A5}', '\u{1F229}'];
    let name: String = phrases.iter().cycle().take(255).collect();
    let row = fixture.insert(&ctx, company(&name)).await;
    let found = fixture.listed::<Company>(&ctx, &[("name", &name)]).await;
    assert_eq!(found, [row.id], "a row is found by a name that folds to thousands of characters");
}

/// An update of an old version is refused.
pub async fn an_update_of_an_old_version_is_refused(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let read = fixture.insert(&ctx, company("Acme")).await;
    let first = fixture.rewrite(&ctx, &read, company("First")).await.expect("the first is stored");
    assert_eq!(first.version, 2, "each write raises the version");
    let second = fixture.rewrite(&ctx, &read, company("Second")).await;
    assert_eq!(second, None, "an update of a version that was overwritten is not stored");
    let ahead = Record { version: 9, ..first.clone() };
    assert!(!fixture.replace(&ctx, &ahead).await, "nor is one that skips versions");
    assert!(!fixture.replace(&ctx, &first).await, "nor is one of the same version");
    let unknown = Record { id: Id::new(first.id.raw() + 1_000), version: 2, ..first.clone() };
    assert!(!fixture.replace(&ctx, &unknown).await, "nor is one of a row that is not there");
    assert_eq!(fixture.find(&ctx, read.id).await, Some(first), "the first update stays");
}

/// Of several writers of one version each is heard: none overwrites another.
pub async fn of_several_writers_of_one_version_each_is_heard(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let row = fixture.insert(&ctx, company("")).await;
    let writer = |letter: char| {
        let (sales, ctx, id, now) = (fixture.sales.clone(), ctx.clone(), row.id, fixture.now());
        tokio::spawn(async move {
            for _ in 0..100 {
                match append(&*sales, &ctx, id, letter, now).await {
                    Ok(true) => return,
                    Ok(false) | Err(Error::Busy) => tokio::task::yield_now().await,
                    Err(error) => panic!("a writer that is too late may try again: {error}"),
                }
            }
            panic!("a writer gets its turn");
        })
    };
    let writers: Vec<_> = "abcdef".chars().map(writer).collect();
    for writer in writers {
        super::steps::soon("writing at once", writer).await.expect("a writer ends");
    }
    let found = fixture.find(&ctx, row.id).await.expect("the row is found");
    let mut letters: Vec<char> = found.data.name.chars().collect();
    letters.sort_unstable();
    assert_eq!(String::from_iter(letters), "abcdef", "every writer's change is kept");
    assert_eq!(found.version, 7, "every change raised the version once");
}

/// Appends a letter to a company's name.
async fn append(
    sales: &SalesStore,
    ctx: &OpContext,
    id: Id<Company>,
    letter: char,
    now: Timestamp,
) -> Result<bool, Error> {
    let mut work = sales.begin_write(ctx).await?;
    let current = work.companies().find(&[id], Which::Live).await?.pop().ok_or(Error::NotFound)?;
    let name = format!("{}{letter}", &*current.data.name);
    let done = work.companies().update(&current.rewritten(company(&name), now)).await?;
    if done {
        work.commit().await?;
    }
    Ok(done)
}

/// A deleted row is found only when asked for.
pub async fn a_deleted_row_is_found_only_when_asked_for(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let row = fixture.insert(&ctx, contact("Ada", "Lovelace")).await;
    let other = fixture.insert(&ctx, contact("Grace", "Hopper")).await;
    fixture.later();
    let deleted = fixture.delete(&ctx, &row).await;
    let both = [row.id, other.id];
    let live = fixture.find_all(&ctx, &both, Which::Live).await;
    assert_eq!(live, std::slice::from_ref(&other), "a deleted row is not found");
    let any = fixture.find_all(&ctx, &both, Which::Any).await;
    assert_eq!(any, [deleted, other], "unless it is asked for");
}

/// A restored row is found again.
pub async fn a_restored_row_is_found_again(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let row = fixture.insert(&ctx, contact("Ada", "Lovelace")).await;
    let deleted = fixture.delete(&ctx, &row).await;
    fixture.later();
    let restored = fixture.restore(&ctx, &deleted).await;
    assert_eq!(restored.version, 3, "deleting and restoring are writes");
    assert_eq!(fixture.find(&ctx, row.id).await, Some(restored), "a restored row is found again");
}

/// Find gives each row once and no others.
pub async fn find_gives_each_row_once_and_no_others(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let one = fixture.insert(&ctx, company("One")).await;
    let two = fixture.insert(&ctx, company("Two")).await;
    assert_eq!(fixture.find_all::<Company>(&ctx, &[], Which::Any).await, [], "no id, no row");
    let asked = [two.id, one.id, two.id, Id::new(0), Id::new(-1), Id::new(i64::MAX)];
    let found = fixture.find_all(&ctx, &asked, Which::Live).await;
    assert_eq!(found, [one, two.clone()], "an id that is named twice gives its row once");
    let many: Vec<_> = (0..1_000).map(|offset| Id::new(two.id.raw() + offset)).collect();
    assert_eq!(
        fixture.find_all(&ctx, &many, Which::Live).await,
        [two],
        "a thousand ids are no trouble"
    );
}

/// Existing names the live rows.
pub async fn existing_names_the_live_rows(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let one = fixture.insert(&ctx, company("One")).await;
    let two = fixture.insert(&ctx, company("Two")).await;
    let person = fixture.insert(&ctx, contact("Ada", "Lovelace")).await;
    fixture.delete(&ctx, &two).await;
    let asked = [one.id.raw(), one.id.raw(), two.id.raw(), 0, i64::MAX];
    let found = fixture.existing(&ctx, Company::NAME, &asked).await;
    assert_eq!(found, ids(&[one]).into_iter().collect(), "only live rows exist");
    let found = fixture.existing(&ctx, Contact::NAME, &[person.id.raw()]).await;
    assert_eq!(found.len(), 1, "each resource has rows of its own");
    assert!(fixture.existing(&ctx, Contact::NAME, &[]).await.is_empty(), "no id, no row");
    let mut work = fixture.reading(&ctx).await;
    assert!(
        work.existing("unicorns", &[1]).await.is_err(),
        "a resource that is not there is an error"
    );
}
