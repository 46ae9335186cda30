//! The members of a workspace and their roles, as its admins manage them, and the trail.

use domain_kernel::policy::Role;
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Client, PASSWORD, TestApp, on_both_databases};

const PROFILE: &str = "/api/auth/profile/";

async fn id_of(client: &Client) -> Value {
    client.get(PROFILE).await.expect(200)["id"].clone()
}

/// The row of a role that a member has.
async fn role_row(admin: &Client, user: &Value, role: &str) -> Value {
    let rows = admin.get(&format!("/api/user-roles/?user={user}&role={role}")).await.expect(200);
    rows["results"][0]["id"].clone()
}

on_both_databases!(an_admin_makes_changes_and_removes_members, async |app: TestApp| {
    let ada = app.register("ada").await;
    let organization = ada.get(PROFILE).await.expect(200)["organization"].clone();
    let body = json!({
        "username": "bob", "email": "bob@example.com", "first_name": "Bob",
        "organization_id": 1, "organization": 1, "is_staff": true,
    });
    let bob = ada.post("/api/users/", body).await.expect(201);
    assert_eq!(bob["organization"]["slug"], organization["slug"]);
    assert_eq!(
        (&bob["is_active"], &bob["is_staff"], &bob["timezone"], &bob["locale"]),
        (&json!(true), &json!(false), &json!("UTC"), &json!("en-US"))
    );
    let found = ada.get("/api/users/?search=bob&is_active=true").await.expect(200);
    assert_eq!(found["results"], json!([bob]));
    let path = format!("/api/users/{}/", bob["id"]);
    let changed = ada.patch(&path, json!({"title": "Sales", "is_staff": true})).await.expect(200);
    assert_eq!((&changed["title"], &changed["is_staff"]), (&json!("Sales"), &json!(false)));
    assert_eq!(changed["version"], 2);
    let off = ada.patch(&path, json!({"is_active": false})).await.expect(200);
    assert_eq!((&off["is_active"], &off["version"]), (&json!(false), &json!(3)));
    ada.patch(&path, json!({"is_active": true})).await.expect(200);
    ada.delete(&path).await.expect(204);
    ada.get(&path).await.expect(404);
    let back = ada.post(&format!("{path}restore/"), json!({})).await.expect(200);
    assert_eq!((&back["version"], &back["deleted_at"]), (&json!(6), &json!(null)));
    // The names are taken, also in another workspace.
    let eve = app.register("eve").await;
    let again = json!({"username": "BOB", "email": "bob@example.com"});
    let errors = eve.post("/api/users/", again).await.expect(400);
    assert!(errors["username"].is_array() && errors["email"].is_array(), "{errors}");
});

on_both_databases!(who_is_removed_or_disabled_is_out_at_once, async |app: TestApp| {
    let ada = app.register("ada").await;
    let bob = app.member(&ada, "bob", &[Role::Manager]).await;
    let path = format!("/api/users/{}/", id_of(&bob).await);
    for (out, back) in
        [(json!({"is_active": false}), json!({"is_active": true})), (Value::Null, Value::Null)]
    {
        let bob = app.sign_in("bob", PASSWORD).await;
        bob.get("/api/contacts/").await.expect(200);
        match &out {
            Value::Null => ada.delete(&path).await.expect(204),
            patch => ada.patch(&path, patch.clone()).await.expect(200),
        };
        bob.get("/api/contacts/").await.expect(401);
        let credentials = json!({"username": "bob", "password": PASSWORD});
        app.stranger().post("/api/auth/token/", credentials.clone()).await.expect(400);
        match &back {
            Value::Null => ada.post(&format!("{path}restore/"), json!({})).await.expect(200),
            patch => ada.patch(&path, patch.clone()).await.expect(200),
        };
        // What was ended stays so; signing in again is possible.
        bob.get("/api/contacts/").await.expect(401);
        app.stranger().post("/api/auth/token/", credentials).await.expect(200);
    }
});

on_both_databases!(a_role_counts_at_once, async |app: TestApp| {
    let ada = app.register("ada").await;
    let bob = app.member(&ada, "bob", &[Role::Analyst]).await;
    let id = id_of(&bob).await;
    bob.post("/api/contacts/", json!({"first_name": "A"})).await.expect(403);
    let body = json!({"user": id, "role": "marketer"});
    let given = ada.post("/api/user-roles/", body.clone()).await.expect(201);
    bob.post("/api/contacts/", json!({"first_name": "A"})).await.expect(201);
    let errors = ada.post("/api/user-roles/", body).await.expect(400);
    let unique = json!({"non_field_errors": ["The fields user, role must make a unique set."]});
    assert_eq!(errors, unique);
    let path = format!("/api/user-roles/{}/", given["id"]);
    ada.delete(&path).await.expect(204);
    bob.post("/api/contacts/", json!({"first_name": "A"})).await.expect(403);
    ada.post(&format!("{path}restore/"), json!({})).await.expect(200);
    bob.post("/api/contacts/", json!({"first_name": "A"})).await.expect(201);
    for wrong in [
        json!({"user": id, "role": "king"}),
        json!({"user": id, "role": ""}),
        json!({"user": null, "role": "admin"}),
        json!({"user": 999_999, "role": "admin"}),
        json!({"role": "admin"}),
        json!({"user": id}),
    ] {
        ada.post("/api/user-roles/", wrong).await.expect(400);
    }
});

on_both_databases!(nobody_raises_themselves, async |app: TestApp| {
    let ada = app.register("ada").await;
    let roles = [&[Role::Manager][..], &[Role::Analyst], &[Role::Marketer], &[]];
    for (number, roles) in roles.into_iter().enumerate() {
        let name = format!("member{number}");
        let member = app.member(&ada, &name, roles).await;
        let id = id_of(&member).await;
        let before = app.database.dump().await;
        let path = format!("/api/users/{id}/");
        member.post("/api/user-roles/", json!({"user": id, "role": "admin"})).await.expect(403);
        member.patch(&path, json!({"is_staff": true, "is_superuser": true})).await.expect(403);
        member.post("/api/users/", json!({"username": "another"})).await.expect(403);
        for (method, path) in [(Method::PUT, &path), (Method::DELETE, &path)] {
            let request = member.request(method, path).json(&json!({"username": "x"}));
            member.send(request).await.expect(403);
        }
        let request = json!({"is_staff": true, "is_superuser": true, "roles": ["admin"]});
        let answer = member.patch(PROFILE, request).await;
        assert!(answer.status == 400, "{}", answer.text);
        assert!(app.database.dump().await == before, "{name} changed something");
    }
});

on_both_databases!(the_last_admin_stays, async |app: TestApp| {
    let ada = app.register("ada").await;
    let id = id_of(&ada).await;
    let path = format!("/api/users/{id}/");
    let role = format!("/api/user-roles/{}/", role_row(&ada, &id, "admin").await);
    let before = app.database.dump().await;
    ada.delete(&path).await.expect(409);
    ada.patch(&path, json!({"is_active": false})).await.expect(409);
    ada.delete(&role).await.expect(409);
    ada.patch(&role, json!({"role": "manager"})).await.expect(409);
    assert!(app.database.dump().await == before, "nothing changed");
    // With another admin each of two may go; of both at once one stays.
    let bob = app.member(&ada, "bob", &[Role::Admin]).await;
    let other = format!("/api/users/{}/", id_of(&bob).await);
    let (one, two) = tokio::join!(ada.delete(&other), bob.delete(&path));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 204, "{statuses:?}");
    assert!([401, 404, 409].contains(&statuses[1]), "{statuses:?}");
    let sql = "SELECT count(*) AS n FROM users u JOIN user_roles r ON r.user_id = u.id
         AND r.organization_id = u.organization_id
         WHERE u.deleted_at IS NULL AND r.deleted_at IS NULL AND r.role = 'admin'";
    assert_eq!(app.database.query(sql).await[0]["n"], 1);
});

on_both_databases!(
    who_belongs_to_several_workspaces_is_not_changed_by_one,
    async |app: TestApp| {
        let (ada, eve) = (app.register("ada").await, app.register("eve").await);
        let bob = app.member(&ada, "bob", &[]).await;
        let (id, organization) =
            (id_of(&bob).await, eve.get(PROFILE).await.expect(200)["organization"]["id"].clone());
        let (now, active) = match app.database.backend {
            system_tests::Backend::Sqlite => ("0", "1"),
            system_tests::Backend::Postgres => ("now()", "true"),
        };
        let join = format!(
        "INSERT INTO memberships (organization_id, user_id, is_active, version, created_at, updated_at)
         VALUES ({organization}, {id}, {active}, 1, {now}, {now})"
    );
        app.database.execute(&join).await;
        let path = format!("/api/users/{id}/");
        for patch in
            [json!({"email": "eve2@example.com"}), json!({"username": "x"}), json!({"title": "y"})]
        {
            let errors = eve.patch(&path, patch).await.expect(400);
            assert!(errors["non_field_errors"][0].as_str().unwrap().contains("other workspaces"));
        }
        // Where they belong they may be shut out; elsewhere they go on.
        eve.patch(&path, json!({"is_active": false})).await.expect(200);
        bob.get("/api/contacts/").await.expect(200);
    }
);

on_both_databases!(a_plan_has_no_more_members_than_it_allows, async |app: TestApp| {
    let ada = app.register("ada").await;
    // Free allows five; fifty requests race for the four that are left.
    let attempts = (0..50).map(|number| {
        let ada = ada.clone();
        tokio::spawn(async move {
            ada.post("/api/users/", json!({"username": format!("member{number}")})).await
        })
    });
    let mut made = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        let answer = attempt.await.expect("no panic");
        match answer.status {
            201 => made.push(answer["id"].clone()),
            403 => assert!(answer.text.contains("max_users"), "{}", answer.text),
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!(made.len(), 4);
    // Who is removed makes room, who comes back needs it.
    let path = format!("/api/users/{}/", made[0]);
    ada.delete(&path).await.expect(204);
    ada.post("/api/users/", json!({"username": "next"})).await.expect(201);
    ada.post(&format!("{path}restore/"), json!({})).await.expect(403);
});

on_both_databases!(admins_read_the_trail_and_nobody_changes_it, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let profile = ada.get(PROFILE).await.expect(200);
    let made = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let path = format!("/api/contacts/{}/", made["id"]);
    ada.patch(&path, json!({"first_name": "G."})).await.expect(200);
    let query = format!("/api/audit-logs/?entity=contacts&entity_id={}&ordering=-id", made["id"]);
    let found = ada.get(&query).await.expect(200);
    assert_eq!(found["count"], 2);
    let entry = &found["results"][0];
    assert_eq!((&entry["action"], &entry["user"]), (&json!("contact.updated"), &profile["id"]));
    assert_eq!(entry["metadata"], json!({"changed": {"first_name": ["Grace", "G."]}}));
    assert_eq!(entry["organization"], profile["organization"]["id"]);
    for (filter, count) in [
        (format!("user={}", profile["id"]), true),
        ("user=999999".to_owned(), false),
        ("action=contact.created".to_owned(), true),
        ("created_after=2026-01-01".to_owned(), true),
        ("created_before=2026-01-01".to_owned(), false),
        ("by_staff=true".to_owned(), false),
        ("search=contact".to_owned(), true),
    ] {
        let found = ada.get(&format!("/api/audit-logs/?{filter}")).await.expect(200);
        assert_eq!(found["count"] != 0, count, "{filter}");
    }
    let one = format!("/api/audit-logs/{}/", entry["id"]);
    assert_eq!(ada.get(&one).await.expect(200), *entry);
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::POST] {
        let request = ada.request(method, &one).json(&json!({"action": "x"}));
        ada.send(request).await.expect(405);
    }
    ada.post("/api/audit-logs/", json!({})).await.expect(405);
});

on_both_databases!(what_staff_do_in_a_workspace_is_theirs_in_its_trail, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let profile = ada.get(PROFILE).await.expect(200);
    let (id, slug) = (&profile["organization"]["id"], &profile["organization"]["slug"]);
    let staff = app.staff(id.as_i64().unwrap()).await;
    let made = staff.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    assert_eq!(made["organization"], *id);
    let found = ada.get("/api/audit-logs/?by_staff=true").await.expect(200);
    let me = app.sign_in("staff", PASSWORD).await;
    assert_eq!(found["results"][0]["user"], id_of(&me).await);
    assert_eq!(found["results"][0]["action"], "contact.created");
    // By slug, and by parameter.
    let slug = slug.as_str().unwrap();
    let by_slug = [("x-organization-slug", slug)];
    let shown = me.ask(Method::GET, "/api/contacts/", &by_slug).await.expect(200);
    assert_eq!(shown["count"], 1);
    let paths = [format!("?organization_id={id}"), format!("?organization_slug={slug}")];
    for query in paths {
        let shown = me.get(&format!("/api/contacts/{query}")).await.expect(200);
        assert_eq!(shown["count"], 1);
    }
    // Nowhere in particular they are at home.
    assert_eq!(me.get("/api/contacts/").await.expect(200)["count"], 0);
    for wrong in ["?organization_id=999999", "?organization_id=x", "?organization_slug=none"] {
        me.get(&format!("/api/contacts/{wrong}")).await.expect(400);
    }
    // For anybody else it means nothing.
    let eve = app.register("eve").await;
    let by_id = [("x-organization-id", id.to_string())];
    let by_id: Vec<_> = by_id.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(eve.ask(Method::GET, "/api/contacts/", &by_id).await.expect(200)["count"], 0);
});

on_both_databases!(staff_found_rename_close_and_open_workspaces, async |app: TestApp| {
    let ada = app.register("ada").await;
    let home = ada.get(PROFILE).await.expect(200)["organization"]["id"].clone();
    let staff = app.staff(1).await;
    let made = staff.post("/api/organizations/", json!({"name": "Acme", "slug": "acme"})).await;
    let made = made.expect(201);
    let found = staff.get("/api/organizations/?search=acme").await.expect(200);
    assert_eq!(found["results"], json!([made]));
    for wrong in [
        json!({"name": "Acme", "slug": "acme"}),
        json!({"name": "Acme", "slug": "a b"}),
        json!({"name": "", "slug": "x"}),
        json!({"name": "Acme"}),
    ] {
        staff.post("/api/organizations/", wrong).await.expect(400);
    }
    let path = format!("/api/organizations/{home}/");
    staff.patch(&path, json!({"slug": "acme"})).await.expect(400);
    let renamed = staff.patch(&path, json!({"name": "Lovelace"})).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("Lovelace"), &json!(2)));
    // Closed, nobody is let in; open again, everybody is.
    staff.delete(&path).await.expect(204);
    ada.get("/api/contacts/").await.expect(401);
    let credentials = json!({"username": "ada@example.com", "password": PASSWORD});
    app.stranger().post("/api/auth/token/", credentials).await.expect(400);
    staff.post(&format!("{path}restore/"), json!({})).await.expect(200);
    ada.get("/api/contacts/").await.expect(200);
    // It is in the workspace's own trail, as the staff's.
    let sql = format!(
        "SELECT action, staff_id FROM audit_entries WHERE organization_id = {home}
         AND entity = 'organizations' ORDER BY id"
    );
    let trail = app.database.query(&sql).await;
    let actions: Vec<_> = trail.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let updated = ["organization.updated", "organization.deleted", "organization.restored"];
    assert_eq!(actions, ["organization.created", updated[0], updated[1], updated[2]]);
    assert!(trail[1..].iter().all(|entry| entry["staff_id"].is_number()), "{trail:?}");
    for refused in ["/api/organizations/1/", &path, "/api/organizations/"] {
        ada.get(refused).await.expect(403);
    }
    staff.delete("/api/organizations/1/").await.expect(409);
});
