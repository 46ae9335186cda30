//! Versions and entity tags: reading what is new, writing what nobody else has changed.

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use system_tests::{Answer, Client, TestApp, on_both_databases};

async fn contact(ada: &Client) -> String {
    let made = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    format!("/api/contacts/{}/", made["id"])
}

async fn read(ada: &Client, path: &str, known: &str) -> Answer {
    ada.ask(Method::GET, path, &[("if-none-match", known)]).await
}

async fn write(ada: &Client, path: &str, expected: &str, body: Value) -> Answer {
    ada.patch_with(path, ("if-match", expected), body).await
}

on_both_databases!(every_write_raises_version_and_tag, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = contact(&ada).await;
    let whole = json!({"first_name": "G", "last_name": "H"});
    let steps = [
        ada.get(&path).await,
        ada.patch(&path, json!({"last_name": "H"})).await,
        ada.put(&path, whole.clone()).await,
        ada.put(&path, whole).await,
        ada.patch(&path, json!({})).await,
    ];
    let versions = [1, 2, 3, 3, 3];
    for (answer, version) in steps.into_iter().zip(versions) {
        assert_eq!(answer.header("etag"), Some(format!("\"v{version}\"").as_str()));
        assert_eq!(answer.expect(200)["version"], version);
    }
    ada.delete(&path).await.expect(204);
    let restored = ada.post(&format!("{path}restore/"), json!({})).await;
    assert_eq!(restored.header("etag"), Some("\"v5\""));
    let again = ada.post(&format!("{path}restore/"), json!({})).await;
    assert_eq!((again.header("etag"), again.status), (Some("\"v5\""), 200));
});

on_both_databases!(who_has_the_newest_is_told_so_without_a_body, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = contact(&ada).await;
    for known in ["\"v1\"", "W/\"v1\"", "\"v7\", \"v1\"", "\"a\",W/\"v1\" , \"b\"", "*", " \"v1\" "]
    {
        let answer = read(&ada, &path, known).await;
        assert_eq!(answer.header("etag"), Some("\"v1\""), "{known}");
        assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{known}");
    }
    for other in ["\"v2\"", "v1", "\"v1", "\"1\"", "W/v1", "\"v01x\"", "\"\"", "nonsense", ","] {
        read(&ada, &path, other).await.expect(200);
    }
    ada.patch(&path, json!({"last_name": "H"})).await.expect(200);
    assert_eq!(read(&ada, &path, "\"v1\"").await.expect(200)["version"], 2);
    assert_eq!(read(&ada, &path, "\"v2\"").await.status, 304);
    let head = ada.ask(Method::HEAD, &path, &[("if-none-match", "\"v2\"")]).await;
    assert_eq!(head.status, 304);
    let eve = app.register("eve").await;
    read(&eve, &path, "*").await.expect(404);
});

on_both_databases!(a_write_to_an_older_version_is_refused, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = contact(&ada).await;
    let body = || json!({"last_name": "H"});
    for old in [
        "\"v0\"",
        "\"v2\"",
        "\"v-1\"",
        "W/\"v9\"",
        "\"other\"",
        "\"\"",
        "\"v99999999999999999999\"",
    ] {
        let answer = write(&ada, &path, old, body()).await;
        let detail = json!({"detail": "The record was changed meanwhile: it has version 1 now."});
        assert_eq!(answer.expect(412), detail, "{old}");
        let put = ada.request(Method::PUT, &path).header("if-match", old);
        ada.send(put.json(&json!({"first_name": "x"}))).await.expect(412);
        ada.ask(Method::DELETE, &path, &[("if-match", old)]).await.expect(412);
    }
    assert_eq!(ada.get(&path).await.expect(200)["version"], 1);
    assert_eq!(write(&ada, &path, "\"v1\"", body()).await.expect(200)["version"], 2);
    write(&ada, &path, "\"v1\"", body()).await.expect(412);
    assert_eq!(
        write(&ada, &path, "W/\"v2\"", json!({"last_name": "I"})).await.expect(200)["version"],
        3
    );
    assert_eq!(write(&ada, &path, "*", json!({"last_name": "J"})).await.expect(200)["version"], 4);
    ada.ask(Method::DELETE, &path, &[("if-match", "\"v4\"")]).await.expect(204);
    write(&ada, &path, "\"v5\"", body()).await.expect(404);
    write(&ada, "/api/contacts/999999/", "*", body()).await.expect(404);
});

on_both_databases!(a_condition_that_cannot_be_read_is_not_ignored, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = contact(&ada).await;
    for wrong in ["v1", "1", "\"v1", "\"v1\", \"v2\"", "\"v1\",", "W/v1", "true"] {
        write(&ada, &path, wrong, json!({"last_name": "H"})).await.expect(400);
    }
    let bytes = HeaderValue::from_bytes(b"\"v1\xff\"").unwrap();
    let request = ada.request(Method::PATCH, &path).header("if-match", bytes);
    let answer = ada.send(request.json(&json!({"last_name": "H"}))).await;
    assert!([400, 412].contains(&answer.status), "{}: {}", answer.status, answer.text);
    let request = ada.request(Method::PATCH, &path);
    let request = request.header("if-match", "\"v1\"").header("if-match", "\"v2\"");
    ada.send(request.json(&json!({"last_name": "H"}))).await.expect(400);
    assert_eq!(ada.get(&path).await.expect(200)["version"], 1);
});

on_both_databases!(fifty_changes_at_once_all_arrive, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = contact(&ada).await;
    let fields = ["first_name", "last_name", "email", "phone_number", "tags"];
    let change = |number: usize| {
        let (ada, path, field) = (&ada, &path, fields[number % 5]);
        async move {
            let value = match field {
                "email" => json!(format!("c{number}@example.com")),
                "tags" => json!([number]),
                _ => json!(format!("{number}")),
            };
            let changed = ada.patch(path, json!({field: value})).await.expect(200);
            (changed["version"].as_i64().unwrap(), field, changed[field].clone())
        }
    };
    let mut changes = join_all((0..50).map(change)).await;
    changes.sort_by_key(|(version, ..)| *version);
    let versions: Vec<i64> = changes.iter().map(|(version, ..)| *version).collect();
    assert_eq!(versions, (2..=51).collect::<Vec<_>>(), "each had a version of its own");
    let end = ada.get(&path).await.expect(200);
    assert_eq!(end["version"], 51);
    for field in fields {
        let last = changes.iter().rev().find(|(_, changed, _)| *changed == field).unwrap();
        assert_eq!(end[field], last.2, "{field}");
    }
    assert_eq!(app.database.rows("audit_entries").await.len(), 4 + 51);
});

on_both_databases!(of_twenty_who_read_the_same_one_writes, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = contact(&ada).await;
    let change = |number: usize| {
        let (ada, path) = (&ada, &path);
        async move { write(ada, path, "\"v1\"", json!({"last_name": format!("{number}")})).await }
    };
    let answers = join_all((0..20).map(change)).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    let lost = answers.iter().filter(|answer| answer.status == 412).count();
    assert_eq!((won.len(), lost), (1, 19));
    assert_eq!(ada.get(&path).await.expect(200), won[0].json);
});

on_both_databases!(one_of_many_who_delete_at_once_does, async |app: TestApp| {
    let ada = app.register("ada").await;
    let path = contact(&ada).await;
    let answers = join_all((0..10).map(|_| ada.delete(&path))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 9, "{statuses:?}");
    let row = ada.get(&format!("{path}?deleted=true")).await.expect(200);
    assert_eq!(row["version"], 2);
});
