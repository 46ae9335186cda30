//! Contacts and companies as clients use them.

use serde_json::json;
use system_tests::{TestApp, on_both_databases};

on_both_databases!(a_contact_lives_through_all_operations, async |app: TestApp| {
    let ada = app.register("ada").await;
    let company = ada.post("/api/companies/", json!({"name": "Acme"})).await.expect(201);
    let body = json!({"first_name": " Grace ", "company": company["id"], "tags": ["vip"]});
    let made = ada.post("/api/contacts/", body).await;
    assert_eq!(made.header("etag"), Some("\"v1\""));
    let made = made.expect(201);
    assert_eq!(made["first_name"], "Grace");
    assert_eq!(made["email"], "");
    let path = format!("/api/contacts/{}/", made["id"]);
    let changed = ada.patch(&path, json!({"email": "grace@example.com"})).await.expect(200);
    assert_eq!(
        (&changed["email"], &changed["company"]),
        (&json!("grace@example.com"), &company["id"])
    );
    // What is not required and not given stays.
    let replaced = ada.put(&path, json!({"first_name": "G.", "email": ""})).await.expect(200);
    assert_eq!((&replaced["email"], &replaced["company"]), (&json!(""), &company["id"]));
    let refused = ada.put(&path, json!({"email": ""})).await.expect(400);
    assert_eq!(refused, json!({"first_name": ["This field is required."]}));
    assert_eq!(replaced["version"], 3);
    ada.delete(&path).await.expect(204);
    ada.get(&path).await.expect(404);
    ada.delete(&path).await.expect(404);
    let restored = ada.post(&format!("{path}restore/"), json!({})).await.expect(200);
    assert_eq!(restored["deleted_at"], json!(null));
    assert_eq!(ada.get(&path).await.expect(200), restored);
});
