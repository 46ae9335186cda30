//! Invitations: made, mailed, accepted once, revoked.

use domain_kernel::policy::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Answer, Backend, Client, PASSWORD, SmtpWay, TestApp, on_both_databases};

const INVITES: &str = "/api/organization-invites/";
const ACCEPT: &str = "/api/invites/accept/";
const REGISTER: &str = "/api/auth/register/";
const PROFILE: &str = "/api/auth/profile/";

/// An invitation that an admin makes.
async fn invite(admin: &Client, body: Value) -> Value {
    admin.post(INVITES, body).await.expect(201)
}

fn secret(invite: &Value) -> String {
    invite["token"].as_str().unwrap().to_owned()
}

async fn accept(client: &Client, token: &str) -> Answer {
    client.post(ACCEPT, json!({"token": token})).await
}

async fn register(app: &TestApp, name: &str, token: &str) -> Answer {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD,
                      "invite_token": token});
    app.stranger().post(REGISTER, body).await
}

/// The members of an admin's workspace.
async fn members(admin: &Client) -> Value {
    admin.get("/api/users/").await.expect(200)["count"].clone()
}

/// Lets as many people into every workspace as wanted.
async fn no_limit(app: &TestApp) {
    app.database.execute("UPDATE plans SET max_users = 1000").await;
}

on_both_databases!(an_invitation_shows_its_secret_once, async |app: TestApp| {
    let boss = app.register("boss").await;
    let body = json!({"email": "zoe@example.com", "role": "analyst"});
    let answer = boss.post_with(INVITES, ("idempotency-key", "once"), body.clone()).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let made = answer.expect(201);
    let token = secret(&made);
    assert!(token.starts_with("crml_") && token.len() == 54, "{token}");
    let profile = boss.get(PROFILE).await.expect(200);
    let id = made["id"].as_i64().unwrap();
    for (name, value) in [
        ("organization", &profile["organization"]["id"]),
        ("email", &json!("zoe@example.com")),
        ("role", &json!("analyst")),
        ("accepted_at", &Value::Null),
        ("created_by", &profile["id"]),
        ("created_by_name", &json!("boss@example.com")),
        ("is_active", &json!(true)),
    ] {
        assert_eq!(&made[name], value, "{name}");
    }
    let days = |from: &str, to: &str| {
        let at = |name: &str| made[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        at(to).duration_since(at(from)).as_hours()
    };
    assert_eq!(days("created_at", "expires_at"), 7 * 24);

    let shown = boss.get(&format!("{INVITES}{id}/")).await.expect(200);
    assert_eq!(shown["token"], "");
    let listed = boss.get(&format!("{INVITES}?is_active=true&search=zoe")).await.expect(200);
    assert_eq!((&listed["count"], &listed["results"][0]), (&json!(1), &shown));
    let exported = boss.get(&format!("{INVITES}?format=ndjson")).await.text;
    let stored = format!("{:?}", app.database.dump().await);
    assert!(!exported.contains(&token) && !stored.contains(&token[5..]), "it is nowhere else");
    let trail = "SELECT changed FROM audit_entries WHERE entity = 'organization-invites'";
    let trail = app.database.query(trail).await;
    assert_eq!(trail.len(), 1);
    assert_eq!(trail[0]["changed"]["email"], json!([null, "zoe@example.com"]));
    assert_eq!(trail[0]["changed"]["token"], json!([null, ""]));
    // An answer with a secret does not come again: another one does.
    let again = boss.post_with(INVITES, ("idempotency-key", "once"), body).await;
    assert_eq!(again.header("idempotent-replayed"), None);
    assert_ne!(secret(&again.expect(201)), token);
});

on_both_databases!(who_accepts_is_a_member_with_the_role, async |app: TestApp| {
    let boss = app.register("boss").await;
    let ada = app.register("ada").await;
    let made = invite(&boss, json!({"role": "analyst"})).await;
    let accepted = accept(&ada, &secret(&made)).await.expect(200);
    assert_eq!((&accepted["id"], &accepted["token"]), (&made["id"], &json!("")));
    assert_eq!(accepted["is_active"], false);
    assert!(accepted["accepted_at"].is_string());
    let id = ada.get(PROFILE).await.expect(200)["id"].clone();
    let theirs = format!("/api/user-roles/?user={id}");
    let roles = boss.get(&theirs).await.expect(200);
    assert_eq!((&roles["count"], &roles["results"][0]["role"]), (&json!(1), &json!("analyst")));
    assert_eq!(members(&boss).await, 2);
    // She signs in where she was first, as before.
    let home = app.sign_in("ada@example.com", PASSWORD).await.get(PROFILE).await.expect(200);
    assert_eq!(home["organization"]["name"], "ada's workspace");
    let trail = "SELECT action, user_id FROM audit_entries WHERE organization_id = \
                 (SELECT organization_id FROM invites) ORDER BY id";
    let trail = app.database.query(trail).await;
    let last: Vec<_> = trail[trail.len() - 2..].iter().map(|row| row["action"].clone()).collect();
    assert_eq!(last, ["user.created", "organization_invite.updated"]);
    assert!(trail[trail.len() - 2..].iter().all(|row| row["user_id"] == id));

    let path = format!("{INVITES}{}/", made["id"]);
    for answer in [
        boss.patch(&path, json!({"role": "admin"})).await,
        boss.put(&path, json!({"role": "admin"})).await,
        boss.delete(&path).await,
    ] {
        let detail = "This invitation was accepted: it stays as it is.";
        assert_eq!(answer.expect(409), json!({"detail": detail}));
    }
    let plain = invite(&boss, json!({})).await;
    let bob = app.register("bob").await;
    accept(&bob, &secret(&plain)).await.expect(200);
    let id = bob.get(PROFILE).await.expect(200)["id"].clone();
    assert_eq!(boss.get(&format!("/api/user-roles/?user={id}")).await.expect(200)["count"], 0);
});

on_both_databases!(somebody_new_registers_into_the_workspace, async |app: TestApp| {
    let (app, post) = app.with_mail(SmtpWay::Plain, &[]).await;
    let boss = app.register("boss").await;
    let made = invite(&boss, json!({"email": "Zoe@example.com", "role": "manager"})).await;
    let mail = post.wait_for("Zoe@example.com", 1).await;
    assert_eq!(mail.subject, "Invitation to boss's workspace");
    assert!(mail.text.contains("boss@example.com invites you"), "{}", mail.text);
    assert!(mail.text.contains("/account/invitation/#token=crml_"), "{}", mail.text);
    assert_ne!(mail.token(), secret(&made), "a link of its own");
    let workspaces = "SELECT count(*) AS n FROM organizations";
    let before = app.database.query(workspaces).await;
    let zoe = register(&app, "zoe", &mail.token()).await.expect(201);
    assert_eq!(zoe["profile"]["organization"]["name"], "boss's workspace");
    assert_eq!(app.database.query(workspaces).await, before, "none was founded");
    let verified = "SELECT email_verified_at FROM people WHERE username = 'zoe@example.com'";
    assert_ne!(app.database.query(verified).await[0]["email_verified_at"], Value::Null);
    let zoe = Client::new(&app.address, zoe["access"].as_str().map(str::to_owned));
    zoe.post("/api/companies/", json!({"name": "Acme"})).await.expect(201);
    app.jobs_done().await;
    assert!(post.mails_to("zoe@example.com").is_empty(), "there is nothing to verify");
    assert_eq!(register(&app, "eve", &secret(&made)).await.status, 400, "it is used up");

    // Handed over, it says nothing about the address.
    let made = invite(&boss, json!({})).await;
    register(&app, "yan", &secret(&made)).await.expect(201);
    post.wait_for_subject("yan@example.com", "Confirm", 1).await;
    let verified = "SELECT email_verified_at FROM people WHERE username = 'yan@example.com'";
    assert_eq!(app.database.query(verified).await[0]["email_verified_at"], Value::Null);
});

on_both_databases!(an_invitation_is_for_one_address, async |app: TestApp| {
    let (app, post) = app.with_mail(SmtpWay::Plain, &[]).await;
    let boss = app.register("boss").await;
    let eve = app.register("eve").await;
    let made = invite(&boss, json!({"email": "ada@example.com"})).await;
    let mailed = post.wait_for("ada@example.com", 1).await.token();
    app.jobs_done().await;
    let before = app.database.dump().await;
    for token in [&secret(&made), &mailed] {
        let refused = accept(&eve, token).await.expect(400);
        let message = "This invitation is for another e-mail address.";
        assert_eq!(refused, json!({"token": [message]}));
        let refused = register(&app, "mallory", token).await.expect(400);
        assert_eq!(refused, json!({"invite_token": [message]}), "and no account");
    }
    assert_eq!(app.database.dump().await, before);
    // For another address now: it is mailed there, and what was mailed before is worth nothing.
    let path = format!("{INVITES}{}/", made["id"]);
    boss.patch(&path, json!({"email": "eve@example.com"})).await.expect(200);
    let again = post.wait_for_subject("eve@example.com", "Invitation", 1).await.token();
    let ada = app.register("ada").await;
    accept(&ada, &mailed).await.expect(400);
    accept(&eve, &mailed).await.expect(400);
    accept(&eve, &again).await.expect(200);
});

on_both_databases!(what_is_not_good_any_more_is_answered_alike, async |app: TestApp| {
    let boss = app.register("boss").await;
    let ada = app.register("ada").await;
    let mut bad = vec![
        "crml_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        "x".to_owned(),
        boss.token.clone().unwrap(),
    ];
    let revoked = invite(&boss, json!({})).await;
    boss.delete(&format!("{INVITES}{}/", revoked["id"])).await.expect(204);
    let used = invite(&boss, json!({})).await;
    register(&app, "first", &secret(&used)).await.expect(201);
    let over = invite(&boss, json!({})).await;
    // Long ago: lists tell the time to the second.
    let past = match app.database.backend {
        Backend::Sqlite => "0",
        Backend::Postgres => "to_timestamp(0)",
    };
    let sql = format!("UPDATE invites SET expires_at = {past} WHERE id = {}", over["id"]);
    app.database.execute(&sql).await;
    bad.extend([&revoked, &used, &over].map(secret));
    let tenant = boss.get(PROFILE).await.expect(200)["organization"]["id"].as_i64().unwrap();
    let other = app.register("other").await;
    let closed = invite(&other, json!({})).await;
    let theirs = other.get(PROFILE).await.expect(200)["organization"]["id"].as_i64().unwrap();
    let staff = app.staff(tenant).await;
    staff.delete(&format!("/api/organizations/{theirs}/")).await.expect(204);
    bad.push(secret(&closed));
    let before = app.database.dump().await;
    let message = "This invitation does not exist or is no longer valid.";
    for token in &bad {
        assert_eq!(accept(&ada, token).await.expect(400), json!({"token": [message]}), "{token}");
        let refused = register(&app, "late", token).await.expect(400);
        assert_eq!(refused, json!({"invite_token": [message]}), "{token}");
    }
    assert_eq!(app.database.dump().await, before);
    let shown = boss.get(&format!("{INVITES}?is_active=false")).await.expect(200);
    assert_eq!(shown["count"], 2, "the used one and the old one");
    let shown = boss.get(&format!("{INVITES}?deleted=true")).await.expect(200);
    assert_eq!((&shown["count"], &shown["results"][0]["is_active"]), (&json!(1), &json!(false)));
    // An old one is made good, a revoked one comes back; the secrets are the same.
    let later = json!({"expires_at": "2900-01-01T00:00:00Z"});
    boss.patch(&format!("{INVITES}{}/", over["id"]), later).await.expect(200);
    accept(&ada, &secret(&over)).await.expect(200);
    let back = format!("{INVITES}{}/restore/", revoked["id"]);
    assert_eq!(boss.post(&back, json!({})).await.expect(200)["is_active"], true);
    register(&app, "back", &secret(&revoked)).await.expect(201);
});

on_both_databases!(members_and_former_ones_are_told_so, async |app: TestApp| {
    let boss = app.register("boss").await;
    let bob = app.member(&boss, "bob", &[Role::Manager]).await;
    let made = invite(&boss, json!({})).await;
    let before = app.database.dump().await;
    for client in [&bob, &boss] {
        let detail = "You are a member of this workspace already.";
        let refused = accept(client, &secret(&made)).await.expect(400);
        assert_eq!(refused, json!({"detail": detail}));
    }
    assert_eq!(app.database.dump().await, before);
    let ada = app.register("ada").await;
    accept(&ada, &secret(&made)).await.expect(200);
    let id = ada.get(PROFILE).await.expect(200)["id"].clone();
    boss.delete(&format!("/api/users/{id}/")).await.expect(204);
    let another = invite(&boss, json!({"role": "admin"})).await;
    let refused = accept(&ada, &secret(&another)).await.expect(400);
    assert!(refused["detail"].as_str().unwrap().starts_with("You were a member"), "{refused}");
    assert_eq!(members(&boss).await, 2);
});

on_both_databases!(of_fifty_who_race_with_an_invitation_one_comes_in, async |app: TestApp| {
    no_limit(&app).await;
    let boss = app.register("boss").await;
    // One after the other: registering is not the race.
    let mut clients = Vec::new();
    for n in 0..50 {
        clients.push(app.register(&format!("racer-{n}")).await);
    }
    let made = invite(&boss, json!({"role": "manager"})).await;
    let token = secret(&made);
    let answers = join_all(clients.iter().map(|client| accept(client, &token))).await;
    let good = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(good, 1, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400 | 503)));
    assert_eq!(members(&boss).await, 2);
});

on_both_databases!(
    of_fifty_who_race_to_register_by_an_invitation_one_does,
    async |app: TestApp| {
        no_limit(&app).await;
        let boss = app.register("boss").await;
        let token = secret(&invite(&boss, json!({})).await);
        let people = "SELECT count(*) AS n FROM people";
        let before = app.database.query(people).await[0]["n"].as_i64().unwrap();
        let names: Vec<String> = (0..50).map(|n| format!("racer-{n}")).collect();
        let answers = join_all(names.iter().map(|name| register(&app, name, &token))).await;
        let good = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(good, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 400 | 503)));
        assert_eq!(members(&boss).await, 2);
        assert_eq!(
            app.database.query(people).await[0]["n"],
            before + 1,
            "the others left no account"
        );
    }
);

on_both_databases!(the_plan_holds_for_who_is_invited, async |app: TestApp| {
    app.database.execute("UPDATE plans SET max_users = 2").await;
    let boss = app.register("boss").await;
    let ada = app.register("ada").await;
    app.member(&boss, "bob", &[]).await;
    let token = secret(&invite(&boss, json!({})).await);
    let before = app.database.dump().await;
    for answer in [accept(&ada, &token).await, register(&app, "zoe", &token).await] {
        assert_eq!(answer.status, 403, "{}", answer.text);
        assert!(answer.text.contains("max_users"), "{}", answer.text);
    }
    assert_eq!(app.database.dump().await, before);
    app.database.execute("UPDATE plans SET max_users = 3").await;
    accept(&ada, &token).await.expect(200);
});

on_both_databases!(only_admins_invite_and_every_member_sees, async |app: TestApp| {
    let boss = app.register("boss").await;
    let bob = app.member(&boss, "bob", &[Role::Manager]).await;
    let made = invite(&boss, json!({})).await;
    let path = format!("{INVITES}{}/", made["id"]);
    assert_eq!(bob.get(&path).await.expect(200)["token"], "");
    for answer in [
        bob.post(INVITES, json!({})).await,
        bob.patch(&path, json!({})).await,
        bob.delete(&path).await,
    ] {
        answer.expect(403);
    }
    let stranger = app.register("stranger").await;
    stranger.get(&path).await.expect(404);
    app.stranger().post(ACCEPT, json!({"token": secret(&made)})).await.expect(401);
    // Nobody comes into the platform's own workspace by an invitation.
    let staff = app.staff(1).await;
    staff.post(INVITES, json!({})).await.expect(403);
});

on_both_databases!(what_is_no_invitation_changes_nothing, async |app: TestApp| {
    let boss = app.register("boss").await;
    let made = invite(&boss, json!({"email": "a@example.com"})).await;
    let path = format!("{INVITES}{}/", made["id"]);
    let before = app.database.dump().await;
    let cases: [(Value, &str); 11] = [
        (json!({"email": "nobody"}), "email"),
        (json!({"email": 1}), "email"),
        (json!({"email": format!("{}@example.com", "x".repeat(250))}), "email"),
        (json!({"email": "a@example.com\r\nBcc: e@example.com"}), "email"),
        (json!({"role": "owner"}), "role"),
        (json!({"role": ["admin"]}), "role"),
        (json!({"expires_at": "2001-01-01T00:00:00Z"}), "expires_at"),
        (json!({"expires_at": "tomorrow"}), "expires_at"),
        (json!({"expires_at": 1}), "expires_at"),
        (json!({"max_users": 7}), "max_users"),
        (json!({"roles": "admin"}), "roles"),
    ];
    for (body, field) in &cases {
        for answer in
            [boss.post(INVITES, body.clone()).await, boss.patch(&path, body.clone()).await]
        {
            let refused = answer.expect(400);
            assert_eq!(refused.as_object().unwrap().keys().collect::<Vec<_>>(), [field], "{body}");
        }
    }
    let bodies = [
        json!({}),
        json!({"token": null}),
        json!({"token": 7}),
        json!({"token": ""}),
        json!({"token": "x".repeat(100_000)}),
        json!({"token": "x", "role": "admin"}),
        json!([]),
    ];
    for body in bodies {
        boss.post(ACCEPT, body).await.expect(400);
    }
    boss.get(ACCEPT).await.expect(405);
    assert_eq!(app.database.dump().await, before);
    // What only the server writes is ignored, so that one may send a record back.
    let same = boss.put(&path, made.clone()).await.expect(200);
    assert_eq!((&same["token"], &same["accepted_at"]), (&json!(""), &Value::Null));
});
