//! How many statements a request may send to the database.

use serde_json::{Value, json};
use system_tests::{Backend, Client, TestApp, on_both_databases};

/// How many statements a request sends. Those that find out who sends it are not counted: they
/// are sent again whenever the answer is a few seconds old.
async fn counted(app: &TestApp, request: impl Future<Output = ()>) -> usize {
    app.statements.take();
    request.await;
    let mut sent = app.statements.take();
    let identity = ["tokens", "people", "memberships", "organizations", "plans", "features"];
    let names = |sql: &str, table: &str| {
        sql.contains(&format!("\"{table}\"")) || sql.contains(&format!("`{table}`"))
    };
    sent.retain(|sql| !identity.iter().any(|table| names(sql, table)));
    println!("{sent:#?}");
    sent.len()
}

/// Somebody whose sign-in is remembered already, with a company.
async fn known(app: &TestApp) -> (Client, Value) {
    let ada = app.register("ada").await;
    let company = ada.post("/api/companies/", json!({"name": "Acme"})).await.expect(201);
    (ada, company["id"].clone())
}

on_both_databases!(reading_takes_two_statements_at_most, async |app: TestApp| {
    let (ada, company) = known(&app).await;
    let create = |n: usize| json!({"op": "create", "data": {"first_name": format!("C{n}"), "company": company}});
    for rows in [1, 150] {
        let operations: Vec<Value> = (0..rows).map(create).collect();
        ada.post("/api/contacts/bulk/", json!({"operations": operations})).await.expect(200);
        for (path, most) in [
            ("/api/contacts/?page_size=200", 2),
            ("/api/contacts/?page_size=200&search=c&ordering=company,-email&company=1", 2),
            ("/api/contacts/?page_size=200&cursor=", 1),
            ("/api/contacts/1/", 1),
            ("/api/contacts/?format=ndjson", 1),
        ] {
            let count = counted(&app, async { drop(ada.get(path).await) }).await;
            assert!(count <= most, "{path} with {rows} rows: {count}");
        }
    }
});

on_both_databases!(a_remembered_sign_in_costs_nothing, async |app: TestApp| {
    let ada = app.register("ada").await;
    app.statements.take();
    ada.get("/api/contacts/").await.expect(200);
    let first = app.statements.take().len();
    ada.get("/api/contacts/").await.expect(200);
    assert_eq!(app.statements.take().len(), 2);
    // Token, person, membership, workspace, subscription, plan, features, overrides.
    assert!(first <= 2 + 8, "{first}");
    let stranger = app.stranger();
    stranger.get("/api/contacts/").await.expect(401);
    let mistyped = [("authorization", "Token crm_mistyped")];
    stranger.ask(reqwest::Method::GET, "/api/contacts/", &mistyped).await.expect(401);
    assert_eq!(app.statements.take().len(), 0, "a token that cannot be one costs no query");
});

on_both_databases!(a_write_takes_a_handful, async |app: TestApp| {
    let (ada, company) = known(&app).await;
    let body = json!({"first_name": "Grace", "company": company});
    // The link, the row, its audit entry, its event.
    let count = counted(&app, async {
        ada.post("/api/contacts/", body.clone()).await.expect(201);
    });
    assert!(count.await <= 4);
    // With a key: what is remembered under it (on PostgreSQL with its lock), and remembering.
    let key = ("idempotency-key", "k");
    let count = counted(&app, async {
        ada.post_with("/api/contacts/", key, body.clone()).await.expect(201);
    });
    assert!(count.await <= 6);
    let count = counted(&app, async {
        ada.post_with("/api/contacts/", key, body.clone()).await.expect(201);
    });
    assert!(count.await <= 1, "a replay only looks");
    let path = "/api/contacts/1/";
    // The row before, the link, the row after, its audit entry, its event.
    let count = counted(&app, async {
        let body = json!({"company": null, "last_name": "H"});
        ada.patch(path, body).await.expect(200);
    });
    assert!(count.await <= 4);
    let count = counted(&app, async {
        ada.patch(path, json!({"company": company})).await.expect(200);
    });
    assert!(count.await <= 5);
    let count = counted(&app, async {
        ada.patch(path, json!({"company": company})).await.expect(200);
    });
    assert!(count.await <= 1, "what changes nothing writes nothing");
    let count = counted(&app, async {
        ada.delete(path).await.expect(204);
    });
    assert!(count.await <= 4);
    let count = counted(&app, async {
        ada.post(&format!("{path}restore/"), json!({})).await.expect(200);
    });
    assert!(count.await <= 4);
});

on_both_databases!(a_bulk_takes_no_more_than_its_rows_do, async |app: TestApp| {
    let (ada, company) = known(&app).await;
    let operations = |count: usize| {
        let create = json!({"op": "create", "data": {"first_name": "C", "company": company}});
        json!({"operations": vec![create; count]})
    };
    for rows in [1, 100] {
        let count = counted(&app, async {
            ada.post("/api/contacts/bulk/", operations(rows)).await.expect(200);
        })
        .await;
        // The links once and each row; the journal in two statements where the database can.
        let journal = if app.database.backend == Backend::Postgres { 2 } else { 2 * rows };
        assert!(count <= 1 + rows + journal, "{rows} rows: {count}");
    }
    let update = |id: usize| json!({"op": "update", "id": id, "data": {"last_name": "X", "company": company}});
    let operations: Vec<Value> = (1..=100).map(update).collect();
    let count = counted(&app, async {
        ada.post("/api/contacts/bulk/", json!({"operations": operations})).await.expect(200);
    })
    .await;
    let journal = if app.database.backend == Backend::Postgres { 2 } else { 200 };
    assert!(count <= 2 + 100 + journal, "{count}");
});

on_both_databases!(an_export_takes_one_for_a_thousand_rows, async |app: TestApp| {
    let (ada, _) = known(&app).await;
    let create = json!({"op": "create", "data": {"first_name": "C"}});
    for _ in 0..3 {
        let operations = vec![create.clone(); 900];
        ada.post("/api/contacts/bulk/", json!({"operations": operations})).await.expect(200);
    }
    // What they may do was looked up long ago by now.
    ada.get("/api/contacts/?page_size=1").await.expect(200);
    let count = counted(&app, async {
        let answer = ada.get("/api/contacts/?format=csv&fields=id").await;
        assert_eq!(answer.text.lines().count(), 2_701);
    });
    assert!(count.await <= 3);
});

on_both_databases!(orders_take_few_however_many_lines_they_have, async |app: TestApp| {
    let ada = crate::shop::seller(&app).await;
    let contact = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let mut variants = Vec::new();
    for _ in 0..10 {
        variants.push(crate::shop::variant(&ada, "USD", "5.00").await);
    }
    let lines: Vec<Value> = variants
        .iter()
        .map(|variant| json!({"product_variant": variant, "quantity": 2, "tax_rate": "19"}))
        .collect();
    let body = json!({"contact": contact["id"], "lines": lines});
    // The locks, the variants with their prices, the contact, the number, the order, its lines, the
    // entry, the event.
    for _ in 0..20 {
        let count = counted(&app, async {
            ada.post("/api/orders/", body.clone()).await.expect(201);
        });
        assert!(count.await <= 12);
    }
    for path in ["/api/orders/?page_size=20", "/api/orders/1/"] {
        let count = counted(&app, async {
            ada.get(path).await.expect(200);
        });
        assert!(count.await <= 3, "{path}");
    }
});

on_both_databases!(an_order_takes_as_many_for_ten_lines_as_for_one, async |app: TestApp| {
    let ada = crate::shop::seller(&app).await;
    let variant = crate::shop::variant(&ada, "USD", "10.00").await;
    let mut counts = Vec::new();
    for lines in [1, 1, 10] {
        let line = json!({"product_variant": variant, "quantity": 1, "tax_rate": "20"});
        let body = json!({"lines": vec![line; lines]});
        let mut order = json!(null);
        let made = counted(&app, async {
            order = ada.post("/api/orders/", body).await.expect(201);
        });
        let made = made.await;
        let at = crate::shop::path("orders", &order);
        // Each line has another share of it.
        let discount = counted(&app, async {
            ada.patch(&at, json!({"discount_amount": "5.00"})).await.expect(200);
        });
        let discount = discount.await;
        let confirmed = counted(&app, async {
            ada.patch(&at, json!({"status": "confirmed"})).await.expect(200);
        });
        counts.push([made, discount, confirmed.await]);
    }
    // The first one also makes what is remembered about who asks.
    assert_eq!(counts[1], counts[2], "{counts:?}");
    assert!(counts[2][0] <= 12, "{counts:?}");
});
