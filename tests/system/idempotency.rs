//! Requests with an `Idempotency-Key` may be sent again and act once.

use domain_kernel::policy::Role;
use futures_util::future::join_all;
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use system_tests::{Answer, Client, PASSWORD, TestApp, on_both_databases};

const CONTACTS: &str = "/api/contacts/";

async fn create(client: &Client, key: &str, name: &str) -> Answer {
    client.post_with(CONTACTS, ("idempotency-key", key), json!({"first_name": name})).await
}

/// Sends a request twice: the second answer is the first again, and nothing more is written.
async fn acts_once(
    app: &TestApp,
    client: &Client,
    method: Method,
    path: &str,
    body: Value,
) -> Value {
    let send = async || {
        let request = client.request(method.clone(), path).header("idempotency-key", "a key");
        client.send(request.json(&body)).await
    };
    let first = send().await;
    assert_eq!(first.header("idempotent-replayed"), None, "{path}: {}", first.text);
    assert!((200..300).contains(&first.status), "{path}: {}", first.text);
    let before = app.database.dump().await;
    for _ in 0..2 {
        let again = send().await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{path}");
        assert_eq!((again.status, &again.json), (first.status, &first.json), "{path}");
        assert_eq!(again.header("etag"), first.header("etag"), "{path}");
    }
    assert!(app.database.dump().await == before, "{path}: a repetition wrote something");
    first.json
}

on_both_databases!(a_repeated_create_makes_one_row, async |app: TestApp| {
    let ada = app.register("ada").await;
    let body = json!({"first_name": "Grace", "tags": [{"b": 1.5, "a": null}, "ü"]});
    let made = acts_once(&app, &ada, Method::POST, CONTACTS, body).await;
    assert_eq!(ada.get(CONTACTS).await.expect(200)["count"], 1);
    let path = format!("{CONTACTS}{}/", made["id"]);
    ada.patch(&path, json!({"first_name": "Changed"})).await.expect(200);
    let body = json!({"first_name": "Grace", "tags": [{"b": 1.5, "a": null}, "ü"]});
    let again = ada.post_with(CONTACTS, ("idempotency-key", "a key"), body).await;
    assert_eq!(again.header("etag"), Some("\"v1\""));
    assert_eq!(again.expect(201), made, "it is what was answered then");
});

on_both_databases!(a_repeated_change_is_made_once, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = format!("{CONTACTS}{}/", create(&ada, "1", "Grace").await.expect(201)["id"]);
    let changed = acts_once(&app, &ada, Method::PATCH, &path, json!({"last_name": "H"})).await;
    assert_eq!(changed["version"], 2);
    let request = ada.request(Method::PATCH, &path).header("if-match", "\"v1\"");
    let request = request.header("idempotency-key", "guarded").json(&json!({"last_name": "I"}));
    ada.send(request).await.expect(412);
    let guarded = || {
        let request = ada.request(Method::PATCH, &path).header("if-match", "\"v2\"");
        ada.send(request.header("idempotency-key", "guarded").json(&json!({"last_name": "I"})))
    };
    assert_eq!(guarded().await.expect(200)["version"], 3);
    assert_eq!(guarded().await.expect(200)["version"], 3, "its own write does not stop it");
});

on_both_databases!(a_repeated_restore_or_bulk_is_made_once, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = format!("{CONTACTS}{}/", create(&ada, "1", "Grace").await.expect(201)["id"]);
    ada.delete(&path).await.expect(204);
    let restore = format!("{path}restore/");
    let restored = acts_once(&app, &ada, Method::POST, &restore, json!({})).await;
    assert_eq!(restored["version"], 3);
    ada.delete(&path).await.expect(204);
    let again = ada.post_with(&restore, ("idempotency-key", "a key"), json!({})).await.expect(200);
    assert_eq!(again, restored);
    ada.get(&path).await.expect(404);
    let operations = json!([
        {"op": "create", "data": {"first_name": "A"}},
        {"op": "create", "data": {"first_name": ""}},
    ]);
    let bulk = format!("{CONTACTS}bulk/");
    let body = json!({"atomic": false, "operations": operations});
    let key = ("idempotency-key", "bulk");
    let first = ada.post_with(&bulk, key, body.clone()).await.expect(200);
    let again = ada.post_with(&bulk, key, body).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.expect(200), first);
    assert_eq!(ada.get(CONTACTS).await.expect(200)["count"], 1);
});

on_both_databases!(a_repeated_change_of_the_profile_is_made_once, async |app: TestApp| {
    let ada = app.register("ada").await;
    let profile = "/api/auth/profile/";
    acts_once(&app, &ada, Method::PATCH, profile, json!({"first_name": "Ada"})).await;
});

on_both_databases!(a_key_belongs_to_one_request, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = create(&ada, "k", "Grace").await.expect(201);
    let refused = json!({"detail": "This Idempotency-Key was used for another request."});
    assert_eq!(create(&ada, "k", "Other").await.expect(422), refused);
    let key = ("idempotency-key", "k");
    let grace = json!({"first_name": "Grace"});
    ada.post_with("/api/companies/", key, json!({"name": "Acme"})).await.expect(422);
    ada.post_with("/api/contacts/?fields=id", key, grace.clone()).await.expect(422);
    ada.patch_with(&format!("{CONTACTS}{}/", made["id"]), key, grace.clone()).await.expect(422);
    let module = ada.post_with("/api/sales/contacts", key, grace).await;
    assert_eq!(module.header("idempotent-replayed"), Some("true"), "the other path is the same");
    assert_eq!(create(&ada, "K", "Grace").await.header("idempotent-replayed"), None);
    assert_eq!(ada.get(CONTACTS).await.expect(200)["count"], 2);
    assert_eq!(ada.get("/api/companies/").await.expect(200)["count"], 0);
});

on_both_databases!(everybody_has_keys_of_their_own, async |app: TestApp| {
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let bob = app.member(&ada, "bob", &[Role::Manager]).await;
    let mut made = Vec::new();
    for client in [&ada, &bob, &eve] {
        let answer = create(client, "k", "Grace").await;
        assert_eq!(answer.header("idempotent-replayed"), None);
        made.push(answer.expect(201)["id"].clone());
    }
    assert!(made[0] != made[1] && made[1] != made[2]);
    create(&eve, "k", "Other").await.expect(422);
    let phone = app.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(create(&phone, "k", "Grace").await.expect(201)["id"], made[0], "another token");
});

on_both_databases!(thirty_at_once_make_one_row, async |app: TestApp| {
    let ada = app.register("ada").await;
    for round in 0..3 {
        let key = format!("round {round}");
        let answers = join_all((0..30).map(|_| create(&ada, &key, "Grace"))).await;
        let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(!made.is_empty());
        let fresh = made.iter().filter(|one| one.header("idempotent-replayed").is_none());
        assert_eq!(fresh.count(), 1);
        for answer in &answers {
            match answer.status {
                201 => assert_eq!(answer.json, made[0].json),
                409 => assert!(answer["detail"].as_str().unwrap().contains("still running")),
                other => panic!("{other}: {}", answer.text),
            }
        }
        assert_eq!(create(&ada, &key, "Grace").await.expect(201), made[0].json);
        assert_eq!(ada.get(CONTACTS).await.expect(200)["count"], round + 1);
    }
});

on_both_databases!(what_failed_is_not_remembered, async |app: TestApp| {
    let ada = app.register("ada").await;
    create(&ada, "k", "").await.expect(400);
    let made = create(&ada, "k", "Grace").await.expect(201);
    let missing = format!("{CONTACTS}999999/");
    let key = ("idempotency-key", "other");
    ada.patch_with(&missing, key, json!({"first_name": "x"})).await.expect(404);
    ada.patch_with(&format!("{CONTACTS}{}/", made["id"]), key, json!({"first_name": "x"}))
        .await
        .expect(200);
    let bulk = json!({"operations": [{"op": "delete", "id": 999_999}]});
    let key = ("idempotency-key", "bulk");
    ada.post_with("/api/contacts/bulk/", key, bulk.clone()).await.expect(400);
    let answer = ada.post_with("/api/contacts/bulk/", key, bulk).await;
    assert_eq!((answer.status, answer.header("idempotent-replayed")), (400, None));
    assert_eq!(app.database.rows("idempotency_keys").await.len(), 2);
});

on_both_databases!(a_key_that_is_none_is_refused, async |app: TestApp| {
    let ada = app.register("ada").await;
    let longest = "k".repeat(255);
    create(&ada, &longest, "Grace").await.expect(201);
    let bytes: [&[u8]; 5] = [b"", b"  ", "ключ".as_bytes(), b"a\tb", b"\xff"];
    let mut wrong: Vec<HeaderValue> =
        bytes.into_iter().map(|bytes| HeaderValue::from_bytes(bytes).unwrap()).collect();
    wrong.push(HeaderValue::from_str(&"k".repeat(256)).unwrap());
    for value in wrong {
        let request = ada.request(Method::POST, CONTACTS).header("idempotency-key", &value);
        let answer = ada.send(request.json(&json!({"first_name": "x"}))).await;
        let detail = answer.expect(400)["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with("Idempotency-Key must be"), "{value:?}: {detail}");
    }
    let twice = ada.request(Method::POST, CONTACTS);
    let twice = twice.header("idempotency-key", "a").header("idempotency-key", "a");
    ada.send(twice.json(&json!({"first_name": "x"}))).await.expect(400);
    assert_eq!(ada.get(CONTACTS).await.expect(200)["count"], 1);
});

on_both_databases!(signing_in_is_never_replayed, async |app: TestApp| {
    app.register("ada").await;
    let body = json!({"username": "ada@example.com", "password": PASSWORD});
    let key = ("idempotency-key", "k");
    let stranger = app.stranger();
    let sign_in = || stranger.post_with("/api/auth/token/", key, body.clone());
    let (first, second) = (sign_in().await, sign_in().await);
    assert_eq!(second.header("idempotent-replayed"), None);
    assert_ne!(first.expect(200)["access"], second.expect(200)["access"]);
    assert!(app.database.rows("idempotency_keys").await.is_empty());
});

on_both_databases!(a_key_outlives_the_server, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = create(&ada, "k", "Grace").await.expect(201);
    let app = TestApp::over(app.stop().await, &[]).await;
    let ada = Client::new(&app.address, ada.token);
    let again = create(&ada, "k", "Grace").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.expect(201), made);
});
