//! Rows of resources that no request makes: what the server does when it makes one, or one that
//! it has made already.

use domain_kernel::{Actor, Id, NewJob, OpContext, TenantId};
use serde_json::{Value, json};
use system_tests::{Backend, TestApp};

use crate::world::Workspace;

/// The resources whose rows must be there before one of these is made.
pub(crate) fn needs(resource: &str) -> &'static [&'static str] {
    match resource {
        "opportunity-stage-changes" => &["deal-stages", "opportunities"],
        "credit-notes" | "refunds" => &["orders", "invoices", "payments"],
        _ => &[],
    }
}

/// A row of a workspace, with its word; as good as a new one.
pub(crate) async fn make(app: &TestApp, home: &Workspace, resource: &str) -> i64 {
    match resource {
        "jobs" => job(app, home).await,
        "subscription-plans" => 3,
        "plan-requests" => plan_request(app, home).await,
        "opportunity-stage-changes" => stage_change(home).await,
        "credit-notes" => credit_note(home).await,
        "refunds" => refund(home).await,
        "price-history" => price(home).await,
        "stock-movements" => movement(home).await,
        // It writes them all the time: the last one.
        _ => {
            let path = format!("/api/{resource}/?ordering=-id");
            let rows = home.client.get(&path).await.expect(200);
            rows["results"][0]["id"].as_i64().expect("a row")
        }
    }
}

/// A new variant.
async fn variant(home: &Workspace) -> Value {
    let variant = json!({ "name": home.word, "price": "12.50", "cost": "1.00" });
    let product = json!({ "name": home.word, "variants": [variant] });
    home.client.post("/api/products/", product).await.expect(201)["variants"][0].clone()
}

/// The price of a new variant.
async fn price(home: &Workspace) -> i64 {
    variant(home).await["price_history"][0]["id"].as_i64().expect("an id")
}

/// The receipt of a new lot.
async fn movement(home: &Workspace) -> i64 {
    let variant = variant(home).await["id"].clone();
    let lot = json!({
        "variant": variant, "quantity": 5, "received_at": "2026-01-31", "location": home.word,
    });
    let lot = home.client.post("/api/inventory-lots/", lot).await.expect(201)["id"].clone();
    let path = format!("/api/stock-movements/?lot={lot}");
    let rows = home.client.get(&path).await.expect(200);
    rows["results"][0]["id"].as_i64().expect("an id")
}

/// A new row; its id.
async fn posted(home: &Workspace, path: &str, body: Value) -> i64 {
    home.client.post(path, body).await.expect(201)["id"].as_i64().expect("an id")
}

/// An order with a line, of which nothing is shipped, and the line.
pub(crate) async fn order(home: &Workspace) -> (i64, i64) {
    let path = format!("/api/product-variants/{}/", home.live("product-variants"));
    let variant = home.client.get(&path).await.expect(200);
    let lines = json!([{ "product_variant": variant["id"], "quantity": 5 }]);
    let body = json!({ "currency": variant["currency"], "lines": lines });
    let made = home.client.post("/api/orders/", body).await.expect(201);
    let id = |row: &Value| row["id"].as_i64().expect("an id");
    (id(&made), id(&made["lines"][0]))
}

/// A part of the workspace's invoice is taken back.
async fn credit_note(home: &Workspace) -> i64 {
    let invoice = format!("/api/invoices/{}/", home.live("invoices"));
    if home.client.get(&invoice).await.expect(200)["status"] == "draft" {
        home.client.post(&format!("{invoice}issue/"), json!({})).await.expect(200);
    }
    let body = json!({ "amount": "0.10", "reason": home.word });
    posted(home, &format!("{invoice}credit/"), body).await
}

/// A part of the workspace's payment is given back.
async fn refund(home: &Workspace) -> i64 {
    let body = json!({ "amount": "0.10", "reason": home.word });
    posted(home, &format!("/api/payments/{}/refund/", home.live("payments")), body).await
}

/// The workspace's wish for a plan; it has one at a time.
async fn plan_request(app: &TestApp, home: &Workspace) -> i64 {
    let (id, person) = (home.id, home.person);
    let found = format!("SELECT id FROM plan_requests WHERE workspace = {id}");
    if app.database.query(&found).await.is_empty() {
        let at = match app.database.backend {
            Backend::Sqlite => "1767225600000000",
            Backend::Postgres => "now()",
        };
        let wish = format!(
            "INSERT INTO plan_requests
                 (workspace, plan, requested_by, status, note, version, created_at, updated_at)
             VALUES ({id}, 2, {person}, 'pending', '{}', 1, {at}, {at})",
            home.word
        );
        app.database.execute(&wish).await;
    }
    app.database.query(&found).await[0]["id"].as_i64().expect("an id")
}

/// What a deal leaves in the history of its stages that goes from the workspace's stage to another.
async fn stage_change(home: &Workspace) -> i64 {
    let made = async |path: &str, body| {
        let answer = home.client.post(path, body).await.expect(201);
        answer["id"].as_i64().expect("an id")
    };
    let (pipeline, stage) = (home.live("pipelines"), home.live("deal-stages"));
    let next = json!({ "pipeline": pipeline, "name": home.word });
    let next = made("/api/deal-stages/", next).await;
    let deal = json!({ "name": home.word, "pipeline": pipeline, "stage": stage, "amount": 1 });
    let deal = made("/api/opportunities/", deal).await;
    let path = format!("/api/opportunities/{deal}/");
    home.client.patch(&path, json!({ "stage": next })).await.expect(200);
    let path = format!("/api/opportunity-stage-changes/?opportunity={deal}&ordering=-id");
    let rows = home.client.get(&path).await.expect(200);
    rows["results"][0]["id"].as_i64().expect("a row")
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
