//! Invoices, payments, credit notes and refunds as clients use them.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use crate::shop::{act, detail, fields, order, path, seller, variant};

const INVOICES: &str = "/api/invoices/";
const PAYMENTS: &str = "/api/payments/";
const MONEY: [&str; 6] =
    ["status", "total_amount", "paid_amount", "refunded_amount", "credited_amount", "owed_amount"];

/// An invoice of an order of 100 dollars, issued.
async fn issued(ada: &Client) -> Value {
    let order = order(ada, &[("50.00", 2)]).await;
    let body = json!({"order": order["id"], "status": "issued"});
    ada.post(INVOICES, body).await.expect(201)
}

fn payment(invoice: &Value, amount: &str, reference: &str) -> Value {
    json!({"invoice": invoice["id"], "amount": amount, "provider": "Bank",
        "transaction_reference": reference})
}

async fn money(ada: &Client, invoice: &Value) -> Vec<String> {
    fields(&ada.get(&path("invoices", invoice)).await.expect(200), &MONEY)
}

on_both_databases!(an_invoice_is_drafted_issued_and_paid, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("50.00", 2)]).await;
    let draft = ada.post(INVOICES, json!({"order": order["id"]})).await.expect(201);
    assert_eq!(fields(&draft, &MONEY), ["draft", "100.00", "0.00", "0.00", "0.00", "100.00"]);
    assert_eq!(fields(&draft, &["number", "series", "currency"]), ["", "INV", "USD"]);
    let at = path("invoices", &draft);
    ada.patch(&at, json!({"due_date": "2026-02-28"})).await.expect(200);
    let issued = ada.post(&act("invoices", &draft, "issue"), json!({})).await.expect(200);
    let names = ["number", "status", "due_date", "overdue_at"];
    let expected = ["INV-000001", "issued", "2026-02-28", "2026-03-01T00:00:00Z"];
    assert_eq!(fields(&issued, &names), expected);
    assert!(issued["issued_at"].is_string());
    // The overdue ones are a list.
    let overdue = ada.get(&format!("{INVOICES}?overdue_before=2026-03-01T00:00:00Z")).await;
    assert_eq!(overdue.expect(200)["count"], 1);
    let before = ada.get(&format!("{INVOICES}?overdue_before=2026-02-28T23:59:59Z")).await;
    assert_eq!(before.expect(200)["count"], 0);
    // What was issued stays.
    for change in [
        json!({"total_amount": "1.00"}),
        json!({"due_date": "2027-01-01"}),
        json!({"series": "X"}),
        json!({"status": "draft"}),
        json!({"status": "paid"}),
    ] {
        ada.patch(&at, change).await.expect(409);
    }
    ada.delete(&at).await.expect(409);
    assert_eq!(ada.get(&at).await.expect(200), issued);
    ada.put(&at, issued.clone()).await.expect(200);
    let paid = ada.post(PAYMENTS, payment(&draft, "30.00", "a")).await.expect(201);
    assert_eq!(fields(&paid, &["amount", "currency", "refunded_amount"]), ["30.00", "USD", "0.00"]);
    let owed = ["partly_paid", "100.00", "30.00", "0.00", "0.00", "70.00"];
    assert_eq!(money(&ada, &draft).await, owed);
    let wrong = ada.post(PAYMENTS, payment(&draft, "70.01", "b")).await.expect(400);
    assert_eq!(wrong, json!({"amount": ["Only 70.00 is owed."]}));
    ada.post(PAYMENTS, payment(&draft, "70.00", "b")).await.expect(201);
    let settled = ada.get(&at).await.expect(200);
    assert_eq!(fields(&settled, &["status", "owed_amount"]), ["paid", "0.00"]);
    assert!(settled["overdue_at"].is_null());
    ada.post(&act("invoices", &draft, "void"), json!({})).await.expect(409);
});

on_both_databases!(dinars_are_paid_to_the_last_fils, async |app: TestApp| {
    let ada = seller(&app).await;
    let variant = variant(&ada, "KWD", "1.235").await;
    let line = json!({"product_variant": variant, "quantity": 3, "discount_amount": "0.001"});
    let body = json!({"currency": "KWD", "discount_amount": "0.002", "lines": [line]});
    let order = ada.post("/api/orders/", body).await.expect(201);
    assert_eq!(fields(&order, &["subtotal_amount", "total_amount"]), ["3.704", "3.702"]);
    let body = json!({"order": order["id"], "status": "issued"});
    let invoice = ada.post(INVOICES, body).await.expect(201);
    let fils = ada.post(PAYMENTS, payment(&invoice, "0.7025", "a")).await.expect(400);
    assert_eq!(fils, json!({"amount": ["Ensure that there are no more than 3 decimal places."]}));
    let paid = ada.post(PAYMENTS, payment(&invoice, "0.702", "a")).await.expect(201);
    let back = json!({"amount": "0.001"});
    ada.post(&act("payments", &paid, "refund"), back.clone()).await.expect(201);
    ada.post(&act("invoices", &invoice, "credit"), back).await.expect(201);
    ada.post(PAYMENTS, payment(&invoice, "3.000", "b")).await.expect(201);
    assert_eq!(money(&ada, &invoice).await[1..], ["3.702", "3.702", "0.001", "0.001", "0.00"]);
});

on_both_databases!(amounts_have_the_places_of_their_currency, async |app: TestApp| {
    let ada = seller(&app).await;
    let places = |count: u32| format!("Ensure that there are no more than {count} decimal places.");
    // Prices have two places in every currency, and as many as it has.
    let variant = variant(&ada, "JPY", "100.25").await;
    let at = format!("/api/product-variants/{variant}/");
    let wrong = ada.patch(&at, json!({"price": "1.255", "cost": "0.125"})).await.expect(400);
    assert_eq!(wrong, json!({"price": [places(2)], "cost": [places(2)]}));
    let line = json!({"product_variant": variant, "quantity": 2});
    let mut fine = line.clone();
    fine["unit_price"] = json!("0.125");
    fine["discount_amount"] = json!("0.0625");
    let body = json!({"currency": "JPY", "lines": [fine]});
    let wrong = ada.post("/api/orders/", body).await.expect(400);
    let of_line = json!({"unit_price": [places(2)], "discount_amount": [places(2)]});
    assert_eq!(wrong, json!({"lines": [of_line]}));
    let body = json!({"currency": "JPY", "discount_amount": "1.005", "lines": [line]});
    let wrong = ada.post("/api/orders/", body).await.expect(400);
    assert_eq!(wrong, json!({"discount_amount": [places(2)]}));
    // What is asked for and paid has those of the currency alone.
    let body = json!({"currency": "JPY", "lines": [line]});
    let order = ada.post("/api/orders/", body).await.expect(201);
    assert_eq!(order["total_amount"], "200.00");
    let body = json!({"order": order["id"], "total_amount": "99.50"});
    let wrong = ada.post(INVOICES, body).await.expect(400);
    assert_eq!(wrong, json!({"total_amount": [places(0)]}));
    let body = json!({"order": order["id"], "status": "issued"});
    let invoice = ada.post(INVOICES, body).await.expect(201);
    let wrong = ada.post(PAYMENTS, payment(&invoice, "100.5", "a")).await.expect(400);
    assert_eq!(wrong, json!({"amount": [places(0)]}));
    let credit = act("invoices", &invoice, "credit");
    let wrong = ada.post(&credit, json!({"amount": "0.5"})).await.expect(400);
    assert_eq!(wrong, json!({"amount": [places(0)]}));
    let paid = ada.post(PAYMENTS, payment(&invoice, "200.00", "a")).await.expect(201);
    let refund = act("payments", &paid, "refund");
    let wrong = ada.post(&refund, json!({"amount": "0.5"})).await.expect(400);
    assert_eq!(wrong, json!({"amount": [places(0)]}));
});

on_both_databases!(numbers_have_no_gaps_even_in_a_race, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("50.00", 2)]).await;
    let mut drafts = Vec::new();
    for _ in 0..64 {
        let body = json!({"order": order["id"], "total_amount": "1.00"});
        drafts.push(ada.post(INVOICES, body).await.expect(201));
    }
    // Every third names a version that is not there, and gives its number back.
    let issue = |(n, draft): (usize, &Value)| {
        let (ada, path) = (&ada, act("invoices", draft, "issue"));
        async move {
            let stale = if n % 3 == 0 { "\"v7\"" } else { "\"v1\"" };
            ada.post_with(&path, ("if-match", stale), json!({})).await.status
        }
    };
    let answers = join_all(drafts.iter().enumerate().map(issue)).await;
    let issued = answers.iter().filter(|status| **status == 200).count();
    assert!(answers.iter().all(|status| [200, 412].contains(status)), "{answers:?}");
    assert_eq!(issued, 42);
    let listed = ada.get(&format!("{INVOICES}?status=issued&page_size=200&ordering=number")).await;
    let listed = listed.expect(200);
    let rows = listed["results"].as_array().expect("rows");
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row["number"], format!("INV-{:06}", place + 1));
    }
    assert_eq!(rows.len(), issued);
    // Another series counts by itself.
    let body =
        json!({"order": order["id"], "series": "2026", "status": "issued", "total_amount": 1});
    assert_eq!(ada.post(INVOICES, body).await.expect(201)["number"], "2026-000001");
});

on_both_databases!(the_same_payment_comes_once, async |app: TestApp| {
    let ada = seller(&app).await;
    let invoice = issued(&ada).await;
    let pay = || async { ada.post(PAYMENTS, payment(&invoice, "60.00", "tx-1")).await };
    let answers = join_all((0..50).map(|_| pay())).await;
    let first = answers[0].clone().expect(201);
    for answer in answers {
        assert_eq!(answer.expect(201), first);
    }
    assert_eq!(ada.get(PAYMENTS).await.expect(200)["count"], 1);
    assert_eq!(money(&ada, &invoice).await[2], "60.00");
    for other in ["59.99", "40.00"] {
        let wrong = ada.post(PAYMENTS, payment(&invoice, other, "tx-1")).await.expect(400);
        let message = json!(["Another payment has this provider and reference."]);
        assert_eq!(wrong, json!({"transaction_reference": message}));
    }
    // The provider's name in other letters is the same provider.
    let mut shouted = payment(&invoice, "60.00", "tx-1");
    shouted["provider"] = json!("BANK");
    assert_eq!(ada.post(PAYMENTS, shouted).await.expect(201)["id"], first["id"]);
});

on_both_databases!(no_more_is_paid_than_is_owed_even_in_a_race, async |app: TestApp| {
    let ada = seller(&app).await;
    let invoice = issued(&ada).await;
    let pay = |n: usize| {
        let (ada, body) = (&ada, payment(&invoice, "30.00", &format!("tx-{n}")));
        async move { ada.post(PAYMENTS, body).await.status }
    };
    let answers = join_all((0..30).map(pay)).await;
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 3);
    assert_eq!(answers.iter().filter(|status| **status == 400).count(), 27);
    assert_eq!(money(&ada, &invoice).await[5], "10.00");
});

on_both_databases!(payments_are_corrected_and_given_back, async |app: TestApp| {
    let ada = seller(&app).await;
    let invoice = issued(&ada).await;
    let paid = ada.post(PAYMENTS, payment(&invoice, "40.00", "a")).await.expect(201);
    let at = path("payments", &paid);
    ada.patch(&at, json!({"amount": "100.01"})).await.expect(400);
    ada.patch(&at, json!({"amount": "0"})).await.expect(400);
    ada.patch(&at, json!({"amount": "90"})).await.expect(200);
    assert_eq!(money(&ada, &invoice).await[2], "90.00");
    ada.delete(&at).await.expect(204);
    assert_eq!(money(&ada, &invoice).await[..3], ["issued", "100.00", "0.00"]);
    // Its reference is free while it is deleted.
    let other = ada.post(PAYMENTS, payment(&invoice, "10.00", "a")).await.expect(201);
    ada.post(&act("payments", &paid, "restore"), json!({})).await.expect(409);
    ada.delete(&path("payments", &other)).await.expect(204);
    ada.post(&act("payments", &paid, "restore"), json!({})).await.expect(200);
    let refund = act("payments", &paid, "refund");
    let body = json!({"amount": "90.01", "reason": "Too much"});
    let wrong = ada.post(&refund, body).await.expect(400);
    assert_eq!(wrong, json!({"amount": ["Only 90.00 of the payment are left."]}));
    for wrong in
        [json!({}), json!({"amount": "0"}), json!({"amount": "-1"}), json!({"amount": "x"})]
    {
        assert!(ada.post(&refund, wrong).await.expect(400).get("amount").is_some());
    }
    let body = json!({"amount": "20.00", "reason": "Broken"});
    let given = ada.post(&refund, body).await.expect(201);
    assert_eq!(fields(&given, &["amount", "reason", "currency"]), ["20.00", "Broken", "USD"]);
    assert_eq!(ada.get(&path("refunds", &given)).await.expect(200), given);
    let owed = ["partly_paid", "100.00", "90.00", "20.00", "0.00", "30.00"];
    assert_eq!(money(&ada, &invoice).await, owed);
    assert_eq!(ada.get(&at).await.expect(200)["refunded_amount"], "20.00");
    ada.delete(&at).await.expect(409);
    ada.patch(&at, json!({"amount": "19.99"})).await.expect(409);
    ada.post("/api/payments/999999/refund/", json!({"amount": 1})).await.expect(404);
});

on_both_databases!(credit_notes_take_back_what_was_asked_for, async |app: TestApp| {
    let ada = seller(&app).await;
    let invoice = issued(&ada).await;
    let credit = act("invoices", &invoice, "credit");
    let note = ada.post(&credit, json!({"amount": "25.00", "reason": "Late"})).await.expect(201);
    assert_eq!(fields(&note, &["number", "amount", "reason"]), ["CN-000001", "25.00", "Late"]);
    let owed = ["partly_paid", "100.00", "0.00", "0.00", "25.00", "75.00"];
    assert_eq!(money(&ada, &invoice).await, owed);
    ada.post(PAYMENTS, payment(&invoice, "75.01", "a")).await.expect(400);
    ada.post(PAYMENTS, payment(&invoice, "75.00", "a")).await.expect(201);
    assert_eq!(money(&ada, &invoice).await[0], "paid");
    let wrong = ada.post(&credit, json!({"amount": "75.01"})).await.expect(400);
    assert_eq!(wrong, json!({"amount": ["Only 75.00 is left of the invoice."]}));
    ada.post(&credit, json!({"amount": "75.00"})).await.expect(201);
    assert_eq!(money(&ada, &invoice).await[0], "credited");
    let notes = ada.get(&format!("/api/credit-notes/?invoice={}", invoice["id"])).await;
    assert_eq!(notes.expect(200)["count"], 2);
    let note = path("credit-notes", &note);
    ada.delete(&note).await.expect(405);
    ada.patch(&note, json!({"amount": "1"})).await.expect(405);
    // A draft is changed instead, and what is void asks for nothing.
    let order = json!({"order": invoice["order"], "total_amount": "5"});
    let draft = ada.post(INVOICES, order).await.expect(201);
    ada.post(&act("invoices", &draft, "credit"), json!({"amount": "1"})).await.expect(409);
    let void = ada.post(&act("invoices", &draft, "void"), json!({})).await.expect(200);
    assert_eq!(fields(&void, &["status", "owed_amount", "number"]), ["void", "0.00", ""]);
    let refused = ada.post(PAYMENTS, payment(&draft, "1.00", "b")).await.expect(409);
    assert_eq!(detail(&refused), "The invoice is void: nothing is paid.");
});

on_both_databases!(an_order_is_invoiced_in_parts, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("50.00", 2)]).await;
    let invoice = |more: Value| {
        let mut body = json!({"order": order["id"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let ada = &ada;
        async move { ada.post(INVOICES, body).await }
    };
    let deposit = invoice(json!({"total_amount": "30.00"})).await.expect(201);
    assert_eq!(invoice(json!({})).await.expect(201)["total_amount"], "70.00");
    assert!(invoice(json!({})).await.expect(400).get("total_amount").is_some());
    ada.post(&act("invoices", &deposit, "void"), json!({})).await.expect(200);
    assert_eq!(invoice(json!({})).await.expect(201)["total_amount"], "30.00");
    assert!(invoice(json!({"order": 999_999})).await.expect(400).get("order").is_some());
    ada.post(&act("orders", &order, "cancel"), json!({})).await.expect(200);
    invoice(json!({"total_amount": "1"})).await.expect(409);
    // A payment issues a draft.
    let draft = ada.get(&format!("{INVOICES}?total_amount=70.00")).await.expect(200);
    let draft = &draft["results"][0];
    ada.post(PAYMENTS, payment(draft, "1.00", "early")).await.expect(409);
});

on_both_databases!(a_payment_issues_a_draft, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("50.00", 2)]).await;
    let draft = ada.post(INVOICES, json!({"order": order["id"]})).await.expect(201);
    ada.post(PAYMENTS, payment(&draft, "100.00", "early")).await.expect(201);
    let paid = ada.get(&path("invoices", &draft)).await.expect(200);
    assert_eq!(fields(&paid, &["number", "status"]), ["INV-000001", "paid"]);
});

on_both_databases!(what_is_issued_stays_whatever_is_left_blank, async |app: TestApp| {
    let ada = seller(&app).await;
    let invoice = issued(&ada).await;
    let at = path("invoices", &invoice);
    for change in [
        json!({"status": "", "total_amount": "1.00"}),
        json!({"series": "", "total_amount": "1.00"}),
        json!({"status": "", "due_date": "2030-01-01"}),
    ] {
        ada.patch(&at, change.clone()).await.expect(409);
        let mut whole = change;
        whole["order"] = invoice["order"].clone();
        ada.put(&at, whole).await.expect(409);
    }
    let same = json!({"order": invoice["order"], "status": "", "series": ""});
    let shown = ada.put(&at, same).await.expect(200);
    let names = ["status", "series", "number", "issued_at", "total_amount", "owed_amount"];
    assert_eq!(fields(&shown, &names), fields(&invoice, &names));
    ada.post(PAYMENTS, payment(&invoice, "100.00", "a")).await.expect(201);
    let paid = ada.get(&at).await.expect(200);
    let changed = json!({"order": invoice["order"], "total_amount": "1.00"});
    ada.put(&at, changed).await.expect(409);
    ada.delete(&at).await.expect(409);
    assert_eq!(ada.get(&at).await.expect(200), paid);
});

on_both_databases!(an_invoice_of_a_deleted_order_waits_for_it, async |app: TestApp| {
    let ada = seller(&app).await;
    let order = order(&ada, &[("50.00", 2)]).await;
    let draft = ada.post(INVOICES, json!({"order": order["id"]})).await.expect(201);
    ada.delete(&path("invoices", &draft)).await.expect(204);
    ada.delete(&path("orders", &order)).await.expect(204);
    let refused = ada.post(&act("invoices", &draft, "restore"), json!({})).await.expect(409);
    assert_eq!(detail(&refused), "Its order is deleted. Restore that first.");
    ada.post(&act("orders", &order, "restore"), json!({})).await.expect(200);
    ada.post(&act("invoices", &draft, "restore"), json!({})).await.expect(200);
});

on_both_databases!(a_draft_comes_back_to_its_currency_only, async |app: TestApp| {
    let ada = seller(&app).await;
    let made = order(&ada, &[("50.00", 2)]).await;
    let draft = ada.post(INVOICES, json!({"order": made["id"]})).await.expect(201);
    ada.delete(&path("invoices", &draft)).await.expect(204);
    let euros = variant(&ada, "EUR", "70.00").await;
    let lines = json!([{"product_variant": euros, "quantity": 1}]);
    let body = json!({"currency": "EUR", "lines": lines});
    ada.patch(&path("orders", &made), body).await.expect(200);
    let refused = ada.post(&act("invoices", &draft, "restore"), json!({})).await.expect(409);
    assert_eq!(detail(&refused), "The order is in EUR by now, the invoice in USD.");
});
