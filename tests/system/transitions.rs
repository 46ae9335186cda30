//! Every move of a document from one state to another: what is legal works, and what is not is 409
//! that names what is. Of orders the table in `docs/api.md` says which is which.

use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use crate::shop::{act, detail, order, path, seller};

/// A state, the words that write it, and the states that may follow.
struct Row {
    state: String,
    words: Vec<String>,
    next: Vec<String>,
}

/// What stands between backticks.
fn words(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The table of orders that clients read.
fn documented() -> Vec<Row> {
    let text = include_str!("../../docs/api.md");
    let lines = text.lines().skip_while(|line| !line.starts_with("| state | words |"));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|')).map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(words);
        let mut cell = || cells.next().expect("three cells");
        Row { state: cell().remove(0), words: cell(), next: cell() }
    });
    rows.collect()
}

/// A table whose words are the states themselves.
fn table(rows: &[(&str, &[&str])]) -> Vec<Row> {
    let owned = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
    let row = |(state, next): &(&str, &[&str])| Row {
        state: (*state).to_owned(),
        words: vec![(*state).to_owned()],
        next: owned(next),
    };
    rows.iter().map(row).collect()
}

/// Writes each word to a document in each state, which `make` makes; how many were refused.
async fn try_all(
    ada: &Client,
    resource: &str,
    table: &[Row],
    make: impl AsyncFn(&str) -> Value,
) -> usize {
    let field = if resource == "orders" { "state" } else { "status" };
    let mut refused = 0;
    for row in table {
        let one = make(&row.state).await;
        let at = path(resource, &one);
        assert_eq!(ada.get(&at).await.expect(200)[field], row.state.as_str());
        for other in table.iter().filter(|other| other.state != row.state) {
            for word in &other.words {
                if row.next.contains(&other.state) {
                    let moving = make(&row.state).await;
                    let body = json!({ "status": word });
                    let moved = ada.patch(&path(resource, &moving), body).await.expect(200);
                    assert_eq!(
                        (&moved["status"], &moved[field]),
                        (&json!(word), &json!(other.state))
                    );
                    continue;
                }
                let answer = ada.patch(&at, json!({ "status": word })).await.expect(409);
                let told = detail(&answer);
                let can = match row.next.join(", ") {
                    none if none.is_empty() => "it stays so".to_owned(),
                    next => format!("it can become {next}"),
                };
                let expected = format!("is {}: {can}, not {}.", row.state, other.state);
                assert!(told.ends_with(&expected), "{resource} {word}: {told} {expected}");
                refused += 1;
            }
        }
        for word in &row.words {
            let stays = ada.patch(&at, json!({ "status": word })).await.expect(200);
            assert_eq!((&stays["status"], &stays[field]), (&json!(word), &json!(row.state)));
        }
    }
    refused
}

async fn done(ada: &Client, resource: &str, row: &Value, what: &str) {
    ada.post(&act(resource, row, what), json!({})).await.expect(200);
}

async fn order_in(ada: &Client, state: &str) -> Value {
    let order = order(ada, &[("50.00", 2)]).await;
    match state {
        "draft" => {}
        "confirmed" => done(ada, "orders", &order, "confirm").await,
        "partly_fulfilled" => {
            let lines = json!([{"order_line": order["lines"][0]["id"], "quantity": 1}]);
            let body = json!({"order": order["id"], "carrier": "DHL", "status": "shipped",
                "lines": lines});
            ada.post("/api/shipments/", body).await.expect(201);
        }
        "fulfilled" => done(ada, "orders", &order, "fulfil").await,
        "closed" => {
            done(ada, "orders", &order, "confirm").await;
            done(ada, "orders", &order, "close").await;
        }
        "cancelled" => done(ada, "orders", &order, "cancel").await,
        other => panic!("{other}: how does an order get there?"),
    }
    order
}

async fn invoice_in(ada: &Client, state: &str) -> Value {
    let order = order(ada, &[("50.00", 2)]).await;
    let invoice = ada.post("/api/invoices/", json!({"order": order["id"]})).await.expect(201);
    if state != "draft" {
        done(ada, "invoices", &invoice, "issue").await;
    }
    let pay = async |amount: &str| {
        let body = json!({"invoice": invoice["id"], "amount": amount, "provider": "Bank",
            "transaction_reference": invoice["id"].to_string()});
        ada.post("/api/payments/", body).await.expect(201);
    };
    match state {
        "draft" | "issued" => {}
        "partly_paid" => pay("30.00").await,
        "paid" => pay("100.00").await,
        "credited" => {
            let body = json!({"amount": "100.00"});
            ada.post(&act("invoices", &invoice, "credit"), body).await.expect(201);
        }
        "void" => done(ada, "invoices", &invoice, "void").await,
        other => panic!("{other}: how does an invoice get there?"),
    }
    invoice
}

async fn shipment_in(ada: &Client, state: &str) -> Value {
    let order = order(ada, &[("50.00", 2)]).await;
    let body = json!({"order": order["id"], "carrier": "DHL"});
    let shipment = ada.post("/api/shipments/", body).await.expect(201);
    for status in if state == "returned" { vec!["delivered", "returned"] } else { vec![state] } {
        let body = json!({ "status": status });
        ada.patch(&path("shipments", &shipment), body).await.expect(200);
    }
    shipment
}

on_both_databases!(an_order_moves_as_its_table_says, async |app: TestApp| {
    let ada = seller(&app).await;
    let table = documented();
    assert_eq!(table.len(), 6);
    let refused = try_all(&ada, "orders", &table, async |state| order_in(&ada, state).await).await;
    assert!(refused > 30, "{refused}");
});

on_both_databases!(an_invoice_moves_by_itself_once_it_is_issued, async |app: TestApp| {
    let ada = seller(&app).await;
    let table = table(&[
        ("draft", &["issued", "void"]),
        ("issued", &["void"]),
        ("partly_paid", &[]),
        ("paid", &[]),
        ("credited", &[]),
        ("void", &[]),
    ]);
    let make = async |state: &str| invoice_in(&ada, state).await;
    assert_eq!(try_all(&ada, "invoices", &table, make).await, 27);
});

on_both_databases!(a_shipment_moves_forward, async |app: TestApp| {
    let ada = seller(&app).await;
    let table = table(&[
        ("pending", &["shipped", "in_transit", "delivered", "cancelled"]),
        ("shipped", &["in_transit", "delivered", "returned"]),
        ("in_transit", &["delivered", "returned"]),
        ("delivered", &["returned"]),
        ("returned", &[]),
        ("cancelled", &[]),
    ]);
    let make = async |state: &str| shipment_in(&ada, state).await;
    assert_eq!(try_all(&ada, "shipments", &table, make).await, 20);
});
