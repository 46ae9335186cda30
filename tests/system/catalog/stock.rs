//! Lots, what there is of them, and the ledger.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use super::{each, product};

const LOTS: &str = "/api/inventory-lots/";

/// Somebody with a variant.
async fn keeper(app: &TestApp) -> (Client, Value) {
    let ada = app.register_enterprise("ada").await;
    let made = product(&ada, "Milk", &["1 l"]).await;
    (ada, made["variants"][0]["id"].clone())
}

async fn lot(client: &Client, variant: &Value, quantity: i64, more: Value) -> Value {
    let mut body = json!({"variant": variant, "quantity": quantity, "received_at": "2026-01-15"});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    client.post(LOTS, body).await.expect(201)
}

fn one(lot: &Value) -> String {
    format!("{LOTS}{}/", lot["id"])
}

/// The ledger, the oldest line first: kind, units and place.
async fn ledger(client: &Client, query: &str) -> Vec<(String, i64, String)> {
    let path = format!("/api/stock-movements/?ordering=id{query}");
    let rows = client.get(&path).await.expect(200)["results"].as_array().unwrap().clone();
    let text = |row: &Value, name: &str| row[name].as_str().expect("text").to_owned();
    let line =
        |row: &Value| (text(row, "kind"), row["quantity"].as_i64().unwrap(), text(row, "location"));
    rows.iter().map(line).collect()
}

fn line(kind: &str, quantity: i64, location: &str) -> (String, i64, String) {
    (kind.to_owned(), quantity, location.to_owned())
}

on_both_databases!(what_comes_and_goes_is_in_the_ledger, async |app: TestApp| {
    let (ada, variant) = keeper(&app).await;
    let me = ada.get("/api/auth/profile/").await.expect(200)["id"].clone();
    let supplier = ada.post("/api/suppliers/", json!({"name": "Dairy"})).await.expect(201);
    let more =
        json!({"supplier": supplier["id"], "location": "Cold store", "expires_at": "2999-01-31"});
    let made = lot(&ada, &variant, 20, more).await;
    assert_eq!((&made["quantity"], &made["reserved"]), (&json!(20), &json!(0)));
    ada.patch(&one(&made), json!({"quantity": 18})).await.expect(200);
    let adjusted = ada
        .post(&format!("{}adjust/", one(&made)), json!({"change": -3, "reason": "Broken"}))
        .await
        .expect(200);
    assert_eq!((&adjusted["quantity"], &adjusted["version"]), (&json!(15), &json!(3)));
    ada.patch(&one(&made), json!({"location": "Shop"})).await.expect(200);
    ada.delete(&one(&made)).await.expect(204);
    ada.post(&format!("{}restore/", one(&made)), json!({})).await.expect(200);
    let expected = [
        line("receipt", 20, "Cold store"),
        line("adjustment", -2, "Cold store"),
        line("adjustment", -3, "Cold store"),
        line("transfer", -15, "Cold store"),
        line("transfer", 15, "Shop"),
        line("adjustment", -15, "Shop"),
        line("adjustment", 15, "Shop"),
    ];
    assert_eq!(ledger(&ada, "").await, expected);
    assert_eq!(ledger(&ada, &format!("&lot={}&kind=receipt", made["id"])).await, expected[..1]);
    assert_eq!(ledger(&ada, "&variant=999999").await, []);
    let newest = ada.get("/api/stock-movements/").await.expect(200)["results"][4].clone();
    assert_eq!((&newest["reason"], &newest["created_by"]), (&json!("Broken"), &me));
    assert_eq!((&newest["reference_type"], &newest["reference_id"]), (&json!(""), &json!(null)));
    ada.post("/api/stock-movements/", json!({})).await.expect(405);
    let listed =
        ada.get("/api/catalog/inventory-lots/?received_from=2026-01-15&received_to=2026-01-15");
    assert_eq!(listed.await.expect(200)["count"], 1);
    assert_eq!(
        ada.get("/api/inventory-lots/?received_from=2026-01-16").await.expect(200)["count"],
        0
    );
});

on_both_databases!(a_level_says_what_there_is, async |app: TestApp| {
    let (ada, variant) = keeper(&app).await;
    let path = format!("/api/product-variants/{variant}/stock/");
    let nothing = ada.get(&path).await.expect(200);
    assert_eq!((&nothing["tracked"], &nothing["on_hand"]), (&json!(false), &json!(0)));
    lot(&ada, &variant, 5, json!({"location": "A"})).await;
    let last = lot(&ada, &variant, 7, json!({"location": "A", "expires_at": "2999-01-31"})).await;
    lot(&ada, &variant, 4, json!({"location": "B", "expires_at": "2026-01-31"})).await;
    let level = ada.get(&path).await.expect(200);
    let number = |name: &str| level[name].as_i64().unwrap();
    assert_eq!(
        (number("on_hand"), number("reserved"), number("available"), number("expired")),
        (16, 0, 12, 4)
    );
    assert_eq!(level["tracked"], true);
    assert_eq!(each(&level["locations"], "location"), ["A", "B"]);
    assert_eq!(each(&level["locations"], "available"), [12, 0]);
    assert_eq!(each(&level["lots"], "on_hand"), [4, 7, 5], "what expires first, first");
    assert_eq!(level["lots"][1]["lot"], last["id"]);
    ada.get("/api/product-variants/999999/stock/").await.expect(404);
    ada.get(&format!("{path}?x=1")).await.expect(400);
    let bob = app.register_enterprise("bob").await;
    bob.get(&path).await.expect(404);
    let poor = app.register("poor").await;
    let refused = poor.get(&path).await.expect(403);
    assert!(refused["detail"].as_str().unwrap().contains("inventory.advanced_tracking"));
});

on_both_databases!(a_part_is_carried_to_another_place, async |app: TestApp| {
    let (ada, variant) = keeper(&app).await;
    let made = lot(&ada, &variant, 10, json!({"location": "Store"})).await;
    let transfer = format!("{}transfer/", one(&made));
    let moved = ada.post(&transfer, json!({"location": "Shop", "quantity": 4})).await.expect(200);
    assert_eq!((&moved["from"]["quantity"], &moved["to"]["quantity"]), (&json!(6), &json!(4)));
    assert_ne!(moved["from"]["id"], moved["to"]["id"]);
    let again = ada.post(&transfer, json!({"location": "Shop", "quantity": 1})).await.expect(200);
    assert_eq!(again["to"]["id"], moved["to"]["id"], "it joins what lies there");
    assert_eq!(again["to"]["quantity"], 5);
    let rest = ada.post(&transfer, json!({"location": "Yard"})).await.expect(200);
    assert_eq!((&rest["from"], &rest["to"]["quantity"]), (&rest["to"], &json!(5)));
    let expected = [
        line("receipt", 10, "Store"),
        line("transfer", -4, "Store"),
        line("transfer", 4, "Shop"),
        line("transfer", -1, "Store"),
        line("transfer", 1, "Shop"),
        line("transfer", -5, "Store"),
        line("transfer", 5, "Yard"),
    ];
    assert_eq!(ledger(&ada, "").await, expected);
    for (body, field) in [
        (json!({}), "location"),
        (json!({"location": ""}), "location"),
        (json!({"location": "Yard"}), "location"),
        (json!({"location": "X", "quantity": 6}), "quantity"),
        (json!({"location": "X", "quantity": 0}), "quantity"),
        (json!({"location": "X", "quantity": -1}), "quantity"),
        (json!({"location": "X", "quantity": null}), "quantity"),
        (json!({"location": "X", "where": 1}), "where"),
    ] {
        let refused = ada.post(&transfer, body.clone()).await.expect(400);
        assert!(refused[field].is_array(), "{body}: {refused}");
    }
    assert_eq!(ledger(&ada, "").await, expected, "what is refused moves nothing");
});

on_both_databases!(bad_lots_are_refused_by_field, async |app: TestApp| {
    let (ada, variant) = keeper(&app).await;
    let made = lot(&ada, &variant, 10, json!({})).await;
    let other = product(&ada, "Tea", &["100 g"]).await["variants"][0]["id"].clone();
    let before = app.database.dump().await;
    for (body, field) in [
        (json!({"quantity": -1}), "quantity"),
        (json!({"quantity": 1.5}), "quantity"),
        (json!({"quantity": 3_000_000_000_i64}), "quantity"),
        (json!({"received_at": null}), "received_at"),
        (json!({"received_at": "31.01.2026"}), "received_at"),
        (json!({"expires_at": "2026-01-14"}), "expires_at"),
        (json!({"supplier": 999_999}), "supplier"),
        (json!({"variant": other}), "variant"),
        (json!({"location": "x".repeat(256)}), "location"),
    ] {
        let refused = ada.patch(&one(&made), body.clone()).await.expect(400);
        assert!(refused[field].is_array(), "{body}: {refused}");
    }
    let unknown = json!({"variant": 999_999, "quantity": 1, "received_at": "2026-01-15"});
    let refused = ada.post(LOTS, unknown).await.expect(400);
    assert_eq!(refused, json!({"variant": ["Invalid pk \"999999\" - object does not exist."]}));
    let adjust = format!("{}adjust/", one(&made));
    for body in [
        json!({"change": 0}),
        json!({"change": -11}),
        json!({"change": "x"}),
        json!({}),
        json!({"change": 2_147_483_647}),
        json!({"change": i64::MAX}),
    ] {
        let refused = ada.post(&adjust, body.clone()).await.expect(400);
        assert!(refused["change"].is_array(), "{body}: {refused}");
    }
    ada.post("/api/inventory-lots/999999/adjust/", json!({"change": 1})).await.expect(404);
    assert_eq!(app.database.dump().await, before);
});

on_both_databases!(racing_adjustments_are_all_counted, async |app: TestApp| {
    let (ada, variant) = keeper(&app).await;
    let made = lot(&ada, &variant, 5, json!({})).await;
    let adjust = format!("{}adjust/", one(&made));
    let racing = (0..12).map(|_| {
        let (ada, adjust) = (ada.clone(), adjust.clone());
        async move { ada.post(&adjust, json!({"change": -1})).await.status }
    });
    let statuses = join_all(racing).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 5);
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 7);
    assert_eq!(ada.get(&one(&made)).await.expect(200)["quantity"], 0);
    assert_eq!(ledger(&ada, "").await.len(), 6);
});

on_both_databases!(an_adjustment_sent_twice_counts_once, async |app: TestApp| {
    let (ada, variant) = keeper(&app).await;
    let made = lot(&ada, &variant, 5, json!({})).await;
    let adjust = format!("{}adjust/", one(&made));
    let key = ("idempotency-key", "once");
    let first = ada.post_with(&adjust, key, json!({"change": 2})).await.expect(200);
    let again = ada.post_with(&adjust, key, json!({"change": 2})).await.expect(200);
    assert_eq!((&first, &first["quantity"]), (&again, &json!(7)));
    assert_eq!(ledger(&ada, "").await.len(), 2);
});
