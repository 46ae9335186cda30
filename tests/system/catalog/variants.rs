//! Variants of products.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use super::{each, product};

const VARIANTS: &str = "/api/product-variants/";

fn one(row: &Value) -> String {
    format!("{VARIANTS}{}/", row["id"])
}

/// Which variants of a product are its default.
async fn defaults(client: &Client, product: &Value) -> Vec<Value> {
    let path = format!("{VARIANTS}?product={product}&is_default=true");
    each(&client.get(&path).await.expect(200)["results"], "name")
}

on_both_databases!(a_product_has_one_default_variant, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = product(&ada, "Shirt", &["S", "M", "L"]).await;
    let (id, variants) = (&made["id"], made["variants"].as_array().unwrap().clone());
    assert_eq!(defaults(&ada, id).await, ["S"]);
    let moved = ada.patch(&one(&variants[2]), json!({"is_default": true})).await.expect(200);
    assert_eq!(moved["is_default"], true);
    assert_eq!(defaults(&ada, id).await, ["L"]);
    let given_up = ada.patch(&one(&variants[2]), json!({"is_default": false})).await.expect(200);
    assert_eq!(given_up["is_default"], false);
    assert_eq!(defaults(&ada, id).await, ["S"], "the oldest other one");
    ada.delete(&one(&variants[0])).await.expect(204);
    assert_eq!(defaults(&ada, id).await, ["M"]);
    let back = ada.post(&format!("{}restore/", one(&variants[0])), json!({})).await.expect(200);
    assert_eq!(back["is_default"], false, "another one is it");
    for variant in [&variants[0], &variants[1]] {
        ada.delete(&one(variant)).await.expect(204);
    }
    assert_eq!(defaults(&ada, id).await, ["L"]);
    let stays = ada.patch(&one(&variants[2]), json!({"is_default": false})).await.expect(200);
    assert_eq!(stays["is_default"], true, "the only one stays it");
    let path = format!("/api/products/{id}/");
    let body = json!({"variants": [
        {"id": variants[2]["id"], "is_default": false},
        {"name": "New", "price": 1, "cost": 1, "is_default": true},
    ]});
    let changed = ada.patch(&path, body).await.expect(200);
    assert_eq!(each(&changed["variants"], "is_default"), [false, true]);
    let trail = ada.get("/api/products/?fields=id,variants").await.expect(200);
    assert_eq!(each(&trail["results"][0]["variants"], "is_default"), [false, true]);
});

on_both_databases!(racing_defaults_leave_one, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = product(&ada, "Shirt", &["1", "2", "3", "4", "5", "6"]).await;
    let racing = made["variants"].as_array().unwrap().iter().map(|row| {
        let (ada, path) = (ada.clone(), one(row));
        async move { ada.patch(&path, json!({"is_default": true})).await.status }
    });
    assert_eq!(join_all(racing).await, [200; 6]);
    assert_eq!(defaults(&ada, &made["id"]).await.len(), 1);
});

on_both_databases!(many_defaults_in_one_request_leave_the_last, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = product(&ada, "Shirt", &["S", "M", "L"]).await;
    let ids = each(&made["variants"], "id");
    let update =
        |id: &Value, data: Value| json!({"op": "update", "id": id, "data": data, "version": 1});
    let operations = [
        update(&ids[1], json!({"is_default": true})),
        update(&ids[0], json!({"name": "Small"})),
        update(&ids[2], json!({"is_default": true})),
        json!({"op": "delete", "id": ids[1]}),
    ];
    let answer = ada.post("/api/product-variants/bulk/", json!({"operations": operations})).await;
    assert_eq!(each(&answer.expect(200)["results"], "status"), [200, 200, 200, 204]);
    assert_eq!(defaults(&ada, &made["id"]).await, ["L"]);
});

on_both_databases!(a_variant_stays_with_a_product, async |app: TestApp| {
    let ada = app.register("ada").await;
    let body =
        |product: &Value| json!({"name": "S", "price": "1", "cost": "1", "product": product});
    let missing = ada.post(VARIANTS, json!({"name": "S", "price": 1, "cost": 1})).await.expect(400);
    assert_eq!(missing, json!({"product": ["This field is required."]}));
    ada.post(VARIANTS, body(&json!(null))).await.expect(400);
    let unknown = ada.post(VARIANTS, body(&json!(999_999))).await.expect(400);
    assert_eq!(unknown["product"][0], "Invalid pk \"999999\" - object does not exist.");
    let (shirt, hat) = (product(&ada, "Shirt", &[]).await, product(&ada, "Hat", &[]).await);
    let made = ada.post(VARIANTS, body(&shirt["id"])).await.expect(201);
    let refused = ada.patch(&one(&made), json!({"product": hat["id"]})).await.expect(400);
    assert_eq!(refused, json!({"product": ["A variant stays with its product."]}));
    let kept = ada.put(&one(&made), json!({"name": "T", "price": 2, "cost": 1})).await.expect(200);
    assert_eq!((&kept["product"], &kept["sku"]), (&shirt["id"], &made["sku"]));
});

on_both_databases!(a_sku_is_one_variants, async |app: TestApp| {
    let ada = app.register("ada").await;
    let shirt = product(&ada, "Shirt", &[]).await["id"].clone();
    let body =
        |sku: &str| json!({"name": "S", "sku": sku, "price": 1, "cost": 1, "product": shirt});
    let made = ada.post(VARIANTS, body("ABC-1")).await.expect(201);
    let taken = ada.post(VARIANTS, body("ABC-1")).await.expect(400);
    assert_eq!(taken, json!({"sku": ["Another product variant has the SKU \"ABC-1\"."]}));
    let other = ada.post(VARIANTS, body("")).await.expect(201);
    let taken = ada.patch(&one(&other), json!({"sku": "ABC-1"})).await.expect(400);
    assert!(taken["sku"].is_array());
    assert_eq!(
        ada.get("/api/product-variants/?sku=ABC-1").await.expect(200)["results"][0]["id"],
        made["id"]
    );
    assert_eq!(ada.get("/api/product-variants/?search=abc").await.expect(200)["count"], 1);
    ada.delete(&one(&made)).await.expect(204);
    ada.patch(&one(&other), json!({"sku": "ABC-1"})).await.expect(200);
    let refused = ada.post(&format!("{}restore/", one(&made)), json!({})).await.expect(409);
    assert_eq!(refused["detail"], "Another product variant has the SKU \"ABC-1\".");
    let racing = (0..8).map(|_| {
        let (ada, body) = (ada.clone(), body("RACE"));
        async move { ada.post(VARIANTS, body).await.status }
    });
    let mut statuses = join_all(racing).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
});

on_both_databases!(bad_variants_are_refused_by_field, async |app: TestApp| {
    let ada = app.register("ada").await;
    let shirt = product(&ada, "Shirt", &[]).await["id"].clone();
    let good = json!({"name": "S", "price": 1, "cost": 1, "product": shirt});
    for (field, value) in [
        ("name", json!("x".repeat(256))),
        ("sku", json!("x".repeat(65))),
        ("price", json!("-1")),
        ("price", json!("1.001")),
        ("price", json!(null)),
        ("cost", json!([])),
        ("currency", json!("DOLLAR")),
        ("currency", json!(null)),
        ("attributes", json!([])),
        ("attributes", json!("{}")),
        ("status", json!("draft")),
        ("is_default", json!("yes")),
        ("barcode", json!("x".repeat(65))),
        ("colour", json!("red")),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let refused = ada.post(VARIANTS, body).await.expect(400);
        assert!(refused[field].is_array(), "{field} {value}: {refused}");
    }
    assert_eq!(ada.get(VARIANTS).await.expect(200)["count"], 0);
});

on_both_databases!(what_was_sold_is_archived_and_not_removed, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let variant = |name: &str| json!({"name": name, "price": "5.00", "cost": "1.00"});
    let product =
        json!({"name": "Boots", "variants": [variant("Red"), variant("Blue"), variant("Old")]});
    let made = ada.post("/api/products/", product).await.expect(201);
    let ids: Vec<Value> = (0..3).map(|place| made["variants"][place]["id"].clone()).collect();
    let line = |id: &Value| json!({"product_variant": id, "quantity": 1});
    let order = json!({"lines": [line(&ids[0]), line(&ids[2])]});
    let order = ada.post("/api/orders/", order).await.expect(201);
    let one = format!("/api/products/{}/", made["id"]);
    let only_blue = json!({"name": "Boots", "variants": [{"id": ids[1]}]});
    let told = |product: &Value| -> Vec<(Value, Value, Value)> {
        let variants = product["variants"].as_array().unwrap().iter();
        variants
            .map(|one| (one["id"].clone(), one["status"].clone(), one["is_default"].clone()))
            .collect()
    };
    let archived = |id: &Value| (id.clone(), json!("archived"), json!(false));
    let blue = (ids[1].clone(), json!("active"), json!(true));
    let expected = [archived(&ids[0]), blue.clone(), archived(&ids[2])];
    for _ in 0..2 {
        let changed = ada.patch(&one, only_blue.clone()).await.expect(200);
        assert_eq!(told(&changed), expected);
    }
    // The order shows what was sold.
    let shown = ada.get(&format!("/api/orders/{}/", order["id"])).await.expect(200);
    assert_eq!(shown["lines"][0]["product_variant"], ids[0]);
    // Nobody has bought the last one any more once its line is gone.
    let line = format!("/api/order-lines/{}/", order["lines"][1]["id"]);
    ada.delete(&line).await.expect(204);
    let changed = ada.patch(&one, only_blue).await.expect(200);
    assert_eq!(told(&changed), [archived(&ids[0]), blue]);
});
