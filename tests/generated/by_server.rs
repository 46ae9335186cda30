//! Rows of resources that no request makes: what the server does when it makes one, or one that
//! it has made already.

use domain_kernel::{Actor, Id, NewJob, OpContext, TenantId};
use serde_json::json;
use system_tests::TestApp;

use crate::world::Workspace;

/// A row of a workspace, with its word; as good as a new one.
pub(crate) async fn make(app: &TestApp, home: &Workspace, resource: &str) -> i64 {
    match resource {
        "jobs" => job(app, home).await,
        // It writes them all the time: the last one.
        _ => {
            let path = format!("/api/{resource}/?ordering=-id");
            let rows = home.client.get(&path).await.expect(200);
            rows["results"][0]["id"].as_i64().expect("a row")
        }
    }
}

/// Marks a row as deleted, as no request can, where rows can be.
pub(crate) async fn delete(app: &TestApp, resource: &str, id: i64) {
    if resource != "jobs" {
        return;
    }
    app.database
        .execute(&format!("UPDATE {resource} SET deleted_at = updated_at WHERE id = {id}"))
        .await;
}

/// A job that the founder has started.
async fn job(app: &TestApp, home: &Workspace) -> i64 {
    let tenant = TenantId::new(home.id);
    let actor = Actor::Member(Id::new(home.person));
    let ctx = OpContext { actor, ..OpContext::system(tenant, home.word) };
    let kind = format!("test.{}", home.word);
    let job = NewJob {
        kind,
        payload: json!({ "word": home.word }),
        priority: domain_kernel::Priority::Normal,
        run_at: app.application.clock.now(),
        unique_key: None,
        max_attempts: 3,
        tenant,
        person: ctx.actor.person(),
        request_id: ctx.request_id.clone(),
    };
    let mut work = app.application.database.sales().begin_write(&ctx).await.expect("a unit");
    let id = work.enqueue(job).await.expect("it is enqueued");
    work.commit().await.expect("a commit");
    id.raw()
}
