//! Exchange rates, and sums that are converted at them.

use domain_kernel::policy::Role;
use serde_json::{Value, json};
use system_tests::{Backend, Client, TestApp, on_both_databases};

use crate::shop::{act, path, seller, variant};

const RATES: &str = "/api/exchange-rates/";
const OVERVIEW: &str = "/api/dashboard/overview/";

/// Enters a rate.
async fn rate(client: &Client, (base, quote): (&str, &str), date: &str, rate: &str) -> Value {
    let body = json!({"base": base, "quote": quote, "date": date, "rate": rate});
    client.post(RATES, body).await.expect(201)
}

/// An order of one thing at a price, confirmed; it was ordered at noon of a day.
async fn sold(app: &TestApp, client: &Client, currency: &str, price: &str, day: &str) -> Value {
    let lines = json!([{"product_variant": variant(client, currency, price).await, "quantity": 1}]);
    let order = json!({"currency": currency, "lines": lines});
    let order = client.post("/api/orders/", order).await.expect(201);
    client.post(&act("orders", &order, "confirm"), json!({})).await.expect(200);
    happened(app, "orders", "ordered_at", &order, day).await;
    order
}

/// Lets something have happened at noon of a day: the server gives the present only.
async fn happened(app: &TestApp, table: &str, column: &str, row: &Value, day: &str) {
    let at: jiff::Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
    let at = match app.database.backend {
        Backend::Sqlite => at.as_microsecond().to_string(),
        Backend::Postgres => format!("'{at}'"),
    };
    let sql = format!("UPDATE {table} SET {column} = {at} WHERE id = {}", row["id"]);
    app.database.execute(&sql).await;
}

async fn summary(client: &Client, currency: &str) -> Value {
    let path = format!("{OVERVIEW}?currency={currency}");
    client.get(&path).await.expect(200)["summary"].clone()
}

/// Why there are no totals in a currency.
async fn missing(client: &Client, currency: &str) -> String {
    let refused = client.get(&format!("{OVERVIEW}?currency={currency}")).await.expect(400);
    refused["currency"][0].as_str().unwrap().to_owned()
}

on_both_databases!(a_rate_is_kept_as_it_was_entered, async |app: TestApp| {
    let ada = app.register("ada").await;
    for (given, shown) in [
        (json!("1.0837"), "1.0837"),
        (json!(26000), "26000.00"),
        (json!("0.0000614250"), "0.000061425"),
        (json!(0.000_061_5), "0.0000615"),
        (json!("99999999.9999999999"), "99999999.9999999999"),
    ] {
        let body = json!({"base": "eur", "quote": "USD", "date": "2026-03-01", "rate": given});
        let made = ada.post("/api/sales/exchange-rates/", body).await.expect(201);
        assert_eq!((&made["rate"], &made["base"]), (&json!(shown), &json!("EUR")), "{given}");
        let at = path("exchange-rates", &made);
        assert_eq!(ada.get(&at).await.expect(200), made);
        let found = ada.get(&format!("{RATES}?rate={shown}&date_before=2026-03-01")).await;
        assert_eq!(found.expect(200)["results"], json!([made]));
        ada.delete(&at).await.expect(204);
    }
    for (wrong, field) in [
        (json!({"rate": "0"}), "rate"),
        (json!({"rate": "-1"}), "rate"),
        (json!({"rate": "1.00000000001"}), "rate"),
        (json!({"rate": "100000000"}), "rate"),
        (json!({"rate": null}), "rate"),
        (json!({"quote": "EUR"}), "quote"),
        (json!({"quote": "XXX"}), "quote"),
        (json!({"base": ""}), "base"),
        (json!({"date": "2026-02-30"}), "date"),
        (json!({"date": null}), "date"),
    ] {
        let mut body = json!({"base": "EUR", "quote": "USD", "date": "2026-03-01", "rate": "1.1"});
        let name = wrong.as_object().unwrap().keys().next().unwrap();
        body[name] = wrong[name].clone();
        let refused = ada.post(RATES, body).await.expect(400);
        assert!(refused[field].is_array(), "{wrong}: {refused}");
    }
    let refused = ada.post(RATES, json!({})).await.expect(400);
    for field in ["base", "quote", "date", "rate"] {
        assert_eq!(refused[field], json!(["This field is required."]));
    }
    assert_eq!(ada.get(RATES).await.expect(200)["count"], 0);
});

on_both_databases!(there_is_one_rate_of_a_day, async |app: TestApp| {
    let ada = app.register("ada").await;
    let first = rate(&ada, ("EUR", "USD"), "2026-03-01", "1.10").await;
    let second = rate(&ada, ("EUR", "USD"), "2026-03-02", "1.20").await;
    // The other way round it is another.
    rate(&ada, ("USD", "EUR"), "2026-03-01", "0.90").await;
    let same = json!({"base": "EUR", "quote": "USD", "date": "2026-03-01", "rate": "1.30"});
    let taken = json!(["The fields base, quote, date must make a unique set."]);
    assert_eq!(ada.post(RATES, same.clone()).await.expect(400)["non_field_errors"], taken);
    let at = path("exchange-rates", &second);
    let moved = ada.patch(&at, json!({"date": "2026-03-01"})).await.expect(400);
    assert_eq!(moved["non_field_errors"], taken);
    let corrected = ada.patch(&at, json!({"rate": "1.25"})).await.expect(200);
    assert_eq!((&corrected["rate"], &corrected["date"]), (&json!("1.25"), &json!("2026-03-02")));
    ada.delete(&path("exchange-rates", &first)).await.expect(204);
    let again = ada.post(RATES, same.clone()).await.expect(201);
    ada.post(&act("exchange-rates", &first, "restore"), json!({})).await.expect(409);
    ada.delete(&path("exchange-rates", &again)).await.expect(204);
    ada.post(&act("exchange-rates", &first, "restore"), json!({})).await.expect(200);
    // The newest first.
    let listed = ada.get(&format!("{RATES}?base=EUR")).await.expect(200);
    let dates: Vec<_> =
        listed["results"].as_array().unwrap().iter().map(|row| &row["date"]).collect();
    assert_eq!(dates, ["2026-03-02", "2026-03-01"]);
    // Many at once, as somebody brings them in who has a year of them.
    let create = |day: i64| {
        let date = format!("2025-01-{day:02}");
        json!({"op": "create", "data": {"base": "GBP", "quote": "USD", "date": date, "rate": "1.3"}})
    };
    let operations: Vec<_> = (1..=20).map(create).collect();
    ada.post(&format!("{RATES}bulk/"), json!({"operations": operations})).await.expect(200);
    let operations = json!([create(21), create(21)]);
    let refused = ada.post(&format!("{RATES}bulk/"), json!({"operations": operations})).await;
    assert_eq!(refused.expect(400)["committed"], false);
    assert_eq!(ada.get(&format!("{RATES}?base=GBP")).await.expect(200)["count"], 20);
    // Two who enter the same at the same time: one of them does.
    let racing = json!({"base": "CHF", "quote": "USD", "date": "2026-03-01", "rate": "1.1"});
    let (one, two) = tokio::join!(ada.post(RATES, racing.clone()), ada.post(RATES, racing));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);
});

on_both_databases!(managers_enter_rates_and_all_members_see_them, async |app: TestApp| {
    let ada = app.register("ada").await;
    let body = |day: &str| json!({"base": "EUR", "quote": "USD", "date": day, "rate": "1.1"});
    for (name, roles, status) in [
        ("mia", &[Role::Manager][..], 201),
        ("ana", &[Role::Analyst], 403),
        ("mark", &[Role::Marketer], 403),
    ] {
        let member = app.member(&ada, name, roles).await;
        assert_eq!(member.post(RATES, body("2026-03-01")).await.status, status, "{name}");
        assert_eq!(member.get(RATES).await.expect(200)["count"], 1, "{name}");
    }
    app.stranger().get(RATES).await.expect(401);
    // In another workspace they are not there.
    let bob = app.register("bob").await;
    assert_eq!(bob.get(RATES).await.expect(200)["count"], 0);
    let one = ada.get(RATES).await.expect(200)["results"][0].clone();
    bob.get(&path("exchange-rates", &one)).await.expect(404);
    bob.post(RATES, body("2026-03-01")).await.expect(201);
});

on_both_databases!(orders_are_converted_at_the_rates_of_their_days, async |app: TestApp| {
    let ada = seller(&app).await;
    sold(&app, &ada, "EUR", "100.00", "2026-03-01").await;
    sold(&app, &ada, "EUR", "100.00", "2026-03-09").await;
    sold(&app, &ada, "EUR", "100.00", "2026-03-10").await;
    sold(&app, &ada, "USD", "7.00", "2020-01-01").await;
    assert_eq!(
        missing(&ada, "USD").await,
        "There is no exchange rate from EUR to USD on or before 2026-03-01."
    );
    rate(&ada, ("EUR", "USD"), "2026-03-01", "1.10").await;
    let later = rate(&ada, ("EUR", "USD"), "2026-03-10", "1.20").await;
    let shown = summary(&ada, "usd").await;
    assert_eq!((&shown["orders_total"], &shown["currency"]), (&json!(347.0), &json!("USD")));
    // Those of each currency stand beside it as before, and without a currency nothing is converted.
    let sums = json!({"EUR": 300.0, "USD": 7.0});
    assert_eq!(shown["orders_totals"], sums);
    let plain = ada.get(OVERVIEW).await.expect(200)["summary"].clone();
    assert_eq!((&plain["orders_total"], &plain["orders_totals"]), (&json!(7.0), &sums));
    // A rate that is deleted counts no more.
    ada.delete(&path("exchange-rates", &later)).await.expect(204);
    assert_eq!(summary(&ada, "USD").await["orders_total"], json!(337.0));
    // The other way round: the dollars of 2020 have no rate.
    assert_eq!(
        missing(&ada, "EUR").await,
        "There is no exchange rate from USD to EUR on or before 2020-01-01."
    );
    rate(&ada, ("EUR", "USD"), "2019-12-31", "1.40").await;
    assert_eq!(summary(&ada, "EUR").await["orders_total"], json!(305.0));
    // Another workspace's rates are not used.
    let bob = app.register_enterprise("bob").await;
    sold(&app, &bob, "EUR", "100.00", "2026-03-01").await;
    assert!(missing(&bob, "USD").await.contains("from EUR to USD"));
    rate(&bob, ("USD", "EUR"), "2026-02-01", "0.5").await;
    assert_eq!(summary(&bob, "USD").await["orders_total"], json!(200.0));
    assert_eq!(summary(&ada, "EUR").await["orders_total"], json!(305.0));
});

on_both_databases!(
    what_has_no_rate_goes_by_way_of_the_workspaces_currency,
    async |app: TestApp| {
        let ada = seller(&app).await;
        sold(&app, &ada, "JPY", "30000", "2026-03-01").await;
        rate(&ada, ("USD", "JPY"), "2026-02-27", "150").await;
        rate(&ada, ("EUR", "USD"), "2026-02-27", "1.25").await;
        assert_eq!(summary(&ada, "EUR").await["orders_total"], json!(160.0));
        // One that leads there counts before it.
        rate(&ada, ("JPY", "EUR"), "2026-02-01", "0.005").await;
        assert_eq!(summary(&ada, "EUR").await["orders_total"], json!(150.0));
        // By way of no other currency than the workspace's.
        rate(&ada, ("EUR", "GBP"), "2026-02-01", "0.9").await;
        ada.delete(&path(
            "exchange-rates",
            &ada.get(&format!("{RATES}?base=EUR&quote=USD")).await["results"][0],
        ))
        .await
        .expect(204);
        assert!(missing(&ada, "GBP").await.contains("from JPY to GBP"));
    }
);

on_both_databases!(every_total_is_converted, async |app: TestApp| {
    let ada = seller(&app).await;
    let pipeline = ada.post("/api/pipelines/", json!({"name": "New"})).await.expect(201);
    let stage = json!({"name": "Asked", "pipeline": pipeline["id"], "win_probability": "10"});
    let stage = ada.post("/api/deal-stages/", stage).await.expect(201);
    for (amount, currency) in [("10", "USD"), ("1", "EUR")] {
        let deal = json!({"name": "Boots", "amount": amount, "currency": currency,
            "pipeline": pipeline["id"], "stage": stage["id"]});
        ada.post("/api/opportunities/", deal).await.expect(201);
    }
    let order = sold(&app, &ada, "EUR", "100.00", "2020-01-01").await;
    let invoice = json!({"order": order["id"], "status": "issued"});
    let invoice = ada.post("/api/invoices/", invoice).await.expect(201);
    happened(&app, "invoices", "issued_at", &invoice, "2020-02-01").await;
    let payment = json!({"invoice": invoice["id"], "amount": "40.00", "provider": "Bank",
        "transaction_reference": "a"});
    let payment = ada.post("/api/payments/", payment).await.expect(201);
    let back = json!({"amount": "10.00"});
    ada.post(&act("payments", &payment, "refund"), back).await.expect(201);
    rate(&ada, ("EUR", "USD"), "2020-01-01", "2").await;
    rate(&ada, ("EUR", "USD"), "2020-02-01", "3").await;
    // From a day on that is not long ago: of today.
    let today = jiff::tz::TimeZone::UTC.to_datetime(app.application.clock.now()).date();
    let lately = (today - jiff::ToSpan::days(1)).to_string();
    rate(&ada, ("EUR", "USD"), &lately, "1.5").await;
    let shown = ada.get(&format!("{OVERVIEW}?currency=USD")).await.expect(200);
    let summary = &shown["summary"];
    for (name, value) in [
        ("pipeline_total", json!(11.5)),
        ("pipeline_totals", json!({"EUR": 1.0, "USD": 10.0})),
        ("orders_total", json!(200.0)),
        // 30 were kept, so that 70 are owed.
        ("invoices_due_total", json!(210.0)),
        ("invoices_due_totals", json!({"EUR": 70.0})),
        ("payments_month", json!(45.0)),
        ("payments_month_totals", json!({"EUR": 30.0})),
        ("open_opportunities", json!(2)),
    ] {
        assert_eq!(summary[name], value, "{name}");
    }
    let stage = json!({"pipeline": "New", "stage": "Asked", "count": 2, "value": 11.5,
        "values": {"EUR": 1.0, "USD": 10.0}});
    assert_eq!(shown["pipeline"], json!([stage]));
    let plain = ada.get(OVERVIEW).await.expect(200);
    assert_eq!(plain["summary"]["invoices_due_total"], json!(0.0));
    assert_eq!(plain["pipeline"][0]["value"], json!(10.0));
    // What somebody asks for by another word is not there.
    for query in ["currency=XXX", "currency=", "currency=EUR&currency=USD", "into=EUR"] {
        let refused = ada.get(&format!("{OVERVIEW}?{query}")).await.expect(400);
        let name = query.split('=').next().unwrap();
        assert!(refused[name].is_array(), "{query}: {refused}");
    }
});

on_both_databases!(what_is_not_shown_needs_no_rate, async |app: TestApp| {
    let ada = seller(&app).await;
    sold(&app, &ada, "EUR", "100.00", "2020-01-01").await;
    assert!(missing(&ada, "USD").await.contains("from EUR to USD"));
    let profile = ada.get("/api/auth/profile/").await.expect(200);
    let slug = profile["organization"]["slug"].as_str().unwrap();
    app.application.accounts.set_plan(slug, "free").await.expect("a plan");
    let ada = app.sign_in("ada@example.com", system_tests::PASSWORD).await;
    assert_eq!(summary(&ada, "USD").await["orders_total"], json!(0.0));
});

on_both_databases!(converting_takes_few_statements_however_much_there_is, async |app: TestApp| {
    let ada = seller(&app).await;
    let counted = async || {
        let mut fewest = usize::MAX;
        // Who asks is looked up again every few seconds.
        for _ in 0..3 {
            app.statements.take();
            summary(&ada, "USD").await;
            fewest = fewest.min(app.statements.take().len());
        }
        fewest
    };
    sold(&app, &ada, "EUR", "1.00", "2026-03-01").await;
    rate(&ada, ("EUR", "USD"), "2026-03-01", "1.1").await;
    let few = counted().await;
    for (currency, day) in [("EUR", 2), ("EUR", 3), ("GBP", 2), ("CHF", 4), ("SEK", 5)] {
        let date = format!("2026-03-{day:02}");
        sold(&app, &ada, currency, "1.00", &date).await;
        rate(&ada, (currency, "USD"), &date, "1.2").await;
    }
    assert_eq!(counted().await, few);
});
