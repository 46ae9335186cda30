//! The catalog as clients use it.

mod categories;
mod prices;
mod products;
mod stock;
mod variants;

use serde_json::{Value, json};
use system_tests::Client;

/// A product with variants of these names.
async fn product(client: &Client, name: &str, variants: &[&str]) -> Value {
    let variants: Vec<Value> = variants.iter().map(|name| variant(name, "10.00")).collect();
    client.post("/api/products/", json!({"name": name, "variants": variants})).await.expect(201)
}

/// A variant as it is written within a product.
fn variant(name: &str, price: &str) -> Value {
    json!({"name": name, "price": price, "cost": "4.00"})
}

/// A field of each row.
fn each(rows: &Value, field: &str) -> Vec<Value> {
    rows.as_array().expect("rows").iter().map(|row| row[field].clone()).collect()
}
