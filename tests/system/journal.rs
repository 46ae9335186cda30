//! What every write leaves behind: one audit entry and one event, with the data or not at all.

use domain_accounts::PersonDraft;
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Client, PASSWORD, TestApp, on_both_databases};

/// The audit entries and the events, in order.
async fn trail(app: &TestApp) -> (Vec<Value>, Vec<Value>) {
    let audit = app.database.query("SELECT * FROM audit_entries ORDER BY id").await;
    let events = app.database.query("SELECT * FROM events ORDER BY position").await;
    (audit, events)
}

/// Sends a request under a name; what it answered, and what it left behind.
async fn left_by(
    app: &TestApp,
    client: &Client,
    name: &str,
    (method, path, body): (Method, &str, Value),
) -> (Value, Vec<(Value, Value)>) {
    let (audit_before, events_before) = trail(app).await;
    let request = client.request(method, path).header("x-request-id", name).json(&body);
    let answer = client.send(request).await;
    assert_eq!(answer.header("x-request-id"), Some(name));
    let (audit, events) = trail(app).await;
    assert_eq!(audit[..audit_before.len()], audit_before, "what was written stays");
    assert_eq!(events[..events_before.len()], events_before, "what was written stays");
    let audit = audit[audit_before.len()..].iter().cloned();
    let events = events[events_before.len()..].iter().cloned();
    assert_eq!(audit.len(), events.len(), "an entry and an event each");
    (answer.json, audit.zip(events).collect())
}

/// Checks the one entry and event of a write and gives what changed.
fn one(left: &[(Value, Value)], what: &str, id: &Value, request: &str, user: &Value) -> Value {
    let [(entry, event)] = left else { panic!("{request} left {left:?}") };
    let (singular, _) = what.split_once('.').expect("a type");
    let entity =
        if singular == "company" { "companies".to_owned() } else { format!("{singular}s") };
    assert_eq!(entry["action"], what);
    assert_eq!((&entry["entity"], &event["entity"]), (&json!(entity), &json!(entity)));
    assert_eq!((&entry["entity_id"], &event["entity_id"]), (id, id));
    assert_eq!((&entry["user_id"], &entry["request_id"]), (user, &json!(request)));
    assert_eq!(event["type"], what);
    let envelope = &event["envelope"];
    let names: Vec<_> = envelope.as_object().expect("an object").keys().collect();
    let expected = [
        "actor",
        "changed",
        "data",
        "id",
        "occurred_at",
        "organization",
        "request_id",
        "type",
        "version",
    ];
    assert_eq!(names, expected);
    let uuid = envelope["id"].as_str().expect("an id");
    assert_eq!(uuid.replace('-', ""), event["id"].as_str().expect("an id").replace('-', ""));
    assert_eq!((uuid.len(), &uuid[14..15]), (36, "7"));
    assert_eq!(envelope["type"], what);
    assert_eq!(envelope["actor"], json!({"user": user}));
    assert_eq!(envelope["request_id"], request);
    assert_eq!(envelope["organization"], entry["organization_id"]);
    assert_eq!(envelope["organization"], event["organization_id"]);
    assert_eq!(envelope["changed"], entry["changed"]);
    assert!(envelope["occurred_at"].as_str().expect("an instant").ends_with('Z'));
    envelope["changed"].clone()
}

on_both_databases!(each_write_of_a_row_leaves_one_entry_and_one_event, async |app: TestApp| {
    let ada = app.register("ada").await;
    let user = ada.get("/api/auth/profile/").await.expect(200)["id"].clone();
    let body = json!({"first_name": "Grace", "tags": ["vip"]});
    let (made, left) = left_by(&app, &ada, "one", (Method::POST, "/api/contacts/", body)).await;
    let changed = one(&left, "contact.created", &made["id"], "one", &user);
    assert_eq!(changed["first_name"], json!([null, "Grace"]));
    assert_eq!(changed["tags"], json!([null, ["vip"]]));
    assert!(changed.get("version").is_none() && changed.get("updated_at").is_none());
    assert_eq!(left[0].1["envelope"]["data"], made);
    assert_eq!(left[0].1["envelope"]["occurred_at"], made["created_at"]);

    let path = format!("/api/contacts/{}/", made["id"]);
    let body = json!({"first_name": "Ada", "email": "a@example.com"});
    let (shown, left) = left_by(&app, &ada, "two", (Method::PATCH, &path, body)).await;
    let changed = one(&left, "contact.updated", &made["id"], "two", &user);
    assert_eq!(changed, json!({"first_name": ["Grace", "Ada"], "email": ["", "a@example.com"]}));
    assert_eq!(left[0].1["envelope"]["data"], shown);
    assert_eq!(left[0].1["envelope"]["version"], 2);

    let body = json!({"first_name": "Ada", "email": "", "tags": []});
    let (_, left) = left_by(&app, &ada, "three", (Method::PUT, &path, body)).await;
    let changed = one(&left, "contact.updated", &made["id"], "three", &user);
    assert_eq!(changed, json!({"email": ["a@example.com", ""], "tags": [["vip"], []]}));

    let (_, left) = left_by(&app, &ada, "four", (Method::DELETE, &path, json!({}))).await;
    let changed = one(&left, "contact.deleted", &made["id"], "four", &user);
    let gone = changed["deleted_at"][1].clone();
    assert_eq!(changed, json!({"deleted_at": [null, gone]}));

    let restore = format!("{path}restore/");
    let (_, left) = left_by(&app, &ada, "five", (Method::POST, &restore, json!({}))).await;
    let changed = one(&left, "contact.restored", &made["id"], "five", &user);
    assert_eq!(changed, json!({"deleted_at": [gone, null]}));
    assert_eq!(left[0].1["envelope"]["version"], 5);

    let body = json!({"name": "Acme"});
    let (made, left) =
        left_by(&app, &ada, "six", (Method::POST, "/api/sales/companies", body)).await;
    one(&left, "company.created", &made["id"], "six", &user);
});

on_both_databases!(a_bulk_leaves_one_for_each_row, async |app: TestApp| {
    let ada = app.register("ada").await;
    let user = ada.get("/api/auth/profile/").await.expect(200)["id"].clone();
    let made = ada.post("/api/contacts/", json!({"first_name": "A"})).await.expect(201);
    let operations = json!([
        {"op": "create", "data": {"first_name": "B"}},
        {"op": "update", "id": made["id"], "data": {"last_name": "X"}},
        {"op": "update", "id": made["id"], "data": {"last_name": "X"}},
        {"op": "delete", "id": made["id"]},
        {"op": "create", "data": {}},
    ]);
    let body = json!({"operations": operations, "atomic": false});
    let (answer, left) =
        left_by(&app, &ada, "many", (Method::POST, "/api/contacts/bulk/", body)).await;
    assert_eq!(left.len(), 3);
    let id = &answer["results"][0]["id"];
    one(&left[..1], "contact.created", id, "many", &user);
    one(&left[1..2], "contact.updated", &made["id"], "many", &user);
    one(&left[2..], "contact.deleted", &made["id"], "many", &user);
    assert_eq!(left[2].1["envelope"]["version"], 3);
});

on_both_databases!(what_fails_or_changes_nothing_leaves_nothing, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = ada.post("/api/contacts/", json!({"first_name": "A"})).await.expect(201);
    let path = format!("/api/contacts/{}/", made["id"]);
    let restore = format!("{path}restore/");
    let profile = ada.get("/api/auth/profile/").await.expect(200);
    // But for the tally that a failed sign-in is counted in.
    let left = async || {
        let mut dump = app.database.dump().await;
        dump.remove("sign_in_failures");
        dump
    };
    let before = left().await;
    let attempts = [
        (Method::POST, "/api/contacts/", json!({"first_name": ""}), 400),
        (Method::POST, "/api/contacts/", json!({"first_name": "x", "company": 99}), 400),
        (Method::PATCH, "/api/contacts/999999/", json!({"first_name": "x"}), 404),
        (Method::DELETE, "/api/contacts/999999/", json!({}), 404),
        (Method::POST, "/api/contacts/999999/restore/", json!({}), 404),
        (
            Method::POST,
            "/api/auth/register/",
            json!({"email": "ADA@example.com", "password": PASSWORD}),
            400,
        ),
        (Method::POST, "/api/auth/token/", json!({"username": "ada", "password": "x"}), 400),
        (Method::PATCH, "/api/auth/profile/", json!({"timezone": "Mars"}), 400),
        (Method::PATCH, "/api/auth/profile/", profile, 200),
        (Method::PATCH, &path, json!({}), 200),
        (Method::PATCH, &path, json!({"first_name": " A "}), 200),
        (Method::PUT, &path, made.clone(), 200),
        (Method::POST, &restore, json!({}), 200),
    ];
    for (method, path, body, status) in attempts {
        let request = ada.request(method.clone(), path).json(&body);
        ada.send(request).await.expect(status);
        assert!(left().await == before, "{method} {path} {body} left something");
    }
    assert_eq!(ada.get(&path).await.expect(200), made);
});

on_both_databases!(accounts_leave_a_trail_of_their_own, async |app: TestApp| {
    let stranger = app.stranger();
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let (made, left) =
        left_by(&app, &stranger, "in", (Method::POST, "/api/auth/register/", body)).await;
    let (user, organization) = (&made["profile"]["id"], &made["profile"]["organization"]);
    assert_eq!(left.len(), 4);
    one(&left[..1], "organization.created", &organization["id"], "in", user);
    one(&left[1..2], "user.created", user, "in", user);
    one(&left[2..3], "subscription.created", &left[2].0["entity_id"], "in", user);
    one(&left[3..], "token.created", user, "in", user);
    let ada = Client::new(&app.address, made["access"].as_str().map(str::to_owned));

    let body = json!({"username": "ada@example.com", "password": PASSWORD});
    let (_, left) =
        left_by(&app, &stranger, "again", (Method::POST, "/api/auth/token/", body)).await;
    one(&left, "token.created", user, "again", user);

    let body = json!({"title": "Countess"});
    let (_, left) = left_by(&app, &ada, "title", (Method::PATCH, "/api/auth/profile/", body)).await;
    let changed = one(&left, "user.updated", user, "title", user);
    assert_eq!(changed, json!({"title": ["", "Countess"]}));

    let out = (Method::POST, "/api/auth/token/revoke/", json!({}));
    let (_, left) = left_by(&app, &ada, "out", out).await;
    one(&left, "token.deleted", user, "out", user);

    let (audit_before, _) = trail(&app).await;
    let accounts = &app.application.accounts;
    accounts.set_plan(organization["slug"].as_str().unwrap(), "pro").await.unwrap();
    accounts.set_active("ada@example.com", false).await.unwrap();
    let (audit, events) = trail(&app).await;
    let written = &audit[audit_before.len()..];
    let actions: Vec<&Value> = written.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["subscription.updated", "subscription.created", "user.updated"]);
    assert!(written.iter().all(|entry| entry["user_id"].is_null()), "{written:?}");
    assert_eq!(written[0]["changed"]["is_active"], json!([true, false]));
    assert_eq!(written[1]["changed"]["plan"][1]["key"], "pro");
    assert_eq!(written[2]["changed"], json!({"is_active": [true, false]}));
    assert_eq!(events.len(), audit.len());
});

on_both_databases!(
    what_happens_outside_every_workspace_is_in_the_platforms_trail,
    async |app: TestApp| {
        let accounts = &app.application.accounts;
        let ops = PersonDraft { username: "ops".to_owned(), ..PersonDraft::new() };
        accounts.create_superuser(ops, PASSWORD).await.unwrap();
        accounts.set_password("ops", "walnut-ferry-lamp-3").await.unwrap();
        accounts.set_active("ops", false).await.unwrap();
        accounts.set_active("ops", true).await.unwrap();
        let (audit, events) = trail(&app).await;
        let written: Vec<_> = audit
            .iter()
            .map(|entry| (entry["organization_id"].clone(), entry["action"].clone()))
            .collect();
        let in_platform = |action: &str| (json!(1), json!(action));
        let mut expected = vec![in_platform("user.created")];
        expected.extend(std::iter::repeat_n(in_platform("user.updated"), 3));
        assert_eq!(written, expected);
        assert_eq!(audit[1]["changed"], json!({"password": ["replaced", null]}));
        assert_eq!(events.len(), 4);
    }
);

on_both_databases!(a_password_from_django_is_hashed_anew_once, async |app: TestApp| {
    let ada = app.register("ada").await;
    let user = ada.get("/api/auth/profile/").await.expect(200)["id"].clone();
    // Made with Python's hashlib from "correct horse battery".
    let hash = "pbkdf2_sha256$1000$seasalt$DrdiWD40lyBuydnjvZiDrdQMx1S1mOA9O0QYex0R6ww=";
    app.database.execute(&format!("UPDATE people SET password_hash = '{hash}'")).await;
    let stranger = app.stranger();
    let wrong = json!({"username": "ada@example.com", "password": "correct horse batterz"});
    stranger.post("/api/auth/token/", wrong).await.expect(400);
    let body = json!({"username": "ada@example.com", "password": "correct horse battery"});
    let sign_in = || (Method::POST, "/api/auth/token/", body.clone());
    let (_, left) = left_by(&app, &stranger, "first", sign_in()).await;
    let changed = one(&left[..1], "user.updated", &user, "first", &user);
    assert_eq!(changed, json!({"password": ["hashed anew", null]}));
    one(&left[1..], "token.created", &user, "first", &user);
    let stored = app.database.query("SELECT password_hash FROM people").await;
    assert!(stored[0]["password_hash"].as_str().unwrap().starts_with("$argon2id$"), "{stored:?}");
    let (_, left) = left_by(&app, &stranger, "second", sign_in()).await;
    one(&left, "token.created", &user, "second", &user);
});

on_both_databases!(a_request_has_its_own_id_or_a_new_one, async |app: TestApp| {
    let ada = app.register("ada").await;
    for good in ["a", "A-b_c.9", &"x".repeat(64)] {
        let answer = ada.ask(Method::GET, "/api/contacts/", &[("x-request-id", good)]).await;
        assert_eq!(answer.header("x-request-id"), Some(good));
    }
    for bad in ["", "a b", "a;b", "ÿ", "a/b", "<script>", &"x".repeat(65)] {
        let answer = ada.ask(Method::GET, "/api/contacts/", &[("x-request-id", bad)]).await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(id.len(), 36, "{bad}: {id}");
    }
});
