//! Registering, signing in and out, and one's own profile.

use std::time::{Duration, Instant};

use domain_kernel::policy::Role;
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, Client, PASSWORD, TestApp, on_both_databases};

const REGISTER: &str = "/api/auth/register/";
const TOKEN: &str = "/api/auth/token/";
const PROFILE: &str = "/api/auth/profile/";

async fn sign_in(app: &TestApp, username: &str, password: &str) -> Answer {
    app.stranger().post(TOKEN, json!({"username": username, "password": password})).await
}

/// A registration that is refused: its messages.
async fn refused(app: &TestApp, body: Value) -> Value {
    app.stranger().post(REGISTER, body).await.expect(400)
}

fn enabled(profile: &Value) -> Vec<&str> {
    let flags = profile["feature_flags"].as_array().expect("a list");
    let on = flags.iter().filter(|flag| flag["enabled"] == true);
    on.map(|flag| flag["code"].as_str().expect("a code")).collect()
}

on_both_databases!(an_email_and_a_password_are_enough_to_begin, async |app: TestApp| {
    let body = json!({"email": "grace@example.com", "password": PASSWORD});
    let answer = app.stranger().post(REGISTER, body).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let made = answer.expect(201);
    assert_eq!(made["token_type"], "Token");
    let profile = &made["profile"];
    assert_eq!(profile["username"], "grace@example.com");
    assert_eq!(profile["organization"]["name"], "grace's workspace");
    assert_eq!((&profile["is_staff"], &profile["is_superuser"]), (&json!(false), &json!(false)));
    assert_eq!((&profile["timezone"], &profile["locale"]), (&json!("UTC"), &json!("en-US")));
    let slug = profile["organization"]["slug"].as_str().unwrap();
    let (_, members, entitlements) = app.application.accounts.organization(slug).await.unwrap();
    assert_eq!(entitlements.plan.key, "free");
    let [(person, roles)] = &members[..] else { panic!("one member: {members:?}") };
    assert_eq!(person.draft.email, "grace@example.com");
    assert_eq!(roles.iter().collect::<Vec<_>>(), [Role::Admin]);
    let grace = Client::new(&app.address, made["access"].as_str().map(str::to_owned));
    assert_eq!(&grace.get(PROFILE).await.expect(200), profile);
});

on_both_databases!(a_workspace_is_named_after_its_founder_or_as_they_wish, async |app: TestApp| {
    let register = async |more: Value| {
        let mut body = json!({"password": PASSWORD});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.stranger().post(REGISTER, body).await.expect(201)["profile"].clone()
    };
    let hopper = json!({"email": "g@example.com", "first_name": "Grace", "last_name": "Hopper"});
    assert_eq!(register(hopper).await["organization"]["name"], "Grace Hopper's workspace");
    let named =
        json!({"email": "a@example.com", "username": "ada", "organization_name": " Ünï & Co "});
    let first = register(named).await;
    assert_eq!(first["username"], "ada");
    assert_eq!(first["organization"]["name"], "Ünï & Co");
    assert_eq!(first["organization"]["slug"], "uni-co");
    let again = json!({"email": "b@example.com", "organization_name": "Ünï & Co"});
    let second = register(again).await;
    assert_ne!(second["organization"]["slug"], first["organization"]["slug"]);
    let nameless = json!({"email": "c@example.com", "organization_name": "★★★"});
    assert_eq!(register(nameless).await["organization"]["name"], "★★★");
});

on_both_databases!(whoever_wishes_for_a_paid_plan_begins_on_the_free_one, async |app: TestApp| {
    let body = json!({"email": "a@example.com", "password": PASSWORD, "plan_key": "enterprise"});
    let made = app.stranger().post(REGISTER, body).await.expect(201);
    assert_eq!(enabled(&made["profile"]), ["catalog.read", "sales.pipeline", "assistant.chat"]);
});

on_both_databases!(an_email_of_any_valid_form_can_register, async |app: TestApp| {
    for email in ["o'brien@example.com", "a+b@example.com", "x/y@example.com", "jürgen@example.com"]
    {
        let body = json!({"email": email, "password": PASSWORD});
        let made = app.stranger().post(REGISTER, body).await.expect(201);
        assert_eq!(made["profile"]["username"], email);
        sign_in(&app, email, PASSWORD).await.expect(200);
    }
});

on_both_databases!(what_a_registration_may_not_ask_for_is_refused, async |app: TestApp| {
    let with = |name: &str, value: &str| {
        let mut body = json!({"email": "a@example.com", "password": PASSWORD});
        body[name] = json!(value);
        body
    };
    let mut both = with("invite_token", "abc");
    both["organization_name"] = json!("Acme");
    let errors = refused(&app, both).await;
    assert_eq!(
        errors,
        json!({"non_field_errors": ["Give either organization_name or invite_token."]})
    );
    let errors = refused(&app, with("invite_token", "abc")).await;
    assert_eq!(
        errors,
        json!({"invite_token": ["This invitation does not exist or is no longer valid."]})
    );
    let errors = refused(&app, with("plan_key", "gold")).await;
    assert_eq!(errors, json!({"plan_key": ["There is no such plan."]}));
    let errors = refused(&app, with("username", "ada lovelace")).await;
    assert!(errors["username"][0].as_str().unwrap().starts_with("Enter a valid username"));
    assert!(app.database.rows("people").await.is_empty());
    assert_eq!(app.database.rows("organizations").await.len(), 1, "the platform's own");
});

on_both_databases!(a_name_or_email_is_taken_in_any_case, async |app: TestApp| {
    let ada = json!({"email": "Ada@Example.com", "username": "Ada.L", "password": PASSWORD});
    app.stranger().post(REGISTER, ada).await.expect(201);
    let again = json!({"email": "aDA@eXAMPLE.com", "username": "aDA.l", "password": PASSWORD});
    assert_eq!(
        refused(&app, again).await,
        json!({
            "email": ["A user with that email already exists."],
            "username": ["A user with that username already exists."],
        })
    );
    assert_eq!(app.database.rows("organizations").await.len(), 2, "no workspace stays behind");
});

on_both_databases!(of_two_who_register_at_once_one_gets_the_name, async |app: TestApp| {
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let register = || async { app.stranger().post(REGISTER, body.clone()).await.status };
    let answers = futures_util::future::join_all((0..6).map(|_| register())).await;
    let made = answers.iter().filter(|status| **status == 201).count();
    assert_eq!(made, 1, "{answers:?}");
    assert!(answers.iter().all(|status| [201, 400].contains(status)), "{answers:?}");
    assert_eq!(app.database.rows("memberships").await.len(), 1);
});

on_both_databases!(passwords_must_be_hard_to_guess, async |app: TestApp| {
    let cases = [
        (json!("plum-quilt9"), "too short"),
        (json!("x9-Q".repeat(32) + "!"), "no more than 128"),
        (json!("password1234"), "too easy to guess"),
        (json!("aaaaaaaaaaaaaaaa"), "too easy to guess"),
        (json!("            "), "too easy to guess"),
        (json!("plum-Lovelace-quilt-9"), "too similar"),
        (json!("plum-countess@example.com-9"), "too similar"),
        (json!("plum-COUNTESS-quilt-9"), "too similar"),
        (json!("plum\u{0}harbour-quilt"), "Null characters"),
        (json!(123_456_789_012_i64), "Not a valid string"),
        (json!(null), "may not be null"),
        (json!(""), "may not be blank"),
    ];
    for (password, message) in cases {
        let body =
            json!({"email": "countess@example.com", "last_name": "Lovelace", "password": password});
        let errors = refused(&app, body).await;
        let text = errors["password"][0].as_str().unwrap_or_default();
        assert!(text.contains(message), "{password}: {errors}");
        assert_eq!(errors.as_object().unwrap().len(), 1, "{errors}");
    }
    let longest = "x9-Q plum".repeat(15)[..128].to_owned();
    let body = json!({"email": "countess@example.com", "password": longest});
    app.stranger().post(REGISTER, body).await.expect(201);
    sign_in(&app, "countess@example.com", &longest).await.expect(200);
});

on_both_databases!(a_form_with_many_mistakes_hears_of_all, async |app: TestApp| {
    let errors = refused(
        &app,
        json!({
            "email": "nobody", "password": "short", "first_name": "x".repeat(151), "last_name": 7,
            "organization_name": "A", "invite_token": "B", "is_staff": true,
        }),
    )
    .await;
    let names: Vec<_> = errors.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["email", "first_name", "is_staff", "last_name", "non_field_errors", "password"]
    );
    let errors = refused(&app, json!({})).await;
    let required = json!(["This field is required."]);
    assert_eq!(errors, json!({"email": required, "password": required}));
});

on_both_databases!(one_signs_in_by_name_or_email_in_any_case, async |app: TestApp| {
    let body = json!({"email": "Ada@Example.com", "username": "Ada.L", "password": PASSWORD});
    let profile = app.stranger().post(REGISTER, body).await.expect(201)["profile"].clone();
    for name in ["Ada.L", "ada.l", "ADA.L", "ada@example.com", "ADA@EXAMPLE.COM", " ada.l "] {
        let answer = sign_in(&app, name, PASSWORD).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let signed_in = answer.expect(200);
        assert_eq!(signed_in["token_type"], "Token");
        assert_eq!(signed_in["profile"], profile, "{name}");
    }
});

on_both_databases!(nobody_learns_why_a_sign_in_failed, async |app: TestApp| {
    app.register("ada").await;
    app.register("bob").await;
    app.application.accounts.set_active("bob@example.com", false).await.unwrap();
    let long = "x".repeat(5_000);
    let attempts = [
        ("ada@example.com", "plum-harbour-quilt-8"),
        ("ada@example.com", "PLUM-HARBOUR-QUILT-9"),
        ("ada@example.com", &long),
        ("bob@example.com", PASSWORD),
        ("bob@example.com", "wrong-wrong-wrong"),
        ("nobody@example.com", PASSWORD),
        ("%", PASSWORD),
        (" ", PASSWORD),
    ];
    for (name, password) in attempts {
        let answer = sign_in(&app, name, password).await;
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(
            answer.text, r#"{"detail":"Unable to log in with provided credentials."}"#,
            "{name}"
        );
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        let expected = [
            "content-length",
            "content-security-policy",
            "content-type",
            "date",
            "referrer-policy",
            "vary",
            "x-content-type-options",
            "x-frame-options",
            "x-request-id",
        ];
        let shown: Vec<_> = names.iter().filter(|name| *name != "vary").collect();
        assert_eq!(shown, expected.iter().filter(|n| **n != "vary").collect::<Vec<_>>(), "{name}");
    }
    let errors = app.stranger().post(TOKEN, json!({"username": 5})).await.expect(400);
    assert_eq!(
        errors,
        json!({"password": ["This field is required."], "username": ["Not a valid string."]})
    );
});

on_both_databases!(a_token_opens_the_api_in_either_scheme, async |app: TestApp| {
    let ada = app.register("ada").await;
    let token = ada.token.clone().unwrap();
    let stranger = app.stranger();
    let with =
        async |value: &str| stranger.ask(Method::GET, PROFILE, &[("authorization", value)]).await;
    for scheme in ["Token", "Bearer", "token", "BEARER"] {
        with(&format!("{scheme} {token}")).await.expect(200);
        with(&format!("{scheme}   {token} ")).await.expect(200);
    }
    let mut mistyped = token.clone();
    mistyped.replace_range(12..13, if &token[12..13] == "A" { "B" } else { "A" });
    let malformed = [
        String::new(),
        "Token".to_owned(),
        "Bearer ".to_owned(),
        token.clone(),
        format!("Basic {token}"),
        format!("Token {token} {token}"),
        format!("Token {mistyped}"),
        format!("Token {}", token.to_lowercase()),
        "Token crm_".to_owned(),
        format!("Token {}", "x".repeat(10_000)),
        "Token ÿ".to_owned(),
    ];
    for value in malformed {
        let answer = with(&value).await;
        assert_eq!(answer.header("www-authenticate"), Some("Token"), "{value}");
        assert!(answer["detail"].is_string(), "{value}: {}", answer.text);
        answer.expect(401);
    }
    assert_eq!(
        stranger.get(PROFILE).await.expect(401),
        json!({"detail": "Authentication credentials were not provided."})
    );
});

on_both_databases!(signing_out_ends_one_token_at_once, async |app: TestApp| {
    let phone = app.register("ada").await;
    let laptop = app.sign_in("ada@example.com", PASSWORD).await;
    assert_ne!(phone.token, laptop.token);
    phone.get(PROFILE).await.expect(200);
    laptop.get(PROFILE).await.expect(200);
    phone.post("/api/auth/token/revoke/", json!({})).await.expect(204);
    let answer = phone.get(PROFILE).await;
    assert_eq!(answer.header("www-authenticate"), Some("Token"));
    assert_eq!(answer.expect(401), json!({"detail": "Invalid token."}));
    phone.post("/api/auth/token/revoke/", json!({})).await.expect(401);
    laptop.get(PROFILE).await.expect(200);
});

on_both_databases!(a_token_ends_with_its_person, async |app: TestApp| {
    let ada = app.register("ada").await;
    let bob = app.register("bob").await;
    ada.get(PROFILE).await.expect(200);
    app.application.accounts.set_active("ADA@example.com", false).await.unwrap();
    ada.get(PROFILE).await.expect(401);
    bob.get(PROFILE).await.expect(200);
    app.application.accounts.set_active("ada@example.com", true).await.unwrap();
    ada.get(PROFILE).await.expect(401);
    let back = app.sign_in("ada@example.com", PASSWORD).await;
    app.application.accounts.set_password("ada@example.com", "walnut-ferry-lamp-3").await.unwrap();
    back.get(PROFILE).await.expect(401);
    sign_in(&app, "ada@example.com", PASSWORD).await.expect(400);
    sign_in(&app, "ada@example.com", "walnut-ferry-lamp-3").await.expect(200);
});

on_both_databases!(people_write_their_own_profile, async |app: TestApp| {
    let ada = app.register("ada").await;
    let before = ada.get(PROFILE).await.expect(200);
    let changed = ada
        .patch(PROFILE, json!({"first_name": " Ada ", "title": "Countess", "timezone": "Europe/London", "locale": "en-GB"}))
        .await
        .expect(200);
    assert_eq!(changed["first_name"], "Ada");
    assert_eq!(changed["last_name"], "");
    assert_eq!(ada.get(PROFILE).await.expect(200), changed);
    let put = json!({"last_name": "Lovelace", "email": "countess@example.com"});
    let replaced = ada.put(PROFILE, put).await.expect(200);
    assert_eq!(replaced["email"], "countess@example.com");
    assert_eq!(replaced["username"], "ada@example.com", "the name to sign in with stays");
    sign_in(&app, "countess@example.com", PASSWORD).await.expect(200);
    let organization = json!({"id": 1, "name": "Mine", "slug": "mine"});
    let forbidden = json!({
        "id": 99, "username": "root", "is_staff": true, "is_superuser": true,
        "organization": organization, "feature_flags": [],
    });
    assert_eq!(ada.patch(PROFILE, forbidden).await.expect(200), replaced, "others write these");
    let same = ada.patch(PROFILE, replaced.clone()).await.expect(200);
    assert_eq!(same, replaced, "what was read can be sent back");
    assert_eq!(before["id"], replaced["id"]);
});

on_both_databases!(changes_of_a_profile_at_once_all_arrive, async |app: TestApp| {
    let ada = app.register("ada").await;
    let fields = ["first_name", "last_name", "title", "locale", "timezone"];
    let values = ["Ada", "Lovelace", "Countess", "en-GB", "Europe/London"];
    let change = |at: usize| ada.patch(PROFILE, json!({fields[at]: values[at]}));
    let (a, b, c, d, e) = tokio::join!(change(0), change(1), change(2), change(3), change(4));
    for answer in [a, b, c, d, e] {
        answer.expect(200);
    }
    let profile = ada.get(PROFILE).await.expect(200);
    for (field, value) in fields.into_iter().zip(values) {
        assert_eq!(profile[field], value);
    }
});

on_both_databases!(a_profile_takes_no_nonsense, async |app: TestApp| {
    let (ada, bob) = (app.register("ada").await, app.register("bob").await);
    let before = ada.get(PROFILE).await.expect(200);
    let cases = [
        (json!({"email": "BOB@example.com"}), "email"),
        (json!({"email": "nobody"}), "email"),
        (json!({"email": null}), "email"),
        (json!({"timezone": "Mars/Olympus"}), "timezone"),
        (json!({"timezone": ""}), "timezone"),
        (json!({"timezone": "../../etc/passwd"}), "timezone"),
        (json!({"locale": "en US"}), "locale"),
        (json!({"locale": ""}), "locale"),
        (json!({"locale": "x".repeat(17)}), "locale"),
        (json!({"title": "x".repeat(256)}), "title"),
        (json!({"first_name": ["Ada"]}), "first_name"),
        (json!({"last_name": "a\u{0}b"}), "last_name"),
        (json!({"password": "another-password-1"}), "password"),
        (json!([]), "non_field_errors"),
    ];
    for (body, field) in cases {
        for method in [Method::PATCH, Method::PUT] {
            let answer = ada.send(ada.request(method, PROFILE).json(&body)).await;
            let errors = answer.expect(400);
            assert!(errors[field][0].is_string(), "{body}: {errors}");
        }
    }
    assert_eq!(ada.get(PROFILE).await.expect(200), before);
    assert_eq!(bob.get(PROFILE).await.expect(200)["email"], "bob@example.com");
});

on_both_databases!(a_plan_switches_features_on_within_seconds, async |app: TestApp| {
    let ada = app.register("ada").await;
    let profile = ada.get(PROFILE).await.expect(200);
    let flags = profile["feature_flags"].as_array().unwrap();
    assert_eq!(flags.len(), 32);
    for flag in flags {
        let texts = ["code", "name", "description"];
        assert!(texts.iter().all(|text| !flag[*text].as_str().unwrap().is_empty()), "{flag}");
    }
    assert_eq!(enabled(&profile), ["catalog.read", "sales.pipeline", "assistant.chat"]);
    let slug = profile["organization"]["slug"].as_str().unwrap();
    app.application.accounts.set_plan(slug, "enterprise").await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(6);
    while enabled(&ada.get(PROFILE).await.expect(200)).len() < 32 {
        assert!(Instant::now() < deadline, "the plan is not seen");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let bob = app.register("bob").await;
    assert_eq!(enabled(&bob.get(PROFILE).await.expect(200)).len(), 3, "other workspaces are not");
});

on_both_databases!(no_secret_is_kept_where_it_does_not_belong, async |app: TestApp| {
    let ada = app.register("ada").await;
    let laptop = app.sign_in("ada@example.com", PASSWORD).await;
    sign_in(&app, "ada@example.com", "a-wrong-password-1").await.expect(400);
    ada.patch(PROFILE, json!({"first_name": "Ada"})).await.expect(200);
    ada.post_with("/api/contacts/", ("idempotency-key", "k"), json!({"first_name": "G"}))
        .await
        .expect(201);
    app.application.accounts.set_password("ada@example.com", "walnut-ferry-lamp-3").await.unwrap();
    let tokens = [ada.token.unwrap(), laptop.token.unwrap()];
    let secrets = [PASSWORD, "a-wrong-password-1", "walnut-ferry-lamp-3"];
    let secrets = secrets.into_iter().chain(tokens.iter().map(|token| &token[4..47]));
    let secrets: Vec<&str> = secrets.collect();
    for (table, rows) in app.database.dump().await {
        for row in rows {
            for secret in &secrets {
                assert!(!row.contains(secret), "{table} holds a secret");
            }
            assert_eq!(row.contains("$argon2"), table == "people", "{table}: a hash");
        }
    }
});

on_both_databases!(a_revoked_token_ends_on_other_servers_within_seconds, async |app: TestApp| {
    let ada = app.register("ada").await;
    let (second, address) = app.second_server().await;
    let elsewhere = Client::new(&address, ada.token.clone());
    elsewhere.get("/api/auth/profile/").await.expect(200);
    ada.post("/api/auth/token/revoke/", json!({})).await.expect(204);
    ada.get("/api/auth/profile/").await.expect(401);
    // What the other server remembers, it remembers for five seconds.
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    elsewhere.get("/api/auth/profile/").await.expect(401);
    second.stop().await;
});
