//! The end of a workspace.

use domain_accounts::AccountsWork;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Error, Result};
use domain_sales::Company;
use jiff::SignedDuration;

use super::Fixture;
use crate::builders::company;

/// A workspace ends with everything in it; others stay as they are.
pub async fn a_workspace_ends_with_everything_in_it(fixture: &Fixture) {
    let (gone, stays) = (fixture.member().await, fixture.member().await);
    let colleague = fixture.colleague(&gone, RoleSet::default()).await;
    for member in [&gone, &stays] {
        let mut work = fixture.writing(&member.ctx).await;
        work.companies().insert(company("Acme"), fixture.now()).await.expect("a company");
        work.commit().await.expect("a commit");
    }
    // Somebody belongs to both.
    let both = fixture.colleague(&stays, RoleSet::ADMIN).await.person.id;
    let mut work = fixture.changing().await;
    work.enter(gone.organization.id).await.expect("entering");
    work.insert_membership(both, RoleSet::ADMIN, fixture.now()).await.expect("a membership");
    work.commit().await.expect("a commit");
    let begun: Result<Box<dyn AccountsWork>> = fixture.accounts.begin_write(&gone.ctx).await;
    let mut work = begun.expect("a unit for writing");
    let removed = work.erase_workspace(fixture.now()).await.expect("it is erased");
    work.commit().await.expect("a commit");
    let counted = |table: &str| removed.get(table).copied().unwrap_or_default();
    assert_eq!(
        (counted("companies"), counted("memberships"), counted("people"), counted("organizations")),
        (1, 3, 2, 1),
        "{removed:?}"
    );
    let mut work = fixture.looking().await;
    assert_eq!(work.organization(gone.organization.id).await.expect("a look-up"), None);
    for person in [gone.person.id, colleague.person.id] {
        assert_eq!(
            work.person(person).await.expect("a look-up"),
            None,
            "they belonged nowhere else"
        );
    }
    assert!(work.person(both).await.expect("a look-up").is_some(), "they belong elsewhere, too");
    let everywhere = work.every_organization().await.expect("a list");
    assert!(!everywhere.contains(&gone.organization.id));
    drop(work);
    let query = domain_kernel::query::ListQuery::all::<Company>();
    assert_eq!(fixture.list::<Company>(&stays.ctx, &query).await.records.len(), 1);
    assert!(fixture.list::<Company>(&gone.ctx, &query).await.records.is_empty());
    assert_eq!(fixture.backdoor.events(gone.organization.id).await.len(), 0);
}

/// What is not committed ends nothing.
pub async fn an_end_that_is_not_committed_is_none(fixture: &Fixture) {
    let member = fixture.member().await;
    let begun: Result<Box<dyn AccountsWork>> = fixture.accounts.begin_write(&member.ctx).await;
    let mut work = begun.expect("a unit for writing");
    work.erase_workspace(fixture.now()).await.expect("it is erased");
    drop(work);
    fixture.clock.advance(SignedDuration::from_secs(1));
    let mut work = fixture.looking().await;
    assert!(work.organization(member.organization.id).await.expect("a look-up").is_some());
    assert!(work.person(member.person.id).await.expect("a look-up").is_some());
}

/// Only within a workspace.
pub async fn a_unit_in_no_workspace_ends_none(fixture: &Fixture) {
    let mut work = fixture.changing().await;
    let refused = work.erase_workspace(fixture.now()).await.err();
    assert!(matches!(refused, Some(Error::Internal(_))), "{refused:?}");
}
