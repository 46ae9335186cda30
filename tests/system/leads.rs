//! Leads and what they become.

use domain_kernel::policy::Role;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use crate::deals::{path, pipeline};

async fn lead(client: &Client, body: Value) -> String {
    path("leads", &client.post("/api/leads/", body).await.expect(201))
}

async fn count(client: &Client, resource: &str) -> Value {
    client.get(&format!("/api/{resource}/?page_size=1")).await.expect(200)["count"].clone()
}

on_both_databases!(a_lead_is_kept_in_the_workspaces_own_words, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = ada.post("/api/sales/leads/", json!({"source": "Fair"})).await.expect(201);
    for (field, value) in [
        ("status", json!("new")),
        ("score", json!(0)),
        ("metadata", json!({})),
        ("notes", json!("")),
        ("contact", json!(null)),
        ("converted_at", json!(null)),
        ("converted_opportunity", json!(null)),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let one = path("leads", &made);
    let body = json!({"status": "Converted", "score": -5, "metadata": {"utm": ["a"]}});
    let changed = ada.patch(&one, body).await.expect(200);
    // The word alone converts nothing.
    assert_eq!((&changed["status"], &changed["converted_at"]), (&json!("Converted"), &json!(null)));
    assert_eq!(ada.get("/api/leads/?score=-5&search=fair").await.expect(200)["count"], 1);
    for (field, value) in [
        ("score", json!("high")),
        ("score", json!(3_000_000_000_u64)),
        ("metadata", json!(5)),
        ("status", json!("x".repeat(65))),
        ("contact", json!(999_999)),
    ] {
        let refused = ada.patch(&one, json!({ field: value })).await.expect(400);
        assert!(refused[field].is_array(), "{refused}");
    }
});

on_both_databases!(a_lead_becomes_a_contact_with_a_company_and_a_deal, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["30"]).await;
    let one = lead(&ada, json!({"source": "Fair", "status": "qualified"})).await;
    let refused = ada.post(&format!("{one}convert/"), json!({})).await.expect(400);
    assert!(refused["contact"][0].as_str().unwrap().contains("say who it is"), "{refused}");
    let wish = json!({
        "contact": {"first_name": "Grace", "email": "grace@example.com"},
        "company_name": "Acme",
        "opportunity": {"name": "Rockets", "pipeline": pipeline, "stage": stages[0], "amount": "10"},
    });
    let done = ada.post(&format!("{one}convert/"), wish.clone()).await.expect(200);
    assert_eq!((&done["status"], done["converted_at"].is_string()), (&json!("converted"), true));
    assert_eq!(done["contact"], done["converted_contact"]);
    let contact = ada.get(&path("contacts", &done["contact"])).await.expect(200);
    assert_eq!(
        (&contact["first_name"], &contact["company"]),
        (&json!("Grace"), &done["converted_company"])
    );
    let deal = ada.get(&path("opportunities", &done["converted_opportunity"])).await.expect(200);
    for (field, value) in [
        ("lead", &done["id"]),
        ("contact", &contact["id"]),
        ("company", &contact["company"]),
        ("probability", &json!("30.00")),
    ] {
        assert_eq!(&deal[field], value, "{field}");
    }
    assert_eq!(ada.get(&one).await.expect(200), done);
    // Repeated it gives the same, whatever it asks for.
    assert_eq!(ada.post(&format!("{one}convert/"), wish).await.expect(200), done);
    assert_eq!(ada.post(&format!("{one}convert/"), json!({})).await.expect(200), done);
    for resource in ["contacts", "companies", "opportunities"] {
        assert_eq!(count(&ada, resource).await, 1, "{resource}");
    }
    // Its status stays; all else may be mended.
    ada.patch(&one, json!({"status": "new"})).await.expect(409);
    let mended = ada.patch(&one, json!({"notes": "From the fair.", "status": "converted"})).await;
    assert_eq!(mended.expect(200)["converted_opportunity"], deal["id"]);
    let replaced = ada.put(&one, json!({"source": "Fair 2026"})).await.expect(200);
    assert_eq!(
        (&replaced["status"], &replaced["converted_at"]),
        (&json!("converted"), &done["converted_at"])
    );
    // Every write is in the trail, in one request.
    let request = ada.get("/api/audit-logs/?action=lead.updated&ordering=id").await.expect(200);
    let request = request["results"][0]["request_id"].as_str().unwrap().to_owned();
    let entries =
        ada.get(&format!("/api/audit-logs/?request_id={request}&ordering=id")).await.expect(200);
    let actions: Vec<_> =
        entries["results"].as_array().unwrap().iter().map(|e| e["action"].clone()).collect();
    assert_eq!(
        actions,
        [
            "contact.created",
            "company.created",
            "contact.updated",
            "opportunity.created",
            "lead.updated"
        ]
    );
});

on_both_databases!(what_is_there_already_is_used, async |app: TestApp| {
    let ada = app.register("ada").await;
    let acme = ada.post("/api/companies/", json!({"name": "ACME Ltd"})).await.expect(201);
    let body = json!({"first_name": "Grace", "email": "Grace@Example.com"});
    let grace = ada.post("/api/contacts/", body).await.expect(201);
    let one = lead(&ada, json!({})).await;
    let wish = json!({
        "contact": {"first_name": "G.", "email": "grace@example.COM"}, "company_name": "acme ltd",
    });
    let done = ada.post(&format!("{one}convert/"), wish).await.expect(200);
    assert_eq!((&done["contact"], &done["converted_company"]), (&grace["id"], &acme["id"]));
    assert_eq!(done["converted_opportunity"], json!(null));
    let contact = ada.get(&path("contacts", &grace)).await.expect(200);
    assert_eq!((&contact["first_name"], &contact["company"]), (&json!("Grace"), &acme["id"]));
    // A lead that names its contact: their company is theirs.
    let two = lead(&ada, json!({"contact": grace["id"]})).await;
    let refused = ada
        .post(&format!("{two}convert/"), json!({"contact": {"first_name": "X"}}))
        .await
        .expect(400);
    assert!(refused["contact"][0].as_str().unwrap().contains("already"), "{refused}");
    let done = ada.post(&format!("{two}convert/"), json!({})).await.expect(200);
    assert_eq!(
        (&done["converted_contact"], &done["converted_company"]),
        (&grace["id"], &acme["id"])
    );
    assert_eq!(
        (count(&ada, "contacts").await, count(&ada, "companies").await),
        (json!(1), json!(1))
    );
});

on_both_databases!(a_conversion_that_fails_leaves_nothing, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let bob = app.register_enterprise("bob").await;
    let (mine, stages) = pipeline(&ada, &["30"]).await;
    let (theirs, their_stages) = pipeline(&bob, &["30"]).await;
    let one = lead(&ada, json!({})).await;
    let before = app.database.dump().await;
    let deal = |pipeline: &Value, stage: &Value| json!({"name": "D", "pipeline": pipeline, "stage": stage, "amount": 1});
    for (wish, pointer) in [
        (json!({"contact": {"first_name": ""}}), "/contact/first_name"),
        (json!({"contact": {"first_name": "A", "company": 1}}), "/contact/company"),
        (json!({"contact": {"first_name": "A"}, "opportunity": {}}), "/opportunity/stage"),
        (
            json!({"contact": {"first_name": "A"}, "opportunity": deal(&theirs, &their_stages[0])}),
            "/opportunity/pipeline",
        ),
        (
            json!({"contact": {"first_name": "A"}, "opportunity": deal(&mine, &their_stages[0])}),
            "/opportunity/stage",
        ),
        (json!({"contact": {"first_name": "A"}, "opportunity": {"lead": 5}}), "/opportunity/lead"),
        (json!({"company": "Acme"}), "/company"),
        (json!({"company_name": "x".repeat(256)}), "/company_name"),
        (json!({"contact": "Grace"}), "/contact/non_field_errors"),
    ] {
        let refused = ada.post(&format!("{one}convert/"), wish).await.expect(400);
        assert!(refused.pointer(pointer).is_some_and(Value::is_array), "{pointer}: {refused}");
    }
    let mut after = app.database.dump().await;
    let mut before = before;
    for tables in [&mut before, &mut after] {
        // When somebody was last seen, and counters.
        tables.remove("tokens");
        tables.remove("sqlite_sequence");
    }
    assert_eq!(before, after);
    let path = one.trim_start_matches("/api/");
    bob.post(&format!("/api/{path}convert/"), json!({})).await.expect(404);
    // Who may not make deals converts without one.
    let marketer = app.member(&ada, "mark", &[Role::Marketer]).await;
    let wish = json!({"contact": {"first_name": "A"}, "opportunity": deal(&mine, &stages[0])});
    marketer.post(&format!("{one}convert/"), wish).await.expect(403);
    let wish = json!({"contact": {"first_name": "A"}});
    marketer.post(&format!("{one}convert/"), wish).await.expect(200);
    let free = app.register("free").await;
    let two = lead(&free, json!({})).await;
    let wish = json!({"contact": {"first_name": "A"}, "opportunity": deal(&mine, &stages[0])});
    let refused = free.post(&format!("{two}convert/"), wish).await.expect(403);
    assert!(refused["detail"].as_str().unwrap().contains("sales.advanced_pipeline"), "{refused}");
});

on_both_databases!(fifty_conversions_at_once_are_one, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["30"]).await;
    let one = lead(&ada, json!({})).await;
    let wish = json!({
        "contact": {"first_name": "Grace"},
        "company_name": "Acme",
        "opportunity": {"name": "D", "pipeline": pipeline, "stage": stages[0], "amount": 1},
    });
    let attempts = (0..50).map(|_| {
        let (ada, path, wish) = (ada.clone(), format!("{one}convert/"), wish.clone());
        tokio::spawn(async move { ada.post(&path, wish).await.expect(200) })
    });
    let mut shown = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        shown.push(attempt.await.expect("no panic"));
    }
    assert!(shown.windows(2).all(|pair| pair[0] == pair[1]), "all get the same");
    for resource in ["contacts", "companies", "opportunities"] {
        assert_eq!(count(&ada, resource).await, 1, "{resource}");
    }
});
