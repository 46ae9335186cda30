//! The second factor: setting it up, signing in with it, and workspaces that require it.

use domain_kernel::Clock as _;
use infra_runtime::SystemClock;
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::browser::{Browser, field};
use system_tests::{Answer, Client, PASSWORD, TestApp, on_both_databases};
use totp_rs::TOTP;

const FACTOR: &str = "/api/auth/second-factor/";
const PROFILE: &str = "/api/auth/profile/";
const SECURITY: &str = "/api/auth/workspace-security/";

/// Somebody with an authenticator app.
struct App {
    totp: TOTP,
    /// The code that confirmed it.
    used: String,
    recovery: Vec<String>,
}

impl App {
    /// Sets up a second factor.
    async fn set_up(client: &Client) -> Self {
        let made = client.post(&format!("{FACTOR}setup/"), json!({ "password": PASSWORD })).await;
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let made = made.expect(200);
        assert!(made["qr_svg"].as_str().unwrap().contains("<svg"));
        let totp = TOTP::from_url(made["otpauth_url"].as_str().unwrap()).expect("a secret");
        assert_eq!(made["secret"], totp.get_secret_base32());
        let mut app = Self { totp, used: String::new(), recovery: Vec::new() };
        app.used = app.code(0);
        let code = json!({ "code": app.used });
        let confirmed = client.post(&format!("{FACTOR}confirm/"), code).await.expect(200);
        let codes = confirmed["recovery_codes"].as_array().unwrap().iter();
        app.recovery = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
        assert_eq!(app.recovery.len(), 10);
        app
    }

    /// The code of some steps from now.
    fn code(&self, steps: i64) -> String {
        let now = SystemClock.now().as_second() + 30 * steps;
        self.totp.generate(now.try_into().unwrap())
    }

    /// A code of six digits that is none of those near now.
    fn wrong(&self) -> String {
        let near: Vec<String> = (-3..=3).map(|steps| self.code(steps)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

/// Lets codes count again that were used.
async fn rewind(app: &TestApp) {
    app.database.execute("UPDATE second_factors SET last_step = 0").await;
}

async fn sign_in(app: &TestApp, otp: Option<&str>) -> Answer {
    let mut body = json!({ "username": "ada@example.com", "password": PASSWORD });
    if let Some(otp) = otp {
        body["otp"] = json!(otp);
    }
    app.stranger().post("/api/auth/token/", body).await
}

on_both_databases!(a_code_is_asked_for_after_the_right_password, async |app: TestApp| {
    let ada = app.register("ada").await;
    let state = ada.get(FACTOR).await.expect(200);
    let none = json!({ "enabled": false, "enabled_at": null, "recovery_codes_left": 0,
        "required": false });
    assert_eq!(state, none);
    let phone = App::set_up(&ada).await;
    let state = ada.get(FACTOR).await.expect(200);
    assert_eq!((&state["enabled"], &state["recovery_codes_left"]), (&json!(true), &json!(10)));
    // What is stored tells nothing, nor does the trail.
    let dump = format!("{:?}", app.database.dump().await);
    assert!(!dump.contains(&phone.totp.get_secret_base32()));
    for code in &phone.recovery {
        assert!(!dump.contains(code.as_str()) && !dump.contains(&code.replace('-', "")));
    }
    let wrong = json!({ "username": "ada@example.com", "password": "wrong" });
    let refused = app.stranger().post("/api/auth/token/", wrong).await.expect(400);
    assert_eq!(refused, json!({ "detail": "Unable to log in with provided credentials." }));
    let asked = sign_in(&app, None).await.expect(400);
    assert_eq!(asked["second_factor"], json!(["required"]));
    assert!(asked["detail"].as_str().unwrap().contains("otp"), "{asked}");
    // That of the confirmation was used.
    let again = sign_in(&app, Some(&phone.used)).await.expect(400);
    assert_eq!(again["second_factor"], json!(["invalid"]));
    rewind(&app).await;
    for (otp, status) in [
        (phone.code(0), 200),
        (phone.code(0), 400),
        (phone.code(1), 200),
        (phone.code(-1), 400),
        (phone.recovery[0].to_uppercase(), 200),
        (phone.recovery[0].clone(), 400),
        (phone.recovery[1].replace('-', ""), 200),
    ] {
        let answer = sign_in(&app, Some(&otp)).await;
        assert_eq!(answer.status, status, "{otp}: {}", answer.text);
    }
    let state = ada.get(FACTOR).await.expect(200);
    assert_eq!(state["recovery_codes_left"], 8);
    let trail = "SELECT action FROM audit_entries WHERE entity = 'second-factors'";
    let trail = app.database.query(trail).await;
    assert_eq!(trail.len(), 1, "{trail:?}");
    assert_eq!(trail[0]["action"], "second_factor.created");
});

on_both_databases!(one_code_lets_one_in_of_fifty, async |app: TestApp| {
    let settings = [("CRM_LOGIN_MAX_ATTEMPTS", "1000")];
    let app = TestApp::over(app.stop().await, &settings).await;
    let ada = app.register("ada").await;
    let phone = App::set_up(&ada).await;
    rewind(&app).await;
    for otp in [phone.code(0), phone.recovery[0].clone()] {
        let tries = (0..50).map(|_| sign_in(&app, Some(&otp)));
        let answers = futures_util::future::join_all(tries).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!(count(200), 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
        assert_eq!(count(200) + count(400) + count(503), 50);
    }
});

on_both_databases!(wrong_codes_lock_and_the_password_alone_forgets_none, async |app: TestApp| {
    let settings = [("CRM_LOGIN_MAX_ATTEMPTS", "3")];
    let app = TestApp::over(app.stop().await, &settings).await;
    let ada = app.register("ada").await;
    let phone = App::set_up(&ada).await;
    rewind(&app).await;
    let wrong = phone.wrong();
    for (otp, status) in [
        (Some(wrong.as_str()), 400),
        (None, 400),
        (Some(wrong.as_str()), 400),
        (None, 400),
        (Some("no code at all"), 400),
        (Some(&phone.code(0)), 423),
        (None, 423),
    ] {
        let answer = sign_in(&app, otp).await;
        assert_eq!(answer.status, status, "{otp:?}: {}", answer.text);
    }
    app.application.accounts.unlock("ada@example.com").await.unwrap();
    sign_in(&app, Some(&phone.code(0))).await.expect(200);
});

on_both_databases!(what_changes_the_factor_needs_password_and_code, async |app: TestApp| {
    let ada = app.register("ada").await;
    let (setup, confirm) = (format!("{FACTOR}setup/"), format!("{FACTOR}confirm/"));
    let codes = format!("{FACTOR}recovery-codes/");
    let delete =
        async |body: Value| ada.send(ada.request(Method::DELETE, FACTOR).json(&body)).await;
    let before = app.database.rows("second_factors").await;
    for body in [
        json!({}),
        json!({ "password": 1 }),
        json!({ "password": "" }),
        json!({ "password": "wrong" }),
        json!({ "password": PASSWORD, "more": 1 }),
        json!([]),
    ] {
        ada.post(&setup, body).await.expect(400);
    }
    app.stranger().post(&setup, json!({ "password": PASSWORD })).await.expect(401);
    let code = || json!({ "code": "123456" });
    ada.post(&confirm, code()).await.expect(409);
    let both = |code: &str| json!({ "password": PASSWORD, "code": code });
    ada.post(&codes, both("123456")).await.expect(409);
    delete(both("123456")).await.expect(409);
    assert_eq!(app.database.rows("second_factors").await, before);
    // Begun and not confirmed, it does not count.
    ada.post(&setup, json!({ "password": PASSWORD })).await.expect(200);
    sign_in(&app, None).await.expect(200);
    let phone = App::set_up(&ada).await;
    ada.post(&setup, json!({ "password": PASSWORD })).await.expect(409);
    rewind(&app).await;
    let stored = app.database.rows("recovery_codes").await;
    for (body, field) in [
        (json!({ "password": PASSWORD }), "code"),
        (json!({ "code": phone.code(0) }), "password"),
        (json!({ "password": "wrong", "code": phone.code(0) }), "password"),
        (both(&phone.wrong()), "code"),
        (both(&"1".repeat(9_000)), "code"),
    ] {
        let refused = ada.post(&codes, body.clone()).await.expect(400);
        assert!(refused[field].is_array(), "{refused}");
        app.application.accounts.unlock("ada@example.com").await.unwrap();
    }
    assert_eq!(app.database.rows("recovery_codes").await, stored);
    let renewed = ada.post(&codes, both(&phone.code(0))).await.expect(200);
    let renewed = renewed["recovery_codes"][0].as_str().unwrap().to_owned();
    sign_in(&app, Some(&phone.recovery[0])).await.expect(400);
    sign_in(&app, Some(&renewed)).await.expect(200);
    delete(both(&phone.wrong())).await.expect(400);
    delete(both(&phone.code(1))).await.expect(204);
    sign_in(&app, None).await.expect(200);
    assert!(app.database.rows("recovery_codes").await.is_empty());
    let trail = "SELECT action FROM audit_entries WHERE entity = 'second-factors' ORDER BY id";
    let actions: Vec<_> = app.database.query(trail).await;
    let actions: Vec<&str> = actions.iter().map(|row| row["action"].as_str().unwrap()).collect();
    let expected = ["second_factor.created", "second_factor.updated", "second_factor.deleted"];
    assert_eq!(actions, expected);
});

on_both_databases!(a_workspace_can_require_it, async |app: TestApp| {
    let boss = app.register("boss").await;
    let ada = app.member(&boss, "ada", &[]).await;
    let other = app.register("other").await;
    assert_eq!(boss.get(SECURITY).await.expect(200), json!({ "require_second_factor": false }));
    ada.patch(SECURITY, json!({ "require_second_factor": true })).await.expect(403);
    for body in [json!({}), json!({ "require_second_factor": "x" }), json!({ "other": true })] {
        boss.patch(SECURITY, body).await.expect(400);
    }
    let phone = App::set_up(&boss).await;
    let required = json!({ "require_second_factor": true });
    assert_eq!(boss.patch(SECURITY, required.clone()).await.expect(200), required);
    boss.get("/api/contacts/").await.expect(200);
    other.get("/api/contacts/").await.expect(200);
    // Without one, there is only what leads to one.
    for (path, status) in [
        ("/api/contacts/", 403),
        ("/api/users/", 403),
        ("/api/auth/sessions/", 403),
        (SECURITY, 403),
        (PROFILE, 200),
        (FACTOR, 200),
        ("/api/auth/csrf/", 200),
    ] {
        let answer = ada.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        if status == 403 {
            assert!(answer.text.contains("/api/auth/second-factor/setup/"), "{}", answer.text);
        }
    }
    let again = sign_in(&app, None).await.expect(200);
    let again = Client::new(&app.address, again["access"].as_str().map(str::to_owned));
    again.get("/api/contacts/").await.expect(403);
    again.post("/api/auth/token/revoke/", json!({})).await.expect(204);
    assert_eq!(ada.get(FACTOR).await.expect(200)["required"], true);
    App::set_up(&ada).await;
    ada.get("/api/contacts/").await.expect(200);
    // It cannot be removed while it is required; an operator can take it away.
    rewind(&app).await;
    let body = json!({ "password": PASSWORD, "code": phone.code(0) });
    let refused = boss.send(boss.request(Method::DELETE, FACTOR).json(&body)).await;
    assert!(refused.expect(409)["detail"].as_str().unwrap().contains("required"));
    app.application.accounts.reset_second_factor("ada@example.com").await.unwrap();
    ada.get("/api/contacts/").await.expect(403);
    boss.patch(SECURITY, json!({ "require_second_factor": false })).await.expect(200);
    ada.get("/api/contacts/").await.expect(200);
});

on_both_databases!(the_staff_can_be_required_to_have_it, async |app: TestApp| {
    let app = TestApp::over(app.stop().await, &[("CRM_STAFF_SECOND_FACTOR", "true")]).await;
    let ada = app.register("ada").await;
    let id = ada.get(PROFILE).await.expect(200)["organization"]["id"].as_i64().unwrap();
    let staff = app.staff(id).await;
    staff.get("/api/contacts/").await.expect(403);
    App::set_up(&staff).await;
    staff.get("/api/contacts/").await.expect(200);
    ada.get("/api/contacts/").await.expect(200);
});

on_both_databases!(the_sign_in_page_asks_in_a_second_step, async |app: TestApp| {
    let settings = [("CRM_LOGIN_MAX_ATTEMPTS", "3")];
    let app = TestApp::over(app.stop().await, &settings).await;
    let ada = app.register("ada").await;
    let phone = App::set_up(&ada).await;
    rewind(&app).await;
    let server = app.stranger();
    let mut browser = Browser::new();
    let page = browser.visit(&server, "/login/?next=/api/docs/").await.text;
    let token = field(&page, "csrfmiddlewaretoken");
    let fields = [
        ("csrfmiddlewaretoken", token.as_str()),
        ("next", "/api/docs/"),
        ("username", "ada@example.com"),
        ("password", PASSWORD),
    ];
    let asked = browser.submit(&server, &app.address, "/login/", &fields).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text.contains("one-time-code") && !asked.text.contains(PASSWORD));
    assert!(!browser.cookies.contains_key("sessionid"));
    let challenge = field(&asked.text, "challenge");
    let send = async |browser: &mut Browser, challenge: &str, otp: &str| {
        let fields = [
            ("csrfmiddlewaretoken", token.as_str()),
            ("next", "/api/docs/"),
            ("challenge", challenge),
            ("otp", otp),
        ];
        browser.submit(&server, &app.address, "/login/code/", &fields).await
    };
    let wrong = send(&mut browser, &challenge, &phone.wrong()).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("not valid") && wrong.text.contains("one-time-code"));
    for forged in ["", "x", &challenge[1..], &field(&page, "csrfmiddlewaretoken")] {
        let refused = send(&mut browser, forged, &phone.code(0)).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("sign in again"), "{}", refused.text);
    }
    let done = send(&mut browser, &challenge, &phone.code(0)).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/api/docs/")));
    assert_eq!(browser.open(&server, PROFILE).await.status, 200);
    // With another password it is worth nothing.
    rewind(&app).await;
    app.application.accounts.set_password("ada@example.com", "other-plum-harbour-7").await.unwrap();
    let stale = send(&mut Browser::new(), &challenge, &phone.code(1)).await;
    assert_eq!(stale.status, 403, "another browser has another token");
    let mut second = Browser::new();
    second.cookies.extend(browser.cookies.clone());
    let page = second.visit(&server, "/api/auth/csrf/").await;
    let token = page["csrfToken"].as_str().unwrap().to_owned();
    let code = phone.code(1);
    let fields = [
        ("csrfmiddlewaretoken", token.as_str()),
        ("challenge", challenge.as_str()),
        ("otp", code.as_str()),
    ];
    let stale = second.submit(&server, &app.address, "/login/code/", &fields).await;
    assert_eq!(stale.status, 400, "{}", stale.text);
    // The codes of this page count towards the lockout as all others.
    for _ in 0..2 {
        second.submit(&server, &app.address, "/login/code/", &fields).await;
    }
    let locked = second.submit(&server, &app.address, "/login/code/", &fields).await;
    assert_eq!(locked.status, 423);
});

on_both_databases!(another_key_opens_no_factor, async |app: TestApp| {
    let first = [("CRM_SECRET_KEY", "the-first-key-which-is-long-enough")];
    let app = TestApp::over(app.stop().await, &first).await;
    let ada = app.register("ada").await;
    let phone = App::set_up(&ada).await;
    rewind(&app).await;
    let second = [("CRM_SECRET_KEY", "another-key-that-is-long-enough-too")];
    let app = TestApp::over(app.stop().await, &second).await;
    let refused = sign_in(&app, Some(&phone.code(0))).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    let app = TestApp::over(app.stop().await, &first).await;
    sign_in(&app, Some(&phone.code(0))).await.expect(200);
});

on_both_databases!(people_set_it_up_on_their_page, async |app: TestApp| {
    app.register("ada").await;
    let server = app.stranger();
    let page = "/account/second-factor/";
    let mut browser = Browser::new();
    let away = browser.visit(&server, page).await;
    assert_eq!((away.status, away.header("location")), (303, Some("/login/?next=/account/")));
    browser.sign_in(&server, &app.address, "ada@example.com").await.expect(200);
    let shown = browser.visit(&server, page).await.text;
    let token = field(&shown, "csrfmiddlewaretoken");
    let send = async |browser: &mut Browser, step: &str, more: &[(&str, &str)]| {
        let mut fields = vec![("csrfmiddlewaretoken", token.as_str())];
        fields.extend_from_slice(more);
        browser.submit(&server, &app.address, &format!("{page}{step}/"), &fields).await
    };
    let wrong = send(&mut browser, "setup", &[("password", "wrong")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("This is not your password."), "{}", wrong.text);
    let begun = send(&mut browser, "setup", &[("password", PASSWORD)]).await;
    assert_eq!((begun.status, begun.header("cache-control")), (200, Some("no-store")));
    assert!(begun.text.contains("data:image/svg+xml;base64,"));
    let secret = begun.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let totp = TOTP::from_url(format!("otpauth://totp/x?secret={secret}")).expect("a secret");
    let phone = App { totp, used: String::new(), recovery: Vec::new() };
    let again = send(&mut browser, "confirm", &[("code", &phone.wrong())]).await;
    assert_eq!(again.status, 400);
    assert!(again.text.contains(&secret), "it is shown again");
    let done = send(&mut browser, "confirm", &[("code", &phone.code(0))]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.text.matches("<li><code>").count(), 10);
    let both = |code: &str| {
        [("password".to_owned(), PASSWORD.to_owned()), ("code".to_owned(), code.to_owned())]
    };
    rewind(&app).await;
    for (step, code, status) in [
        ("recovery-codes", phone.code(0), 200),
        ("remove", phone.wrong(), 400),
        ("remove", phone.code(1), 303),
    ] {
        let both = both(&code);
        let fields: Vec<_> = both.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = send(&mut browser, step, &fields).await;
        assert_eq!(answer.status, status, "{step}: {}", answer.text);
    }
    sign_in(&app, None).await.expect(200);
});
