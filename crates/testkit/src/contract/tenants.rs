//! Workspaces do not see each other's rows.

use domain_kernel::query::{ListQuery, Window};
use domain_kernel::{Resource as _, Which};
use domain_sales::{Company, Contact};

use super::Fixture;
use super::steps::asked;
use crate::builders::{company, contact};

/// Rows of another workspace are not found.
pub async fn rows_of_another_workspace_are_not_found(fixture: &Fixture) {
    let (ours, theirs) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let own = fixture.insert(&ours, company("Ours")).await;
    let live = fixture.insert(&theirs, company("Theirs")).await;
    let gone = fixture.insert(&theirs, company("Theirs")).await;
    fixture.delete(&theirs, &gone).await;
    let ids = [own.id, live.id, gone.id];
    for which in [Which::Live, Which::Any] {
        let found = fixture.find_all(&ours, &ids, which).await;
        assert_eq!(found, std::slice::from_ref(&own), "find gives rows of the workspace only");
    }
}

/// Rows of another workspace are not listed, whatever is asked.
pub async fn rows_of_another_workspace_are_not_listed(fixture: &Fixture) {
    let (ours, theirs) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let own = fixture.insert(&ours, contact("Ada", "Lovelace")).await;
    let foreign = fixture.insert(&theirs, contact("Ada", "Lovelace")).await;
    let gone = fixture.insert(&theirs, contact("Ada", "Lovelace")).await;
    fixture.delete(&theirs, &gone).await;
    let id = foreign.id.to_string();
    for parameters in [
        &[][..],
        &[("search", "ada")],
        &[("search", "ada lovelace")],
        &[("first_name", "Ada")],
        &[("company", "null")],
        &[("ordering", "-last_name")],
        &[("deleted", "true")],
        &[("id", id.as_str())],
    ] {
        let query = asked::<Contact>(parameters);
        let page = fixture.list::<Contact>(&ours, &query).await;
        assert!(
            page.records.iter().all(|row| row.id == own.id),
            "a list has rows of the workspace only: {parameters:?}"
        );
        assert_eq!(page.total, Some(page.records.len() as i64), "and counts no others");
        let window = Window::Keyset { from: None, size: 10 };
        let listing = fixture.list::<Contact>(&ours, &ListQuery { window, ..query }).await;
        assert_eq!(listing.records, page.records, "so does a keyset page");
    }
}

/// Rows of another workspace do not exist.
pub async fn rows_of_another_workspace_do_not_exist(fixture: &Fixture) {
    let (ours, theirs) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let row = fixture.insert(&theirs, company("Theirs")).await;
    let found = fixture.existing(&ours, Company::NAME, &[row.id.raw()]).await;
    assert!(found.is_empty(), "another workspace's row does not exist here");
    let found = fixture.existing(&theirs, Company::NAME, &[row.id.raw()]).await;
    assert_eq!(found.len(), 1, "but there");
}

/// Rows of another workspace are not updated.
pub async fn rows_of_another_workspace_are_not_updated(fixture: &Fixture) {
    let (ours, theirs) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let row = fixture.insert(&theirs, company("Theirs")).await;
    let stolen = fixture.rewrite(&ours, &row, company("Stolen")).await;
    assert_eq!(stolen, None, "another workspace's row is not there to be updated");
    let mut claimed = row.rewritten(company("Claimed"), fixture.now());
    claimed.tenant = ours.tenant;
    assert!(!fixture.replace(&ours, &claimed).await, "though the record says that it is ours");
    assert_eq!(fixture.find(&theirs, row.id).await, Some(row), "it stays as it was");
}
