//! Passwords: forgotten, set for the first time, changed.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Answer, Client, HOME, PASSWORD, SmtpWay, TestApp, TestSmtp, on_both_databases};

const RESET: &str = "/api/auth/password/reset/";
const CONFIRM: &str = "/api/auth/password/reset/confirm/";
const CHANGE: &str = "/api/auth/password/change/";
const PROFILE: &str = "/api/auth/profile/";
const TOKEN: &str = "/api/auth/token/";
/// Another good password.
const NEW: &str = "gravel-lantern-oboe-7";

async fn with_mail(app: TestApp) -> (TestApp, TestSmtp) {
    app.with_mail(SmtpWay::Plain, &[]).await
}

/// Asks for a new password; the secret of the link that comes.
async fn forgotten(app: &TestApp, post: &TestSmtp, email: &str, letters: usize) -> String {
    app.stranger().post(RESET, json!({"email": email})).await.expect(202);
    post.wait_for_subject(email, "new password", letters).await.token()
}

async fn confirm(app: &TestApp, token: &str, password: &str) -> Answer {
    app.stranger().post(CONFIRM, json!({"token": token, "password": password})).await
}

async fn sign_in(app: &TestApp, name: &str, password: &str) -> u16 {
    app.stranger().post(TOKEN, json!({"username": name, "password": password})).await.status
}

/// All that is stored, but for failed sign-ins.
async fn without_tallies(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let mut dump = app.database.dump().await;
    dump.remove("sign_in_failures").expect("the table");
    dump
}

/// What changed in the last entry of the trail about a user.
async fn last_change(app: &TestApp) -> Value {
    let trail = "SELECT changed FROM audit_entries WHERE organization_id > 1 AND entity = 'users' \
                 ORDER BY id DESC";
    app.database.query(trail).await[0]["changed"].clone()
}

on_both_databases!(a_forgotten_password_is_replaced_by_a_link, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    let ada = app.register("ada").await;
    // Linked by whoever made the account: nobody ever made sure of its address.
    let link = "INSERT INTO identities (issuer, subject, user_id, created_at) SELECT \
                'https://id.example', 'somebody', id, created_at FROM people \
                WHERE username = 'ada@example.com'";
    app.database.execute(link).await;
    let secret = forgotten(&app, &post, "ada@example.com", 1).await;
    assert!(secret.starts_with("crml_"), "{secret}");
    let mail = post.wait_for_subject("ada@example.com", "new password", 1).await;
    let page = format!("{HOME}/account/password/#token={secret}");
    assert!(mail.text.contains(&page) && mail.html.contains(&format!("href=\"{page}\"")));
    let stored = format!("{:?}", app.database.dump().await);
    assert!(!stored.contains(&secret[5..]), "the secret is not stored");

    let answer = confirm(&app, &secret, NEW).await.expect(200);
    assert_eq!(answer, json!({"detail": "The password is set. Sign in with it."}));
    ada.get(PROFILE).await.expect(401);
    assert_eq!(sign_in(&app, "ada@example.com", PASSWORD).await, 400);
    assert_eq!(sign_in(&app, "ada@example.com", NEW).await, 200);
    let changed = json!({
        "password": ["replaced by a link", null], "email_verified": [false, null],
    });
    assert_eq!(last_change(&app).await, changed);
    let people = "SELECT email_verified_at FROM people WHERE username = 'ada@example.com'";
    assert_ne!(app.database.query(people).await[0]["email_verified_at"], Value::Null);

    app.jobs_done().await;
    assert!(app.database.rows("identities").await.is_empty());
    let before = app.database.dump().await;
    let used = confirm(&app, &secret, PASSWORD).await.expect(400);
    assert!(used["token"][0].as_str().unwrap().starts_with("This link is not valid"), "{used}");
    assert_eq!(app.database.dump().await, before);
});

on_both_databases!(asking_tells_nobody_who_has_an_account, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    app.register("ada").await;
    app.register("bob").await;
    post.wait_for("bob@example.com", 1).await;
    app.application.accounts.set_active("bob@example.com", false).await.unwrap();
    let mut answers = Vec::new();
    for email in ["ada@example.com", "bob@example.com", "nobody@example.com"] {
        let jobs = "SELECT count(*) AS n FROM jobs WHERE unique_key LIKE 'reset %'";
        let before = app.database.query(jobs).await[0]["n"].as_i64().unwrap();
        let answer = app.stranger().post(RESET, json!({"email": email})).await;
        let after = app.database.query(jobs).await[0]["n"].as_i64().unwrap();
        assert_eq!(after, before + 1, "the same work for {email}");
        let names: BTreeSet<_> = answer.headers.keys().map(ToString::to_string).collect();
        answers.push((answer.status, answer.text, names));
    }
    assert_eq!(answers[0].0, 202);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    post.wait_for_subject("ada@example.com", "new password", 1).await;
    app.jobs_done().await;
    assert_eq!(post.mails_to("bob@example.com").len(), 1, "disabled: only the first one");
    assert!(post.mails_to("nobody@example.com").is_empty());
});

on_both_databases!(a_user_name_that_looks_like_an_address_gets_no_mail, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    let body = json!({"email": "ada@example.com", "username": "eve@example.com",
                      "password": PASSWORD});
    app.stranger().post("/api/auth/register/", body).await.expect(201);
    app.stranger().post(RESET, json!({"email": "eve@example.com"})).await.expect(202);
    app.jobs_done().await;
    assert!(post.mails_to("eve@example.com").is_empty());
    assert_eq!(post.mails_to("ada@example.com").len(), 1, "that of the registration");
});

on_both_databases!(of_fifty_who_race_with_a_link_one_sets_the_password, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    app.register("ada").await;
    let secret = forgotten(&app, &post, "ada@example.com", 1).await;
    let passwords: Vec<String> = (0..50).map(|n| format!("gravel-lantern-oboe-{n}")).collect();
    let answers = join_all(passwords.iter().map(|password| confirm(&app, &secret, password))).await;
    let good: Vec<usize> = (0..50).filter(|n| answers[*n].status == 200).collect();
    let [winner] = good[..] else { panic!("{good:?}") };
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400 | 503)));
    assert_eq!(sign_in(&app, "ada@example.com", &passwords[winner]).await, 200);
});

on_both_databases!(a_link_that_is_not_good_changes_nothing, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    app.register("ada").await;
    let of_address = post.wait_for("ada@example.com", 1).await.token();
    let old = forgotten(&app, &post, "ada@example.com", 1).await;
    app.database.execute("UPDATE links SET expires_at = created_at").await;
    let newest = forgotten(&app, &post, "ada@example.com", 2).await;
    let older = forgotten(&app, &post, "ada@example.com", 3).await;
    app.jobs_done().await;
    let before = app.database.dump().await;
    let mut mistyped = newest.clone();
    mistyped.replace_range(9..10, if &newest[9..10] == "A" { "B" } else { "A" });
    let unknown = "crml_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut answers = Vec::new();
    for secret in [&old, &of_address, &mistyped, unknown, "x", &"x".repeat(300)] {
        answers.push(confirm(&app, secret, NEW).await.expect(400));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    // The word on the password comes when the link is good, and costs it nothing.
    for (password, word) in
        [("short", "too short"), ("password12345", "guess"), ("ada@example.com-2", "similar")]
    {
        let refused = confirm(&app, &newest, password).await.expect(400);
        assert!(refused["password"][0].as_str().unwrap().contains(word), "{refused}");
    }
    assert_eq!(app.database.dump().await, before);
    confirm(&app, &newest, NEW).await.expect(200);
    assert_eq!(confirm(&app, &older, PASSWORD).await.status, 400, "it ended with the other");
});

on_both_databases!(a_password_that_changes_ends_the_links_to_set_one, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    let ada = app.register("ada").await;
    let secret = forgotten(&app, &post, "ada@example.com", 1).await;
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    ada.post(CHANGE, change).await.expect(200);
    confirm(&app, &secret, PASSWORD).await.expect(400);
    let secret = forgotten(&app, &post, "ada@example.com", 2).await;
    app.application.accounts.set_password("ada@example.com", PASSWORD).await.unwrap();
    confirm(&app, &secret, NEW).await.expect(400);
    let secret = forgotten(&app, &post, "ada@example.com", 3).await;
    app.application.accounts.set_active("ada@example.com", false).await.unwrap();
    confirm(&app, &secret, NEW).await.expect(400);
});

on_both_databases!(nobody_is_flooded_with_mail, async |app: TestApp| {
    let (app, post) = app.with_mail(SmtpWay::Plain, &[("CRM_THROTTLE", "true")]).await;
    app.register("ada").await;
    for n in 1..=8 {
        app.stranger().post(RESET, json!({"email": "ADA@example.com"})).await.expect(202);
        post.wait_for_subject("ada@example.com", "new password", n.min(5)).await;
        app.jobs_done().await;
    }
    assert_eq!(post.mails_to("ada@example.com").len(), 6, "five, and that of the registration");
});

on_both_databases!(asking_counts_as_signing_in_does, async |app: TestApp| {
    let settings = [("CRM_THROTTLE", "true"), ("CRM_LOGIN_RATE", "3/min")];
    let (app, _post) = app.with_mail(SmtpWay::Plain, &settings).await;
    let ask = async |email: &str| app.stranger().post(RESET, json!({"email": email})).await;
    for _ in 0..3 {
        ask("nobody@example.com").await.expect(202);
    }
    let refused = ask("nobody@example.com").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    ask("somebody@example.com").await.expect(202);
});

on_both_databases!(a_new_member_sets_their_first_password, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    let boss = app.register_enterprise("boss").await;
    let body = json!({"username": "zoe", "email": "zoe@example.com", "first_name": "Zoë"});
    boss.post("/api/users/", body).await.expect(201);
    let mail = post.wait_for("zoe@example.com", 1).await;
    assert_eq!(mail.subject, "Welcome to boss's workspace");
    assert!(mail.text.contains("Hello Zoë,\n") && mail.text.contains("user name is zoe."));
    confirm(&app, &mail.token(), NEW).await.expect(200);
    let zoe = app.sign_in("zoe", NEW).await;
    assert_eq!(zoe.get(PROFILE).await.expect(200)["organization"]["name"], "boss's workspace");
    // Who has no address gets no mail, and no job.
    let jobs = "SELECT count(*) AS n FROM jobs WHERE kind = 'accounts.letter'";
    let before = app.database.query(jobs).await;
    boss.post("/api/users/", json!({"username": "silent"})).await.expect(201);
    assert_eq!(app.database.query(jobs).await, before);
    // The admin sees that it was sent, and nothing of what it says.
    let shown = boss.get("/api/jobs/?kind=accounts.letter").await;
    assert_eq!(shown.json["count"], 1, "{}", shown.text);
    assert_eq!(shown.json["results"][0]["outcome"], json!({"sent": true}));
    assert!(!shown.text.contains("crml_"), "{}", shown.text);
});

on_both_databases!(a_changed_password_ends_everything_else, async |app: TestApp| {
    let ada = app.register("ada").await;
    let elsewhere = app.sign_in("ada@example.com", PASSWORD).await;
    let bob = app.register("bob").await;
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    ada.post(CHANGE, change).await.expect(200);
    ada.get(PROFILE).await.expect(200);
    elsewhere.get(PROFILE).await.expect(401);
    bob.get(PROFILE).await.expect(200);
    assert_eq!(sign_in(&app, "ada@example.com", PASSWORD).await, 400);
    assert_eq!(sign_in(&app, "ada@example.com", NEW).await, 200);
    assert_eq!(last_change(&app).await, json!({"password": ["changed", null]}));
    let actor = "SELECT user_id, organization_id FROM audit_entries WHERE action = 'user.updated'";
    let entries = app.database.query(actor).await;
    let profile = ada.get(PROFILE).await.expect(200);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["user_id"], profile["id"]);
    assert_eq!(entries[0]["organization_id"], profile["organization"]["id"]);
});

on_both_databases!(a_password_is_changed_by_who_knows_it, async |app: TestApp| {
    let ada = app.register("ada").await;
    let change = async |client: &Client, current: &str, new: &str| {
        client.post(CHANGE, json!({"current_password": current, "new_password": new})).await
    };
    let before = without_tallies(&app).await;
    for (new, word) in
        [("short", "too short"), ("password12345", "guess"), (&"x".repeat(129), "128")]
    {
        let refused = change(&ada, PASSWORD, new).await.expect(400);
        assert!(refused["new_password"][0].as_str().unwrap().contains(word), "{refused}");
    }
    change(&app.stranger(), PASSWORD, NEW).await.expect(401);
    for _ in 0..5 {
        let refused = change(&ada, "wrong", NEW).await.expect(400);
        assert_eq!(refused, json!({"current_password": ["This is not your password."]}));
    }
    let locked = change(&ada, PASSWORD, NEW).await;
    assert_eq!(locked.status, 423, "{}", locked.text);
    assert_eq!(sign_in(&app, "ada@example.com", PASSWORD).await, 423, "guesses are guesses");
    assert_eq!(without_tallies(&app).await, before);
});

on_both_databases!(who_has_the_mailbox_is_not_locked_out, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    app.register("ada").await;
    for _ in 0..5 {
        assert_eq!(sign_in(&app, "ada@example.com", "wrong").await, 400);
    }
    assert_eq!(sign_in(&app, "ada@example.com", PASSWORD).await, 423);
    let secret = forgotten(&app, &post, "ada@example.com", 1).await;
    confirm(&app, &secret, NEW).await.expect(200);
    assert_eq!(sign_in(&app, "ada@example.com", NEW).await, 200);
});

on_both_databases!(what_is_no_request_changes_nothing, async |app: TestApp| {
    let ada = app.register("ada").await;
    let before = app.database.dump().await;
    let long = "x".repeat(100_000);
    let cases: [(&str, Value, &[&str]); 13] = [
        (RESET, json!({}), &["email"]),
        (RESET, json!({"email": ""}), &["email"]),
        (RESET, json!({"email": 1}), &["email"]),
        (RESET, json!({"email": null}), &["email"]),
        (RESET, json!({"email": ["a@example.com"]}), &["email"]),
        (RESET, json!({"email": format!("{long}@example.com")}), &["email"]),
        (RESET, json!({"email": "a@example.com\r\nBcc: e@example.com"}), &["email"]),
        (RESET, json!({"email": "a@example.com", "organization": 1}), &["organization"]),
        (CONFIRM, json!({}), &["password", "token"]),
        (CONFIRM, json!({"token": {}, "password": []}), &["password", "token"]),
        (CONFIRM, json!({"token": long, "password": long}), &["token"]),
        (CHANGE, json!({}), &["current_password", "new_password"]),
        (
            CHANGE,
            json!({"current_password": 1, "new_password": "a\u{0}b"}),
            &["current_password", "new_password"],
        ),
    ];
    for (path, body, fields) in cases {
        let refused = ada.post(path, body).await.expect(400);
        let named: Vec<_> = refused.as_object().unwrap().keys().collect();
        assert_eq!(named, fields, "{path}");
    }
    for path in [RESET, CONFIRM, CHANGE] {
        ada.post(path, json!([])).await.expect(400);
        assert_eq!(ada.get(path).await.status, 405, "{path}");
    }
    assert_eq!(app.database.dump().await, before);
});
