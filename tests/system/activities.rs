//! What is to be done about deals.

use serde_json::{Value, json};
use system_tests::{TestApp, on_both_databases};

use crate::deals::{path, pipeline};

on_both_databases!(an_activity_is_due_and_done, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let me = ada.get("/api/auth/profile/").await.expect(200);
    let (pipeline, stages) = pipeline(&ada, &["10"]).await;
    let deal = json!({"name": "D", "pipeline": pipeline, "stage": stages[0], "amount": 1});
    let deal = ada.post("/api/opportunities/", deal).await.expect(201)["id"].clone();
    let make = async |subject: &str, due: Value| {
        let body = json!({
            "opportunity": deal, "type": "call", "subject": subject, "due_at": due,
            "owner": me["id"],
        });
        ada.post("/api/deal-activities/", body).await.expect(201)
    };
    let late = make("late", json!("2020-01-01T09:00:00Z")).await;
    assert_eq!((&late["type"], &late["owner_name"]), (&json!("call"), &json!("ada@example.com")));
    assert_eq!((&late["overdue"], &late["upcoming"]), (&json!(true), &json!(false)));
    let coming = make("coming", json!("2999-01-01T09:00:00Z")).await;
    assert_eq!((&coming["overdue"], &coming["upcoming"]), (&json!(false), &json!(true)));
    make("some time", json!(null)).await;
    let shown = async |query: &str| {
        let found = ada.get(&format!("/api/sales/deal-activities/?{query}")).await.expect(200);
        let rows = found["results"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["subject"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join("+")
    };
    for (query, subjects) in [
        ("overdue=true", "late"),
        ("upcoming=true", "coming"),
        ("overdue=false&ordering=subject", "coming+some time"),
        ("completed_at=null&ordering=due_at", "late+coming+some time"),
        ("due_before=2021-01-01", "late"),
        ("type=call&search=time", "some time"),
        ("type=letter", ""),
    ] {
        assert_eq!(shown(query).await, subjects, "{query}");
    }
    let one = path("deal-activities", &late);
    assert_eq!(ada.get(&one).await.expect(200), late);
    let done = ada.post(&format!("{one}complete/"), json!({})).await.expect(200);
    assert_eq!((done["completed_at"].is_string(), &done["overdue"]), (true, &json!(false)));
    let again = ada.post(&format!("{one}complete/"), json!({})).await.expect(200);
    assert_eq!(again, done, "it was done when it was done");
    assert_eq!(shown("overdue=true").await, "");
    let open = ada.patch(&one, json!({"completed_at": null})).await.expect(200);
    assert_eq!(open["overdue"], true);
    let csv = ada.get("/api/deal-activities/?format=csv&fields=type,subject").await;
    assert!(csv.text.starts_with("type,subject"), "{}", csv.text);
    ada.post(&format!("{one}complete/"), json!({"at": 1})).await.expect(400);
    ada.post("/api/deal-activities/999999/complete/", json!({})).await.expect(404);
});

on_both_databases!(an_activity_needs_a_deal_and_words, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["10"]).await;
    let deal = json!({"name": "D", "pipeline": pipeline, "stage": stages[0], "amount": 1});
    let deal = ada.post("/api/opportunities/", deal).await.expect(201)["id"].clone();
    let good = json!({"opportunity": deal, "type": "call", "subject": "S"});
    for (field, value) in [
        ("opportunity", json!(999_999)),
        ("opportunity", json!(null)),
        ("type", json!("")),
        ("type", json!("x".repeat(65))),
        ("subject", json!("x".repeat(256))),
        ("owner", json!(999_999)),
        ("due_at", json!("tomorrow")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let refused = ada.post("/api/deal-activities/", body).await.expect(400);
        assert!(refused[field].is_array(), "{refused}");
    }
    let missing = ada.post("/api/deal-activities/", json!({})).await.expect(400);
    assert_eq!(missing.as_object().unwrap().len(), 3, "{missing}");
    assert!(app.database.rows("activities").await.is_empty());
});

on_both_databases!(what_was_due_a_moment_ago_is_overdue, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["10"]).await;
    let deal = json!({"name": "D", "pipeline": pipeline, "stage": stages[0], "amount": 1});
    let deal = ada.post("/api/opportunities/", deal).await.expect(201)["id"].clone();
    // Twice, half a second apart: within one second at least once.
    for _ in 0..2 {
        let due = app.application.clock.now() - jiff::SignedDuration::from_millis(5);
        let body = json!({"opportunity": deal, "type": "call", "subject": "S", "due_at": due});
        let made = ada.post("/api/deal-activities/", body).await.expect(201);
        let shown = ada.get(&path("deal-activities", &made)).await.expect(200);
        assert_eq!((&shown["overdue"], &shown["upcoming"]), (&json!(true), &json!(false)));
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
});
