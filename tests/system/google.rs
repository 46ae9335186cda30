//! Signing in with Google: the good ways with tokens of a real provider, the bad ones with tokens
//! that no real one would give.

use serde_json::{Value, json};
use system_tests::browser::{google_token, provider_url};
use system_tests::{Answer, Client, PASSWORD, TestApp, TestIssuer, on_both_databases};

const GOOGLE: &str = "/api/auth/google/";
const PROFILE: &str = "/api/auth/profile/";

/// A server that takes the real provider for Google.
async fn real(app: TestApp, more: &[(&str, &str)]) -> TestApp {
    let google = provider_url("google");
    let mut settings = vec![
        ("CRM_GOOGLE_OAUTH_CLIENT_IDS", "google-web,google-app"),
        ("CRM_GOOGLE_ISSUER", &google),
    ];
    settings.extend_from_slice(more);
    TestApp::over(app.stop().await, &settings).await
}

/// A server that takes an issuer of the test's own for Google.
async fn forged(app: TestApp, more: &[(&str, &str)]) -> (TestApp, TestIssuer) {
    let issuer = TestIssuer::start().await;
    let mut settings = issuer.settings();
    settings.extend_from_slice(more);
    let app = TestApp::over(app.stop().await, &settings).await;
    (app, issuer)
}

async fn sign_in(app: &TestApp, token: &str) -> Answer {
    app.stranger().post(GOOGLE, json!({ "token": token })).await
}

fn client_of(app: &TestApp, answer: &Value) -> Client {
    Client::new(&app.address, answer["access"].as_str().map(str::to_owned))
}

fn ada() -> Value {
    json!({ "sub": "ada", "email": "ada@example.com", "email_verified": true,
            "given_name": "Ada", "family_name": "Lovelace" })
}

on_both_databases!(a_new_person_gets_a_workspace_and_later_their_account, async |app: TestApp| {
    let app = real(app, &[]).await;
    let token = google_token("google-web", &ada()).await;
    let body = json!({ "credential": token, "organization_name": "Engines", "plan_key": "free" });
    let made = app.stranger().post(GOOGLE, body).await;
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let made = made.expect(201);
    assert_eq!(made["token_type"], "Token");
    assert_eq!(made["profile"]["organization"]["name"], "Engines");
    assert_eq!(made["profile"]["first_name"], "Ada");
    let profile = client_of(&app, &made).get(PROFILE).await.expect(200);
    assert_eq!(
        (&profile["id"], &profile["email"]),
        (&made["profile"]["id"], &json!("ada@example.com"))
    );

    let again = sign_in(&app, &google_token("google-app", &ada()).await).await.expect(200);
    assert_eq!(again["profile"]["id"], made["profile"]["id"]);
    assert_eq!(again["profile"]["organization"], made["profile"]["organization"]);
    assert_ne!(again["access"], made["access"]);
    let plain = json!({ "sub": "bob", "email": "bob@example.com", "email_verified": true });
    let plain = sign_in(&app, &google_token("google-web", &plain).await).await.expect(201);
    assert_eq!(plain["profile"]["organization"]["name"], "bob's workspace");
});

on_both_databases!(an_account_that_nobody_verified_is_taken_over, async |app: TestApp| {
    let app = real(app, &[]).await;
    let squatter = app.register("ada").await;
    let before = squatter.get(PROFILE).await.expect(200);
    let owner = sign_in(&app, &google_token("google-web", &ada()).await).await.expect(200);
    assert_eq!(owner["profile"]["id"], before["id"]);
    squatter.get(PROFILE).await.expect(401);
    let credentials = json!({ "username": "ada@example.com", "password": PASSWORD });
    app.stranger().post("/api/auth/token/", credentials).await.expect(400);
    client_of(&app, &owner).get(PROFILE).await.expect(200);

    let trail = "SELECT action, changed FROM audit_entries WHERE organization_id > 1 ORDER BY id";
    let trail = app.database.query(trail).await;
    let actions: Vec<&str> = trail.iter().map(|row| row["action"].as_str().unwrap()).collect();
    let expected = ["user.updated", "identity.created", "token.created"];
    assert_eq!(actions[actions.len() - 3..], expected);
    assert_eq!(trail[actions.len() - 3]["changed"]["password"], json!(["cleared", null]));
    // Once is enough: what an operator gives the owner later stays.
    app.application.accounts.set_password("ada@example.com", PASSWORD).await.unwrap();
    sign_in(&app, &google_token("google-web", &ada()).await).await.expect(200);
    app.sign_in("ada@example.com", PASSWORD).await;
});

on_both_databases!(later_the_person_counts_and_not_the_address, async |app: TestApp| {
    let app = real(app, &[]).await;
    let first = sign_in(&app, &google_token("google-web", &ada()).await).await.expect(201);
    let renamed = json!({ "sub": "ada", "email": "countess@example.com", "email_verified": true });
    let second = sign_in(&app, &google_token("google-web", &renamed).await).await.expect(200);
    assert_eq!(second["profile"]["id"], first["profile"]["id"]);
    assert_eq!(second["profile"]["email"], "ada@example.com", "what is theirs here stays");
    // Another person to whom the provider gave the new address later.
    let other = json!({ "sub": "eve", "email": "countess@example.com", "email_verified": true });
    let other = sign_in(&app, &google_token("google-web", &other).await).await.expect(201);
    assert_ne!(other["profile"]["id"], first["profile"]["id"]);
});

on_both_databases!(who_is_disabled_or_has_no_workspace_stays_outside, async |app: TestApp| {
    let app = real(app, &[]).await;
    let boss = app.register("boss").await;
    app.member(&boss, "ada", &[]).await;
    let token = google_token("google-web", &ada()).await;
    let signed_in = sign_in(&app, &token).await.expect(200);
    app.application.accounts.set_active("ada", false).await.unwrap();
    let before = app.database.dump().await;
    let refused = sign_in(&app, &token).await.expect(400);
    assert_eq!(refused, json!({ "detail": "This account is disabled." }));
    assert_eq!(app.database.dump().await, before);
    app.application.accounts.set_active("ada", true).await.unwrap();
    boss.delete(&format!("/api/users/{}/", signed_in["profile"]["id"])).await.expect(204);
    let before = app.database.dump().await;
    let refused = sign_in(&app, &token).await.expect(400);
    assert_eq!(refused, json!({ "detail": "This account does not belong to a workspace." }));
    assert_eq!(app.database.dump().await, before);
});

on_both_databases!(a_token_with_a_fault_changes_nothing, async |app: TestApp| {
    let (app, issuer) = forged(app, &[]).await;
    app.register("ada").await;
    let claims = issuer.claims(json!({}));
    let now = claims["iat"].as_i64().unwrap();
    let good = issuer.token(json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let eve = issuer.token(json!({ "sub": "eve" }));
    let eves_claims = eve.split('.').nth(1).unwrap();
    let (jwk, point) = issuer.public_key();
    let es256 = |more: Value| {
        let mut head = json!({ "alg": "ES256", "typ": "JWT", "kid": "first" });
        head.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        issuer.sign(&head, &claims)
    };
    let faults: Vec<(&str, String)> = vec![
        ("expired", issuer.token(json!({ "exp": now - 1, "iat": now - 3600 }))),
        ("without an end", issuer.token(json!({ "exp": null }))),
        ("not valid yet", issuer.token(json!({ "nbf": now + 600 }))),
        ("issued in the future", issuer.token(json!({ "iat": now + 600 }))),
        ("for another client", issuer.token(json!({ "aud": "somebody-else" }))),
        (
            "for another client, too",
            issuer.token(json!({ "aud": ["google-web", "somebody-else"] })),
        ),
        ("for nobody", issuer.token(json!({ "aud": null }))),
        ("from another issuer", issuer.token(json!({ "iss": "https://accounts.google.com" }))),
        ("from nobody", issuer.token(json!({ "iss": null }))),
        ("about nobody", issuer.token(json!({ "sub": null }))),
        ("unsigned", issuer.unsigned(&claims)),
        ("without its signature", format!("{}.{}.", parts[0], parts[1])),
        (
            "signed with the public key as secret",
            issuer.sign_with_secret(jwk.to_string().as_bytes(), &claims),
        ),
        ("signed with the public point as secret", issuer.sign_with_secret(&point, &claims)),
        ("signed with the client's id as secret", issuer.sign_with_secret(b"google-web", &claims)),
        ("tampered with", format!("{}.{eves_claims}.{}", parts[0], parts[2])),
        ("with another way to sign in its head", es256(json!({ "alg": "ES384" }))),
        ("with what must be understood", es256(json!({ "crit": ["exp"] }))),
        ("signed with an unknown key", es256(json!({ "kid": "unknown" }))),
        ("with an address that is not verified", issuer.token(json!({ "email_verified": false }))),
        ("which does not say that it is", issuer.token(json!({ "email_verified": null }))),
        ("without an address", issuer.token(json!({ "email": null }))),
        ("with no address", issuer.token(json!({ "email": "ada" }))),
        ("no token", "a.b.c".to_owned()),
        ("nothing like a token", "nothing-like-it".to_owned()),
    ];
    let before = app.database.dump().await;
    for (fault, token) in &faults {
        let answer = sign_in(&app, token).await;
        assert_eq!(answer.status, 400, "{fault}: {}", answer.text);
        assert!(answer["detail"].is_string(), "{fault}: {}", answer.text);
        assert!(!answer.text.contains(token.as_str()), "{fault}: {}", answer.text);
    }
    assert_eq!(app.database.dump().await, before);
    // That nothing but the faults was wrong.
    sign_in(&app, &good).await.expect(200);
    sign_in(&app, &issuer.token(json!({ "aud": "google-app", "nbf": now }))).await.expect(200);
    sign_in(&app, &issuer.token(json!({ "email_verified": "true" }))).await.expect(200);
});

on_both_databases!(a_real_token_for_another_client_is_refused, async |app: TestApp| {
    let app = real(app, &[]).await;
    let before = app.database.dump().await;
    sign_in(&app, &google_token("somebody-else", &ada()).await).await.expect(400);
    assert_eq!(app.database.dump().await, before);
});

on_both_databases!(only_accounts_of_allowed_domains_come_in, async |app: TestApp| {
    let domains = ("CRM_GOOGLE_OAUTH_ALLOWED_DOMAINS", "example.com,example.org");
    let (app, issuer) = forged(app, &[domains]).await;
    let before = app.database.dump().await;
    for claims in [
        json!({}),
        json!({ "hd": "evil.example" }),
        json!({ "hd": "example.com", "email": "ada@gmail.com" }),
        json!({ "hd": "example.com", "email": "ada@sub.example.com" }),
    ] {
        let refused = sign_in(&app, &issuer.token(claims.clone())).await.expect(400);
        let detail = "Accounts of this domain may not sign in here.";
        assert_eq!(refused, json!({ "detail": detail }), "{claims}");
    }
    assert_eq!(app.database.dump().await, before);
    sign_in(&app, &issuer.token(json!({ "hd": "example.com" }))).await.expect(201);
});

on_both_databases!(keys_are_read_once_and_again_for_one_that_is_new, async |app: TestApp| {
    let (app, issuer) = forged(app, &[]).await;
    for number in 0..3 {
        let answer = sign_in(&app, &issuer.token(json!({}))).await;
        assert!(answer.status < 300, "{number}: {}", answer.text);
    }
    assert_eq!(issuer.reads(), 1);
    issuer.rotate("second");
    sign_in(&app, &issuer.token(json!({}))).await.expect(200);
    assert_eq!(issuer.reads(), 2);
    // Made-up keys do not make us ask all the time.
    for number in 0..5 {
        let head = json!({ "alg": "ES256", "kid": format!("made-up-{number}") });
        sign_in(&app, &issuer.sign(&head, &issuer.claims(json!({})))).await.expect(400);
    }
    assert_eq!(issuer.reads(), 2);
});

on_both_databases!(a_provider_that_is_away_is_no_fault_of_ours, async |app: TestApp| {
    let (app, issuer) = forged(app, &[]).await;
    let before = app.database.dump().await;
    issuer.set_up(false);
    let answer = sign_in(&app, &issuer.token(json!({}))).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.header("retry-after").is_some());
    assert!(answer.text.contains("cannot be reached"), "{}", answer.text);
    assert_eq!(app.database.dump().await, before);
    issuer.set_up(true);
    // As soon as it is asked again.
    loop {
        match sign_in(&app, &issuer.token(json!({}))).await.status {
            503 => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            status => break assert_eq!(status, 201),
        }
    }
});

on_both_databases!(input_is_checked_before_the_token, async |app: TestApp| {
    let (app, issuer) = forged(app, &[]).await;
    let stranger = app.stranger();
    let missing = stranger.post(GOOGLE, json!({})).await.expect(400);
    assert_eq!(missing, json!({ "token": ["This field is required."] }));
    let both = json!({ "token": "a", "credential": "b" });
    stranger.post(GOOGLE, both).await.expect(400);
    let unknown = json!({ "token": "a", "id_token": "b" });
    assert!(stranger.post(GOOGLE, unknown).await.expect(400)["id_token"].is_array());
    let before = app.database.dump().await;
    let body = json!({ "token": issuer.token(json!({})), "plan_key": "golden" });
    let refused = stranger.post(GOOGLE, body).await.expect(400);
    assert_eq!(refused, json!({ "plan_key": ["There is no such plan."] }));
    assert_eq!(app.database.dump().await, before);
});

on_both_databases!(without_a_client_it_is_off, async |app: TestApp| {
    let answer = sign_in(&app, "any").await.expect(404);
    assert_eq!(answer, json!({ "detail": "Signing in with Google is not set up here." }));
    let providers = app.stranger().get("/api/auth/providers/").await.expect(200);
    let off = json!({ "google": { "enabled": false, "client_id": null }, "providers": [] });
    assert_eq!(providers, off);
});

on_both_databases!(sign_ins_and_registrations_are_counted, async |app: TestApp| {
    let limits = [
        ("CRM_THROTTLE", "true"),
        ("CRM_ANON_RATE", "off"),
        ("CRM_BURST_LIMIT", "0"),
        ("CRM_REGISTRATION_RATE", "2/hour"),
        ("CRM_LOGIN_RATE", "6/hour"),
    ];
    let (app, issuer) = forged(app, &limits).await;
    let by =
        |name: &str| issuer.token(json!({ "sub": name, "email": format!("{name}@example.com") }));
    sign_in(&app, &by("ada")).await.expect(201);
    let body = json!({ "email": "eve@example.com", "password": PASSWORD });
    app.stranger().post("/api/auth/register/", body).await.expect(201);
    let refused = sign_in(&app, &by("bob")).await;
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert_eq!(refused.header("ratelimit-limit"), Some("2"));
    // Who has an account registers nothing.
    sign_in(&app, &by("ada")).await.expect(200);
    sign_in(&app, &by("eve")).await.expect(200);
    for _ in 0..2 {
        sign_in(&app, "no token").await.expect(400);
    }
    let refused = sign_in(&app, &by("ada")).await;
    assert_eq!((refused.status, refused.header("ratelimit-limit")), (429, Some("6")));
});
