//! Sessions: signing in by a cookie, and how it ends.

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::browser::Browser;
use system_tests::{Answer, Client, PASSWORD, TestApp, on_both_databases};

const PROFILE: &str = "/api/auth/profile/";
const SESSION: &str = "/api/auth/session/";
const SESSIONS: &str = "/api/auth/sessions/";

/// A browser in which somebody is signed in.
async fn signed_in(app: &TestApp, name: &str) -> Browser {
    let mut browser = Browser::new();
    browser.sign_in(&app.stranger(), &app.address, name).await.expect(200);
    browser
}

/// Calls the API from a page of the server.
async fn call(app: &TestApp, browser: &mut Browser, method: Method, path: &str) -> Answer {
    browser.call(&app.stranger(), &app.address, method, path, None).await
}

/// What a browser gets of its profile: the status.
async fn status(app: &TestApp, browser: &Browser) -> u16 {
    browser.open(&app.stranger(), PROFILE).await.status
}

/// What somebody is signed in with, as their client sees it.
async fn sessions(client: &Client) -> Vec<Value> {
    client.get(SESSIONS).await.expect(200).as_array().unwrap().clone()
}

on_both_databases!(a_browser_signs_in_by_a_cookie, async |app: TestApp| {
    let ada = app.register("ada").await;
    let mut browser = Browser::new();
    let answer = browser.sign_in(&app.stranger(), &app.address, "ada@example.com").await;
    let cookies: Vec<String> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().to_owned())
        .collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("sessionid=crs_")).unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7776000"] {
        assert!(session.contains(attribute), "{attribute}: {session}");
    }
    assert!(!session.contains("Secure") && !session.contains("Domain"), "{session}");
    let token = cookies.iter().find(|cookie| cookie.starts_with("csrftoken=")).unwrap();
    assert!(!token.contains("HttpOnly") && token.contains("SameSite=Lax"), "{token}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-csrftoken"), Some(browser.cookies["csrftoken"].as_str()));
    assert!(!answer.text.contains("crs_") && !answer.text.contains("access"), "{}", answer.text);
    let profile = ada.get(PROFILE).await.expect(200);
    assert_eq!(answer.expect(200), profile);
    let seen = browser.open(&app.stranger(), PROFILE).await;
    assert_eq!(seen.header("cache-control"), Some("no-store"));
    assert_eq!(seen.expect(200), profile);
    // Nothing of it is stored in clear.
    let secret = browser.cookies["sessionid"].clone();
    assert!(!format!("{:?}", app.database.dump().await).contains(&secret));
    // A new one at every sign-in; the one before stays good.
    let again = signed_in(&app, "ada@example.com").await;
    assert_ne!(again.cookies["sessionid"], secret);
    assert_eq!((status(&app, &again).await, status(&app, &browser).await), (200, 200));
});

on_both_databases!(a_session_and_a_token_are_not_each_other, async |app: TestApp| {
    let (ada, bob) = (app.register("ada").await, app.register("bob").await);
    let browser = signed_in(&app, "ada@example.com").await;
    let with_both = |authorization: String| {
        let request = app.stranger().request(Method::GET, PROFILE);
        let request = request.header("cookie", browser.sent());
        let client = app.stranger();
        async move { client.send(request.header("authorization", authorization)).await }
    };
    let seen = with_both(format!("Token {}", bob.token.clone().unwrap())).await.expect(200);
    assert_eq!(seen["username"], "bob@example.com", "the header counts");
    for header in ["Token crm_nonsense", "Token", "Basic YTpi"] {
        with_both(header.to_owned()).await.expect(401);
    }
    let secret = browser.cookies["sessionid"].clone();
    Client::new(&app.address, Some(secret)).get(PROFILE).await.expect(401);
    let mut forged = Browser::new();
    forged.cookies.insert("sessionid".to_owned(), ada.token.clone().unwrap());
    assert_eq!(status(&app, &forged).await, 401);
    // A request with a token needs nothing else, whatever cookies come with it.
    let request = ada.request(Method::PATCH, PROFILE).header("cookie", browser.sent());
    ada.send(request.json(&json!({ "title": "Countess" }))).await.expect(200);
});

on_both_databases!(a_session_ends_when_its_owner_says_so, async |app: TestApp| {
    app.register("ada").await;
    let name = "ada@example.com";
    let (second, address) = app.second_server().await;
    let elsewhere = Client::new(&address, None);
    let mut out = signed_in(&app, name).await;
    let copy = out.sent();
    let ended = call(&app, &mut out, Method::DELETE, SESSION).await;
    let gone: Vec<_> = ended.headers.get_all("set-cookie").iter().collect();
    assert!(gone.iter().all(|cookie| cookie.to_str().unwrap().contains("Max-Age=0")), "{gone:?}");
    ended.expect(204);
    assert!(!out.cookies.contains_key("sessionid") && !out.cookies.contains_key("csrftoken"));
    let request = app.stranger().request(Method::GET, PROFILE).header("cookie", copy);
    app.stranger().send(request).await.expect(401);
    // By the endpoint of tokens.
    let mut revoked = signed_in(&app, name).await;
    call(&app, &mut revoked, Method::POST, "/api/auth/token/revoke/").await.expect(204);
    assert!(!revoked.cookies.contains_key("sessionid"));
    // When the password is another one, or the account is disabled: here at once, on another server
    // within five seconds.
    for disabling in [false, true] {
        let browser = signed_in(&app, name).await;
        assert_eq!(browser.open(&elsewhere, PROFILE).await.status, 200);
        let accounts = &app.application.accounts;
        match disabling {
            false => drop(accounts.set_password(name, PASSWORD).await.unwrap()),
            true => drop(accounts.set_active(name, false).await.unwrap()),
        }
        assert_eq!(status(&app, &browser).await, 401);
        tokio::time::sleep(infra_cache::SIGN_IN_LIFETIME).await;
        assert_eq!(browser.open(&elsewhere, PROFILE).await.status, 401);
    }
    second.stop().await;
});

on_both_databases!(a_session_ends_with_the_membership, async |app: TestApp| {
    let boss = app.register("boss").await;
    let member = app.member(&boss, "ada", &[]).await;
    let browser = signed_in(&app, "ada").await;
    let id = member.get(PROFILE).await.expect(200)["id"].clone();
    boss.delete(&format!("/api/users/{id}/")).await.expect(204);
    assert_eq!(status(&app, &browser).await, 401);
});

on_both_databases!(people_see_and_end_what_they_are_signed_in_with, async |app: TestApp| {
    let (ada, bob) = (app.register("ada").await, app.register("bob").await);
    let mut browser = Browser::new();
    let mut server = app.stranger();
    server.headers.push(("user-agent", "Mozilla/5.0 (X11)".to_owned()));
    browser.sign_in(&server, &app.address, "ada@example.com").await.expect(200);
    let seen = sessions(&ada).await;
    assert_eq!(seen.len(), 2);
    let of = |kind: &str| seen.iter().find(|one| one["kind"] == kind).unwrap().clone();
    let (session, token) = (of("session"), of("token"));
    assert_eq!((&token["current"], &session["current"]), (&json!(true), &json!(false)));
    assert_eq!(token["ends_at"], Value::Null);
    assert!(session["ends_at"].as_str().unwrap() > session["created_at"].as_str().unwrap());
    assert_eq!(session["user_agent"], "Mozilla/5.0 (X11)");
    assert_eq!(session["address"], "127.0.0.1");
    assert_eq!(session["last_used_at"], session["created_at"]);
    let keys: Vec<&String> = session.as_object().unwrap().keys().collect();
    assert!(!keys.iter().any(|key| key.contains("digest") || key.contains("token")), "{keys:?}");
    let of_browser = browser.open(&server, SESSIONS).await.expect(200);
    let current = of_browser.as_array().unwrap().iter().find(|one| one["current"] == true);
    assert_eq!(current.unwrap()["id"], session["id"]);
    // Another person's is as if it were not there.
    let path = format!("{SESSIONS}{}/", session["id"]);
    let missing = bob.delete(&format!("{SESSIONS}999999999/")).await.expect(404);
    assert_eq!(bob.delete(&path).await.expect(404), missing);
    for odd in ["0", "-1", "+1", "x", "1.0", "99999999999999999999"] {
        assert_eq!(ada.delete(&format!("{SESSIONS}{odd}/")).await.expect(404), missing, "{odd}");
    }
    assert_eq!(status(&app, &browser).await, 200);
    ada.delete(&path).await.expect(204);
    assert_eq!(status(&app, &browser).await, 401);
    assert_eq!(ada.delete(&path).await.expect(404), missing, "once");
    // All but the one that says so.
    let mut kept = signed_in(&app, "ada@example.com").await;
    let other = signed_in(&app, "ada@example.com").await;
    call(&app, &mut kept, Method::DELETE, SESSIONS).await.expect(204);
    assert_eq!(status(&app, &other).await, 401);
    ada.get(PROFILE).await.expect(401);
    assert_eq!(status(&app, &kept).await, 200);
    assert_eq!(sessions(&bob).await.len(), 1, "other people's stay");
    // One's own, by its number.
    let left = kept.open(&app.stranger(), SESSIONS).await.expect(200);
    let path = format!("{SESSIONS}{}/", left[0]["id"]);
    call(&app, &mut kept, Method::DELETE, &path).await.expect(204);
    assert!(!kept.cookies.contains_key("sessionid"));
    let trail = "SELECT action FROM audit_entries WHERE entity = 'tokens' ORDER BY id";
    let trail = app.database.query(trail).await;
    let ended = trail.iter().filter(|row| row["action"] == "token.deleted").count();
    assert_eq!(ended, 4, "{trail:?}");
});

on_both_databases!(a_session_that_is_not_used_ends, async |app: TestApp| {
    let ada = app.register("ada").await;
    let shift = |column: &str, seconds: i64| match app.database.backend {
        system_tests::Backend::Sqlite => format!("{column} + {seconds}000000"),
        system_tests::Backend::Postgres => format!("{column} + interval '{seconds} seconds'"),
    };
    // A new one is looked up once, and then remembered for five seconds.
    let idle = signed_in(&app, "ada@example.com").await;
    let past = shift("ends_at", -1_209_601);
    app.database.execute(&format!("UPDATE tokens SET ends_at = {past}")).await;
    assert_eq!(status(&app, &idle).await, 401);
    let used = signed_in(&app, "ada@example.com").await;
    let (ends_at, used_at) = (shift("ends_at", -600), shift("used_at", -600));
    app.database
        .execute(&format!(
            "UPDATE tokens SET ends_at = {ends_at}, used_at = {used_at} WHERE kind = 'session'"
        ))
        .await;
    let before = app.database.rows("tokens").await;
    app.statements.take();
    for _ in 0..3 {
        assert_eq!(status(&app, &used).await, 200);
    }
    let writes = app.statements.take();
    let writes = writes.iter().filter(|sql| sql.to_uppercase().contains("UPDATE ")).count();
    assert_eq!(writes, 1, "the use is noted once");
    let after = app.database.rows("tokens").await;
    assert_eq!(before.iter().filter(|row| !after.contains(row)).count(), 1);
    let last = "SELECT count(*) AS n FROM tokens WHERE kind = 'session' AND revoked_at IS NULL
        AND used_at > created_at AND ends_at > used_at";
    assert_eq!(app.database.query(last).await[0]["n"], 1);
    // In the end it ends however much it is used.
    let (made, used_at) = (shift("created_at", -7_776_000 + 60), shift("used_at", -600));
    let third = signed_in(&app, "ada@example.com").await;
    app.database
        .execute(&format!(
            "UPDATE tokens SET created_at = {made}, used_at = {used_at} WHERE kind = 'session'"
        ))
        .await;
    assert_eq!(status(&app, &third).await, 200);
    let seen = sessions(&ada).await;
    let session = seen.iter().find(|one| one["kind"] == "session").unwrap();
    let moment = |name: &str| session[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let left = moment("ends_at").duration_since(moment("last_used_at"));
    assert!(left.as_secs() <= 60, "{session}");
});

// Over https the cookies are such that nobody beside the host can set them.
on_both_databases!(over_https_nobody_beside_us_sets_the_cookie, async |app: TestApp| {
    let settings = [("CRM_PUBLIC_URL", "https://crm.example"), ("CRM_SSL_REDIRECT", "false")];
    let app = TestApp::over(app.stop().await, &settings).await;
    app.register("ada").await;
    let origin = "https://crm.example";
    let mut browser = Browser::new();
    let answer = browser.sign_in(&app.stranger(), origin, "ada@example.com").await;
    for cookie in answer.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
        assert!(cookie.starts_with("__Host-sessionid=") || cookie.starts_with("csrftoken="));
    }
    answer.expect(200);
    assert!(browser.cookies.contains_key("__Host-csrfkey"));
    assert_eq!(status(&app, &browser).await, 200);
    let mut planted = Browser::new();
    planted.cookies.insert("sessionid".to_owned(), browser.cookies["__Host-sessionid"].clone());
    assert_eq!(status(&app, &planted).await, 401);
    // The host that was asked for is no origin of ours; the configured one is.
    let own = app.address.clone();
    let refused = browser.call(&app.stranger(), &own, Method::DELETE, SESSION, None).await;
    assert!(refused.expect(403)["detail"].as_str().unwrap().contains("Origin checking failed"));
    browser.call(&app.stranger(), origin, Method::DELETE, SESSION, None).await.expect(204);
});

on_both_databases!(the_token_against_forged_requests, async |app: TestApp| {
    app.register("ada").await;
    let server = app.stranger();
    let before = app.database.dump().await;
    let granted = server.get("/api/auth/csrf/").await;
    assert_eq!(granted.header("cache-control"), Some("no-store"));
    assert_eq!(granted.header("x-csrftoken"), granted["csrfToken"].as_str());
    assert_eq!(app.database.dump().await, before, "nothing is stored");
    let credentials = json!({ "username": "ada@example.com", "password": PASSWORD });
    let try_with = async |browser: &mut Browser, headers: &[(&str, &str)]| {
        let mut request = server.request(Method::POST, SESSION).json(&credentials);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        browser.exchange(&server, request).await
    };
    // Signing in needs it, too: nobody is signed in as somebody else by another site.
    let origin = ("origin", app.address.as_str());
    let cases = [
        (vec![], "Origin checking failed - the request does not say where it is from."),
        (
            vec![("origin", "https://evil.example")],
            "Origin checking failed - https://evil.example \
            does not match any trusted origins.",
        ),
        (vec![origin], "CSRF cookie not set."),
    ];
    for (headers, why) in cases {
        let refused = try_with(&mut Browser::new(), &headers).await.expect(403);
        assert_eq!(refused, json!({ "detail": format!("CSRF Failed: {why}") }));
    }
    let mut browser = Browser::new();
    browser.visit(&server, "/api/auth/csrf/").await.expect(200);
    let refused = try_with(&mut browser, &[origin]).await.expect(403);
    assert_eq!(refused["detail"], "CSRF Failed: CSRF token missing.");
    let (token, key) = (browser.cookies["csrftoken"].clone(), browser.cookies["csrfkey"].clone());
    // A cookie that a neighbouring site plants, with a token of its own, fits nothing.
    let mut planted = Browser::new();
    planted.visit(&server, "/api/auth/csrf/").await.expect(200);
    let theirs = planted.cookies["csrftoken"].clone();
    planted.cookies.insert("csrfkey".to_owned(), key);
    let refused = try_with(&mut planted, &[origin, ("x-csrftoken", &theirs)]).await.expect(403);
    assert_eq!(refused["detail"], "CSRF Failed: CSRF token incorrect.");
    // It stays the same for a page that asks again, and each of them is good.
    let again = browser.visit(&server, "/api/auth/csrf/").await;
    assert!(again.header("set-cookie").is_none());
    let another = again["csrfToken"].as_str().unwrap().to_owned();
    assert_ne!(another, token);
    let fetched = [("x-csrftoken", another.as_str()), ("sec-fetch-site", "same-origin")];
    try_with(&mut browser, &fetched).await.expect(200);
    // That of before signing in is good for nothing after it.
    let stale = server.request(Method::DELETE, SESSION).header("x-csrftoken", &token);
    let refused = browser.exchange(&server, stale.header("origin", &app.address)).await;
    assert_eq!(refused.expect(403)["detail"], "CSRF Failed: CSRF token incorrect.");
    call(&app, &mut browser, Method::DELETE, SESSION).await.expect(204);
});

on_both_databases!(listed_origins_may_send_requests_with_a_session, async |app: TestApp| {
    let listed = "https://app.crm.example,https://*.front.example";
    let app = TestApp::over(
        app.stop().await,
        &[("CRM_CSRF_TRUSTED_ORIGINS", listed), ("CRM_CSRF_COOKIE_SAMESITE", "Strict")],
    )
    .await;
    app.register("ada").await;
    for (origin, good) in [
        ("https://app.crm.example", true),
        ("https://a.front.example", true),
        ("http://app.crm.example", false),
        ("https://crm.example", false),
    ] {
        let mut browser = Browser::new();
        let answer = browser.sign_in(&app.stranger(), origin, "ada@example.com").await;
        assert_eq!(answer.status, if good { 200 } else { 403 }, "{origin}: {}", answer.text);
    }
    let granted = app.stranger().get("/api/auth/csrf/").await;
    let cookies = granted.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
    let readable = cookies.iter().find(|cookie| cookie.starts_with("csrftoken=")).unwrap();
    assert!(readable.contains("SameSite=Strict"), "{readable}");
});

on_both_databases!(a_session_is_asked_for_as_a_token_is, async |app: TestApp| {
    app.register("ada").await;
    let before = app.database.rows("tokens").await;
    let mut browser = Browser::new();
    browser.visit(&app.stranger(), "/api/auth/csrf/").await.expect(200);
    let bad = [
        (json!({}), 400),
        (json!({ "username": "ada@example.com" }), 400),
        (json!({ "username": 1, "password": true }), 400),
        (json!({ "username": "ada@example.com", "password": "wrong" }), 400),
        (json!({ "username": "ada@example.com", "password": "x".repeat(5_000) }), 400),
        (json!({ "username": "ada@example.com", "password": PASSWORD, "more": 1 }), 400),
        (json!([]), 400),
        (json!({ "username": "ada@example.com", "password": "x".repeat(2_000_000) }), 413),
    ];
    for (body, expected) in bad {
        let server = app.stranger();
        let body = Some(body);
        let refused = browser.call(&server, &app.address, Method::POST, SESSION, body).await;
        assert_eq!(refused.status, expected, "{}", refused.text);
        assert!(!browser.cookies.contains_key("sessionid"));
    }
    assert_eq!(app.database.rows("tokens").await, before);
});

on_both_databases!(guesses_at_a_session_are_counted, async |app: TestApp| {
    let app = TestApp::over(app.stop().await, &[("CRM_LOGIN_MAX_ATTEMPTS", "2")]).await;
    app.register("ada").await;
    let mut browser = Browser::new();
    browser.visit(&app.stranger(), "/api/auth/csrf/").await.expect(200);
    for (password, expected) in [("a", 400), ("b", 400), (PASSWORD, 423)] {
        let body = Some(json!({ "username": "ada@example.com", "password": password }));
        let (server, address) = (app.stranger(), app.address.clone());
        let answer = browser.call(&server, &address, Method::POST, SESSION, body).await;
        assert_eq!(answer.status, expected, "{}", answer.text);
    }
});
