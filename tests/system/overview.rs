//! The dashboard's figures.

use serde_json::{Value, json};
use system_tests::{PASSWORD, TestApp, on_both_databases};

use crate::shop::{act, order, seller, variant};

const OVERVIEW: &str = "/api/dashboard/overview/";

on_both_databases!(a_new_workspace_has_nothing_to_show, async |app: TestApp| {
    let overview = app.register("ada").await.get(OVERVIEW).await.expect(200);
    let (summary, lists) = overview.as_object().unwrap().iter().fold(
        (Value::Null, 0),
        |(summary, lists), (name, value)| match value.as_array() {
            Some(rows) => {
                assert!(rows.is_empty(), "{name}: {rows:?}");
                (summary, lists + 1)
            }
            None => (value.clone(), lists),
        },
    );
    assert_eq!(lists, 8);
    for (name, value) in summary.as_object().unwrap() {
        let nothing = [json!(0), json!(0.0), json!({}), json!("USD")];
        assert!(nothing.contains(value), "{name}: {value}");
    }
    let refused = app.register("grace").await.get("/api/dashboard/overview/?since=2026").await;
    assert!(refused.expect(400)["since"].is_array());
    app.stranger().get(OVERVIEW).await.expect(401);
});

on_both_databases!(the_dashboard_shows_what_goes_on, async |app: TestApp| {
    let ada = seller(&app).await;
    let pipeline = ada.post("/api/pipelines/", json!({"name": "New"})).await.expect(201);
    let stage = |name: &str, place: i64| {
        json!({"name": name, "pipeline": pipeline["id"], "win_probability": "10",
            "position": place})
    };
    let offered = ada.post("/api/deal-stages/", stage("Offered", 2)).await.expect(201);
    let asked = ada.post("/api/deal-stages/", stage("Asked", 1)).await.expect(201);
    let mut deals = Vec::new();
    for (amount, currency, stage) in [
        ("10.50", "USD", &asked),
        ("1", "EUR", &asked),
        ("2", "USD", &asked),
        ("5", "USD", &offered),
    ] {
        let deal = json!({"name": format!("Boots {amount}"), "amount": amount,
            "currency": currency, "pipeline": pipeline["id"], "stage": stage["id"]});
        deals.push(ada.post("/api/opportunities/", deal).await.expect(201));
    }
    ada.post(&act("opportunities", &deals[3], "win"), json!({})).await.expect(200);
    let contact = json!({"first_name": "Grace", "last_name": "Hopper"});
    let contact = ada.post("/api/contacts/", contact).await.expect(201);
    let sold = order(&ada, &[("50.00", 2)]).await;
    let named = json!({"contact": contact["id"]});
    ada.patch(&format!("/api/orders/{}/", sold["id"]), named).await.expect(200);
    ada.post(&act("orders", &sold, "confirm"), json!({})).await.expect(200);
    for _ in 0..7 {
        order(&ada, &[("1.00", 1)]).await;
    }
    let abroad = variant(&ada, "EUR", "3.00").await;
    let lines = json!([{"product_variant": abroad, "quantity": 1}]);
    let abroad = ada.post("/api/orders/", json!({"currency": "EUR", "lines": lines})).await;
    ada.post(&act("orders", &abroad.expect(201), "confirm"), json!({})).await.expect(200);
    let invoice = json!({"order": sold["id"], "status": "issued", "due_date": "2020-01-01"});
    let invoice = ada.post("/api/invoices/", invoice).await.expect(201);
    let payment = json!({"invoice": invoice["id"], "amount": "40.00", "provider": "Bank",
        "transaction_reference": "a"});
    let payment = ada.post("/api/payments/", payment).await.expect(201);
    let back = json!({"amount": "10.00"});
    ada.post(&act("payments", &payment, "refund"), back).await.expect(201);
    let shipment = json!({"order": sold["id"], "carrier": "Post", "tracking_number": "T1"});
    let shipment = ada.post("/api/shipments/", shipment).await.expect(201);
    ada.post(&act("shipments", &shipment, "ship"), json!({})).await.expect(200);
    let note = json!({"content": "In a hurry.", "related_object_type": "opportunity",
        "related_object_id": deals[0]["id"]});
    let note = ada.post("/api/notes/", note).await.expect(201);
    for (subject, due) in [
        ("Later", "2999-02-01T00:00:00Z"),
        ("Soon", "2999-01-01T00:00:00Z"),
        ("Missed", "2020-01-01T00:00:00Z"),
    ] {
        let activity = json!({"opportunity": deals[0]["id"], "type": "call", "subject": subject,
            "due_at": due});
        ada.post("/api/deal-activities/", activity).await.expect(201);
    }
    let overview = ada.get(OVERVIEW).await.expect(200);
    let summary = &overview["summary"];
    for (name, value) in [
        ("open_opportunities", json!(3)),
        ("pipeline_total", json!(12.5)),
        ("pipeline_totals", json!({"EUR": 1.0, "USD": 12.5})),
        // Shipping it all has fulfilled the first.
        ("pending_orders", json!(8)),
        ("orders_total", json!(100.0)),
        ("orders_totals", json!({"EUR": 3.0, "USD": 100.0})),
        ("invoices_due", json!(1)),
        ("overdue_invoices", json!(1)),
        ("payments_month", json!(30.0)),
        ("shipments_in_transit", json!(1)),
        ("products_active", json!(9)),
        ("product_variants", json!(9)),
        ("suppliers", json!(0)),
        ("inventory_on_hand", json!(0)),
        ("notes_recent", json!(1)),
        ("currency", json!("USD")),
    ] {
        assert_eq!(summary[name], value, "{name}");
    }
    let pipeline = json!([
        {"pipeline": "New", "stage": "Asked", "count": 3, "value": 12.5,
            "values": {"EUR": 1.0, "USD": 12.5}},
        {"pipeline": "New", "stage": "Offered", "count": 0, "value": 0.0, "values": {}},
    ]);
    assert_eq!(overview["pipeline"], pipeline);
    let newest = &overview["recent_opportunities"][0];
    assert_eq!((&newest["id"], &newest["name"]), (&deals[3]["id"], &json!("Boots 5")));
    assert_eq!(newest["probability"], json!(100.0));
    assert_eq!(overview["recent_orders"].as_array().unwrap().len(), 6);
    let shown = &overview["recent_invoices"][0];
    assert_eq!(shown["order_id"], sold["id"]);
    assert_eq!((&shown["total"], &shown["due_date"]), (&json!(100.0), &json!("2020-01-01")));
    let shown = &overview["recent_payments"][0];
    assert_eq!((&shown["amount"], &shown["invoice_id"]), (&json!(40.0), &invoice["id"]));
    assert!(shown["processed_at"].is_string());
    let shown = &overview["recent_shipments"][0];
    assert_eq!((&shown["tracking_number"], &shown["status"]), (&json!("T1"), &json!("shipped")));
    assert_eq!(
        overview["recent_notes"][0],
        json!({"id": note["id"], "content": "In a hurry.", "author": note["author_name"],
            "created_at": note["created_at"],
            "related_object": {"type": "opportunity", "id": deals[0]["id"]}})
    );
    let next: Vec<_> = overview["upcoming_activities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["subject"].clone(), row["opportunity"]["name"].clone()))
        .collect();
    let deal = json!("Boots 10.50");
    assert_eq!(next, [(json!("Soon"), deal.clone()), (json!("Later"), deal)]);
});

on_both_databases!(what_the_plan_has_no_longer_is_not_shown, async |app: TestApp| {
    let ada = seller(&app).await;
    let sold = order(&ada, &[("50.00", 2)]).await;
    let note = json!({"content": "In a hurry.", "related_object_type": "order",
        "related_object_id": sold["id"]});
    ada.post("/api/notes/", note).await.expect(201);
    let shown = ada.get(OVERVIEW).await.expect(200);
    assert_eq!(
        (&shown["summary"]["pending_orders"], &shown["recent_orders"][0]["id"]),
        (&json!(1), &sold["id"])
    );
    let profile = ada.get("/api/auth/profile/").await.expect(200);
    let slug = profile["organization"]["slug"].as_str().unwrap();
    app.application.accounts.set_plan(slug, "free").await.expect("a plan");
    let ada = app.sign_in("ada@example.com", PASSWORD).await;
    ada.get("/api/orders/").await.expect(403);
    let shown = ada.get(OVERVIEW).await.expect(200);
    assert_eq!(
        (&shown["summary"]["pending_orders"], &shown["recent_orders"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(shown["recent_notes"][0]["content"], "In a hurry.");
});

on_both_databases!(recent_rows_are_shown_as_clients_read_them, async |app: TestApp| {
    let ada = seller(&app).await;
    let profile = ada.get("/api/auth/profile/").await.expect(200);
    let (way, stages) = crate::deals::pipeline(&ada, &["10"]).await;
    let deal = json!({"name": "Boots", "amount": "5.50", "currency": "EUR", "pipeline": way,
        "stage": stages[0], "close_date": "2026-12-24", "owner": profile["id"]});
    let deal = ada.post("/api/opportunities/", deal).await.expect(201);
    let contact = json!({"first_name": "Grace", "last_name": "Hopper"});
    let contact = ada.post("/api/contacts/", contact).await.expect(201);
    let sold = order(&ada, &[("50.00", 2)]).await;
    let named = json!({"contact": contact["id"]});
    let sold = ada.patch(&format!("/api/orders/{}/", sold["id"]), named).await.expect(200);
    for number in 0..9 {
        let note = json!({"content": format!("Note {number}"), "related_object_type": "contact",
            "related_object_id": contact["id"]});
        ada.post("/api/notes/", note).await.expect(201);
    }
    let overview = ada.get(OVERVIEW).await.expect(200);
    assert_eq!(
        overview["recent_opportunities"],
        json!([{"id": deal["id"], "name": "Boots", "pipeline": deal["pipeline_name"],
            "stage": deal["stage_name"], "owner": deal["owner_name"], "amount": 5.5,
            "currency": "EUR", "close_date": "2026-12-24", "probability": 10.0}])
    );
    assert_eq!(
        overview["recent_orders"],
        json!([{"id": sold["id"], "status": "draft", "currency": "USD", "total": 100.0,
            "contact": "Grace Hopper", "ordered_at": sold["ordered_at"]}])
    );
    let notes: Vec<_> = overview["recent_notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["content"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = (1..9).rev().map(|number| format!("Note {number}")).collect();
    assert_eq!(notes, expected);
});
