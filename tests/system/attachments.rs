//! Files of records of any kind.

use domain_kernel::policy::Role;
use serde_json::{Value, json};
use system_tests::{TestApp, on_both_databases};

use crate::deals::path;

const URL: &str = "https://files.example/plan.pdf";

on_both_databases!(a_file_belongs_to_a_record_of_any_kind, async |app: TestApp| {
    let ada = app.register("ada").await;
    let me = ada.get("/api/auth/profile/").await.expect(200);
    let contact = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let body = json!({"file_name": "Plan.pdf", "file_url": URL, "related_object_type": "Contact",
        "related_object_id": contact["id"], "uploaded_at": "2001-01-01T00:00:00Z"});
    let made = ada.post("/api/sales/attachments/", body).await.expect(201);
    for (field, value) in [
        ("related_object_type", &json!("contact")),
        ("related_object_id", &contact["id"]),
        ("uploaded_by", &me["id"]),
        ("uploaded_by_name", &json!("ada@example.com")),
        ("uploaded_at", &made["created_at"]),
        ("file_url", &json!(URL)),
    ] {
        assert_eq!(&made[field], value, "{field}");
    }
    let query = format!("related_object_type=CONTACT&related_object_id={}", contact["id"]);
    for (query, count) in
        [(query.as_str(), 1), ("related_object_type=lead", 0), ("search=plan", 1), ("search=x", 0)]
    {
        let listed = ada.get(&format!("/api/attachments/?{query}")).await.expect(200);
        assert_eq!(listed["count"], count, "{query}");
    }
    // Who renames it has not added it.
    let bob = app.member(&ada, "bob", &[Role::Manager]).await;
    let one = path("attachments", &made);
    let whole = json!({"file_name": "Plan 2.pdf", "file_url": URL,
        "related_object_type": "contact", "related_object_id": contact["id"]});
    let renamed = bob.put(&one, whole.clone()).await.expect(200);
    assert_eq!(
        (&renamed["uploaded_by"], &renamed["uploaded_at"], &renamed["file_name"]),
        (&me["id"], &made["uploaded_at"], &json!("Plan 2.pdf"))
    );
    // It stays while its record is deleted; but nothing new comes to that.
    ada.delete(&path("contacts", &contact)).await.expect(204);
    ada.patch(&one, json!({"file_name": "Plan 3.pdf"})).await.expect(200);
    let refused = ada.post("/api/attachments/", whole).await.expect(400);
    assert!(refused["related_object_id"][0].as_str().unwrap().contains("Invalid pk"), "{refused}");
});

on_both_databases!(a_file_of_nothing_is_refused, async |app: TestApp| {
    let ada = app.register("ada").await;
    let bob = app.register("bob").await;
    let contact = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let theirs = bob.post("/api/contacts/", json!({"first_name": "G"})).await.expect(201);
    let stranger = bob.get("/api/auth/profile/").await.expect(200)["id"].clone();
    let good = json!({"file_name": "Plan.pdf", "file_url": URL, "related_object_type": "contact",
        "related_object_id": contact["id"]});
    let one = path("attachments", &ada.post("/api/attachments/", good.clone()).await.expect(201));
    let before = app.database.rows("attached_files").await;
    for (field, value) in [
        ("related_object_id", theirs["id"].clone()),
        ("related_object_id", json!(999_999)),
        ("related_object_type", json!("unicorn")),
        ("uploaded_by", stranger),
        ("file_name", json!(" ")),
        ("file_name", json!("x".repeat(256))),
        ("file_url", json!("")),
        ("file_url", json!("no address")),
        ("file_url", json!("javascript:alert(1)")),
        ("file_url", json!(format!("https://files.example/{}", "x".repeat(200)))),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        for answer in [
            ada.post("/api/attachments/", body).await.expect(400),
            ada.patch(&one, json!({ field: value })).await.expect(400),
        ] {
            assert!(answer[field][0].is_string(), "{field}: {answer}");
        }
    }
    for missing in ["file_name", "file_url", "related_object_type", "related_object_id"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(missing);
        let refused = ada.post("/api/attachments/", body).await.expect(400);
        assert_eq!(refused, json!({ missing: ["This field is required."] }));
    }
    assert_eq!(app.database.rows("attached_files").await, before);
    let gone: Value = ada.get("/api/attachments/999999/").await.expect(404);
    assert!(gone["detail"].is_string());
});
