//! How many deals a plan allows.

use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use crate::deals::{path, pipeline};

async fn limit(app: &TestApp, deals: i64) {
    app.database.execute(&format!("UPDATE plans SET max_deals = {deals}")).await;
}

fn body(pipeline: &Value, stage: &Value) -> Value {
    json!({"name": "D", "pipeline": pipeline, "stage": stage, "amount": 1})
}

async fn live(client: &Client) -> Value {
    client.get("/api/opportunities/?page_size=1").await.expect(200)["count"].clone()
}

on_both_databases!(exactly_the_allowed_deals_are_made, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["10"]).await;
    limit(&app, 12).await;
    let body = body(&pipeline, &stages[0]);
    ada.post("/api/opportunities/", body.clone()).await.expect(201);
    let attempts = (0..100).map(|_| {
        let (ada, body) = (ada.clone(), body.clone());
        tokio::spawn(async move { ada.post("/api/opportunities/", body).await })
    });
    let mut made = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        let answer = attempt.await.expect("no panic");
        match answer.status {
            201 => made += 1,
            403 => {
                assert!(answer.text.contains("max_deals is reached: 12 of 12"), "{}", answer.text)
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!((made, live(&ada).await), (11, json!(12)));
    // Ended deals count, too; deleted ones do not, until they come back.
    let all = ada.get("/api/opportunities/").await.expect(200);
    let first = path("opportunities", &all["results"][0]);
    ada.post(&format!("{first}win/"), json!({})).await.expect(200);
    ada.post("/api/opportunities/", body.clone()).await.expect(403);
    ada.delete(&first).await.expect(204);
    ada.post("/api/opportunities/", body.clone()).await.expect(201);
    ada.post(&format!("{first}restore/"), json!({})).await.expect(403);
    // A bulk makes as many as there is room for.
    limit(&app, 14).await;
    let create = json!({"op": "create", "data": body});
    let three = json!({"operations": [create, create, create]});
    let refused = ada.post("/api/opportunities/bulk/", three.clone()).await.expect(400);
    assert!(refused.to_string().contains("max_deals"), "{refused}");
    assert_eq!(live(&ada).await, 12);
    let mut each = three;
    each["atomic"] = json!(false);
    ada.post("/api/opportunities/bulk/", each).await.expect(200);
    assert_eq!(live(&ada).await, 14);
});

on_both_databases!(a_plan_that_allows_fewer_deals_is_refused, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["10"]).await;
    for _ in 0..2 {
        ada.post("/api/opportunities/", body(&pipeline, &stages[0])).await.expect(201);
    }
    let overview = ada.get("/api/billing/overview/").await.expect(200);
    assert_eq!(overview["usage"], json!({"users": 1, "deals": 2}));
    app.database.execute("UPDATE plans SET max_deals = 1 WHERE key = 'free'").await;
    let change = json!({"plan_key": "free"});
    let refused = ada.post("/api/billing/change-plan/", change.clone()).await.expect(409);
    assert!(refused["detail"].as_str().unwrap().contains("allows 1 deals"), "{refused}");
    let all = ada.get("/api/opportunities/").await.expect(200);
    ada.delete(&path("opportunities", &all["results"][0])).await.expect(204);
    ada.post("/api/billing/change-plan/", change).await.expect(201);
});

on_both_databases!(a_deal_takes_no_more_statements_among_many, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["10"]).await;
    let create = json!({"op": "create", "data": body(&pipeline, &stages[0])});
    let mut counts = Vec::new();
    for rows in [1, 60] {
        let operations = json!({"operations": vec![create.clone(); rows]});
        ada.post("/api/opportunities/bulk/", operations).await.expect(200);
        app.statements.take();
        ada.get("/api/opportunities/?page_size=200&ordering=stage,owner_name").await.expect(200);
        ada.get("/api/opportunity-stage-changes/?page_size=200").await.expect(200);
        ada.get("/api/deal-stages/").await.expect(200);
        counts.push(app.statements.take().len());
        app.statements.take();
        ada.post("/api/opportunities/", body(&pipeline, &stages[0])).await.expect(201);
        counts.push(app.statements.take().len());
    }
    assert_eq!((counts[0], counts[1]), (counts[2], counts[3]), "whatever the number of rows");
    assert_eq!(counts[0], 6, "a page and its count each");
    assert!(counts[1] <= 20, "{counts:?}");
});
