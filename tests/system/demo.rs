//! The demonstration workspace, as its members find it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use demo_data::{DAYS, DemoWorkspace, PASSWORD, Progress, Quiet, Size, Stores, load};
use jiff::Timestamp;
use serde_json::Value;
use system_tests::{Client, TestApp, on_both_databases};
use testkit::FixedClock;
use tokio::sync::Notify;

/// When the workspaces of these tests are loaded.
const NOW: &str = "2026-03-15T12:00:00Z";
/// Two full years, with about one order a week.
const THIN: Size =
    Size { companies: 20, contacts: 120, months: 24, products: 24, deals: 60, orders: 104 };

fn now() -> Timestamp {
    NOW.parse().expect("an instant")
}

fn stores(app: &TestApp) -> Stores {
    let application = &app.application;
    Stores {
        catalog: application.database.catalog(),
        sales: application.database.sales(),
        trade: application.database.orders(),
        clock: Arc::new(FixedClock::new(now())),
        random: application.random.clone(),
    }
}

async fn loaded(app: &TestApp, size: Size) -> DemoWorkspace {
    load(&app.application.accounts, &stores(app), size, &Quiet).await.expect("it is loaded")
}

async fn dana(app: &TestApp) -> Client {
    app.sign_in("demo@simplycrm.example", PASSWORD).await
}

/// All rows of a resource.
async fn all(client: &Client, resource: &str) -> Vec<Value> {
    let (mut rows, mut next) = (Vec::new(), format!("/api/{resource}/?page_size=200&ordering=id"));
    loop {
        let page = client.get(&next).await.expect(200);
        rows.extend(page["results"].as_array().expect("a page").iter().cloned());
        match page["next"].as_str() {
            Some(address) => next = address.to_owned(),
            None => return rows,
        }
    }
}

fn text<'v>(row: &'v Value, field: &str) -> &'v str {
    row[field].as_str().unwrap_or_default()
}

/// An amount, in cents.
fn cents(row: &Value, field: &str) -> i64 {
    text(row, field).replace('.', "").parse().expect("an amount with two places")
}

fn at(row: &Value, field: &str) -> Option<Timestamp> {
    row[field].as_str().map(|text| text.parse().expect("an instant"))
}

fn count(rows: &[Value], which: impl Fn(&Value) -> bool) -> usize {
    rows.iter().filter(|row| which(row)).count()
}

fn sum(rows: &[Value], link: &str, to: &Value, field: &str) -> i64 {
    rows.iter().filter(|row| row[link] == to["id"]).map(|row| cents(row, field)).sum()
}

on_both_databases!(two_believable_years_are_loaded, async |app: TestApp| {
    let report = loaded(&app, THIN).await;
    assert!(report.created && report.complete);
    assert_eq!((report.companies, report.contacts, report.products), (20, 120, 24));
    assert_eq!((report.orders, report.members.len()), (104, 3));
    let dana = dana(&app).await;
    goods(&dana).await;
    deals(&dana).await;
    trade(&dana).await;
    let profile = dana.get("/api/auth/profile/").await.expect(200);
    assert_eq!(profile["organization"]["name"], "Northwind Trading");

    let plans = dana.get("/api/subscriptions/?is_active=true").await.expect(200);
    assert_eq!(
        (&plans["count"], text(&plans["results"][0], "started_at")),
        (&1.into(), "2024-03-15")
    );

    // Again, it is left alone.
    let again = loaded(&app, THIN).await;
    assert_eq!(again, DemoWorkspace { created: false, ..report });
});

async fn goods(dana: &Client) {
    let categories = all(dana, "categories").await;
    assert!(count(&categories, |one| !one["parent"].is_null()) > 10, "a tree");
    assert!(count(&all(dana, "products").await, |one| one["status"] == "inactive") > 0);
    // Prices fall for a while and come back.
    let mut prices: BTreeMap<i64, Vec<(Timestamp, i64)>> = BTreeMap::new();
    for change in all(dana, "price-history").await {
        let set = (at(&change, "recorded_at").expect("a time"), cents(&change, "price"));
        prices.entry(change["variant"].as_i64().expect("an id")).or_default().push(set);
    }
    let promoted = prices.into_values().filter(|prices| {
        let prices: BTreeSet<_> = prices.iter().collect();
        let prices: Vec<i64> = prices.into_iter().map(|(_, price)| *price).collect();
        prices.windows(3).any(|three| three[1] < three[0] && three[2] == three[0])
    });
    assert!(promoted.count() > 20);
    let lots = all(dana, "inventory-lots").await;
    let number = |lot: &Value, field: &str| lot[field].as_i64().expect("a number");
    assert_eq!(count(&lots, |lot| number(lot, "quantity") < number(lot, "reserved")), 0);
    assert!(count(&lots, |lot| number(lot, "quantity") > 0) > 24, "something is left");
    assert!(count(&lots, |lot| !lot["expires_at"].is_null()) > 0);
    let received: BTreeSet<&str> = lots.iter().map(|lot| text(lot, "received_at")).collect();
    assert!(received.len() > 15, "{received:?}");
}

async fn deals(dana: &Client) {
    let deals = all(dana, "opportunities").await;
    let lost = deals.iter().filter(|deal| deal["status"] == "lost").collect::<Vec<_>>();
    assert!(lost.len() > 10 && lost.iter().all(|deal| !text(deal, "lost_reason").is_empty()));
    let won = deals.iter().filter(|deal| deal["status"] == "won").collect::<Vec<_>>();
    assert!(won.len() > 10 && won.iter().all(|deal| !text(deal, "won_reason").is_empty()));
    assert!(count(&deals, |deal| deal["status"] == "open") > 0);
    let steps = all(dana, "opportunity-stage-changes").await;
    let day = 24 * 60 * 60;
    let stayed = |step: &Value| step["seconds_in_former_stage"].as_i64().expect("seconds") > day;
    assert!(count(&steps, stayed) > 60);
    let leads = all(dana, "leads").await;
    for status in ["converted", "lost"] {
        assert!(count(&leads, |lead| lead["status"] == status) > 5, "{status}");
    }
    let tasks = all(dana, "deal-activities").await;
    assert!(count(&tasks, |task| !task["completed_at"].is_null()) > 50);
    let open = |task: &&Value| task["completed_at"].is_null();
    let due = tasks.iter().filter(open).map(|task| at(task, "due_at").expect("a time"));
    let (late, to_come): (Vec<_>, Vec<_>) = due.partition(|due| *due < now());
    assert!(!late.is_empty() || !to_come.is_empty());
    assert!(!all(dana, "notes").await.is_empty());
}

async fn trade(dana: &Client) {
    let orders = all(dana, "orders").await;
    let months: BTreeSet<&str> =
        orders.iter().map(|order| &text(order, "ordered_at")[..7]).collect();
    assert!(months.len() >= 24, "{months:?}");
    for word in ["delivered", "cancelled"] {
        assert!(count(&orders, |order| order["status"] == word) > 0, "{word}");
    }
    assert!(count(&orders, |order| !order["opportunity"].is_null()) > 5);
    seasons(dana, &orders).await;

    let invoices = all(dana, "invoices").await;
    let numbers: BTreeSet<&str> = invoices.iter().map(|invoice| text(invoice, "number")).collect();
    let expected = (1..=invoices.len()).map(|number| format!("INV-{number:06}"));
    assert!(numbers.into_iter().eq(expected.collect::<Vec<_>>()), "without gaps");
    let overdue = |invoice: &Value| at(invoice, "overdue_at").is_some_and(|at| at <= now());
    assert!(count(&invoices, overdue) > 0, "some are overdue");
    let payments = all(dana, "payments").await;
    let mut late = 0;
    for invoice in &invoices {
        let paid = sum(&payments, "invoice", invoice, "amount");
        assert_eq!(paid, cents(invoice, "paid_amount"));
        assert!(paid <= cents(invoice, "total_amount"), "{invoice}");
        let due = text(invoice, "due_date");
        late += count(&payments, |payment| {
            payment["invoice"] == invoice["id"] && &text(payment, "processed_at")[..10] > due
        });
    }
    assert!(late > 5, "{late} payments are late");
    let refunds = all(dana, "refunds").await;
    for payment in &payments {
        assert_eq!(sum(&refunds, "payment", payment, "amount"), cents(payment, "refunded_amount"));
    }
    assert!(!refunds.is_empty() && !all(dana, "credit-notes").await.is_empty());
    let shipments = all(dana, "shipments").await;
    assert!(shipments.iter().all(|one| !text(one, "tracking_number").is_empty()));
    for status in ["delivered", "returned"] {
        assert!(count(&shipments, |one| one["status"] == status) > 0, "{status}");
    }
    // The trail is of the time at which it happened.
    let first = &orders[0];
    let query =
        format!("/api/audit-logs/?entity=orders&entity_id={}&ordering=created_at", first["id"]);
    let trail = dana.get(&query).await.expect(200);
    assert_eq!(trail["results"][0]["created_at"], first["ordered_at"]);
    assert_eq!(trail["results"][0]["request_id"], "demo-data");
}

/// Goods are bought in their season.
async fn seasons(dana: &Client, orders: &[Value]) {
    let mut season = BTreeMap::new();
    for product in all(dana, "products").await {
        for variant in product["variants"].as_array().expect("variants") {
            let name = text(&product["attributes"], "season").to_owned();
            season.insert(variant["id"].as_i64().expect("an id"), name);
        }
    }
    let mut sold: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for order in orders {
        let month = &text(order, "ordered_at")[5..7];
        for line in order["lines"].as_array().expect("lines") {
            let variant = line["product_variant"].as_i64().expect("an id");
            *sold.entry((&season[&variant], month)).or_default() += 1;
        }
    }
    let lines = |season: &str, months: [&str; 3]| -> i64 {
        months.iter().filter_map(|month| sold.get(&(season, *month))).sum()
    };
    for (season, high, low) in [
        ("spring", ["03", "04", "05"], ["11", "12", "01"]),
        ("summer", ["05", "06", "07"], ["11", "12", "01"]),
        ("winter", ["11", "12", "01"], ["05", "06", "07"]),
    ] {
        let (high, low) = (lines(season, high), lines(season, low));
        assert!(high > 2 * low, "{season}: {high}, {low}");
    }
}

/// Says when a few days are played.
struct Watch(Notify);

impl Progress for Watch {
    fn step(&self, label: &str, done: u64, _total: u64) {
        if label == DAYS && done >= 5 {
            self.0.notify_one();
        }
    }
}

on_both_databases!(what_was_interrupted_says_so, async |app: TestApp| {
    let (stores, watch) = (stores(&app), Watch(Notify::new()));
    tokio::select! {
        _ = load(&app.application.accounts, &stores, Size::SMALL, &watch) => panic!("it is slow"),
        () = watch.0.notified() => {}
    }
    let found = loaded(&app, Size::SMALL).await;
    assert_eq!((found.created, found.complete, found.contacts), (false, false, 120));
    let profile = dana(&app).await.get("/api/auth/profile/").await.expect(200);
    assert_eq!(profile["organization"]["name"], "Northwind Trading (being filled)");
    // Whoever wants it anew deletes it.
    let accounts = &app.application.accounts;
    let (organization, ..) = accounts.organization(demo_data::SLUG).await.expect("it is there");
    accounts.erase_organization(organization.id).await.expect("it goes");
    let made = loaded(&app, Size::SMALL).await;
    assert!(made.created && made.complete && made.orders == 16);
});
