//! The pages for people: signing in by a form, one's own page, and coming back from a provider.

use serde_json::json;
use system_tests::browser::{Browser, HOME, field};
use system_tests::{Answer, PASSWORD, TestApp, on_both_databases};

use crate::oidc::serve;

const PROFILE: &str = "/api/auth/profile/";

/// Fills in the sign-in page and sends it.
async fn sign_in(
    app: &TestApp,
    browser: &mut Browser,
    page: &str,
    username: &str,
    password: &str,
) -> Answer {
    let shown = browser.visit(&app.stranger(), page).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let (token, next) = (field(&shown.text, "csrfmiddlewaretoken"), field(&shown.text, "next"));
    let fields = [
        ("csrfmiddlewaretoken", token.as_str()),
        ("next", &next),
        ("username", username),
        ("password", password),
    ];
    browser.submit(&app.stranger(), &app.address, "/login/", &fields).await
}

on_both_databases!(people_sign_in_by_a_form_and_out_again, async |app: TestApp| {
    app.register("ada").await;
    let server = app.stranger();
    let mut browser = Browser::new();
    let root = browser.visit(&server, "/").await;
    assert_eq!((root.status, root.header("location")), (302, Some("/api/")));
    let away = browser.visit(&server, "/account/").await;
    let place = away.header("location").unwrap().to_owned();
    assert_eq!((away.status, place.as_str()), (303, "/login/?next=/account/"));
    let page = browser.visit(&server, &place).await;
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let done = sign_in(&app, &mut browser, &place, "Ada@Example.com", PASSWORD).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/account/")));
    assert_eq!(browser.open(&server, PROFILE).await.status, 200);
    let mine = browser.visit(&server, "/account/").await;
    assert_eq!(mine.status, 200);
    assert!(mine.text.contains("ada@example.com") && mine.text.contains("this one"));
    // Who is signed in does not sign in again.
    for (path, place) in
        [("/", "/account/"), ("/login/", "/account/"), ("/login?next=/api/docs/", "/api/docs/")]
    {
        let on = browser.visit(&server, path).await;
        assert_eq!((on.status, on.header("location")), (302, Some(place)), "{path}");
    }
    let token = field(&mine.text, "csrfmiddlewaretoken");
    let form = [("csrfmiddlewaretoken", token.as_str())];
    let copy = browser.sent();
    let out = browser.submit(&server, &app.address, "/logout/", &form).await;
    assert_eq!((out.status, out.header("location")), (303, Some("/login/")));
    assert!(!browser.cookies.contains_key("sessionid"));
    let request = server.request(reqwest::Method::GET, PROFILE).header("cookie", copy);
    server.send(request).await.expect(401);
    let root = browser.visit(&server, "/").await;
    assert_eq!(root.header("location"), Some("/api/"));
});

on_both_databases!(the_form_says_what_is_wrong, async |app: TestApp| {
    let app = TestApp::over(app.stop().await, &[("CRM_LOGIN_MAX_ATTEMPTS", "2")]).await;
    app.register("ada").await;
    let before = app.database.rows("tokens").await;
    let mut browser = Browser::new();
    for (username, password, status, message) in [
        ("", "x", 400, "Enter your user name"),
        ("ada@example.com", "", 400, "Enter your user name"),
        ("<b>ada</b>", "wrong", 400, "Unable to log in with provided credentials."),
        ("ada@example.com", "wrong", 400, "Unable to log in with provided credentials."),
        ("ada@example.com", "wrong", 400, "Unable to log in with provided credentials."),
        ("ada@example.com", PASSWORD, 423, "Too many failed attempts to sign in. Try again in "),
    ] {
        let refused = sign_in(&app, &mut browser, "/login/", username, password).await;
        assert_eq!(refused.status, status, "{username}: {}", refused.text);
        assert!(refused.text.contains(message), "{message}: {}", refused.text);
        assert!(refused.text.contains("role=\"alert\"") && !refused.text.contains("<b>ada"));
        assert_eq!(refused.header("retry-after").is_some(), status == 423);
        assert!(!browser.cookies.contains_key("sessionid"));
    }
    let server = app.stranger();
    let page = browser.visit(&server, "/login/").await;
    let token = field(&page.text, "csrfmiddlewaretoken");
    let with = |more: &[(&'static str, &'static str)]| {
        let mut fields = vec![("csrfmiddlewaretoken".to_owned(), token.clone())];
        fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        fields
    };
    let long: &'static str = Box::leak("x".repeat(70_000).into_boxed_str());
    for (fields, status) in [
        (with(&[("username", "a"), ("username", "b"), ("password", "c")]), 400),
        (with(&[("username", "a"), ("password", "c"), ("admin", "1")]), 400),
        (with(&[("username", "a\0"), ("password", "c")]), 400),
        (with(&[("username", "a"), ("password", long)]), 413),
        (vec![("username".to_owned(), "a".to_owned())], 403),
    ] {
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let refused = browser.submit(&server, &app.address, "/login/", &fields).await;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert!(refused.text.starts_with("<!DOCTYPE html>"), "{}", refused.text);
    }
    let request = server.request(reqwest::Method::POST, "/login/").json(&json!({}));
    let request = request.header("origin", &app.address).header("x-csrftoken", &token);
    browser.exchange(&server, request).await.expect(415);
    assert_eq!(server.ask(reqwest::Method::PUT, "/login/", &[]).await.status, 403);
    assert_eq!(app.database.rows("tokens").await, before);
});

on_both_databases!(a_sign_in_leads_to_pages_of_ours_only, async |app: TestApp| {
    app.register("ada").await;
    for (next, place) in [
        ("/api/docs/", "/api/docs/"),
        ("/api/contacts/%3Fsearch=a%26b", "/api/contacts/?search=a&b"),
        ("//evil.example", "/account/"),
        ("/%5Cevil.example", "/account/"),
        ("https://evil.example/", "/account/"),
        ("javascript:alert(1)", "/account/"),
        ("/%09/evil.example", "/account/"),
    ] {
        let mut browser = Browser::new();
        let page = format!("/login/?next={next}");
        let done = sign_in(&app, &mut browser, &page, "ada@example.com", PASSWORD).await;
        assert_eq!((done.status, done.header("location")), (303, Some(place)), "{next}");
    }
});

on_both_databases!(people_end_their_sessions_on_their_page, async |app: TestApp| {
    let ada = app.register("ada").await;
    let server = app.stranger();
    let (mut browser, mut other) = (Browser::new(), Browser::new());
    for browser in [&mut browser, &mut other] {
        let done = sign_in(&app, browser, "/login/", "ada@example.com", PASSWORD).await;
        assert_eq!(done.status, 303);
    }
    let mine = browser.visit(&server, "/account/").await.text;
    let token = field(&mine, "csrfmiddlewaretoken");
    let form = [("csrfmiddlewaretoken", token.as_str())];
    let ends: Vec<&str> = mine
        .split("action=\"")
        .filter_map(|rest| rest.split('"').next())
        .filter(|path| path.ends_with("/end/"))
        .collect();
    assert_eq!(ends.len(), 3, "two browsers and a program: {mine}");
    let list = other.open(&server, "/api/auth/sessions/").await.expect(200);
    let theirs = list.as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    let path = format!("/account/sessions/{}/end/", theirs["id"]);
    assert!(ends.contains(&path.as_str()));
    let done = browser.submit(&server, &app.address, &path, &form).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/account/")));
    assert_eq!(other.open(&server, PROFILE).await.status, 401);
    let missing = browser.submit(&server, &app.address, &path, &form).await;
    assert_eq!(missing.status, 404);
    assert!(missing.text.starts_with("<!DOCTYPE html>"));
    let all = "/account/sessions/end-others/";
    assert_eq!(browser.submit(&server, &app.address, all, &form).await.status, 303);
    ada.get(PROFILE).await.expect(401);
    assert_eq!(browser.open(&server, PROFILE).await.status, 200);
});

fn who() -> serde_json::Value {
    json!({ "sub": "ada", "email": "ada@example.com", "email_verified": true })
}

on_both_databases!(a_browser_comes_back_from_a_provider_with_a_session, async |app: TestApp| {
    let app = serve(app.stop().await, json!({}), &[]).await;
    let server = app.stranger();
    let mut browser = Browser::new();
    let page = browser.visit(&server, "/login/?next=/api/docs/").await.text;
    assert!(page.contains("Sign in with The company") && page.contains("Sign in with other"));
    let login = page.split("href=\"").find(|rest| rest.contains("/oidc/main/")).unwrap();
    let login = login.split('"').next().unwrap().to_owned();
    assert_eq!(login, "/api/auth/oidc/main/login/?next=%2Fapi%2Fdocs%2F");
    let back = browser.follow(&server, &login, &who()).await;
    let done = browser.visit(&server, &back).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/api/docs/")), "{}", done.text);
    assert!(done.text.is_empty(), "no token in the answer: {}", done.text);
    assert!(!browser.cookies.keys().any(|name| name.starts_with("crm_sign_in")), "it is used up");
    let profile = browser.open(&server, PROFILE).await.expect(200);
    assert_eq!(profile["email"], "ada@example.com");
    // It works once; then the page says so, and the session that is there stays.
    let again = browser.visit(&server, &back).await;
    assert_eq!(again.status, 400);
    assert!(again.text.contains("did not begin in this browser"), "{}", again.text);
    assert!(again.text.contains("name=\"password\""), "it is the sign-in page");
    assert_eq!(browser.open(&server, PROFILE).await.status, 200);
    // Without a place to go to, to one's own page.
    let mut second = Browser::new();
    let back = second.follow(&server, "/api/auth/oidc/main/login/", &who()).await;
    assert_eq!(second.visit(&server, &back).await.header("location"), Some("/account/"));
});

on_both_databases!(whom_a_provider_refuses_is_told_on_the_page, async |app: TestApp| {
    let app = serve(app.stop().await, json!({}), &[]).await;
    let server = app.stranger();
    let mut browser = Browser::new();
    let mut refused = who();
    refused["deny"] = json!(true);
    let back = browser.follow(&server, "/api/auth/oidc/main/login/", &refused).await;
    let page = browser.visit(&server, &back).await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("The provider did not let you in."), "{}", page.text);
    assert!(!browser.cookies.keys().any(|name| name.starts_with("crm_sign_in")), "it is used up");
    assert!(!browser.cookies.contains_key("sessionid"));
    // A program that began it gets its answer as JSON, and the cookie is gone as well.
    let mut program = Browser::new();
    let back = program.go(&server, "main", &refused).await;
    let request = server.request(reqwest::Method::GET, &back);
    let answer = program.exchange(&server, request).await;
    assert_eq!(answer.expect(400), json!({ "detail": "The provider did not let you in." }));
    assert!(program.cookies.keys().all(|name| !name.starts_with("crm_sign_in")));
    assert!(app.database.rows("tokens").await.is_empty());
    // Forms of the server's own origin, as it is configured.
    let page = browser.visit(&server, "/login/").await.text;
    let token = field(&page, "csrfmiddlewaretoken");
    let fields = [("csrfmiddlewaretoken", token.as_str()), ("username", "a"), ("password", "b")];
    assert_eq!(browser.submit(&server, HOME, "/login/", &fields).await.status, 400);
    assert_eq!(browser.submit(&server, &app.address, "/login/", &fields).await.status, 403);
});
