//! Categories and their tree.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use super::{each, product};

const CATEGORIES: &str = "/api/categories/";

async fn category(client: &Client, name: &str, parent: Option<&Value>) -> Value {
    client.post(CATEGORIES, json!({"name": name, "parent": parent})).await.expect(201)["id"].clone()
}

fn one(id: &Value) -> String {
    format!("{CATEGORIES}{id}/")
}

on_both_databases!(a_category_gets_a_slug_of_its_own, async |app: TestApp| {
    let ada = app.register("ada").await;
    let slug = async |body: Value| ada.post(CATEGORIES, body).await.expect(201)["slug"].clone();
    assert_eq!(slug(json!({"name": "Winter Boots"})).await, "winter-boots");
    assert_eq!(slug(json!({"name": "winter boots!"})).await, "winter-boots-2");
    assert_eq!(slug(json!({"name": "Зимние ботинки"})).await, "zimnie-botinki");
    assert_eq!(slug(json!({"name": "…"})).await, "category");
    assert_eq!(slug(json!({"name": "Own", "slug": "Mine_1"})).await, "Mine_1");
    let taken = ada.post(CATEGORIES, json!({"name": "Other", "slug": "Mine_1"})).await.expect(400);
    assert_eq!(taken, json!({"slug": ["Another category has the slug \"Mine_1\"."]}));
    let made = ada.post(CATEGORIES, json!({"name": "Kept"})).await.expect(201);
    let path = one(&made["id"]);
    let renamed = ada.put(&path, json!({"name": "Renamed"})).await.expect(200);
    assert_eq!(renamed["slug"], "kept", "addresses stay");
    ada.patch(&path, json!({"slug": "mine_2"})).await.expect(200);
    // Another workspace has slugs of its own.
    let bob = app.register("bob").await;
    bob.post(CATEGORIES, json!({"name": "Own", "slug": "Mine_1"})).await.expect(201);
    let found = ada.get("/api/catalog/categories/?search=MINE_").await.expect(200);
    assert_eq!(each(&found["results"], "slug"), ["Mine_1", "mine_2"]);
});

on_both_databases!(names_of_many_get_slugs_that_differ, async |app: TestApp| {
    let ada = app.register("ada").await;
    let operations: Vec<Value> =
        (0..30).map(|_| json!({"op": "create", "data": {"name": "Same"}})).collect();
    let made =
        ada.post("/api/categories/bulk/", json!({"operations": operations})).await.expect(200);
    let slugs: std::collections::BTreeSet<String> = made["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["data"]["slug"].to_string())
        .collect();
    assert_eq!(slugs.len(), 30);
});

on_both_databases!(the_tree_follows_names_and_moves, async |app: TestApp| {
    let ada = app.register("ada").await;
    let clothes = category(&ada, "Clothes", None).await;
    let tops = category(&ada, "Tops", Some(&clothes)).await;
    let shirts = category(&ada, "Shirts", Some(&tops)).await;
    let sale = category(&ada, "Sale", None).await;
    let path = async |id: &Value| ada.get(&one(id)).await.expect(200)["path"].clone();
    assert_eq!(path(&shirts).await, "Clothes / Tops / Shirts");
    let before = ada.get(&one(&shirts)).await;
    let (tag, version) = (before.header("etag").unwrap().to_owned(), before["version"].clone());
    ada.patch(&one(&clothes), json!({"name": "Wear"})).await.expect(200);
    let after = ada.ask(reqwest::Method::GET, &one(&shirts), &[("if-none-match", &tag)]).await;
    let after = after.expect(200);
    assert_eq!((&after["path"], &after["version"]), (&json!("Wear / Tops / Shirts"), &version));
    ada.patch(&one(&tops), json!({"parent": sale})).await.expect(200);
    assert_eq!(path(&shirts).await, "Sale / Tops / Shirts");
    let tree = ada.get("/api/categories/tree/").await.expect(200);
    assert_eq!(each(&tree, "name"), ["Sale", "Wear"]);
    assert_eq!(tree[0]["children"][0]["children"][0]["id"], shirts);
    assert_eq!(tree[1]["children"], json!([]));
    assert_eq!(ada.get("/api/catalog/categories/tree").await.expect(200), tree);
    let ordered = ada.get("/api/categories/?ordering=path").await.expect(200);
    let paths = ["Sale", "Sale / Tops", "Sale / Tops / Shirts", "Wear"];
    assert_eq!(each(&ordered["results"], "path"), paths);
    let within =
        ada.get(&format!("/api/categories/?parent={sale}&is_active=true")).await.expect(200);
    assert_eq!(each(&within["results"], "name"), ["Tops"]);
    ada.get("/api/categories/tree/?x=1").await.expect(400);
});

on_both_databases!(no_category_is_inside_itself, async |app: TestApp| {
    let ada = app.register("ada").await;
    let top = category(&ada, "Top", None).await;
    let mid = category(&ada, "Mid", Some(&top)).await;
    let low = category(&ada, "Low", Some(&mid)).await;
    for parent in [&top, &mid, &low] {
        let refused = ada.patch(&one(&top), json!({"parent": parent})).await.expect(400);
        assert_eq!(refused, json!({"parent": ["A category cannot be inside itself."]}));
    }
    let unknown = ada.patch(&one(&top), json!({"parent": 999_999})).await.expect(400);
    assert_eq!(unknown["parent"][0], "Invalid pk \"999999\" - object does not exist.");
    let mut deep = low;
    for level in 4..=10 {
        deep = category(&ada, &format!("L{level}"), Some(&deep)).await;
    }
    let refused = ada.post(CATEGORIES, json!({"name": "L11", "parent": deep})).await.expect(400);
    assert!(refused["parent"][0].as_str().unwrap().contains("10 deep"), "{refused}");
});

on_both_databases!(two_racing_moves_close_no_circle, async |app: TestApp| {
    let ada = app.register("ada").await;
    for round in 0..10 {
        let (one_, two) = (
            category(&ada, &format!("A{round}"), None).await,
            category(&ada, &format!("B{round}"), None).await,
        );
        let moves = join_all([(&one_, &two), (&two, &one_)].map(|(child, parent)| {
            let (ada, path, body) = (ada.clone(), one(child), json!({ "parent": parent }));
            async move { ada.patch(&path, body).await.status }
        }));
        let mut statuses = moves.await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "one of them comes too late");
    }
    let tree = ada.get("/api/categories/tree/").await.expect(200);
    assert_eq!(tree.as_array().unwrap().len(), 10);
});

on_both_databases!(a_category_goes_when_nothing_is_in_it, async |app: TestApp| {
    let ada = app.register("ada").await;
    let top = category(&ada, "Top", None).await;
    let low = category(&ada, "Low", Some(&top)).await;
    let shirt = product(&ada, "Shirt", &[]).await["id"].clone();
    let shirt = format!("/api/products/{shirt}/");
    ada.patch(&shirt, json!({"category": top})).await.expect(200);
    let refused = ada.delete(&one(&top)).await.expect(409);
    let text =
        "The category holds 1 category and 1 product. Move what is in it or delete that first.";
    assert_eq!(refused["detail"], text);
    ada.delete(&one(&low)).await.expect(204);
    ada.patch(&shirt, json!({"category": null})).await.expect(200);
    ada.delete(&one(&top)).await.expect(204);
    // What comes back comes back where it was, once that is there.
    let restored = ada.post(&format!("{}restore/", one(&low)), json!({})).await.expect(200);
    assert_eq!((&restored["parent"], &restored["path"]), (&json!(null), &json!("Low")));
    ada.post(&format!("{}restore/", one(&top)), json!({})).await.expect(200);
    let low = ada.get(&one(&low)).await.expect(200);
    assert_eq!((&low["parent"], &low["path"]), (&top, &json!("Top / Low")));
});

on_both_databases!(a_restore_that_takes_a_slug_is_refused, async |app: TestApp| {
    let ada = app.register("ada").await;
    let old = category(&ada, "Shoes", None).await;
    ada.delete(&one(&old)).await.expect(204);
    category(&ada, "Shoes", None).await;
    let refused = ada.post(&format!("{}restore/", one(&old)), json!({})).await.expect(409);
    assert_eq!(refused["detail"], "Another category has the slug \"shoes\".");
});

on_both_databases!(one_that_comes_back_is_not_inside_itself, async |app: TestApp| {
    let ada = app.register("ada").await;
    let top = category(&ada, "Top", None).await;
    let middle = category(&ada, "Middle", Some(&top)).await;
    let low = category(&ada, "Low", Some(&middle)).await;
    for gone in [&low, &middle] {
        ada.delete(&one(gone)).await.expect(204);
    }
    let back = |id: &Value| format!("{}restore/", one(id));
    ada.post(&back(&low), json!({})).await.expect(200);
    ada.patch(&one(&top), json!({"parent": low})).await.expect(200);
    let refused = ada.post(&back(&middle), json!({})).await.expect(400);
    assert_eq!(refused, json!({"parent": ["A category cannot be inside itself."]}));
    ada.patch(&one(&top), json!({"parent": null})).await.expect(200);
    ada.post(&back(&middle), json!({})).await.expect(200);
    assert_eq!(ada.get(&one(&low)).await.expect(200)["path"], "Top / Middle / Low");
});
