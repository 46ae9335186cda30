//! Notes on records of any kind.

use domain_kernel::policy::Role;
use serde_json::{Value, json};
use system_tests::{TestApp, on_both_databases};

use crate::deals::{path, pipeline};

on_both_databases!(a_note_is_on_a_record_of_any_kind, async |app: TestApp| {
    let ada = app.register("ada").await;
    let me = ada.get("/api/auth/profile/").await.expect(200);
    let contact = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let (_, stages) = pipeline(&ada, &["10"]).await;
    let body = json!({
        "content": "Likes rockets.", "related_object_type": "Contact",
        "related_object_id": contact["id"],
    });
    let made = ada.post("/api/sales/notes/", body).await.expect(201);
    for (field, value) in [
        ("related_object_type", &json!("contact")),
        ("related_object_id", &contact["id"]),
        ("author", &me["id"]),
        ("author_name", &json!("ada@example.com")),
    ] {
        assert_eq!(&made[field], value, "{field}");
    }
    for (word, id) in [("DealStage", &stages[0]), ("deal-stage", &stages[0]), ("NOTE", &made["id"])]
    {
        let body = json!({"content": "N", "related_object_type": word, "related_object_id": id});
        ada.post("/api/notes/", body).await.expect(201);
    }
    for (query, count) in [
        (format!("related_object_type=contact&related_object_id={}", contact["id"]), 1),
        (format!("related_object_type=CONTACT&related_object_id={}", contact["id"]), 1),
        ("related_object_type=Deal Stage".to_owned(), 2),
        ("related_object_type=lead".to_owned(), 0),
        (format!("author={}", me["id"]), 4),
    ] {
        assert_eq!(
            ada.get(&format!("/api/notes/?{query}")).await.expect(200)["count"],
            count,
            "{query}"
        );
    }
    // Who replaces it does not become its author.
    let bob = app.member(&ada, "bob", &[Role::Manager]).await;
    let whole = json!({
        "content": "Likes big rockets.", "related_object_type": "contact",
        "related_object_id": contact["id"],
    });
    let one = path("notes", &made);
    let replaced = bob.put(&one, whole).await.expect(200);
    assert_eq!(
        (&replaced["author"], &replaced["content"]),
        (&me["id"], &json!("Likes big rockets."))
    );
    // It stays while its record is deleted; but nothing new is written on that.
    ada.delete(&path("contacts", &contact)).await.expect(204);
    assert_eq!(ada.get(&one).await.expect(200)["related_object_id"], contact["id"]);
    ada.patch(&one, json!({"content": "Liked rockets."})).await.expect(200);
    let body = json!({
        "content": "N", "related_object_type": "contact", "related_object_id": contact["id"],
    });
    let refused = ada.post("/api/notes/", body).await.expect(400);
    assert!(refused["related_object_id"][0].as_str().unwrap().contains("Invalid pk"), "{refused}");
});

on_both_databases!(a_note_on_nothing_is_refused, async |app: TestApp| {
    let ada = app.register("ada").await;
    let bob = app.register("bob").await;
    let contact = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let theirs = bob.post("/api/contacts/", json!({"first_name": "G"})).await.expect(201);
    let stranger = bob.get("/api/auth/profile/").await.expect(200)["id"].clone();
    let good = json!({
        "content": "N", "related_object_type": "contact", "related_object_id": contact["id"],
    });
    let good_one = path("notes", &ada.post("/api/notes/", good.clone()).await.expect(201));
    let before = app.database.rows("note_texts").await;
    for (field, value, at, part) in [
        ("related_object_id", theirs["id"].clone(), "related_object_id", "Invalid pk"),
        ("related_object_id", json!(999_999), "related_object_id", "Invalid pk"),
        ("related_object_id", json!(0), "related_object_id", "Invalid pk"),
        ("related_object_id", json!(null), "related_object_id", "null"),
        ("related_object_id", json!({}), "related_object_id", "Incorrect type"),
        ("related_object_type", json!("unicorn"), "related_object_type", "Known: "),
        ("related_object_type", json!("audit_log"), "related_object_type", "Known: "),
        ("related_object_type", json!("organization"), "related_object_type", "Known: "),
        ("related_object_type", json!(""), "related_object_type", "blank"),
        ("related_object_type", json!("x".repeat(65)), "related_object_type", "64"),
        ("related_object_type", json!("lead"), "related_object_id", "Invalid pk"),
        ("author", stranger, "author", "Invalid pk"),
        ("content", json!(" "), "content", "blank"),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        for answer in [
            ada.post("/api/notes/", body).await.expect(400),
            ada.patch(&good_one, json!({ field: value })).await.expect(400),
        ] {
            let message = answer[at][0].as_str().unwrap_or_else(|| panic!("{field}: {answer}"));
            assert!(message.contains(part), "{field}: {answer}");
        }
    }
    assert_eq!(app.database.rows("note_texts").await, before);
});

// Whatever is served and written can have notes: every kind is looked for in a table or a view.
on_both_databases!(every_kind_of_record_can_have_notes, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let body = json!({"content": "N", "related_object_type": "?", "related_object_id": 999_999});
    let refused = ada.post("/api/notes/", body).await.expect(400);
    let known = refused["related_object_type"][0].as_str().unwrap();
    let (_, kinds) = known.trim_end_matches('.').split_once("Known: ").unwrap();
    let kinds: Vec<&str> = kinds.split(", ").collect();
    assert!(
        kinds.len() > 8 && kinds.contains(&"opportunity") && kinds.contains(&"note"),
        "{kinds:?}"
    );
    for kind in kinds {
        let body = json!({
            "content": "N", "related_object_type": kind, "related_object_id": 999_999,
        });
        let refused = ada.post("/api/notes/", body).await.expect(400);
        assert!(refused["related_object_id"][0].is_string(), "{kind}: {refused}");
    }
});

on_both_databases!(staff_write_notes_in_nobodys_name, async |app: TestApp| {
    let ada = app.register("ada").await;
    let home = ada.get("/api/auth/profile/").await.expect(200)["organization"]["id"].clone();
    let contact = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let staff = app.staff(home.as_i64().expect("an id")).await;
    let body = json!({
        "content": "N", "related_object_type": "contact", "related_object_id": contact["id"],
    });
    let made = staff.post("/api/notes/", body).await.expect(201);
    assert_eq!((&made["author"], &made["author_name"]), (&Value::Null, &json!("")));
});

on_both_databases!(a_kind_that_the_plan_does_not_have_is_none, async |app: TestApp| {
    let ada = app.register("ada").await;
    let body = json!({"content": "N", "related_object_type": "invoice", "related_object_id": 1});
    let refused = ada.post("/api/notes/", body).await.expect(400);
    assert!(refused["related_object_type"][0].as_str().unwrap().contains("Known: "), "{refused}");
});
