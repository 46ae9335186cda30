//! The history of prices.

use serde_json::{Value, json};
use system_tests::{TestApp, on_both_databases};

use super::{each, product};

on_both_databases!(every_price_is_kept_with_its_author, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let me = ada.get("/api/auth/profile/").await.expect(200)["id"].clone();
    let made = product(&ada, "Shirt", &["S", "M"]).await;
    let (one, two) = (&made["variants"][0], &made["variants"][1]);
    let path = format!("/api/product-variants/{}/", one["id"]);
    ada.patch(&path, json!({"price": "11.00"})).await.expect(200);
    ada.patch(&path, json!({"price": "11.00", "name": "Small"})).await.expect(200);
    ada.patch(&path, json!({"cost": "5.00"})).await.expect(200);
    ada.patch(&path, json!({"currency": "EUR"})).await.expect(200);
    let nested = json!({"variants": [{"id": one["id"], "price": "12.00"}, {"id": two["id"]}]});
    ada.patch(&format!("/api/products/{}/", made["id"]), nested).await.expect(200);
    let update = json!({"op": "update", "id": one["id"], "data": {"price": "13.00"}});
    ada.post("/api/product-variants/bulk/", json!({"operations": [update]})).await.expect(200);

    let history = async |query: &str| {
        ada.get(&format!("/api/price-history/{query}")).await.expect(200)["results"].clone()
    };
    let of_one = history(&format!("?variant={}", one["id"])).await;
    assert_eq!(each(&of_one, "price"), ["13.00", "12.00", "11.00", "11.00", "10.00"]);
    assert_eq!(each(&of_one, "currency"), ["EUR", "EUR", "EUR", "USD", "USD"]);
    assert!(each(&of_one, "recorded_by").iter().all(|author| *author == me));
    assert_eq!(of_one[4]["variant_name"], "Small", "as it is called now");
    let shown = ada.get(&path).await.expect(200)["price_history"].clone();
    assert_eq!(each(&shown, "id"), each(&of_one, "id"));
    assert_eq!(each(&shown, "price"), each(&of_one, "price"));
    let all = history(&format!("?product={}&ordering=price", made["id"])).await;
    assert_eq!(all.as_array().unwrap().len(), 6);
    assert_eq!(all[0]["price"], "10.00");
    assert_eq!(history("?product=999999").await, json!([]));

    let day = of_one[0]["recorded_at"].as_str().unwrap()[..10].to_owned();
    let within = history(&format!("?recorded_from={day}&recorded_to={day}")).await;
    assert_eq!(within.as_array().unwrap().len(), 6, "the whole day counts");
    assert_eq!(history("?recorded_to=2020-01-31").await, json!([]));
    ada.get("/api/price-history/?recorded_from=yesterday").await.expect(400);
    ada.post("/api/price-history/", json!({})).await.expect(405);
    ada.delete(&format!("/api/price-history/{}/", of_one[0]["id"])).await.expect(405);
});

on_both_databases!(a_variant_shows_its_last_five_prices, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = product(&ada, "Shirt", &["S"]).await;
    let path = format!("/api/product-variants/{}/", made["variants"][0]["id"]);
    for price in 1..=7 {
        let changed = ada.patch(&path, json!({ "price": price })).await.expect(200);
        assert_eq!(changed["price_history"][0]["price"], format!("{price}.00"));
    }
    let shown = ada.get(&path).await.expect(200);
    let prices: Vec<Value> = each(&shown["price_history"], "price");
    assert_eq!(prices, ["7.00", "6.00", "5.00", "4.00", "3.00"]);
    let product = ada.get(&format!("/api/products/{}/", made["id"])).await.expect(200);
    assert_eq!(product["variants"][0], shown, "within its product it is the same");
    ada.get("/api/price-history/").await.expect(403);
});
