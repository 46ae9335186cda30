//! Products.

use serde_json::{Value, json};
use system_tests::{TestApp, on_both_databases};

use super::{each, product, variant};

const PRODUCTS: &str = "/api/products/";

fn one(id: &Value) -> String {
    format!("{PRODUCTS}{id}/")
}

on_both_databases!(a_product_lives_with_its_variants, async |app: TestApp| {
    let ada = app.register("ada").await;
    let shirts = ada.post("/api/categories/", json!({"name": "Shirts"})).await.expect(201);
    let body = json!({
        "name": "Blue shirt", "category": shirts["id"], "attributes": {"material": "cotton"},
        "variants": [variant("S", "19.90"), {"name": "M", "price": 21, "cost": "8", "currency": "eur"}],
    });
    let made = ada.post(PRODUCTS, body).await.expect(201);
    assert_eq!(
        (&made["slug"], &made["category_name"], &made["category_slug"], &made["status"]),
        (&json!("blue-shirt"), &json!("Shirts"), &json!("shirts"), &json!("draft"))
    );
    assert_eq!((&made["main_image_url"], &made["published_at"]), (&json!(null), &json!(null)));
    assert!(made["sku"].as_str().unwrap().starts_with("BLU-SHI-"), "{}", made["sku"]);
    let variants = &made["variants"];
    assert_eq!(each(variants, "price"), ["19.90", "21.00"]);
    assert_eq!(each(variants, "currency"), ["USD", "EUR"]);
    assert_eq!(each(variants, "is_default"), [true, false]);
    assert_eq!(each(variants, "product"), [made["id"].clone(), made["id"].clone()]);
    assert_eq!(variants[0]["sku"], format!("{}-S", made["sku"].as_str().unwrap()));
    assert_eq!(ada.get(&one(&made["id"])).await.expect(200), made);
    let listed = ada.get("/api/catalog/products/?category_slug=shirts").await.expect(200);
    assert_eq!(listed["results"], json!([made]));
    assert_eq!(ada.get("/api/products/?category_slug=hats").await.expect(200)["count"], 0);

    // One changes, one goes, one is new; what clients send back is taken as it came.
    let mut medium = variants[1].clone();
    medium["price"] = json!("25.00");
    let body = json!({"variants": [medium, variant("XL", "30")]});
    let changed = ada.patch(&one(&made["id"]), body).await.expect(200);
    assert_eq!(each(&changed["variants"], "name"), ["M", "XL"]);
    assert_eq!(each(&changed["variants"], "is_default"), [true, false], "it was passed on");
    assert_eq!(changed["variants"][0]["id"], variants[1]["id"]);
    assert_eq!((&changed["version"], &changed["name"]), (&json!(2), &json!("Blue shirt")));
    let replaced = ada.put(&one(&made["id"]), json!({"name": "Blue"})).await.expect(200);
    assert_eq!(replaced["variants"], changed["variants"], "what is not named stays");
    assert_eq!((&replaced["slug"], &replaced["sku"]), (&made["slug"], &made["sku"]));
    let emptied = ada.patch(&one(&made["id"]), json!({"variants": []})).await.expect(200);
    assert_eq!(emptied["variants"], json!([]));
});

on_both_databases!(errors_of_variants_stand_in_their_places, async |app: TestApp| {
    let ada = app.register("ada").await;
    let taken = product(&ada, "Taken", &["One"]).await;
    let (sku, foreign) = (&taken["variants"][0]["sku"], &taken["variants"][0]["id"]);
    let before = app.database.dump().await;
    let mut clash = variant("Clash", "1");
    clash["sku"] = sku.clone();
    for (variants, errors) in [
        (
            json!([variant("Good", "1"), {"name": "", "cost": "x"}]),
            json!([{}, {
                "name": ["This field may not be blank."],
                "cost": ["A valid number is required."],
                "price": ["This field is required."],
            }]),
        ),
        (
            json!([clash, variant("Good", "1")]),
            json!([{"sku": [format!("Another product variant has the SKU {sku}.")]}, {}]),
        ),
        (
            json!([{"id": foreign, "name": "Stolen"}]),
            json!([{"id": [format!("Invalid pk \"{foreign}\" - object does not exist.")]}]),
        ),
        (
            json!([variant("Wrong", "12345678901")]),
            json!([{
                "price": ["Ensure that there are no more than 8 digits before the decimal point."],
            }]),
        ),
    ] {
        let body = json!({"name": "New", "variants": variants});
        let refused = ada.post(PRODUCTS, body).await.expect(400);
        assert_eq!(refused, json!({ "variants": errors }));
    }
    let refused = ada.post(PRODUCTS, json!({"name": "New", "variants": {}})).await.expect(400);
    assert_eq!(refused, json!({"variants": ["Expected a list of items but got an object."]}));
    assert_eq!(app.database.dump().await, before, "nothing of it is stored");
});

on_both_databases!(a_foreign_variant_is_as_one_that_is_not_there, async |app: TestApp| {
    let (ada, bob) = (app.register("ada").await, app.register("bob").await);
    let theirs = product(&bob, "Theirs", &["Secret"]).await;
    let mine = product(&ada, "Mine", &["One"]).await;
    let answer = async |id: &Value| {
        let body = json!({"variants": [{"id": id, "name": "Stolen"}]});
        let answer = ada.patch(&one(&mine["id"]), body).await;
        (answer.status, answer.text.replace(&id.to_string(), "<id>"))
    };
    let foreign = answer(&theirs["variants"][0]["id"]).await;
    assert_eq!(foreign, answer(&json!(987_654)).await);
    assert_eq!(foreign.0, 400);
    assert_eq!(bob.get(&one(&theirs["id"])).await.expect(200), theirs);
});

on_both_databases!(status_and_switch_agree, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = product(&ada, "Shirt", &[]).await;
    let path = one(&made["id"]);
    let set = format!("{path}set-status/");
    let active = ada.post(&set, json!({"status": "active"})).await.expect(200);
    assert_eq!((&active["status"], &active["is_active"]), (&json!("active"), &json!(true)));
    let published = active["published_at"].clone();
    assert!(published.is_string());
    let off = ada.patch(&path, json!({"is_active": false})).await.expect(200);
    assert_eq!((&off["status"], &off["published_at"]), (&json!("inactive"), &published));
    let archived = ada.post(&set, json!({"status": "archived"})).await.expect(200);
    assert_eq!(archived["is_active"], false);
    let refused = ada.patch(&path, json!({"is_active": true})).await.expect(400);
    assert_eq!(refused, json!({"is_active": ["An archived product comes back by its status."]}));
    let again = ada.post(&set, json!({"status": "active"})).await.expect(200);
    assert_eq!(again["published_at"], published, "the first time counts");
    for (body, message) in [
        (json!({}), json!({"status": ["This field is required."]})),
        (json!({"status": "sold"}), json!({"status": ["\"sold\" is not a valid choice."]})),
        (json!({"status": ""}), json!({"status": ["\"\" is not a valid choice."]})),
        (json!({"status": "draft", "name": "X"}), json!({"name": ["Unknown field."]})),
    ] {
        assert_eq!(ada.post(&set, body).await.expect(400), message);
    }
    ada.post("/api/products/999999/set-status/", json!({"status": "draft"})).await.expect(404);
    let stale = [("if-match", "\"v1\"")];
    let request = ada.request(reqwest::Method::POST, &set).json(&json!({"status": "draft"}));
    let refused = ada.send(request.header(stale[0].0, stale[0].1)).await;
    assert_eq!(refused.status, 412, "{}", refused.text);
});

on_both_databases!(a_product_goes_and_comes_back_with_its_variants, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = product(&ada, "Shirt", &["S", "M", "L"]).await;
    let variants = made["variants"].as_array().unwrap().clone();
    let of = |row: &Value| format!("/api/product-variants/{}/", row["id"]);
    ada.patch(&of(&variants[1]), json!({"is_default": true})).await.expect(200);
    ada.delete(&of(&variants[0])).await.expect(204);
    ada.delete(&one(&made["id"])).await.expect(204);
    assert_eq!(ada.get("/api/product-variants/").await.expect(200)["count"], 0);
    let refused = ada.post(&format!("{}restore/", of(&variants[1])), json!({})).await.expect(409);
    assert_eq!(refused["detail"], "Its product is deleted. Restore that first.");
    let back = ada.post(&format!("{}restore/", one(&made["id"])), json!({})).await.expect(200);
    assert_eq!(each(&back["variants"], "name"), ["M", "L"], "what went before stays away");
    assert_eq!(each(&back["variants"], "is_default"), [true, false]);
});

on_both_databases!(lists_take_a_few_statements_whatever_they_show, async |app: TestApp| {
    let ada = app.register("ada").await;
    ada.get(PRODUCTS).await.expect(200);
    let mut counts = Vec::new();
    for many in [1, 30] {
        let create = |n: usize| {
            let variants = [variant("S", "1"), variant("M", "2"), variant("L", "3")];
            json!({"op": "create", "data": {"name": format!("P{many}-{n}"), "variants": variants}})
        };
        let operations: Vec<Value> = (0..many).map(create).collect();
        ada.post("/api/products/bulk/", json!({"operations": operations})).await.expect(200);
        for path in ["/api/products/?page_size=200", "/api/product-variants/?page_size=200"] {
            app.statements.take();
            ada.get(path).await.expect(200);
            counts.push(app.statements.take().len());
        }
    }
    assert_eq!(counts, [4, 3, 4, 3], "rows, count, variants, prices");
});

on_both_databases!(lists_are_in_order_of_name_unless_asked_otherwise, async |app: TestApp| {
    let ada = app.register("ada").await;
    for name in ["pear", "Apple", "banana"] {
        product(&ada, name, &[]).await;
    }
    let names = async |query: &str| {
        each(&ada.get(&format!("{PRODUCTS}{query}")).await.expect(200)["results"], "name")
    };
    assert_eq!(names("").await, ["Apple", "banana", "pear"]);
    assert_eq!(names("?ordering=").await, ["Apple", "banana", "pear"]);
    assert_eq!(names("?ordering=-created_at").await, ["banana", "Apple", "pear"]);
    assert_eq!(names("?search=APP").await, ["Apple"]);
    assert_eq!(names("?cursor=&page_size=2").await, ["Apple", "banana"]);
    ada.get("/api/products/?colour=red").await.expect(400);
    ada.get("/api/products/?variants=1").await.expect(400);
    ada.get("/api/products/?ordering=attributes").await.expect(400);
});

on_both_databases!(half_of_a_product_is_not_kept, async |app: TestApp| {
    let ada = app.register("ada").await;
    let good = json!({"op": "create", "data": {"name": "Good", "variants": [variant("S", "1")]}});
    let twice = json!([{"name": "A", "sku": "X", "price": 1, "cost": 1}, {"name": "B", "sku": "X", "price": 1, "cost": 1}]);
    let bad = json!({"op": "create", "data": {"name": "Bad", "variants": twice}});
    let body = json!({"atomic": false, "operations": [good, bad]});
    let answer = ada.post("/api/products/bulk/", body).await.expect(200);
    let statuses = each(&answer["results"], "status");
    assert_eq!(statuses, [201, 400]);
    assert_eq!(answer["results"][1]["errors"]["variants"][0], json!({}));
    assert_eq!(each(&ada.get(PRODUCTS).await.expect(200)["results"], "name"), ["Good"]);
    assert_eq!(ada.get("/api/product-variants/").await.expect(200)["count"], 1);
});

on_both_databases!(a_put_leaves_alone_what_it_does_not_name, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let product = json!({"name": "Boots", "description": "Of leather.", "status": "inactive",
        "variants": [{"name": "Red", "price": "5.00", "cost": "1.00", "currency": "EUR"}]});
    let made = ada.post("/api/products/", product).await.expect(201);
    let one = format!("/api/products/{}/", made["id"]);
    let renamed = ada.put(&one, json!({"name": "Shoes"})).await.expect(200);
    for (field, value) in [
        ("name", json!("Shoes")),
        ("description", json!("Of leather.")),
        ("status", json!("inactive")),
        ("is_active", json!(false)),
        ("published_at", json!(null)),
    ] {
        assert_eq!(renamed[field], value, "{field}");
    }
    let variant = format!("/api/product-variants/{}/", made["variants"][0]["id"]);
    let whole = json!({"name": "Red", "price": "5.00", "cost": "2.00"});
    let changed = ada.put(&variant, whole).await.expect(200);
    assert_eq!((&changed["currency"], &changed["cost"]), (&json!("EUR"), &json!("2.00")));
    let refused = ada.put(&variant, json!({"name": "Red"})).await.expect(400);
    assert_eq!(refused["price"], json!(["This field is required."]));
});

on_both_databases!(what_orders_are_of_is_not_deleted, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let product = json!({"name": "Boots",
        "variants": [{"name": "Red", "price": "5.00", "cost": "1.00"}]});
    let made = ada.post("/api/products/", product).await.expect(201);
    let variant = &made["variants"][0]["id"];
    let order = json!({"lines": [{"product_variant": variant, "quantity": 1}]});
    let order = ada.post("/api/orders/", order).await.expect(201);
    for path in
        [format!("/api/product-variants/{variant}/"), format!("/api/products/{}/", made["id"])]
    {
        let refused = ada.delete(&path).await.expect(409);
        assert_eq!(refused["detail"], "Orders are of Red: it can be archived, not deleted.");
    }
    ada.delete(&format!("/api/orders/{}/", order["id"])).await.expect(204);
    ada.delete(&format!("/api/products/{}/", made["id"])).await.expect(204);
});
