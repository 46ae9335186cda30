//! Orders and their lines as clients use them.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{TestApp, on_both_databases};

use crate::shop::{act, detail, fields, order, path, seller, variant};

const ORDERS: &str = "/api/orders/";
const LINES: &str = "/api/order-lines/";
const SUMS: [&str; 4] = ["subtotal_amount", "discount_amount", "tax_amount", "total_amount"];

on_both_databases!(an_order_is_made_with_its_lines, async |app: TestApp| {
    let ada = seller(&app).await;
    let contact = json!({"first_name": "Grace", "last_name": "Hopper"});
    let contact = ada.post("/api/contacts/", contact).await.expect(201);
    let variant = variant(&ada, "USD", "19.99").await;
    let body = json!({
        "contact": contact["id"],
        "discount_amount": "10.00",
        "lines": [
            {"product_variant": variant, "quantity": 3, "discount_amount": "5.00", "tax_rate": "20"},
            {"product_variant": variant, "quantity": "1", "unit_price": 100, "tax_rate": 5},
        ],
    });
    let made = ada.post(ORDERS, body).await.expect(201);
    assert_eq!(fields(&made, &SUMS), ["154.97", "10.00", "14.96", "159.93"]);
    let names = ["number", "contact_name", "status", "state", "currency"];
    assert_eq!(fields(&made, &names), ["SO-000001", "Grace Hopper", "draft", "draft", "USD"]);
    assert!(made["ordered_at"].is_string() && made["fulfilled_at"].is_null());
    let line = &made["lines"][0];
    let shown = ["quantity", "unit_price", "total_price", "discount_share", "tax_amount"];
    assert_eq!(fields(line, &shown), ["3", "19.99", "54.97", "3.55", "10.28"]);
    assert_eq!(fields(line, &["variant_name", "order"]), ["Red", &made["id"].to_string()]);
    // It is shown the same wherever it is asked for.
    assert_eq!(ada.get(&path("orders", &made)).await.expect(200), made);
    let listed = ada.get(&format!("/api/sales/orders/?contact={}", contact["id"])).await;
    assert_eq!(listed.expect(200)["results"], json!([made]));
    assert_eq!(ada.get(&path("order-lines", line)).await.expect(200), *line);
    // The audit log tells of the order with its lines.
    let logged = ada.get("/api/audit-logs/?entity=orders").await.expect(200);
    assert_eq!(logged["results"].as_array().map(Vec::len), Some(1));
});

on_both_databases!(lines_are_written_one_by_one, async |app: TestApp| {
    let ada = seller(&app).await;
    let made = ada.post(ORDERS, json!({"status": "pending"})).await.expect(201);
    assert_eq!(fields(&made, &["status", "state", "total_amount"]), ["pending", "draft", "0.00"]);
    let order = path("orders", &made);
    let variant = variant(&ada, "USD", "12.50").await;
    let body = json!({"order": made["id"], "product_variant": variant, "quantity": 2,
        "unit_price": "12.50", "tax_rate": "10.00"});
    let line = ada.post(LINES, body).await.expect(201);
    assert_eq!(fields(&line, &["total_price", "tax_amount"]), ["25.00", "2.50"]);
    let shown = ada.get(&order).await.expect(200);
    assert_eq!(shown["total_amount"], "27.50");
    assert_eq!(shown["lines"], json!([line]));
    let changed = ada.patch(&path("order-lines", &line), json!({"quantity": 4})).await.expect(200);
    assert_eq!(changed["total_price"], "50.00");
    assert_eq!(ada.get(&order).await.expect(200)["total_amount"], "55.00");
    ada.delete(&path("order-lines", &line)).await.expect(204);
    assert_eq!(fields(&ada.get(&order).await.expect(200), &SUMS), ["0.00"; 4]);
    ada.post(&act("order-lines", &line, "restore"), json!({})).await.expect(200);
    assert_eq!(ada.get(&order).await.expect(200)["total_amount"], "55.00");
});

on_both_databases!(lines_are_replaced_with_their_order, async |app: TestApp| {
    let ada = seller(&app).await;
    let made = order(&ada, &[("1.00", 1), ("2.00", 1), ("3.00", 1)]).await;
    let at = path("orders", &made);
    let lines = &made["lines"];
    let wanted = json!({"lines": [
        {"id": lines[2]["id"], "quantity": 5},
        {"product_variant": lines[0]["product_variant"], "quantity": 1, "unit_price": "0.50"},
        {"id": lines[0]["id"]},
    ]});
    let changed = ada.patch(&at, wanted).await.expect(200);
    let ids: Vec<&Value> = changed["lines"].as_array().unwrap().iter().map(|l| &l["id"]).collect();
    assert_eq!(ids[..2], [&lines[0]["id"], &lines[2]["id"]]);
    assert_eq!(changed["total_amount"], "16.50");
    ada.get(&path("order-lines", &lines[1])).await.expect(404);
    // Sent back as it came, it stays as it is.
    let again = ada.put(&at, changed.clone()).await.expect(200);
    assert_eq!(
        (&again["lines"], &again["total_amount"]),
        (&changed["lines"], &changed["total_amount"])
    );
    assert_eq!(ada.patch(&at, json!({"lines": []})).await.expect(200)["total_amount"], "0.00");
    // Deleted and restored, it has the lines that it had.
    let two = order(&ada, &[("1.00", 1), ("2.00", 1)]).await;
    ada.delete(&path("orders", &two)).await.expect(204);
    ada.get(&path("order-lines", &two["lines"][0])).await.expect(404);
    let back = ada.post(&act("orders", &two, "restore"), json!({})).await.expect(200);
    assert_eq!(back["lines"].as_array().map(Vec::len), Some(2));
    assert_eq!(back["total_amount"], "3.00");
});

on_both_databases!(what_is_wrong_is_said_where_it_stands, async |app: TestApp| {
    let ada = seller(&app).await;
    let (dollars, euros) = (variant(&ada, "USD", "5").await, variant(&ada, "EUR", "5").await);
    let stranger = app.register_enterprise("eve").await;
    let foreign = variant(&stranger, "USD", "5").await;
    let body = json!({"lines": [
        {"product_variant": dollars, "quantity": 1},
        {"product_variant": euros, "quantity": 1},
        {"product_variant": foreign, "quantity": 0},
        {"product_variant": dollars, "quantity": 1, "discount_amount": "5.01", "tax_rate": "0"},
        {"product_variant": dollars, "quantity": 1, "tax_rate": "100.01"},
    ]});
    let no_such = format!("Invalid pk \"{foreign}\" - object does not exist.");
    assert_eq!(
        ada.post(ORDERS, body).await.expect(400),
        json!({"lines": [
            {},
            {"product_variant": ["The variant is priced in EUR, the order is in USD."]},
            {
                "product_variant": [no_such],
                "quantity": ["Ensure this value is greater than or equal to 1."],
            },
            {"discount_amount":
                ["Ensure this value is less than or equal to 5.00, what the line costs."]},
            {"tax_rate": ["Ensure this value is less than or equal to 100."]},
        ]})
    );
    let nested = json!({"lines": [{}, {"product_variant": dollars, "quantity": "many"}]});
    let wrong = ada.post(ORDERS, nested).await.expect(400);
    assert_eq!(wrong["lines"][0]["quantity"], json!(["This field is required."]));
    assert_eq!(wrong["lines"][1]["quantity"], json!(["A valid integer is required."]));
    for (body, field) in [
        (json!({"status": "lost"}), "status"),
        (json!({"currency": "XYZ"}), "currency"),
        (json!({"contact": 999_999}), "contact"),
        (json!({"discount_amount": "0.01"}), "discount_amount"),
        (json!({"colour": "red"}), "colour"),
        (json!({"lines": {}}), "lines"),
        (json!({"lines": vec![json!({"product_variant": dollars, "quantity": 1}); 501]}), "lines"),
    ] {
        let wrong = ada.post(ORDERS, body).await.expect(400);
        assert!(wrong.get(field).is_some(), "{field}: {wrong}");
    }
    assert_eq!(ada.get(ORDERS).await.expect(200)["count"], 0);
    assert_eq!(ada.get(LINES).await.expect(200)["count"], 0);
    // By itself, a line names its order; the sums of the order must hold.
    let alone = json!({"product_variant": dollars, "quantity": 1});
    assert_eq!(
        ada.post(LINES, alone).await.expect(400),
        json!({"order": ["This field is required."]})
    );
    let lines = json!([{"product_variant": dollars, "quantity": 2}]);
    let made = ada.post(ORDERS, json!({"discount_amount": "9", "lines": lines})).await.expect(201);
    let line = path("order-lines", &made["lines"][0]);
    let wrong = ada.patch(&line, json!({"quantity": 1})).await.expect(400);
    assert!(wrong["non_field_errors"][0].as_str().unwrap().contains("5.00"), "{wrong}");
    assert_eq!(ada.get(&path("orders", &made)).await.expect(200), made);
    let huge =
        json!({"product_variant": dollars, "quantity": 2_147_483_647, "unit_price": "99999999.99"});
    let wrong = ada.post(ORDERS, json!({"lines": [huge]})).await.expect(400);
    assert!(wrong["lines"][0]["quantity"].is_array(), "{wrong}");
});

on_both_databases!(what_was_agreed_upon_stays, async |app: TestApp| {
    let ada = seller(&app).await;
    let empty = ada.post(ORDERS, json!({})).await.expect(201);
    let refused = ada.post(&act("orders", &empty, "confirm"), json!({})).await.expect(409);
    assert_eq!(detail(&refused), "An order without lines cannot be confirmed.");
    let made = order(&ada, &[("10.00", 2)]).await;
    let (at, line) = (path("orders", &made), path("order-lines", &made["lines"][0]));
    let confirmed = ada.post(&act("orders", &made, "confirm"), json!({})).await.expect(200);
    assert_eq!(fields(&confirmed, &["status", "state"]), ["confirmed", "confirmed"]);
    ada.patch(&line, json!({"quantity": 3})).await.expect(409);
    ada.delete(&line).await.expect(409);
    ada.patch(&at, json!({"lines": []})).await.expect(409);
    ada.patch(&at, json!({"currency": "EUR"})).await.expect(409);
    ada.patch(&at, json!({"discount_amount": "1"})).await.expect(409);
    ada.delete(&at).await.expect(409);
    let more = json!({"order": made["id"], "product_variant": made["lines"][0]["product_variant"],
        "quantity": 1});
    ada.post(LINES, more).await.expect(409);
    assert_eq!(ada.get(&at).await.expect(200)["total_amount"], "20.00");
    // Sent back as it is, with its lines, only what differs counts.
    let mut back = confirmed.clone();
    back["status"] = json!("processing");
    let processing = ada.put(&at, back).await.expect(200);
    assert_eq!(fields(&processing, &["status", "state"]), ["processing", "confirmed"]);
    ada.post(&act("orders", &made, "reopen"), json!({})).await.expect(200);
    ada.patch(&line, json!({"quantity": 3})).await.expect(200);
});

on_both_databases!(clients_read_the_word_that_they_wrote, async |app: TestApp| {
    let ada = seller(&app).await;
    let made = order(&ada, &[("10.00", 1)]).await;
    let at = path("orders", &made);
    for (word, state) in [
        ("pending", "draft"),
        ("processing", "confirmed"),
        ("shipped", "fulfilled"),
        ("delivered", "fulfilled"),
        ("completed", "fulfilled"),
    ] {
        let moved = ada.patch(&at, json!({"status": word})).await.expect(200);
        assert_eq!(fields(&moved, &["status", "state"]), [word, state]);
        assert_eq!(ada.get(&at).await.expect(200)["status"], word);
        let listed = ada.get(&format!("{ORDERS}?state={state}")).await.expect(200);
        assert_eq!(listed["count"], 1);
    }
    assert!(ada.get(&at).await.expect(200)["fulfilled_at"].is_string());
    let refused = ada.patch(&at, json!({"status": "pending"})).await.expect(409);
    assert_eq!(detail(&refused), "The order is fulfilled: it can become closed, not draft.");
    let other = order(&ada, &[("10.00", 1)]).await;
    ada.post(&act("orders", &other, "cancel"), json!({})).await.expect(200);
    ada.post(&act("orders", &other, "confirm"), json!({})).await.expect(409);
    ada.delete(&path("orders", &other)).await.expect(204);
    let third = order(&ada, &[("10.00", 1)]).await;
    let refused = ada.patch(&path("orders", &third), json!({"status": "partly_fulfilled"})).await;
    assert_eq!(
        detail(&refused.expect(409)),
        "The order is draft: it can become confirmed, fulfilled, cancelled, not partly_fulfilled."
    );
});

on_both_databases!(numbers_are_given_once_and_none_is_left_out, async |app: TestApp| {
    let ada = seller(&app).await;
    let create = || async { ada.post(ORDERS, json!({})).await.expect(201)["number"].clone() };
    let mut numbers: Vec<String> = join_all((0..30).map(|_| create()))
        .await
        .into_iter()
        .map(|number| number.as_str().expect("text").to_owned())
        .collect();
    numbers.sort();
    let expected: Vec<String> = (1..=30).map(|n| format!("SO-{n:06}")).collect();
    assert_eq!(numbers, expected);
    // One that was refused gives its number back; every workspace has its own.
    ada.post(ORDERS, json!({"contact": 999_999})).await.expect(400);
    assert_eq!(create().await, "SO-000031");
    let eve = app.register_enterprise("eve").await;
    assert_eq!(eve.post(ORDERS, json!({})).await.expect(201)["number"], "SO-000001");
});

on_both_databases!(lines_that_are_written_at_once_all_count, async |app: TestApp| {
    let ada = seller(&app).await;
    let made = order(&ada, &[("1.00", 1)]).await;
    let body = json!({"order": made["id"], "product_variant": made["lines"][0]["product_variant"],
        "quantity": 1, "unit_price": "1.00"});
    let confirm = act("orders", &made, "confirm");
    let write = |n: usize| {
        let (ada, body, confirm) = (&ada, body.clone(), &confirm);
        async move {
            match n {
                15 => ada.post(confirm, json!({})).await.status,
                _ => ada.post(LINES, body).await.status,
            }
        }
    };
    let answers = join_all((0..30).map(write)).await;
    let added = answers.iter().filter(|status| **status == 201).count();
    assert!(answers.iter().all(|status| [200, 201, 409].contains(status)), "{answers:?}");
    let shown = ada.get(&path("orders", &made)).await.expect(200);
    assert_eq!(shown["state"], "confirmed");
    assert_eq!(shown["lines"].as_array().map(Vec::len), Some(added + 1));
    assert_eq!(shown["total_amount"], format!("{}.00", added + 1));
});

on_both_databases!(orders_need_their_feature, async |app: TestApp| {
    let free = app.register("ada").await;
    for path in [ORDERS, LINES, "/api/invoices/", "/api/payments/", "/api/shipments/"] {
        let refused = free.get(path).await.expect(403);
        assert!(detail(&refused).contains("feature"), "{refused}");
    }
});

on_both_databases!(a_line_stays_with_its_order, async |app: TestApp| {
    let ada = seller(&app).await;
    let mine = order(&ada, &[("10.00", 1)]).await;
    let other = order(&ada, &[("1.00", 1)]).await;
    ada.post(&act("orders", &other, "confirm"), json!({})).await.expect(200);
    let line = &mine["lines"][0]["id"];
    let moved = json!({"lines": [{"id": line, "order": other["id"]}]});
    let refused = ada.patch(&path("orders", &mine), moved).await.expect(400);
    assert_eq!(refused["lines"][0]["order"], json!(["A line stays with its order."]));
    let own = json!({"lines": [{"id": line, "order": mine["id"], "quantity": 2}]});
    let changed = ada.patch(&path("orders", &mine), own).await.expect(200);
    assert_eq!(changed["total_amount"], "20.00");
    let nowhere = json!({"lines": [{"id": line, "order": null}]});
    let changed = ada.patch(&path("orders", &mine), nowhere).await.expect(200);
    assert_eq!(changed["lines"][0]["order"], mine["id"]);
});

on_both_databases!(
    what_is_invoiced_is_not_reopened_and_keeps_its_currency,
    async |app: TestApp| {
        let ada = seller(&app).await;
        let made = order(&ada, &[("10.00", 1)]).await;
        ada.post(&act("orders", &made, "confirm"), json!({})).await.expect(200);
        let invoice = json!({"order": made["id"], "status": "issued"});
        let invoice = ada.post("/api/invoices/", invoice).await.expect(201);
        let refused = ada.post(&act("orders", &made, "reopen"), json!({})).await.expect(409);
        assert_eq!(detail(&refused), "Invoices ask for it: make them void before it changes.");
        ada.post(&act("invoices", &invoice, "void"), json!({})).await.expect(200);
        ada.post(&act("orders", &made, "reopen"), json!({})).await.expect(200);
        let draft = order(&ada, &[("10.00", 1)]).await;
        ada.post("/api/invoices/", json!({"order": draft["id"]})).await.expect(201);
        let at = path("orders", &draft);
        ada.patch(&at, json!({"lines": []})).await.expect(200);
        let refused = ada.patch(&at, json!({"currency": "JPY"})).await.expect(400);
        assert_eq!(
            refused["currency"],
            json!(["Invoices ask for it in the currency that it has."])
        );
    }
);

on_both_databases!(a_line_comes_back_to_its_currency_only, async |app: TestApp| {
    let ada = seller(&app).await;
    let made = order(&ada, &[("10.00", 1)]).await;
    let line = path("order-lines", &made["lines"][0]);
    ada.delete(&line).await.expect(204);
    ada.patch(&path("orders", &made), json!({"currency": "EUR"})).await.expect(200);
    let refused = ada.post(&format!("{line}restore/"), json!({})).await.expect(409);
    assert_eq!(detail(&refused), "The variant is priced in USD, the order is in EUR.");
    ada.patch(&path("orders", &made), json!({"currency": "USD"})).await.expect(200);
    ada.post(&format!("{line}restore/"), json!({})).await.expect(200);
});

on_both_databases!(a_discount_is_rounded_as_the_currency_is, async |app: TestApp| {
    let ada = seller(&app).await;
    let variant = variant(&ada, "JPY", "100").await;
    let body = json!({"currency": "JPY", "discount_amount": "10.50",
        "lines": [{"product_variant": variant, "quantity": 1}]});
    let made = ada.post(ORDERS, body).await.expect(201);
    let shown = fields(&made, &["subtotal_amount", "discount_amount", "total_amount"]);
    assert_eq!(shown, ["100.00", "10.00", "90.00"]);
});

on_both_databases!(what_invoices_ask_for_stays, async |app: TestApp| {
    let ada = seller(&app).await;
    let made = order(&ada, &[("50.00", 2)]).await;
    let (at, line) = (path("orders", &made), path("order-lines", &made["lines"][0]));
    let body = json!({"order": made["id"], "total_amount": "60.00", "status": "issued"});
    let invoice = ada.post("/api/invoices/", body).await.expect(201);
    let asked = "Invoices ask for 60.00 of it: credit them or make them void first.";
    let refused = |answer: Value| assert_eq!(detail(&answer), asked);
    for change in [json!({"lines": []}), json!({"discount_amount": "40.01"})] {
        refused(ada.patch(&at, change).await.expect(409));
    }
    refused(ada.patch(&line, json!({"quantity": 1})).await.expect(409));
    refused(ada.delete(&line).await.expect(409));
    refused(ada.patch(&at, json!({"status": "cancelled"})).await.expect(409));
    assert_eq!(ada.get(&at).await.expect(200), made);
    // As long as it comes to as much it may change, and it may come to more.
    ada.patch(&at, json!({"discount_amount": "40.00"})).await.expect(200);
    ada.patch(&line, json!({"quantity": 3})).await.expect(200);
    ada.post(&act("orders", &made, "confirm"), json!({})).await.expect(200);
    refused(ada.post(&act("orders", &made, "cancel"), json!({})).await.expect(409));
    ada.post(&act("orders", &made, "reopen"), json!({})).await.expect(409);
    // What was taken back is asked for no more.
    let credit = act("invoices", &invoice, "credit");
    ada.post(&credit, json!({"amount": "25.00"})).await.expect(201);
    let told = ada.post(&act("orders", &made, "cancel"), json!({})).await.expect(409);
    assert!(detail(&told).starts_with("Invoices ask for 35.00 of it"), "{told}");
    ada.post(&credit, json!({"amount": "35.00"})).await.expect(201);
    ada.post(&act("orders", &made, "reopen"), json!({})).await.expect(200);
    let again = ada.post("/api/invoices/", json!({"order": made["id"]})).await.expect(201);
    assert_eq!(again["total_amount"], "110.00");
    // A draft asks for nothing yet.
    ada.post(&act("orders", &made, "cancel"), json!({})).await.expect(200);
    ada.post(&act("invoices", &again, "issue"), json!({})).await.expect(409);
    ada.delete(&path("invoices", &again)).await.expect(204);
    ada.delete(&at).await.expect(204);
});

on_both_databases!(an_order_has_five_hundred_lines_at_most, async |app: TestApp| {
    let ada = seller(&app).await;
    let variant = variant(&ada, "USD", "1.00").await;
    let line = json!({"product_variant": variant, "quantity": 1});
    let made = ada.post(ORDERS, json!({"lines": vec![line.clone(); 500]})).await.expect(201);
    let mut more = line;
    more["order"] = made["id"].clone();
    let refused = ada.post(LINES, more.clone()).await.expect(409);
    assert_eq!(detail(&refused), "An order has no more than 500 lines.");
    let first = path("order-lines", &made["lines"][0]);
    ada.delete(&first).await.expect(204);
    ada.post(LINES, more).await.expect(201);
    ada.post(&format!("{first}restore/"), json!({})).await.expect(409);
    assert_eq!(ada.get(&path("orders", &made)).await.expect(200)["total_amount"], "500.00");
});

on_both_databases!(a_line_of_another_order_is_as_one_that_is_not_there, async |app: TestApp| {
    let (ada, eve) = (seller(&app).await, app.register_enterprise("eve").await);
    let mine = order(&ada, &[("10.00", 1)]).await;
    let [other, theirs] = [order(&ada, &[("1.00", 1)]).await, order(&eve, &[("1.00", 1)]).await];
    let before = app.database.dump().await;
    for id in [&other["lines"][0]["id"], &theirs["lines"][0]["id"], &json!(999_999)] {
        let body = json!({"lines": [{"id": id, "quantity": 5}]});
        let wrong = ada.patch(&path("orders", &mine), body).await.expect(400);
        let message = format!("Invalid pk \"{id}\" - object does not exist.");
        assert_eq!(wrong, json!({"lines": [{"id": [message]}]}));
    }
    assert_eq!(app.database.dump().await, before);
});
