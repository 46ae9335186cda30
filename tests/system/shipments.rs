//! Shipments as clients use them.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use crate::shop::{act, detail, fields, order, path, seller};

const SHIPMENTS: &str = "/api/shipments/";

async fn state(ada: &Client, order: &Value) -> Value {
    ada.get(&path("orders", order)).await.expect(200)["state"].clone()
}

on_both_databases!(an_order_is_shipped_in_parts, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("1.00", 5), ("2.00", 3)]).await;
    let [one, two] = [&order["lines"][0]["id"], &order["lines"][1]["id"]];
    let body = json!({"order": order["id"], "carrier": "DHL", "tracking_number": "T1",
        "lines": [{"order_line": one, "quantity": 2}]});
    let first = ada.post(SHIPMENTS, body).await.expect(201);
    assert_eq!(fields(&first, &["status", "carrier", "shipped_at"]), ["pending", "DHL", "null"]);
    assert_eq!(first["lines"], json!([{"order_line": one, "quantity": 2}]));
    assert_eq!(ada.get(&path("shipments", &first)).await.expect(200), first);
    // Shipping confirms a draft; nothing has left yet.
    assert_eq!(state(&ada, &order).await, "confirmed");
    let shipped = ada.patch(&path("shipments", &first), json!({"status": "shipped"})).await;
    assert!(shipped.expect(200)["shipped_at"].is_string());
    let moved = ada.get(&path("orders", &order)).await.expect(200);
    assert_eq!(fields(&moved, &["status", "state"]), ["partly_fulfilled", "partly_fulfilled"]);
    // Without lines it is all that is open.
    let rest = json!({"order": order["id"], "carrier": "DHL", "status": "in_transit"});
    let rest = ada.post(SHIPMENTS, rest).await.expect(201);
    let open = json!([{"order_line": one, "quantity": 3}, {"order_line": two, "quantity": 3}]);
    assert_eq!(rest["lines"], open);
    let done = ada.get(&path("orders", &order)).await.expect(200);
    assert_eq!(done["state"], "fulfilled");
    assert!(done["fulfilled_at"].is_string());
    let delivered = ada.post(&act("shipments", &rest, "deliver"), json!({})).await.expect(200);
    assert!(delivered["delivered_at"].is_string());
    let back = ada.post(&act("shipments", &rest, "return"), json!({})).await.expect(200);
    assert_eq!(back["status"], "returned");
    assert_eq!(state(&ada, &order).await, "fulfilled");
    let refused = ada.patch(&path("shipments", &rest), json!({"status": "pending"})).await;
    assert_eq!(detail(&refused.expect(409)), "The shipment is returned: it stays so, not pending.");
});

on_both_databases!(nobody_ships_more_than_is_open, async |app: TestApp| {
    let ada = seller(&app).await;
    let mine = order(&ada, &[("1.00", 5)]).await;
    let other = order(&ada, &[("1.00", 5)]).await;
    let line = &mine["lines"][0]["id"];
    let ship = |lines: Value| {
        let body = json!({"order": mine["id"], "carrier": "DHL", "lines": lines});
        let ada = &ada;
        async move { ada.post(SHIPMENTS, body).await }
    };
    let foreign = &other["lines"][0]["id"];
    let no_such = format!("Invalid pk \"{foreign}\" - object does not exist.");
    let wrong = ship(json!([
        {"order_line": line, "quantity": 4},
        {"order_line": line, "quantity": 2},
        {"order_line": foreign, "quantity": 1},
        {"order_line": line, "quantity": 0},
    ]));
    assert_eq!(
        wrong.await.expect(400),
        json!({"lines": [
            {},
            {"quantity": ["Only 1 of this line are not shipped yet."]},
            {"order_line": [no_such]},
            {"quantity": ["Ensure this value is greater than or equal to 1."]},
        ]})
    );
    assert!(ship(json!([])).await.expect(400).get("lines").is_some());
    let answers =
        join_all((0..20).map(|_| ship(json!([{"order_line": line, "quantity": 1}])))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 400).count(), 15);
    // What was cancelled or deleted is open again.
    let listed =
        ada.get(&format!("{SHIPMENTS}?order={}&ordering=id", mine["id"])).await.expect(200);
    let [first, second] = [&listed["results"][0], &listed["results"][1]];
    ada.post(&act("shipments", first, "cancel"), json!({})).await.expect(200);
    ada.delete(&path("shipments", second)).await.expect(204);
    ship(json!([{"order_line": line, "quantity": 2}])).await.expect(201);
    ada.post(&act("shipments", second, "restore"), json!({})).await.expect(409);
    let third = &listed["results"][2];
    let change = json!({"lines": [{"order_line": line, "quantity": 2}]});
    ada.patch(&path("shipments", third), change).await.expect(409);
    ada.post(&act("shipments", third, "ship"), json!({})).await.expect(200);
    ada.delete(&path("shipments", third)).await.expect(409);
});

on_both_databases!(an_order_waits_for_its_shipments, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("1.00", 5)]).await;
    let body = json!({"order": order["id"], "carrier": "DHL"});
    let made = ada.post(SHIPMENTS, body.clone()).await.expect(201);
    for to in ["cancel", "reopen", "close", "fulfil"] {
        let refused = ada.post(&act("orders", &order, to), json!({})).await.expect(409);
        assert!(detail(&refused).contains("pending"), "{refused}");
    }
    assert!(ada.post(SHIPMENTS, body.clone()).await.expect(400).get("lines").is_some());
    ada.post(&act("shipments", &made, "cancel"), json!({})).await.expect(200);
    ada.post(&act("orders", &order, "cancel"), json!({})).await.expect(200);
    let refused = ada.post(SHIPMENTS, body).await.expect(409);
    assert_eq!(detail(&refused), "The order is cancelled: nothing more is shipped.");
});

on_both_databases!(a_shipment_of_a_deleted_order_waits_for_it, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("1.00", 5)]).await;
    let body = json!({"order": order["id"], "carrier": "DHL"});
    let shipment = ada.post(SHIPMENTS, body).await.expect(201);
    ada.delete(&path("shipments", &shipment)).await.expect(204);
    ada.post(&act("orders", &order, "reopen"), json!({})).await.expect(200);
    ada.delete(&path("orders", &order)).await.expect(204);
    let refused = ada.post(&act("shipments", &shipment, "restore"), json!({})).await.expect(409);
    assert_eq!(detail(&refused), "Its order is deleted. Restore that first.");
});

on_both_databases!(what_happened_keeps_its_date, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("1.00", 5)]).await;
    let body = json!({"order": order["id"], "carrier": "DHL", "status": "delivered",
        "shipped_at": "2026-01-05T10:00:00Z", "delivered_at": "2026-01-07T10:00:00Z"});
    let shipment = ada.post(SHIPMENTS, body).await.expect(201);
    let at = path("shipments", &shipment);
    let corrected = json!({"order": order["id"], "carrier": "DHL", "tracking_number": "T9"});
    let dates = ["2026-01-05T10:00:00Z", "2026-01-07T10:00:00Z"];
    for answer in [
        ada.put(&at, corrected).await,
        ada.patch(&at, json!({"shipped_at": null, "delivered_at": null})).await,
    ] {
        assert_eq!(fields(&answer.expect(200), &["shipped_at", "delivered_at"]), dates);
    }
});
