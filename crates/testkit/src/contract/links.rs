//! Links between rows.

use domain_kernel::field::{Email, Link};
use domain_kernel::{Resource as _, Which};
use domain_sales::{Company, Contact};

use super::Fixture;
use super::steps::write;
use crate::builders::{company, contact, employee};

/// A link is hidden while its row is deleted, and back after its restore.
pub async fn a_link_is_hidden_while_its_row_is_deleted(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let employer = fixture.insert(&ctx, company("Acme")).await;
    let ada = fixture.insert(&ctx, employee("Ada", "Lovelace", employer.id)).await;
    let deleted = fixture.delete(&ctx, &employer).await;
    let found = fixture.find(&ctx, ada.id).await.expect("she stays");
    assert_eq!(found.data.company.shown(), None, "a link to a deleted row is not shown");
    assert_eq!(found.data.company.kept(), Some(employer.id), "but kept");
    assert_eq!(found.version, ada.version, "the row itself was not written");
    let listed = fixture.list::<Contact>(&ctx, &super::asked::<Contact>(&[])).await;
    assert_eq!(listed.records[0].data.company.shown(), None, "lists hide it as well");
    assert_eq!(listed.records[0].data.company.kept(), Some(employer.id), "and keep it");
    fixture.restore(&ctx, &deleted).await;
    let found = fixture.find(&ctx, ada.id).await.expect("she stays");
    assert_eq!(found.data.company.shown(), Some(employer.id), "it comes back with its row");

    let mut work = fixture.writing(&ctx).await;
    let current = Company::records(&mut *work).find(&[employer.id], Which::Live).await;
    let mut current = current.expect("a look-up").pop().expect("it is back");
    current = current.rewritten(current.data.clone(), fixture.now());
    current.deleted_at = Some(fixture.now());
    write(&mut *work, current).await;
    let found = work.contacts().find(&[ada.id], Which::Live).await.expect("a look-up");
    assert_eq!(found[0].data.company.shown(), None, "it is hidden within the same unit already");
}

/// Filters and order see a hidden link as null.
pub async fn filters_and_order_see_a_hidden_link_as_null(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let first = fixture.insert(&ctx, company("First")).await;
    let second = fixture.insert(&ctx, company("Second")).await;
    let hidden = fixture.insert(&ctx, employee("Ada", "", first.id)).await.id;
    let shown = fixture.insert(&ctx, employee("Grace", "", second.id)).await.id;
    let none = fixture.insert(&ctx, contact("Mary", "")).await.id;
    fixture.delete(&ctx, &first).await;
    let (first, second) = (first.id.to_string(), second.id.to_string());
    for (parameter, value, expected) in [
        ("company", first.as_str(), vec![]),
        ("company", &second, vec![shown]),
        ("company", "null", vec![hidden, none]),
        ("ordering", "company", vec![shown, hidden, none]),
        ("ordering", "-company", vec![shown, hidden, none]),
    ] {
        let listed = fixture.listed::<Contact>(&ctx, &[(parameter, value)]).await;
        assert_eq!(listed, expected, "{parameter}={value} sees a hidden link as null");
    }
}

/// A hidden link is kept by an update of other fields.
pub async fn a_hidden_link_is_kept_by_an_update_of_other_fields(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let employer = fixture.insert(&ctx, company("Acme")).await;
    let ada = fixture.insert(&ctx, employee("Ada", "Lovelace", employer.id)).await;
    let grace = fixture.insert(&ctx, employee("Grace", "Hopper", employer.id)).await;
    let employer = fixture.delete(&ctx, &employer).await;

    let current = fixture.find(&ctx, ada.id).await.expect("she stays");
    let data = Contact { email: Email::trusted("ada@example.com"), ..current.data.clone() };
    fixture.rewrite(&ctx, &current, data).await.expect("nobody else writes");
    let current = fixture.find(&ctx, grace.id).await.expect("she stays");
    let data = Contact { company: Link::to(None), ..current.data.clone() };
    fixture.rewrite(&ctx, &current, data).await.expect("nobody else writes");

    fixture.restore(&ctx, &employer).await;
    let found = fixture.find(&ctx, ada.id).await.expect("she stays");
    assert_eq!(found.data.company.shown(), Some(employer.id), "an update of other fields keeps it");
    let found = fixture.find(&ctx, grace.id).await.expect("she stays");
    assert_eq!(found.data.company.kept(), None, "an update of the link itself does not");
}

/// A link into another workspace is refused, and so is one to a row that never was.
pub async fn a_link_into_another_workspace_is_refused(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let foreign = fixture.insert(&other, company("Theirs")).await.id;
    for target in [foreign, domain_kernel::Id::new(1 << 50)] {
        let mut work = fixture.writing(&ctx).await;
        let made = work.contacts().insert(employee("Ada", "", target), fixture.now()).await;
        assert!(made.is_err(), "a link to no row of the workspace is not stored");
        drop(work);
        let ada = fixture.insert(&ctx, contact("Ada", "")).await;
        let next = ada.rewritten(employee("Ada", "", target), fixture.now());
        let mut work = fixture.writing(&ctx).await;
        let done = work.contacts().update(&next).await;
        assert!(done.is_err(), "nor by an update");
    }
}
