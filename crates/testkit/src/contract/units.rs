//! Units of work.

use domain_kernel::journal::Verb;
use domain_kernel::{OpContext, Which};
use domain_sales::{Company, Contact, SalesWork};
use serde_json::json;

use super::steps::{insert, write};
use super::{AuditRow, Fixture, asked};
use crate::builders::{company, contact, employee};

async fn count(work: &mut dyn SalesWork) -> Option<i64> {
    work.companies().list(&asked::<Company>(&[])).await.expect("a list").total
}

/// A unit sees what it wrote.
pub async fn a_unit_sees_what_it_wrote(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut work = fixture.writing(&ctx).await;
    let row = insert(&mut *work, company("Acme"), fixture.now()).await;
    let found = work.companies().find(&[row.id], Which::Live).await.expect("a look-up");
    assert_eq!(found, std::slice::from_ref(&row), "a unit finds what it inserted");
    let next = write(&mut *work, row.rewritten(company("Acme Ltd"), fixture.now())).await;
    let found = work.companies().find(&[row.id], Which::Live).await.expect("a look-up");
    assert_eq!(found, [next], "a unit finds what it updated");
    let ids = work.existing("companies", &[row.id.raw()]).await.expect("a look-up");
    assert_eq!(ids.len(), 1, "what it inserted exists");
    let ada = insert(&mut *work, employee("Ada", "", row.id), fixture.now()).await;
    assert_eq!(ada.data.company.shown(), Some(row.id), "and can be linked to");
}

/// Others see it only after the commit.
pub async fn others_see_it_only_after_the_commit(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let old = fixture.insert(&ctx, company("Old")).await;
    let mut work = fixture.writing(&ctx).await;
    let row = insert(&mut *work, company("Acme"), fixture.now()).await;
    let new = write(&mut *work, old.rewritten(company("New"), fixture.now())).await;
    work.journal(fixture.entry(&ctx, Verb::Created, &row));
    let both = [old.id, row.id];
    let found = fixture.find_all(&ctx, &both, Which::Any).await;
    assert_eq!(found, [old], "what is not committed is not seen by others");
    assert!(fixture.backdoor.events(ctx.tenant).await.is_empty(), "neither are its events");
    work.commit().await.expect("a commit");
    let found = fixture.find_all(&ctx, &both, Which::Any).await;
    assert_eq!(found, [new, row], "what is committed is");
    assert_eq!(fixture.backdoor.events(ctx.tenant).await.len(), 1, "so are its events");
}

/// Writes and leaves without a commit.
async fn write_and_drop(fixture: &Fixture, ctx: &OpContext) {
    let mut work = fixture.writing(ctx).await;
    let row = insert(&mut *work, company("Lost"), fixture.now()).await;
    let next = write(&mut *work, row.rewritten(company("Lost, too"), fixture.now())).await;
    work.journal(fixture.entry(ctx, Verb::Created, &row));
    work.journal(fixture.entry(ctx, Verb::Updated, &next));
}

/// A dropped unit leaves no row, and what it changed is as before.
pub async fn a_dropped_unit_leaves_no_row(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let old = fixture.insert(&ctx, company("Old")).await;
    let mut work = fixture.writing(&ctx).await;
    insert(&mut *work, company("Lost"), fixture.now()).await;
    write(&mut *work, old.rewritten(company("Lost"), fixture.now())).await;
    drop(work);
    let listing = fixture.list::<Company>(&ctx, &asked::<Company>(&[])).await;
    assert_eq!(listing.records, [old], "a dropped unit changes nothing");
}

/// A dropped unit leaves no journal.
pub async fn a_dropped_unit_leaves_no_journal(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    write_and_drop(fixture, &ctx).await;
    assert!(fixture.backdoor.events(ctx.tenant).await.is_empty(), "it leaves no event");
    assert!(fixture.backdoor.audit(ctx.tenant).await.is_empty(), "it leaves no audit entry");
}

/// A dropped unit leaves no lock: others write soon, also what it wrote.
pub async fn a_dropped_unit_leaves_no_lock(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut row = fixture.insert(&ctx, company("Acme")).await;
    for _ in 0..20 {
        let mut work = fixture.writing(&ctx).await;
        write(&mut *work, row.rewritten(company("Lost"), fixture.now())).await;
        drop(work);
        let next = fixture.rewrite(&ctx, &row, company("Kept"));
        let next = super::steps::soon("writing after a dropped unit", next).await;
        row = next.expect("the dropped unit did not raise the version");
    }
    for _ in 0..50 {
        drop(fixture.reading(&ctx).await);
    }
    assert_eq!(fixture.find(&ctx, row.id).await, Some(row), "and read");
}

/// A unit goes on after an update that came too late.
pub async fn a_unit_goes_on_after_an_update_that_came_too_late(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let old = fixture.insert(&ctx, company("Old")).await;
    fixture.rewrite(&ctx, &old, company("New")).await.expect("nobody else writes");
    let mut work = fixture.writing(&ctx).await;
    let late = old.rewritten(company("Late"), fixture.now());
    assert!(!work.companies().update(&late).await.expect("an update"), "it is too late");
    let row = insert(&mut *work, company("Next"), fixture.now()).await;
    work.commit().await.expect("a commit");
    assert_eq!(fixture.find(&ctx, row.id).await, Some(row), "the unit was usable");
}

/// A unit for reading sees one state.
pub async fn a_unit_for_reading_sees_one_state(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let row = fixture.insert(&ctx, company("Before")).await;
    let mut reading = fixture.reading(&ctx).await;
    assert_eq!(count(&mut *reading).await, Some(1));
    let after = fixture.rewrite(&ctx, &row, company("After")).await.expect("nobody else writes");
    fixture.insert(&ctx, company("Another")).await;
    fixture.insert(&ctx, contact("Ada", "Lovelace")).await;
    assert_eq!(count(&mut *reading).await, Some(1), "rows that came meanwhile are not seen");
    let found = reading.companies().find(&[row.id], Which::Live).await.expect("a look-up");
    assert_eq!(found, std::slice::from_ref(&row), "nor are changes");
    let contacts = reading.contacts().list(&asked::<Contact>(&[])).await.expect("a list");
    assert_eq!(contacts.total, Some(0), "nor are rows of other resources");
    reading.commit().await.expect("a commit");
    assert_eq!(fixture.find(&ctx, row.id).await, Some(after), "the next unit sees them");
}

/// Everything of a unit is committed together.
pub async fn everything_of_a_unit_is_committed_together(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = member.repeating("key", b"print");
    let mut work = fixture.writing(&ctx).await;
    let row = insert(&mut *work, company("Acme"), fixture.now()).await;
    let ada = insert(&mut *work, employee("Ada", "", row.id), fixture.now()).await;
    work.journal(fixture.entry(&ctx, Verb::Created, &row));
    work.journal(fixture.entry(&ctx, Verb::Created, &ada));
    work.remember(json!({ "done": true }));
    work.commit().await.expect("a commit");
    assert_eq!(fixture.find(&ctx, row.id).await, Some(row), "the first row is there");
    assert_eq!(fixture.find(&ctx, ada.id).await, Some(ada), "and the second");
    assert_eq!(fixture.backdoor.events(ctx.tenant).await.len(), 2, "and the events");
    assert_eq!(fixture.backdoor.audit(ctx.tenant).await.len(), 2, "and the audit entries");
    let mut work = fixture.writing(&ctx).await;
    assert!(work.remembered().await.expect("a look-up").is_some(), "and the outcome");
}

/// The journal is stored in full and in order.
pub async fn the_journal_is_stored_in_full_and_in_order(fixture: &Fixture) {
    let member = fixture.member().await;
    let system = OpContext::system(member.ctx.tenant, "a request of the system: ключ");
    let mut entries = Vec::new();
    for ctx in [&member.ctx, &system, &member.ctx] {
        let mut work = fixture.writing(ctx).await;
        let row = insert(&mut *work, company("Zürich 🦀"), fixture.now()).await;
        let next = write(&mut *work, row.rewritten(company(""), fixture.later())).await;
        for (verb, row) in [
            (Verb::Created, &row),
            (Verb::Updated, &next),
            (Verb::Deleted, &next),
            (Verb::Restored, &next),
        ] {
            let entry = fixture.entry(ctx, verb, row);
            work.journal(entry.clone());
            entries.push(entry);
        }
        work.commit().await.expect("a commit");
    }
    let envelopes: Vec<_> = entries.iter().map(|entry| entry.envelope()).collect();
    let events = fixture.backdoor.events(member.ctx.tenant).await;
    assert_eq!(events, envelopes, "events are stored as they are shown, in their order");
    let audited: Vec<_> = entries.iter().map(AuditRow::from).collect();
    let audit = fixture.backdoor.audit(member.ctx.tenant).await;
    assert_eq!(audit, audited, "audit entries are stored in their order");
}

/// What was done since a mark is undone alone: rows, their entries, and the lock of what was read to be
/// written. A later mark takes the place of the one before.
pub async fn what_was_done_since_a_mark_is_undone_alone(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut work = fixture.writing(&ctx).await;
    let before = insert(&mut *work, company("Before"), fixture.now()).await;
    work.journal(fixture.entry(&ctx, Verb::Created, &before));
    work.mark().await.expect("a mark");
    let kept = insert(&mut *work, company("Kept"), fixture.now()).await;
    work.journal(fixture.entry(&ctx, Verb::Created, &kept));
    for name in ["Undone", "Undone again"] {
        work.mark().await.expect("a mark");
        let undone = insert(&mut *work, company(name), fixture.now()).await;
        work.journal(fixture.entry(&ctx, Verb::Created, &undone));
        write(&mut *work, kept.rewritten(company("Changed"), fixture.now())).await;
        work.rewind().await.expect("back to the mark");
    }
    work.commit().await.expect("a commit");
    let all = fixture.list::<Company>(&ctx, &asked::<Company>(&[])).await.records;
    assert_eq!(all, [before, kept], "what was done before the mark stays as it was");
    assert_eq!(fixture.backdoor.events(ctx.tenant).await.len(), 2, "and so do its events");
}
