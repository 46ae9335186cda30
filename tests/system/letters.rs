//! Letters: who gets one for what, and what becomes of it when the mail server is away.

use serde_json::{Value, json};
use system_tests::{Client, PASSWORD, SmtpWay, TestApp, TestSmtp, on_both_databases};

const VERIFY: &str = "/api/auth/email/verify/";
const CONFIRM: &str = "/api/auth/email/verify/confirm/";
const PROFILE: &str = "/api/auth/profile/";
const TOKEN: &str = "/api/auth/token/";

async fn with_mail(app: TestApp) -> (TestApp, TestSmtp) {
    app.with_mail(SmtpWay::StartTls, &[("CRM_TRUSTED_PROXIES", "127.0.0.1")]).await
}

/// When somebody's address was verified.
async fn verified(app: &TestApp, username: &str) -> Value {
    let sql = format!("SELECT email_verified_at FROM people WHERE username = '{username}'");
    app.database.query(&sql).await[0]["email_verified_at"].clone()
}

async fn confirm(app: &TestApp, secret: &str) -> u16 {
    app.stranger().post(CONFIRM, json!({"token": secret})).await.status
}

on_both_databases!(who_registers_verifies_their_address_by_a_link, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    let ada = app.register("ada").await;
    let mail = post.wait_for("ada@example.com", 1).await;
    assert_eq!(mail.subject, "Confirm your e-mail address");
    assert!(mail.encrypted && mail.text.contains("/account/email/#token=crml_"), "{}", mail.text);
    assert_eq!(verified(&app, "ada@example.com").await, Value::Null);
    assert_eq!(confirm(&app, &mail.token()).await, 200);
    assert_ne!(verified(&app, "ada@example.com").await, Value::Null);
    assert_eq!(confirm(&app, &mail.token()).await, 400, "it works once");
    let already = ada.post(VERIFY, json!({})).await.expect(200);
    assert_eq!(already, json!({"detail": "This address is verified already."}));
    let trail = "SELECT action, changed FROM audit_entries WHERE organization_id > 1 ORDER BY id";
    let entry = app.database.query(trail).await.pop().unwrap();
    assert_eq!(entry["action"], "user.updated");
    assert_eq!(entry["changed"], json!({"email_verified": [false, null]}));
    app.jobs_done().await;
    assert_eq!(post.mails().len(), 1, "nobody else got one, nor another one");
});

on_both_databases!(another_address_is_verified_anew, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    let ada = app.register("ada").await;
    let first = post.wait_for("ada@example.com", 1).await.token();
    ada.patch(PROFILE, json!({"email": "countess@example.com"})).await.expect(200);
    let second = post.wait_for("countess@example.com", 1).await.token();
    assert_eq!(confirm(&app, &first).await, 400, "that address is not hers any more");
    assert_eq!(verified(&app, "ada@example.com").await, Value::Null);
    assert_eq!(confirm(&app, &second).await, 200);
    ada.patch(PROFILE, json!({"email": "lady@example.com", "title": "Lady"})).await.expect(200);
    post.wait_for("lady@example.com", 1).await;
    assert_eq!(verified(&app, "ada@example.com").await, Value::Null);
    ada.patch(PROFILE, json!({"title": "Countess"})).await.expect(200);
    for letters in 2..=3 {
        ada.post(VERIFY, json!({})).await.expect(202);
        post.wait_for("lady@example.com", letters).await;
    }
    let last = post.wait_for("lady@example.com", 3).await.token();
    let before = post.mails_to("lady@example.com")[0].token();
    assert_eq!(confirm(&app, &last).await, 200);
    assert_eq!(confirm(&app, &before).await, 400, "the others end with it");
    ada.patch(PROFILE, json!({"email": ""})).await.expect(200);
    ada.post(VERIFY, json!({})).await.expect(409);
});

on_both_databases!(nobody_has_themselves_flooded_with_mail, async |app: TestApp| {
    let (app, post) = app.with_mail(SmtpWay::Plain, &[("CRM_THROTTLE", "true")]).await;
    let ada = app.register("ada").await;
    for _ in 0..5 {
        ada.post(VERIFY, json!({})).await.expect(202);
    }
    let refused = ada.post(VERIFY, json!({})).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    app.jobs_done().await;
    assert_eq!(post.mails_to("ada@example.com").len(), 6);
});

on_both_databases!(an_admin_who_changes_an_address_has_it_verified, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    let boss = app.register("boss").await;
    let bob = app.member(&boss, "bob", &[]).await;
    let id = bob.get(PROFILE).await.expect(200)["id"].clone();
    let path = format!("/api/users/{id}/");
    boss.patch(&path, json!({"email": "robert@example.com"})).await.expect(200);
    let mail = post.wait_for("robert@example.com", 1).await;
    assert_eq!(confirm(&app, &mail.token()).await, 200);
    assert_ne!(verified(&app, "bob").await, Value::Null);
});

on_both_databases!(a_sign_in_from_somewhere_new_is_told, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    let sign_in = async |from: &str| {
        let body = json!({"username": "ada@example.com", "password": PASSWORD});
        app.stranger().post_with(TOKEN, ("x-forwarded-for", from), body).await.expect(200)
    };
    app.register("ada").await;
    app.sign_in("ada@example.com", PASSWORD).await;
    sign_in("198.51.100.7").await;
    let mail = post.wait_for_subject("ada@example.com", "new sign-in", 1).await;
    assert!(mail.text.contains("198.51.100.7"), "{}", mail.text);
    assert!(!mail.text.contains("http"), "no link: {}", mail.text);
    sign_in("198.51.100.7").await;
    sign_in("2001:db8::7").await;
    let mail = post.wait_for_subject("ada@example.com", "new sign-in", 2).await;
    assert!(mail.text.contains("2001:db8::"), "{}", mail.text);
    let refused = json!({"username": "ada@example.com", "password": "wrong"});
    app.stranger().post_with(TOKEN, ("x-forwarded-for", "198.51.100.8"), refused).await.expect(400);
    app.jobs_done().await;
    let told = post.mails().iter().filter(|mail| mail.subject.contains("sign-in")).count();
    assert_eq!(told, 2, "not at home, not again, not when it failed");
});

on_both_databases!(a_letter_waits_for_a_server_that_is_away, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    post.set_away(true);
    app.register("ada").await;
    let (state, error) = app.letter_state(1).await;
    assert_eq!((state.as_str(), error.as_str()), ("waiting", "The mail server does not answer."));
    post.set_away(false);
    // It comes again after ten seconds at most, with another secret.
    let mail = post.wait_for("ada@example.com", 1).await;
    assert_eq!(confirm(&app, &mail.token()).await, 200);
});

on_both_databases!(a_letter_that_is_refused_is_given_up_at_once, async |app: TestApp| {
    let (app, post) = with_mail(app).await;
    post.refuse(Some(550));
    app.register("ada").await;
    let (state, error) = app.letter_state(1).await;
    let expected = ("dead", "The mail server refused the mail (550).");
    assert_eq!((state.as_str(), error.as_str()), expected);
    post.refuse(Some(451));
    app.register("bob").await;
    let (state, error) = app.letter_state(2).await;
    let expected = ("waiting", "The mail server wants it later (451).");
    assert_eq!((state.as_str(), error.as_str()), expected);
});

on_both_databases!(without_a_mail_server_mail_is_in_a_folder, async |app: TestApp| {
    let app = TestApp::over(app.stop().await, &[("CRM_JOBS_IN_SERVER", "2")]).await;
    app.register("ada").await;
    app.jobs_done().await;
    let folder = app.database.folder().join("mail");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    let [Ok(file)] = &files[..] else { panic!("{files:?}") };
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.contains("To: ada@example.com\r\n") && text.contains("crml_"), "{text}");
});

on_both_databases!(who_is_not_signed_in_or_sends_anything_else_is_refused, async |app: TestApp| {
    let ada = app.register("ada").await;
    let before = app.database.dump().await;
    app.stranger().post(VERIFY, json!({})).await.expect(401);
    let unknown = ada.post(VERIFY, json!({"email": "eve@example.com"})).await.expect(400);
    assert!(unknown.get("email").is_some(), "{unknown}");
    let tokens = [
        json!({}),
        json!({"token": 1}),
        json!({"token": ""}),
        json!({"token": null}),
        json!({"token": "x".repeat(100_000)}),
        json!({"token": "crml_x"}),
        json!([]),
    ];
    for body in tokens {
        app.stranger().post(CONFIRM, body).await.expect(400);
    }
    let token: &Client = &ada;
    let own = json!({"token": token.token});
    app.stranger().post(CONFIRM, own).await.expect(400);
    assert_eq!(app.database.dump().await, before);
});
