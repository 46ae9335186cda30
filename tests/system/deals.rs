//! Deals as clients use them.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

/// A pipeline with stages of these probabilities.
pub(crate) async fn pipeline(client: &Client, chances: &[&str]) -> (Value, Vec<Value>) {
    let body = json!({"name": format!("Pipeline of {}", chances.len())});
    let pipeline = client.post("/api/pipelines/", body).await.expect(201)["id"].clone();
    let mut stages = Vec::new();
    for (position, chance) in chances.iter().enumerate() {
        let body = json!({
            "pipeline": pipeline, "name": format!("Stage {position}"), "position": position,
            "win_probability": chance,
        });
        stages.push(client.post("/api/deal-stages/", body).await.expect(201)["id"].clone());
    }
    (pipeline, stages)
}

/// The path of a row.
pub(crate) fn path(resource: &str, row: &Value) -> String {
    format!("/api/{resource}/{}/", row.get("id").unwrap_or(row))
}

/// What a refused request says of a field.
fn says(answer: &Value, field: &str) -> String {
    answer[field][0].as_str().unwrap_or_else(|| panic!("nothing on {field}: {answer}")).to_owned()
}

on_both_databases!(a_deal_goes_through_its_pipeline, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let me = ada.get("/api/auth/profile/").await.expect(200);
    let (pipeline, stages) = pipeline(&ada, &["10", "40.5"]).await;
    let company = ada.post("/api/companies/", json!({"name": "Acme"})).await.expect(201);
    let body = json!({
        "name": "Rockets", "pipeline": pipeline, "stage": stages[0], "amount": "1000.10",
        "owner": me["id"], "company": company["id"], "close_date": "2026-12-24",
    });
    let made = ada.post("/api/opportunities/", body).await.expect(201);
    for (field, value) in [
        ("pipeline_name", json!("Pipeline of 2")),
        ("stage_name", json!("Stage 0")),
        ("owner_name", json!("ada@example.com")),
        ("probability", json!("10.00")),
        ("expected_value", json!("100.01")),
        ("currency", json!("USD")),
        ("status", json!("open")),
        ("closed_at", json!(null)),
        ("lead", json!(null)),
        ("company", company["id"].clone()),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let deal = path("opportunities", &made);
    assert_eq!(ada.get(&deal).await.expect(200), made, "what is read is what was answered");
    // The other stage's probability, unless one is given.
    let moved = ada.patch(&deal, json!({"stage": stages[1]})).await.expect(200);
    assert_eq!((&moved["probability"], &moved["stage_name"]), (&json!("40.50"), &json!("Stage 1")));
    assert!(moved["stage_entered_at"].as_str() > made["stage_entered_at"].as_str());
    let both = json!({"stage": stages[0], "probability": "40.50"});
    let back = ada.patch(&deal, both).await.expect(200);
    assert_eq!(
        (&back["probability"], &back["expected_value"]),
        (&json!("40.50"), &json!("405.04"))
    );
    let kept = ada.patch(&deal, json!({"amount": 0})).await.expect(200);
    assert_eq!((&kept["probability"], &kept["expected_value"]), (&json!("40.50"), &json!("0.00")));
    // Replaced, it keeps what is not said.
    let whole = json!({"name": "R", "pipeline": pipeline, "stage": stages[0], "amount": "5"});
    let replaced = ada.put(&deal, whole).await.expect(200);
    let (probability, owner) = (&kept["probability"], &kept["owner"]);
    assert_eq!((&replaced["probability"], &replaced["owner"]), (probability, owner));
    // How it went.
    let path = format!("/api/opportunity-stage-changes/?opportunity={}", made["id"]);
    let history = ada.get(&path).await.expect(200);
    let steps: Vec<_> = history["results"].as_array().unwrap().iter().collect();
    let names = |step: &Value| (step["from_stage_name"].clone(), step["to_stage_name"].clone());
    assert_eq!(
        steps.iter().map(|step| names(step)).collect::<Vec<_>>(),
        [("", "Stage 0"), ("Stage 0", "Stage 1"), ("Stage 1", "Stage 0")]
            .map(|(from, to)| (json!(from), json!(to)))
    );
    assert_eq!((&steps[1]["from_stage"], &steps[1]["to_stage"]), (&stages[0], &stages[1]));
    assert_eq!(
        (&steps[1]["changed_by"], &steps[1]["changed_at"]),
        (&me["id"], &moved["stage_entered_at"])
    );
    assert_eq!(
        (&steps[0]["from_stage"], &steps[0]["seconds_in_former_stage"]),
        (&json!(null), &json!(0))
    );
    ada.post("/api/opportunity-stage-changes/", json!({})).await.expect(405);
});

on_both_databases!(what_a_deal_names_must_be_there_and_fit, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let bob = app.register_enterprise("bob").await;
    let (pipeline_, stages) = pipeline(&ada, &["10"]).await;
    let (other, others) = pipeline(&ada, &["20"]).await;
    let (theirs, their_stages) = pipeline(&bob, &["30"]).await;
    let stranger = bob.get("/api/auth/profile/").await.expect(200)["id"].clone();
    let good = json!({"name": "D", "pipeline": pipeline_, "stage": stages[0], "amount": "1"});
    let made = ada.post("/api/opportunities/", good.clone()).await.expect(201);
    let before = app.database.rows("deals").await;
    for (field, value, part) in [
        ("stage", others[0].clone(), "belongs to another pipeline"),
        ("pipeline", other.clone(), ""),
        ("stage", their_stages[0].clone(), "Invalid pk"),
        ("pipeline", theirs, "Invalid pk"),
        ("owner", stranger, "Invalid pk"),
        ("owner", json!(999_999), "Invalid pk"),
        ("owner", json!([1]), "Incorrect type"),
        ("lead", json!(999_999), "Invalid pk"),
        ("probability", json!("100.01"), "less than or equal to 100"),
        ("probability", json!(-1), "greater than or equal to 0"),
        ("probability", json!(null), "null"),
        ("amount", json!("12345678901.00"), "10 digits before"),
        ("amount", json!("x"), "valid number"),
        ("amount", json!(-5), "greater than or equal to 0"),
        ("currency", json!("XXX"), "not a currency"),
        ("close_date", json!("2026-02-30"), "YYYY-MM-DD"),
        ("name", json!(""), "blank"),
        ("name", json!("x".repeat(256)), "255"),
        ("stage", json!(null), "null"),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        // A pipeline without its stage is seen at the stage.
        let at = if part.is_empty() { "stage" } else { field };
        let refused = ada.post("/api/opportunities/", body).await.expect(400);
        assert!(says(&refused, at).contains(part), "{field} {value}: {refused}");
        let patch = json!({ field: value });
        let refused = ada.patch(&path("opportunities", &made), patch).await.expect(400);
        assert!(says(&refused, at).contains(part), "{field}: {refused}");
    }
    let empty = ada.post("/api/opportunities/", json!({})).await.expect(400);
    assert_eq!(empty.as_object().unwrap().len(), 4, "name, pipeline, stage, amount: {empty}");
    assert_eq!(app.database.rows("deals").await, before, "nothing was written");
    for (stage, field, part) in [
        (
            json!({"pipeline": pipeline_, "name": "S", "win_probability": "100.5"}),
            "win_probability",
            "100",
        ),
        (json!({"pipeline": pipeline_, "name": "S", "position": "first"}), "position", "integer"),
        (json!({"pipeline": null, "name": "S"}), "pipeline", "null"),
        (json!({"name": "S"}), "pipeline", "required"),
    ] {
        let refused = ada.post("/api/deal-stages/", stage).await.expect(400);
        assert!(says(&refused, field).contains(part), "{refused}");
    }
});

on_both_databases!(a_deal_ends_once_and_can_be_opened_again, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["25", "50"]).await;
    let body = json!({"name": "D", "pipeline": pipeline, "stage": stages[0], "amount": "80"});
    let made = ada.post("/api/opportunities/", body).await.expect(201);
    let deal = path("opportunities", &made);
    let act = |action: &str| format!("{deal}{action}/");
    let refused = ada.post(&act("reopen"), json!({})).await.expect(409);
    assert!(refused["detail"].as_str().unwrap().contains("win"), "{refused}");
    let won = ada.post(&act("win"), json!({"reason": "It fits."})).await.expect(200);
    assert_eq!((&won["status"], &won["probability"]), (&json!("won"), &json!("100.00")));
    assert_eq!((&won["won_reason"], &won["lost_reason"]), (&json!("It fits."), &json!("")));
    assert_eq!(ada.get(&deal).await.expect(200), won);
    assert_eq!((&won["expected_value"], won["closed_at"].is_string()), (&json!("80.00"), true));
    // What has ended stays as probable as it is and where it was; all else may be mended.
    for body in [json!({"stage": stages[1]}), json!({"probability": "10"})] {
        let refused = ada.patch(&deal, body).await.expect(409);
        assert!(refused["detail"].as_str().unwrap().contains("reopen"), "{refused}");
    }
    let mended = ada.patch(&deal, json!({"amount": "90"})).await.expect(200);
    assert_eq!(mended["expected_value"], "90.00");
    for action in ["win", "lose"] {
        let refused = ada.post(&act(action), json!({})).await.expect(409);
        assert!(refused["detail"].as_str().unwrap().contains("reopen"), "{refused}");
    }
    let open = ada.post(&act("reopen"), json!({})).await.expect(200);
    assert_eq!((&open["status"], &open["probability"]), (&json!("open"), &json!("25.00")));
    assert_eq!(open["closed_at"], json!(null));
    let lost = ada.post(&act("lose"), json!({"reason": "Too dear."})).await.expect(200);
    assert_eq!((&lost["status"], &lost["lost_reason"]), (&json!("lost"), &json!("Too dear.")));
    assert_eq!(lost["won_reason"], "");
    assert_eq!((&lost["probability"], &lost["expected_value"]), (&json!("0.00"), &json!("0.00")));
    assert_eq!(ada.get(&deal).await.expect(200), lost);
    ada.post(&act("reopen"), json!({"reason": "x"})).await.expect(400);
    let open = ada.post(&act("reopen"), json!({})).await.expect(200);
    assert_eq!(open["lost_reason"], "");
    // Each is in the trail, and repeatable under a key.
    let key = ("idempotency-key", "the win");
    let first = ada.post_with(&act("win"), key, json!({})).await.expect(200);
    let again = ada.post_with(&act("win"), key, json!({})).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.expect(200), first);
    let trail = format!("/api/audit-logs/?entity=opportunities&entity_id={}", made["id"]);
    assert_eq!(ada.get(&trail).await.expect(200)["count"], 7);
    // A client that writes the status back changes nothing by it.
    let kept = ada.patch(&deal, json!({"status": "open", "name": "E"})).await.expect(200);
    assert_eq!((&kept["status"], &kept["name"]), (&json!("won"), &json!("E")));
    ada.post("/api/opportunities/999999/win/", json!({})).await.expect(404);
});

on_both_databases!(an_owner_stays_shown_when_they_have_left, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let grace = app.member(&ada, "grace", &[]).await;
    let grace = grace.get("/api/auth/profile/").await.expect(200);
    let (pipeline, stages) = pipeline(&ada, &["25"]).await;
    let body = json!({
        "name": "D", "pipeline": pipeline, "stage": stages[0], "amount": 1, "owner": grace["id"],
    });
    let made = ada.post("/api/opportunities/", body.clone()).await.expect(201);
    ada.delete(&path("users", &grace)).await.expect(204);
    let deal = path("opportunities", &made);
    let shown = ada.get(&deal).await.expect(200);
    assert_eq!((&shown["owner"], &shown["owner_name"]), (&made["owner"], &made["owner_name"]));
    ada.patch(&deal, json!({"name": "E"})).await.expect(200);
    ada.patch(&deal, json!({"owner": grace["id"]})).await.expect(200);
    let found = ada.get(&format!("/api/opportunities/?owner={}", grace["id"])).await.expect(200);
    assert_eq!(found["count"], 1);
    let refused = ada.post("/api/opportunities/", body).await.expect(400);
    assert!(says(&refused, "owner").contains("Invalid pk"));
});

on_both_databases!(deals_are_found_by_what_people_ask_for, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let me = ada.get("/api/auth/profile/").await.expect(200)["id"].clone();
    let (first, stages) = pipeline(&ada, &["25", "50"]).await;
    let (second, others) = pipeline(&ada, &["75"]).await;
    for (name, pipeline, stage, owner, day) in [
        ("A", &first, &stages[0], &me, json!("2026-01-10")),
        ("B", &first, &stages[1], &json!(null), json!("2026-02-10")),
        ("C", &second, &others[0], &me, json!(null)),
    ] {
        let body = json!({
            "name": name, "pipeline": pipeline, "stage": stage, "amount": "10", "owner": owner,
            "close_date": day,
        });
        ada.post("/api/opportunities/", body).await.expect(201);
    }
    let all = ada.get("/api/opportunities/").await.expect(200);
    ada.post(&format!("{}win/", path("opportunities", &all["results"][1])), json!({}))
        .await
        .expect(200);
    for (query, names) in [
        (format!("pipeline={first}"), "AB"),
        (format!("stage={}", stages[1]), "B"),
        (format!("owner={me}"), "AC"),
        ("owner=null".to_owned(), "B"),
        ("status=open".to_owned(), "AC"),
        ("status=won".to_owned(), "B"),
        ("close_date_after=2026-01-10&close_date_before=2026-02-09".to_owned(), "A"),
        ("close_date=null".to_owned(), "C"),
        ("probability=75".to_owned(), "C"),
        ("currency=usd&search=b".to_owned(), "B"),
        ("stage_name=Stage 1".to_owned(), "B"),
        ("ordering=-expected_value".to_owned(), "BCA"),
        ("ordering=-pipeline_name,name".to_owned(), "ABC"),
    ] {
        let found = ada.get(&format!("/api/sales/opportunities/?{query}")).await.expect(200);
        let rows = found["results"].as_array().unwrap().iter();
        let shown: String = rows.map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(shown, names, "{query}");
    }
    for query in ["stages=1", "status=ended", "probability=x", "owner=ada"] {
        ada.get(&format!("/api/opportunities/?{query}")).await.expect(400);
    }
    let csv = ada.get("/api/opportunities/?format=csv&fields=name,probability&ordering=name").await;
    assert!(csv.text.contains("B,100.00"), "{}", csv.text);
});

on_both_databases!(deals_need_the_feature_and_pipelines_do_not, async |app: TestApp| {
    let ada = app.register("ada").await;
    let (pipeline, stages) = pipeline(&ada, &["25"]).await;
    let body = json!({"name": "D", "pipeline": pipeline, "stage": stages[0], "amount": 1});
    let refused = ada.post("/api/opportunities/", body).await.expect(403);
    assert!(refused["detail"].as_str().unwrap().contains("sales.advanced_pipeline"));
    ada.post("/api/opportunities/1/win/", json!({})).await.expect(403);
    ada.get("/api/opportunity-stage-changes/").await.expect(403);
});

on_both_databases!(
    orders_and_deals_that_name_each_other_do_not_wait_in_a_circle,
    async |app: TestApp| {
        let ada = app.register_enterprise("ada").await;
        let (way, stages) = pipeline(&ada, &["10"]).await;
        let contact = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
        let deal = json!({"name": "Boots", "amount": "500", "pipeline": way, "stage": stages[0]});
        let deal = ada.post("/api/opportunities/", deal).await.expect(201);
        let at = format!("/api/opportunities/{}/", deal["id"]);
        let order = json!({"contact": contact["id"], "opportunity": deal["id"]});
        for round in 0..20 {
            let contact = if round % 2 == 0 { &contact["id"] } else { &json!(null) };
            let orders = join_all((0..3).map(|_| ada.post("/api/orders/", order.clone())));
            let (orders, moved) =
                tokio::join!(orders, ada.patch(&at, json!({ "contact": contact })));
            for order in orders {
                order.expect(201);
            }
            moved.expect(200);
        }
    }
);
