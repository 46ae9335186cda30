//! What orders and shipments do to stock, as clients see it.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Answer, Client, TestApp, on_both_databases};

use crate::shop::{act, detail, path, seller, variant};

/// A variant with a lot of so many units.
async fn stocked(client: &Client, quantity: i64) -> Value {
    let variant = variant(client, "USD", "10.00").await;
    receive(client, &variant, quantity, "2999-01-31").await;
    variant
}

async fn receive(client: &Client, variant: &Value, quantity: i64, expires_at: &str) -> Value {
    let lot = json!({"variant": variant, "quantity": quantity, "received_at": "2026-01-15",
        "expires_at": expires_at});
    client.post("/api/inventory-lots/", lot).await.expect(201)
}

/// A draft of so many units of each variant.
async fn draft(client: &Client, lines: &[(&Value, i64)]) -> Value {
    let line = |(variant, quantity): &(&Value, i64)| json!({"product_variant": variant, "quantity": quantity});
    let lines: Vec<Value> = lines.iter().map(line).collect();
    client.post("/api/orders/", json!({ "lines": lines })).await.expect(201)
}

/// On hand, reserved and available.
async fn level(client: &Client, variant: &Value) -> [i64; 3] {
    let level = client.get(&format!("/api/product-variants/{variant}/stock/")).await.expect(200);
    ["on_hand", "reserved", "available"].map(|name| level[name].as_i64().expect("a number"))
}

async fn make(client: &Client, resource: &str, row: &Value, what: &str) -> Answer {
    client.post(&act(resource, row, what), json!({})).await
}

on_both_databases!(orders_and_hands_reach_for_the_same_lots_at_once, async |app: TestApp| {
    let ada = seller(&app).await;
    let (milk, tea) = (stocked(&ada, 1_000).await, stocked(&ada, 1_000).await);
    let lots = ada.get("/api/inventory-lots/?ordering=id").await.expect(200);
    let lots = lots["results"].as_array().expect("rows").clone();
    let line = |variant: &Value| json!({"product_variant": variant, "quantity": 1});
    for _ in 0..5 {
        let buy = (0..8).map(|_| {
            let body = json!({"status": "confirmed", "lines": [line(&milk), line(&tea)]});
            let ada = &ada;
            async move { ada.post("/api/orders/", body).await.status }
        });
        let count = lots.iter().cycle().take(8).map(|lot| {
            let (ada, adjust) = (&ada, act("inventory-lots", lot, "adjust"));
            async move { ada.post(&adjust, json!({"change": 1})).await.status }
        });
        let carry = lots.iter().cycle().take(8).enumerate().map(|(n, lot)| {
            let (ada, lot) = (&ada, path("inventory-lots", lot));
            async move { ada.patch(&lot, json!({"location": format!("Shelf {n}")})).await.status }
        });
        let (bought, counted, carried) =
            tokio::join!(join_all(buy), join_all(count), join_all(carry));
        assert_eq!((bought, counted, carried), (vec![201; 8], vec![200; 8], vec![200; 8]));
    }
    for variant in [&milk, &tea] {
        assert_eq!(level(&ada, variant).await, [1_020, 40, 980]);
    }
});

on_both_databases!(an_order_holds_its_goods_until_they_leave, async |app: TestApp| {
    let ada = seller(&app).await;
    let milk = stocked(&ada, 10).await;
    let order = draft(&ada, &[(&milk, 6)]).await;
    assert_eq!(level(&ada, &milk).await, [10, 0, 10]);
    make(&ada, "orders", &order, "confirm").await.expect(200);
    assert_eq!(level(&ada, &milk).await, [10, 6, 4]);
    make(&ada, "orders", &order, "reopen").await.expect(200);
    assert_eq!(level(&ada, &milk).await, [10, 0, 10]);
    // The word of old clients for it.
    ada.patch(&path("orders", &order), json!({"status": "processing"})).await.expect(200);
    make(&ada, "orders", &order, "cancel").await.expect(200);
    assert_eq!(level(&ada, &milk).await, [10, 0, 10]);

    let parts = draft(&ada, &[(&milk, 6)]).await;
    make(&ada, "orders", &parts, "confirm").await.expect(200);
    let line = &parts["lines"][0]["id"];
    let body = json!({"order": parts["id"], "carrier": "DHL", "status": "shipped",
        "lines": [{"order_line": line, "quantity": 2}]});
    let shipped = ada.post("/api/shipments/", body.clone()).await.expect(201);
    assert_eq!(level(&ada, &milk).await, [8, 4, 4]);
    // What is packed is still there; what is called off stays with the order.
    let mut packed = body;
    packed["status"] = json!("pending");
    let packed = ada.post("/api/shipments/", packed).await.expect(201);
    make(&ada, "shipments", &packed, "cancel").await.expect(200);
    assert_eq!(level(&ada, &milk).await, [8, 4, 4]);
    make(&ada, "orders", &parts, "close").await.expect(200);
    assert_eq!(level(&ada, &milk).await, [8, 0, 8]);
    make(&ada, "shipments", &shipped, "return").await.expect(200);
    assert_eq!(level(&ada, &milk).await, [10, 0, 10]);

    // At once, by shipping a draft or by handing it over the counter.
    let sent = draft(&ada, &[(&milk, 3)]).await;
    let body = json!({"order": sent["id"], "carrier": "DHL", "status": "delivered"});
    ada.post("/api/shipments/", body).await.expect(201);
    assert_eq!(ada.get(&path("orders", &sent)).await.expect(200)["state"], "fulfilled");
    assert_eq!(level(&ada, &milk).await, [7, 0, 7]);
    let counter = draft(&ada, &[(&milk, 4)]).await;
    make(&ada, "orders", &counter, "fulfil").await.expect(200);
    assert_eq!(level(&ada, &milk).await, [3, 0, 3]);
    // The ledger tells it line by line.
    let of_line =
        format!("/api/stock-movements/?ordering=id&reference_type=order_line&reference_id={line}");
    let rows = ada.get(&of_line).await.expect(200)["results"].as_array().unwrap().clone();
    let told: Vec<_> =
        rows.iter().map(|row| (row["kind"].as_str().unwrap(), &row["quantity"])).collect();
    let [two, four, six] = [json!(2), json!(4), json!(6)];
    assert_eq!(
        told,
        [("reservation", &six), ("shipment", &two), ("release", &four), ("return", &two)]
    );
});

on_both_databases!(an_order_gets_all_that_it_wants_or_nothing, async |app: TestApp| {
    let ada = seller(&app).await;
    let (milk, tea) = (stocked(&ada, 5).await, stocked(&ada, 2).await);
    // Of what is not in stock-keeping there is always enough.
    let advice = variant(&ada, "USD", "10.00").await;
    let order = draft(&ada, &[(&milk, 3), (&tea, 3), (&milk, 3), (&advice, 1000)]).await;
    let sku = |place: usize| order["lines"][place]["variant_sku"].as_str().unwrap().to_owned();
    for what in ["confirm", "fulfil"] {
        let refused = make(&ada, "orders", &order, what).await.expect(409);
        let expected = format!(
            "There is not enough in stock: 2 of {} are available, 3 are wanted, \
             2 of {} are available, 3 are wanted.",
            sku(1),
            sku(2)
        );
        assert_eq!(detail(&refused), expected);
    }
    let body = json!({"order": order["id"], "carrier": "DHL"});
    ada.post("/api/shipments/", body).await.expect(409);
    assert_eq!(ada.get("/api/shipments/").await.expect(200)["count"], 0);
    assert_eq!(ada.get(&path("orders", &order)).await.expect(200), order);
    assert_eq!(level(&ada, &milk).await, [5, 0, 5]);
    assert_eq!(level(&ada, &tea).await, [2, 0, 2]);
    // What is past its day is there, but nobody gets it.
    receive(&ada, &tea, 50, "2026-01-31").await;
    make(&ada, "orders", &order, "confirm").await.expect(409);
    // A new order may be made as agreed upon at once, or not at all.
    let lines = json!([{"product_variant": tea, "quantity": 3}]);
    let body = json!({"status": "confirmed", "lines": lines});
    ada.post("/api/orders/", body).await.expect(409);
    receive(&ada, &tea, 1, "2999-01-31").await;
    let body = json!({"status": "confirmed", "lines": lines});
    ada.post("/api/orders/", body).await.expect(201);
    assert_eq!(level(&ada, &tea).await, [53, 3, 0]);
});

on_both_databases!(of_two_hundred_who_want_fifty_units_fifty_get_one, async |app: TestApp| {
    let ada = seller(&app).await;
    for round in 0..2 {
        let (milk, tea) = (stocked(&ada, 20).await, stocked(&ada, 50).await);
        receive(&ada, &milk, 30, "2998-01-31").await;
        let make_draft = |number: usize| {
            let (ada, milk, tea) = (&ada, &milk, &tea);
            async move {
                // Half of them take the two the other way round.
                let lines = if number.is_multiple_of(2) {
                    [(milk, 1), (tea, 1)]
                } else {
                    [(tea, 1), (milk, 1)]
                };
                draft(ada, &lines).await
            }
        };
        let mut orders = Vec::new();
        for number in 0..200 {
            orders.push(make_draft(number).await);
        }
        let answers =
            join_all(orders.iter().map(|order| make(&ada, "orders", order, "confirm"))).await;
        let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((with(200), with(409)), (50, 150), "round {round}");
        let short = |answer: &&Answer| answer.status == 409;
        for answer in answers.iter().filter(short) {
            assert!(detail(&answer.json).starts_with("There is not enough in stock: 0 of "));
        }
        for variant in [&milk, &tea] {
            assert_eq!(level(&ada, variant).await, [50, 50, 0], "round {round}");
        }
    }
});

on_both_databases!(what_was_held_once_and_is_no_more_is_in_nobodys_way, async |app: TestApp| {
    let ada = seller(&app).await;
    let tea = stocked(&ada, 5).await;
    let service = variant(&ada, "USD", "9.00").await;
    let order = draft(&ada, &[(&tea, 2)]).await;
    make(&ada, "orders", &order, "confirm").await.expect(200);
    make(&ada, "orders", &order, "reopen").await.expect(200);
    let line = path("order-lines", &order["lines"][0]);
    ada.patch(&line, json!({"product_variant": service})).await.expect(200);
    make(&ada, "orders", &order, "confirm").await.expect(200);
    make(&ada, "orders", &order, "fulfil").await.expect(200);
    assert_eq!(level(&ada, &tea).await, [5, 0, 5]);
});

on_both_databases!(what_old_clients_complete_leaves_stock, async |app: TestApp| {
    let ada = seller(&app).await;
    let tea = stocked(&ada, 5).await;
    let order = draft(&ada, &[(&tea, 2)]).await;
    for status in ["processing", "completed"] {
        ada.patch(&path("orders", &order), json!({ "status": status })).await.expect(200);
    }
    assert_eq!(level(&ada, &tea).await, [3, 0, 3]);
    let more = draft(&ada, &[(&tea, 4)]).await;
    ada.patch(&path("orders", &more), json!({"status": "completed"})).await.expect(409);
});

on_both_databases!(what_an_order_handed_over_can_be_shipped_and_come_back, async |app: TestApp| {
    let ada = seller(&app).await;
    let tea = stocked(&ada, 10).await;
    let order = draft(&ada, &[(&tea, 6)]).await;
    ada.patch(&path("orders", &order), json!({"status": "shipped"})).await.expect(200);
    assert_eq!(level(&ada, &tea).await, [4, 0, 4]);
    // Old clients say how it left once it has.
    let line = &order["lines"][0]["id"];
    let part = |quantity: i64, status: &str| {
        json!({"order": order["id"], "carrier": "DHL", "status": status,
            "lines": [{"order_line": line, "quantity": quantity}]})
    };
    let first = ada.post("/api/shipments/", part(4, "shipped")).await.expect(201);
    let second = ada.post("/api/shipments/", part(2, "pending")).await.expect(201);
    let more = ada.post("/api/shipments/", part(1, "shipped")).await.expect(409);
    assert_eq!(detail(&more), "The order is fulfilled: nothing more is shipped.");
    make(&ada, "shipments", &second, "ship").await.expect(200);
    assert_eq!(level(&ada, &tea).await, [4, 0, 4], "it has left already");
    make(&ada, "shipments", &first, "return").await.expect(200);
    assert_eq!(level(&ada, &tea).await, [8, 0, 8]);
    assert_eq!(ada.get(&path("orders", &order)).await.expect(200)["status"], "shipped");
    // Part of it with a shipment, the rest over the counter.
    let order = draft(&ada, &[(&tea, 5)]).await;
    let body = json!({"order": order["id"], "carrier": "DHL", "status": "shipped",
        "lines": [{"order_line": order["lines"][0]["id"], "quantity": 2}]});
    ada.post("/api/shipments/", body).await.expect(201);
    make(&ada, "orders", &order, "fulfil").await.expect(200);
    assert_eq!(level(&ada, &tea).await, [3, 0, 3]);
    let rest = json!({"order": order["id"], "carrier": "DHL", "status": "delivered"});
    let rest = ada.post("/api/shipments/", rest).await.expect(201);
    assert_eq!(rest["lines"][0]["quantity"], 3);
    make(&ada, "shipments", &rest, "return").await.expect(200);
    assert_eq!(level(&ada, &tea).await, [6, 0, 6]);
});

on_both_databases!(what_lies_in_stock_is_not_deleted, async |app: TestApp| {
    let ada = seller(&app).await;
    let body = json!({"name": "Tea", "variants": [
        {"name": "Green", "price": "5.00", "cost": "1.00"},
        {"name": "Black", "price": "5.00", "cost": "1.00"},
    ]});
    let product = ada.post("/api/products/", body).await.expect(201);
    let [green, black] = [0, 1].map(|place| product["variants"][place]["id"].clone());
    let lot = receive(&ada, &green, 3, "2999-01-31").await;
    let product = path("products", &product);
    let variant = format!("/api/product-variants/{green}/");
    for one in [&variant, &product] {
        let refused = ada.delete(one).await.expect(409);
        assert_eq!(detail(&refused), "Green is in stock: it can be archived, not deleted.");
    }
    // Left out of a list it is archived, as one that was sold.
    let only = json!({"variants": [{"id": black}]});
    let changed = ada.patch(&product, only.clone()).await.expect(200);
    let told: Vec<_> = (0..2).map(|place| changed["variants"][place]["status"].clone()).collect();
    assert_eq!(told, ["archived", "active"]);
    assert_eq!(level(&ada, &green).await, [3, 0, 3]);
    // Once it is gone, nothing keeps it.
    ada.patch(&path("inventory-lots", &lot), json!({"quantity": 0})).await.expect(200);
    let changed = ada.patch(&product, only).await.expect(200);
    assert_eq!(changed["variants"].as_array().map(Vec::len), Some(1));
    ada.delete(&product).await.expect(204);
});
