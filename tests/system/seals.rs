//! The trail is append-only, and its chain tells what was changed behind the server's back.

use domain_accounts::{TrailFault, TrailReport};
use domain_kernel::TenantId;
use futures_util::future::join_all;
use serde_json::json;
use system_tests::{Backend, Client, TestApp, on_both_databases};

async fn workspace(client: &Client) -> TenantId {
    let profile = client.get("/api/auth/profile/").await.expect(200);
    TenantId::new(profile["organization"]["id"].as_i64().expect("an id"))
}

async fn seal(app: &TestApp) -> usize {
    app.application.accounts.seal_trails().await.expect("they are sealed")
}

async fn verify(app: &TestApp, tenant: TenantId) -> TrailReport {
    app.application.accounts.verify_trail(tenant, None).await.expect("a report")
}

/// Changes rows as only who owns the database can, past every constraint.
async fn behind_its_back(app: &TestApp, sql: &str) {
    let sql = match app.database.backend {
        Backend::Sqlite => sql.to_owned(),
        Backend::Postgres => format!("SET session_replication_role = replica; {sql}"),
    };
    app.database.execute(&sql).await;
}

/// The entries of a workspace.
async fn entries(app: &TestApp, tenant: TenantId) -> Vec<i64> {
    let sql = format!("SELECT id FROM audit_entries WHERE organization_id = {tenant} ORDER BY id");
    let rows = app.database.query(&sql).await;
    rows.iter().map(|row| row["id"].as_i64().expect("an id")).collect()
}

/// A workspace with a sealed trail: some entries and their ids.
async fn sealed(app: &TestApp) -> (TenantId, Vec<i64>) {
    let ada = app.register("ada").await;
    for number in 0..6 {
        ada.post("/api/companies/", json!({"name": format!("Acme {number}")})).await.expect(201);
    }
    let tenant = workspace(&ada).await;
    seal(app).await;
    let entries = entries(app, tenant).await;
    assert!(entries.len() > 6, "{entries:?}");
    (tenant, entries)
}

on_both_databases!(what_was_committed_is_sealed_once, async |app: TestApp| {
    let (ada, bea) = (app.register("ada").await, app.register("bea").await);
    let create = async |client: &Client, number: usize| {
        client.post("/api/companies/", json!({"name": format!("Acme {number}")})).await.expect(201)
    };
    // The sealer works while others write.
    let writers =
        join_all((0..40).map(|number| create(if number % 2 == 0 { &ada } else { &bea }, number)));
    let sealer = async {
        for _ in 0..5 {
            seal(&app).await;
        }
    };
    tokio::join!(writers, sealer);
    seal(&app).await;
    assert_eq!(seal(&app).await, 0, "there is nothing left");
    for client in [&ada, &bea] {
        let tenant = workspace(client).await;
        let report = verify(&app, tenant).await;
        let all = i64::try_from(entries(&app, tenant).await.len()).expect("few");
        assert_eq!((report.sealed, report.unsealed), (all, 0));
        assert_eq!(report.faults, []);
        assert_eq!(report.head.expect("a head").position, all);
    }
    create(&ada, 99).await;
    let report = verify(&app, workspace(&ada).await).await;
    assert_eq!(report.unsealed, 1, "what is newer waits for its turn");
});

on_both_databases!(an_altered_entry_is_named, async |app: TestApp| {
    let (tenant, entries) = sealed(&app).await;
    let victim = entries[3];
    for change in
        ["action = 'company.deleted'", "request_id = 'x'", "user_id = NULL", "entity_id = 5"]
    {
        let before = format!(
            "SELECT action, request_id, user_id, entity_id FROM audit_entries WHERE id = {victim}"
        );
        let before = &app.database.query(&before).await[0];
        let altered = format!("UPDATE audit_entries SET {change} WHERE id = {victim}");
        behind_its_back(&app, &altered).await;
        let report = verify(&app, tenant).await;
        assert_eq!(report.faults, [TrailFault::Altered { entry: victim }], "{change}");
        let back = format!(
            "UPDATE audit_entries SET action = '{}', request_id = '{}', user_id = {}, entity_id = {}
             WHERE id = {victim}",
            before["action"].as_str().expect("text"),
            before["request_id"].as_str().expect("text"),
            before["user_id"],
            before["entity_id"],
        );
        behind_its_back(&app, &back).await;
        assert_eq!(verify(&app, tenant).await.faults, [], "{change} taken back");
    }
});

on_both_databases!(a_removed_entry_is_named, async |app: TestApp| {
    let (tenant, entries) = sealed(&app).await;
    let gone = entries[2];
    behind_its_back(&app, &format!("DELETE FROM audit_entries WHERE id = {gone}")).await;
    assert_eq!(verify(&app, tenant).await.faults, [TrailFault::Missing { entry: gone }]);
});

on_both_databases!(an_altered_chain_is_found, async |app: TestApp| {
    let (tenant, entries) = sealed(&app).await;
    // Both at once, as somebody would who knows that there are seals.
    let (gone, next) = (entries[2], entries[3]);
    let remove = format!(
        "DELETE FROM audit_seals WHERE entry_id = {gone}; DELETE FROM audit_entries WHERE id = {gone}"
    );
    behind_its_back(&app, &remove).await;
    let faults = verify(&app, tenant).await.faults;
    assert_eq!(faults, [TrailFault::Broken { position: 4, entry: next }]);
});

on_both_databases!(a_chain_made_anew_is_told_by_its_head, async |app: TestApp| {
    let (tenant, entries) = sealed(&app).await;
    let accounts = &app.application.accounts;
    let head = verify(&app, tenant).await.head.expect("a head");
    let ada = app.sign_in("ada@example.com", system_tests::PASSWORD).await;
    ada.post("/api/companies/", json!({"name": "Later"})).await.expect(201);
    seal(&app).await;
    let later = accounts.verify_trail(tenant, Some(&head)).await.expect("a report");
    assert_eq!(later.faults, [], "a longer chain goes through the head that it had");
    let forged = format!(
        "UPDATE audit_entries SET action = 'company.deleted' WHERE id = {};
         DELETE FROM audit_seals WHERE organization_id = {tenant}",
        entries[0]
    );
    behind_its_back(&app, &forged).await;
    seal(&app).await;
    assert_eq!(verify(&app, tenant).await.faults, [], "the chain alone is whole");
    let told = accounts.verify_trail(tenant, Some(&head)).await.expect("a report");
    assert_eq!(told.faults, [TrailFault::Cut { position: head.position }], "its old head tells");
});
