//! A workspace that sells something: what the stories of orders, invoices and shipments begin with.

use serde_json::{Value, json};
use system_tests::{Client, TestApp};

/// Somebody whose plan includes orders, in a workspace of their own.
pub(crate) async fn seller(app: &TestApp) -> Client {
    app.register_enterprise("ada").await
}

/// A new variant in a currency, at a price; its id.
pub(crate) async fn variant(client: &Client, currency: &str, price: &str) -> Value {
    let variant = json!({"name": "Red", "price": price, "cost": "1.00", "currency": currency});
    let product = json!({"name": "Shoes", "variants": [variant]});
    let made = client.post("/api/products/", product).await.expect(201);
    made["variants"][0]["id"].clone()
}

/// A new order in dollars with a line for each price and quantity.
pub(crate) async fn order(client: &Client, lines: &[(&str, i64)]) -> Value {
    let variant = variant(client, "USD", "10.00").await;
    let lines: Vec<Value> = lines
        .iter()
        .map(|(price, quantity)| {
            json!({"product_variant": variant, "quantity": quantity, "unit_price": price})
        })
        .collect();
    client.post("/api/orders/", json!({ "lines": lines })).await.expect(201)
}

/// The address of one.
pub(crate) fn path(resource: &str, row: &Value) -> String {
    format!("/api/{resource}/{}/", row["id"])
}

/// The same at its move.
pub(crate) fn act(resource: &str, row: &Value, act: &str) -> String {
    format!("{}{act}/", path(resource, row))
}

/// Some fields of an object, in a list.
pub(crate) fn fields(object: &Value, names: &[&str]) -> Vec<String> {
    let shown = names.iter().map(|name| match &object[*name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    shown.collect()
}

/// What an answer's `detail` says.
pub(crate) fn detail(answer: &Value) -> &str {
    answer["detail"].as_str().unwrap_or_default()
}
