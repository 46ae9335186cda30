//! Many writes in one request.

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Answer, Client, TestApp, on_both_databases};

const BULK: &str = "/api/contacts/bulk/";

async fn bulk(client: &Client, operations: Vec<Value>) -> Answer {
    client.post(BULK, json!({"operations": operations})).await
}

fn create(data: Value) -> Value {
    json!({"op": "create", "data": data})
}

fn named(number: usize) -> Value {
    create(json!({"first_name": format!("C{number}")}))
}

/// The ids of new contacts.
async fn made(client: &Client, count: usize) -> Vec<i64> {
    let answer = bulk(client, (0..count).map(named).collect()).await.expect(200);
    let results = answer["results"].as_array().expect("results");
    results.iter().map(|result| result["id"].as_i64().expect("an id")).collect()
}

fn statuses(answer: &Value) -> Vec<i64> {
    let results = answer["results"].as_array().expect("results");
    results.iter().map(|result| result["status"].as_i64().expect("a status")).collect()
}

on_both_databases!(a_thousand_rows_are_made_in_order, async |app: TestApp| {
    let ada = app.register("ada").await;
    let answer = bulk(&ada, (0..1_000).map(named).collect()).await.expect(200);
    assert_eq!(answer["committed"], true);
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 1_000);
    let mut before = 0;
    for (number, result) in results.iter().enumerate() {
        assert_eq!(result["status"], 201);
        assert_eq!(result["data"]["first_name"], format!("C{number}"));
        assert_eq!((&result["data"]["version"], &result["data"]["id"]), (&json!(1), &result["id"]));
        assert!(result["id"].as_i64().unwrap() > before);
        before = result["id"].as_i64().unwrap();
    }
    assert_eq!(ada.get("/api/contacts/").await.expect(200)["count"], 1_000);
    assert_eq!(app.database.rows("audit_entries").await.len(), 4 + 1_000);
    assert_eq!(app.database.rows("events").await.len(), 4 + 1_000);
    let row = ada.get(&format!("/api/contacts/{before}/")).await.expect(200);
    assert_eq!(row, results[999]["data"]);
});

on_both_databases!(creates_changes_and_deletions_go_together, async |app: TestApp| {
    let ada = app.register("ada").await;
    let ids = made(&ada, 3).await;
    let operations = vec![
        json!({"op": "delete", "id": ids[0]}),
        json!({"op": "update", "id": ids[1], "data": {"last_name": "X"}, "version": 1}),
        create(json!({"first_name": "New"})),
        json!({"op": "update", "id": ids[2], "data": {}}),
        json!({"op": "delete", "id": ids[2], "version": 1}),
    ];
    let answer = bulk(&ada, operations).await.expect(200);
    assert_eq!(statuses(&answer), [204, 200, 201, 200, 204]);
    let results = &answer["results"];
    assert_eq!(results[0], json!({"status": 204, "id": ids[0]}));
    assert_eq!(results[1]["data"]["version"], 2);
    assert_eq!(results[3]["data"]["version"], 1, "nothing changed");
    let page = ada.get("/api/contacts/").await.expect(200);
    assert_eq!(page["results"], json!([results[1]["data"], results[2]["data"]]));
});

on_both_databases!(one_failure_leaves_no_trace_of_the_others, async |app: TestApp| {
    let ada = app.register("ada").await;
    let ids = made(&ada, 2).await;
    let before = app.database.dump().await;
    let operations = vec![
        create(json!({"first_name": "New"})),
        json!({"op": "update", "id": ids[0], "data": {"last_name": "X"}}),
        create(json!({"first_name": " ", "email": "nobody"})),
        json!({"op": "delete", "id": ids[1]}),
        json!({"op": "update", "id": 999_999, "data": {}}),
    ];
    let answer = bulk(&ada, operations.clone()).await.expect(400);
    assert_eq!(answer["committed"], false);
    assert_eq!(statuses(&answer), [424, 424, 400, 424, 404]);
    let results = answer["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result.get("data").is_none()), "nothing is shown as done");
    let errors = json!({
        "email": ["Enter a valid email address."],
        "first_name": ["This field may not be blank."],
    });
    assert_eq!(results[2]["errors"], errors);
    assert_eq!(results[4]["errors"], json!({"detail": "Not found."}));
    let explicit = json!({"operations": operations, "atomic": true});
    assert_eq!(ada.post(BULK, explicit).await.expect(400), answer);
    assert!(app.database.dump().await == before, "something was written");
});

on_both_databases!(what_can_be_done_is_done_if_so_asked, async |app: TestApp| {
    let ada = app.register("ada").await;
    let ids = made(&ada, 2).await;
    let operations = json!([
        {"op": "create", "data": {"first_name": "New"}},
        {"op": "create", "data": {}},
        {"op": "update", "id": ids[0], "data": {"last_name": "X"}, "version": 7},
        {"op": "update", "id": ids[0], "data": {"last_name": "Y"}, "version": 1},
        {"op": "delete", "id": 999_999},
        {"op": "delete", "id": ids[1]},
        {"op": "create", "data": {"first_name": "x", "company": 999_999}},
    ]);
    let answer =
        ada.post(BULK, json!({"operations": operations, "atomic": false})).await.expect(200);
    assert_eq!(answer["committed"], true);
    assert_eq!(statuses(&answer), [201, 400, 412, 200, 404, 204, 400]);
    let names: Vec<Value> = ada.get("/api/contacts/?fields=first_name,last_name").await.expect(200)
        ["results"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(
        names,
        [
            json!({"first_name": "C0", "last_name": "Y"}),
            json!({"first_name": "New", "last_name": ""}),
        ]
    );
    assert_eq!(app.database.rows("events").await.len(), 4 + 2 + 3);
});

on_both_databases!(between_one_and_a_thousand_are_taken, async |app: TestApp| {
    let ada = app.register("ada").await;
    let limits = json!({"operations": ["Send between 1 and 1000 operations."]});
    assert_eq!(bulk(&ada, Vec::new()).await.expect(400), limits);
    assert_eq!(bulk(&ada, (0..1_001).map(named).collect()).await.expect(400), limits);
    for (body, field) in [
        (json!({}), "operations"),
        (json!({"operations": null}), "operations"),
        (json!({"operations": {}}), "operations"),
        (json!({"operations": [named(1)], "atomic": "yes"}), "atomic"),
        (json!({"operations": [named(1)], "atomic": null}), "atomic"),
        (json!({"operations": [named(1)], "extra": 1}), "extra"),
        (json!([named(1)]), "non_field_errors"),
    ] {
        let errors = ada.post(BULK, body.clone()).await.expect(400);
        assert!(errors[field][0].is_string(), "{body}: {errors}");
    }
    assert_eq!(ada.get("/api/contacts/").await.expect(200)["count"], 0);
});

on_both_databases!(an_operation_that_cannot_be_read_says_why, async |app: TestApp| {
    let ada = app.register("ada").await;
    let id = made(&ada, 1).await[0];
    let cases = [
        (json!({"op": "upsert", "data": {}}), 400, "op"),
        (json!({"data": {}}), 400, "op"),
        (json!({"op": 1}), 400, "op"),
        (json!("create"), 400, "non_field_errors"),
        (json!(null), 400, "non_field_errors"),
        (json!({"op": "create", "data": []}), 400, "non_field_errors"),
        (json!({"op": "create"}), 400, "first_name"),
        (json!({"op": "create", "data": {"first_name": "x", "colour": 1}}), 400, "colour"),
        (json!({"op": "create", "id": 5, "data": {"first_name": "x"}}), 400, "id"),
        (json!({"op": "update", "data": {}}), 400, "id"),
        (json!({"op": "update", "id": "5", "data": {}}), 400, "id"),
        (json!({"op": "update", "id": null, "data": {}}), 400, "id"),
        (json!({"op": "update", "id": 1.5, "data": {}}), 400, "id"),
        (json!({"op": "update", "id": 0, "data": {}}), 404, "detail"),
        (json!({"op": "update", "id": -1, "data": {}}), 404, "detail"),
        (json!({"op": "update", "id": u64::MAX, "data": {}}), 404, "detail"),
        (json!({"op": "update", "id": id, "data": {}, "version": "1"}), 400, "version"),
        (json!({"op": "update", "id": id, "data": {"first_name": null}}), 400, "first_name"),
        (json!({"op": "delete", "id": id, "data": {}}), 400, "data"),
        (json!({"op": "delete", "id": id, "version": 9}), 412, "detail"),
    ];
    let operations: Vec<Value> = cases.iter().map(|(operation, ..)| operation.clone()).collect();
    let answer = bulk(&ada, operations).await.expect(400);
    for ((operation, status, field), result) in
        cases.iter().zip(answer["results"].as_array().unwrap())
    {
        assert_eq!(result["status"], *status, "{operation}: {result}");
        assert!(!result["errors"][field].is_null(), "{operation}: {result}");
    }
    assert_eq!(ada.get(&format!("/api/contacts/{id}/")).await.expect(200)["version"], 1);
});

on_both_databases!(one_row_can_be_written_several_times, async |app: TestApp| {
    let ada = app.register("ada").await;
    let company = ada.post("/api/companies/", json!({"name": "Acme"})).await.expect(201);
    let id = made(&ada, 1).await[0];
    let update = |data: Value, version: i64| json!({"op": "update", "id": id, "data": data, "version": version});
    let operations = vec![
        update(json!({"last_name": "A"}), 1),
        update(json!({"company": company["id"]}), 2),
        update(json!({"last_name": "B"}), 3),
    ];
    let answer = bulk(&ada, operations).await.expect(200);
    let last = &answer["results"][2]["data"];
    assert_eq!((&last["version"], &last["last_name"]), (&json!(4), &json!("B")));
    assert_eq!(last["company"], company["id"]);
    assert_eq!(&ada.get(&format!("/api/contacts/{id}/")).await.expect(200), last);
    let delete = json!({"op": "delete", "id": id});
    let twice = bulk(&ada, vec![delete.clone(), delete.clone()]).await.expect(400);
    assert_eq!(statuses(&twice), [424, 404]);
    let after = bulk(&ada, vec![delete, update(json!({}), 5)]).await.expect(400);
    assert_eq!(statuses(&after), [424, 404]);
    assert_eq!(bulk(&ada, vec![update(json!({}), 4)]).await.expect(200)["committed"], true);
});

on_both_databases!(rows_of_others_cannot_be_reached, async |app: TestApp| {
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let hers = made(&eve, 1).await[0];
    let before = app.database.rows("contacts").await;
    let operations = json!([
        {"op": "update", "id": hers, "data": {"first_name": "mine"}},
        {"op": "delete", "id": hers},
    ]);
    let body = json!({"operations": operations, "atomic": false});
    let answer = ada.post(BULK, body).await.expect(200);
    assert_eq!(statuses(&answer), [404, 404]);
    assert_eq!(app.database.rows("contacts").await, before);
});

on_both_databases!(two_who_write_the_same_rows_take_turns, async |app: TestApp| {
    let ada = app.register("ada").await;
    let ids = made(&ada, 30).await;
    let round = |number: usize| {
        let (ada, mut ids) = (&ada, ids.clone());
        async move {
            if number % 2 == 1 {
                ids.reverse();
            }
            let update = |id: i64| json!({"op": "update", "id": id, "data": {"last_name": format!("{number}")}});
            bulk(ada, ids.into_iter().map(update).collect()).await.expect(200)
        }
    };
    join_all((0..12).map(round)).await;
    let page = ada.get("/api/contacts/?page_size=200").await.expect(200);
    let rows = page["results"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["version"] == 13));
    assert!(rows.iter().all(|row| row["last_name"] == rows[0]["last_name"]), "one was the last");
});
