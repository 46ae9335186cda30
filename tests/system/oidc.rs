//! Signing in at providers of OpenID Connect, by the authorization-code flow, at real ones.

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::browser::{Browser, HOME, provider_url, sign_in_at};
use system_tests::{Answer, Backend, Client, PASSWORD, TestApp, TestDatabase, on_both_databases};
use url::Url;

const PROFILE: &str = "/api/auth/profile/";
const UNKNOWN: &str = "This sign-in did not begin in this browser, or it has ended.";

/// The settings of a server with both providers, `main` with more in its table.
pub(crate) async fn serve(database: TestDatabase, main: Value, more: &[(&str, &str)]) -> TestApp {
    let mut providers = json!({
        "main": { "issuer": provider_url("main"), "client_id": "crm", "label": "The company",
                  "scopes": ["email", "profile", "groups"] },
        "other": { "issuer": provider_url("other"), "client_id": "crm" },
    });
    providers["main"].as_object_mut().unwrap().extend(main.as_object().unwrap().clone());
    let providers = providers.to_string();
    let mut settings = vec![
        ("CRM_OIDC_PROVIDERS", providers.as_str()),
        ("CRM_OIDC_CLIENT_SECRETS", "main=main secret+/%"),
        ("CRM_PUBLIC_URL", HOME),
    ];
    settings.extend_from_slice(more);
    TestApp::over(database, &settings).await
}

async fn restarted(app: TestApp, main: Value) -> TestApp {
    serve(app.stop().await, main, &[]).await
}

/// A workspace for `main`: its founder, and its slug.
async fn founded(app: &TestApp, name: &str) -> (Client, String) {
    let founder = app.register(name).await;
    let profile = founder.get(PROFILE).await.expect(200);
    (founder, profile["organization"]["slug"].as_str().unwrap().to_owned())
}

fn client_of(app: &TestApp, answer: &Value) -> Client {
    Client::new(&app.address, answer["access"].as_str().map(str::to_owned))
}

fn somebody(sub: &str, more: Value) -> Value {
    let mut who = json!({ "sub": sub, "email": format!("{sub}@example.com"), "email_verified": true,
        "given_name": "Some", "family_name": "Body" });
    who.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who
}

fn ada() -> Value {
    somebody("ada", json!({}))
}

/// Everything that is stored, but for sign-ins that have begun.
async fn stored(app: &TestApp) -> std::collections::BTreeMap<String, Vec<String>> {
    let mut dump = app.database.dump().await;
    dump.remove("sign_in_flows");
    dump
}

async fn password(app: &TestApp, name: &str) -> Answer {
    let credentials = json!({ "username": name, "password": PASSWORD });
    app.stranger().post("/api/auth/token/", credentials).await
}

on_both_databases!(a_new_person_comes_in_and_again, async |app: TestApp| {
    let app = restarted(app, json!({})).await;
    let mut browser = Browser::new();
    let login = "/api/auth/oidc/main/login?next=/contacts/%3Fsearch=ada";
    let back = browser.go_for(&app.stranger(), login, &ada()).await;
    let made = browser.open(&app.stranger(), &back).await;
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let gone = made.header("set-cookie").unwrap().to_owned();
    assert!(gone.contains("Max-Age=0"), "the cookie is used up: {gone}");
    let made = made.expect(201);
    assert_eq!(made["next"], "/contacts/?search=ada");
    assert_eq!(made["profile"]["last_name"], "Body", "it was asked for");
    let profile = client_of(&app, &made).get(PROFILE).await.expect(200);
    assert_eq!(profile["email"], "ada@example.com");
    let renamed = somebody("ada", json!({ "email": "countess@example.com" }));
    let again = sign_in_at(&app.stranger(), "main", &renamed).await.expect(200);
    assert_eq!((&again["profile"]["id"], &again["next"]), (&profile["id"], &json!("")));
});

on_both_databases!(a_browser_is_sent_with_what_it_needs, async |app: TestApp| {
    let app = restarted(app, json!({})).await;
    let begun = app.stranger().get("/api/auth/oidc/main/login/").await;
    assert_eq!((begun.status, begun.header("cache-control")), (302, Some("no-store")));
    let target: Url = begun.header("location").unwrap().parse().unwrap();
    let sent = |name: &str| {
        let found = target.query_pairs().find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("{name} in {target}")).1.into_owned()
    };
    assert!(target.as_str().starts_with(&provider_url("main")));
    assert_eq!(sent("redirect_uri"), format!("{HOME}/api/auth/oidc/main/callback/"));
    assert_eq!(sent("scope"), "openid email profile groups");
    assert_eq!(
        (sent("response_type"), sent("code_challenge_method")),
        ("code".into(), "S256".into())
    );
    let cookie = begun.header("set-cookie").unwrap().to_owned();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    for attribute in
        ["HttpOnly", "SameSite=Lax", "Path=/api/auth/oidc/main/callback", "Max-Age=600"]
    {
        assert!(attributes.contains(attribute), "{attribute}: {attributes}");
    }
    // What is stored tells nothing of it.
    let kept = pair.split_once('=').unwrap().1;
    let secrets = [kept.to_owned(), sent("state"), sent("nonce"), sent("code_challenge")];
    assert_eq!(app.database.rows("sign_in_flows").await.len(), 1);
    let dump = format!("{:?}", app.database.dump().await);
    for secret in &secrets {
        assert_eq!(secret.len(), 43);
        assert!(!dump.contains(secret.as_str()), "{secret}");
    }
    let all: std::collections::BTreeSet<_> = secrets.iter().collect();
    assert_eq!(all.len(), secrets.len(), "none is another");
    for unsafe_next in [
        "//evil.example",
        "/%5Cevil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "evil",
        "/%09/evil.example",
        "http://crm.localhost.evil.example/",
        "http://crm.localhost@evil.example/",
    ] {
        let path = format!("/api/auth/oidc/main/login/?next={unsafe_next}");
        let refused = app.stranger().get(&path).await.expect(400);
        assert!(refused["next"].is_array(), "{unsafe_next}: {refused}");
    }
    app.stranger().get("/api/auth/oidc/main/login/?nxt=/").await.expect(400);
    for path in ["login/", "callback/?state=a&code=b"] {
        let missing = app.stranger().get(&format!("/api/auth/oidc/nobody/{path}")).await;
        assert_eq!(missing.expect(404), json!({ "detail": "There is no such provider." }));
    }
});

on_both_databases!(a_listed_origin_may_be_led_to, async |app: TestApp| {
    let listed = [("CRM_OIDC_NEXT_ORIGINS", "https://app.example.com")];
    let app = serve(app.stop().await, json!({}), &listed).await;
    let login = "/api/auth/oidc/other/login/?next=https://app.example.com/home";
    let mut browser = Browser::new();
    let back = browser.go_for(&app.stranger(), login, &ada()).await;
    let entered = browser.open(&app.stranger(), &back).await.expect(201);
    assert_eq!(entered["next"], "https://app.example.com/home");
    let ours = format!("/api/auth/oidc/other/login/?next={HOME}/home");
    assert_eq!(app.stranger().get(&ours).await.status, 302);
    let port = "/api/auth/oidc/other/login/?next=https://app.example.com:8443/";
    app.stranger().get(port).await.expect(400);
});

on_both_databases!(a_sign_in_ends_once_and_where_it_began, async |app: TestApp| {
    let app = restarted(app, json!({})).await;
    let server = app.stranger();
    let refused = json!({ "detail": UNKNOWN });
    let mut browser = Browser::new();
    let back = browser.go(&server, "main", &ada()).await;
    let before = stored(&app).await;
    // In another browser, with another state, at another provider.
    assert_eq!(Browser::new().open(&server, &back).await.expect(400), refused);
    let mut url: Url = format!("{HOME}{back}").parse().unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    url.query_pairs_mut().clear().extend_pairs(pairs.iter().map(
        |(name, value)| match name.as_str() {
            // As long, and under the same cookie.
            "state" => {
                (name, format!("{}{}", &value[..42], if value.ends_with('A') { "B" } else { "A" }))
            }
            _ => (name, value.clone()),
        },
    ));
    let altered = url.as_str().strip_prefix(HOME).unwrap();
    assert_eq!(browser.open(&server, altered).await.expect(400), refused);
    assert_eq!(stored(&app).await, before);
    browser.open(&server, &back).await.expect(201);
    let before = stored(&app).await;
    // Twice: the code and the state are used up.
    assert_eq!(browser.open(&server, &back).await.expect(400), refused);
    assert_eq!(stored(&app).await, before);

    let back = browser.go(&server, "main", &ada()).await;
    let elsewhere = back.replace("/main/", "/other/");
    assert_eq!(browser.open(&server, &elsewhere).await.expect(400), refused);
    assert_eq!(browser.open(&server, &back).await.expect(400), refused, "it is used up");

    let back = browser.go(&server, "main", &ada()).await;
    let past = match app.database.backend {
        Backend::Sqlite => "0",
        Backend::Postgres => "'2026-01-01T00:00:00Z'",
    };
    app.database.execute(&format!("UPDATE sign_in_flows SET ends_at = {past}")).await;
    assert_eq!(browser.open(&server, &back).await.expect(400), refused, "it took too long");
});

on_both_databases!(who_says_no_or_has_no_verified_address_stays_outside, async |app: TestApp| {
    let app = restarted(app, json!({})).await;
    let server = app.stranger();
    let before = stored(&app).await;
    for (who, why) in [
        (somebody("ada", json!({ "deny": true })), "The provider did not let you in."),
        (
            somebody("ada", json!({ "email_verified": false })),
            "The e-mail address is not verified by the provider.",
        ),
        (json!({ "sub": "ada" }), "The provider tells no e-mail address that can be used."),
    ] {
        let refused = sign_in_at(&server, "main", &who).await.expect(400);
        assert_eq!(refused, json!({ "detail": why }));
    }
    assert_eq!(stored(&app).await, before);
    let mut browser = Browser::new();
    let back = browser.go(&server, "main", &ada()).await;
    let forged = back.replace("code=", "code=x");
    let refused = browser.open(&server, &forged).await.expect(400);
    assert!(refused["detail"].as_str().unwrap().contains("begin again"), "{refused}");
    assert_eq!(stored(&app).await, before);
});

on_both_databases!(several_providers_lead_to_one_account, async |app: TestApp| {
    let app = restarted(app, json!({})).await;
    let server = app.stranger();
    let first = sign_in_at(&server, "main", &ada()).await.expect(201);
    app.application.accounts.set_password("ada@example.com", PASSWORD).await.unwrap();
    let second =
        sign_in_at(&server, "other", &somebody("ada-there", json!({ "email": "Ada@Example.com" })))
            .await;
    let second = second.expect(200);
    assert_eq!(second["profile"]["id"], first["profile"]["id"]);
    assert_eq!(app.database.rows("identities").await.len(), 2);
    // The address was verified before, so nothing is taken away.
    password(&app, "ada@example.com").await.expect(200);
});

on_both_databases!(
    who_waits_for_an_address_to_be_claimed_loses_the_account,
    async |app: TestApp| {
        let app = restarted(app, json!({})).await;
        let server = app.stranger();
        let eve = sign_in_at(&server, "main", &somebody("eve", json!({}))).await.expect(201);
        let eve = client_of(&app, &eve);
        eve.patch(PROFILE, json!({ "email": "ada@example.com" })).await.expect(200);
        app.application.accounts.set_password("ada@example.com", PASSWORD).await.unwrap();
        let owner = sign_in_at(&server, "other", &ada()).await.expect(200);
        eve.get(PROFILE).await.expect(401);
        password(&app, "ada@example.com").await.expect(400);
        let back = sign_in_at(&server, "main", &somebody("eve", json!({}))).await;
        assert_ne!(
            back["profile"]["id"], owner["profile"]["id"],
            "her way in is gone: {}",
            back.text
        );
    }
);

/// The codes of a person's roles, as the workspace's admin sees them.
async fn roles(admin: &Client, person: &Value) -> Vec<String> {
    let path = format!("/api/user-roles/?user={person}&ordering=role");
    let rows = admin.get(&path).await.expect(200);
    let rows = rows["results"].as_array().unwrap();
    rows.iter().map(|row| row["role"].as_str().unwrap().to_owned()).collect()
}

on_both_databases!(groups_are_roles_as_long_as_they_last, async |app: TestApp| {
    let (boss, slug) = founded(&app, "boss").await;
    let app = restarted(
        app,
        json!({ "organization": slug,
        "roles": { "crm-admins": "admin", "sales": "manager", "figures": "analyst" } }),
    )
    .await;
    let boss = Client::new(&app.address, boss.token);
    let server = app.stranger();
    let with = |groups: Value| somebody("ada", json!({ "groups": groups }));
    let made = sign_in_at(&server, "main", &with(json!(["sales", "canteen"]))).await.expect(201);
    assert_eq!(made["profile"]["organization"]["slug"], json!(slug));
    let person = made["profile"]["id"].clone();
    assert_eq!(roles(&boss, &person).await, ["manager"]);
    client_of(&app, &made).post("/api/users/", json!({ "username": "x" })).await.expect(403);

    let by_hand = json!({ "user": person, "role": "marketer" });
    boss.post("/api/user-roles/", by_hand).await.expect(201);
    let admin =
        sign_in_at(&server, "main", &with(json!(["crm-admins", "figures"]))).await.expect(200);
    assert_eq!(roles(&boss, &person).await, ["admin", "analyst", "marketer"]);
    client_of(&app, &admin).post("/api/users/", json!({ "username": "x" })).await.expect(201);
    // The first token has the new rights, too, at once.
    client_of(&app, &made).post("/api/users/", json!({ "username": "y" })).await.expect(201);

    sign_in_at(&server, "main", &with(json!([]))).await.expect(200);
    assert_eq!(roles(&boss, &person).await, ["marketer"], "what was given by hand stays");
    client_of(&app, &admin).post("/api/users/", json!({ "username": "z" })).await.expect(403);

    let trail = "SELECT action FROM audit_entries WHERE entity = 'user-roles' ORDER BY id";
    let trail = app.database.query(trail).await;
    let actions: Vec<&str> = trail.iter().map(|row| row["action"].as_str().unwrap()).collect();
    let (given, taken) = ("user_role.created", "user_role.deleted");
    assert_eq!(actions, [given, given, given, taken, given, taken, taken]);
});

on_both_databases!(the_last_admin_stays, async |app: TestApp| {
    let (boss, slug) = founded(&app, "boss").await;
    let main = json!({ "organization": slug, "roles": { "crm-admins": "admin" } });
    let app = restarted(app, main).await;
    let in_charge = somebody("boss", json!({ "groups": ["crm-admins"] }));
    let entered = sign_in_at(&app.stranger(), "main", &in_charge).await.expect(200);
    Client::new(&app.address, boss.token).get(PROFILE).await.expect(401);
    let (boss, person) = (client_of(&app, &entered), entered["profile"]["id"].clone());
    let left = somebody("boss", json!({ "groups": [] }));
    sign_in_at(&app.stranger(), "main", &left).await.expect(200);
    assert_eq!(roles(&boss, &person).await, ["admin"]);
    // With another one, the role goes.
    let another = somebody("ada", json!({ "groups": ["crm-admins"] }));
    sign_in_at(&app.stranger(), "main", &another).await.expect(201);
    sign_in_at(&app.stranger(), "main", &left).await.expect(200);
    assert_eq!(roles(&boss, &person).await, Vec::<String>::new());
});

on_both_databases!(a_workspaces_provider_reaches_nobody_elses_account, async |app: TestApp| {
    let (_, slug) = founded(&app, "boss").await;
    app.register("ada").await;
    let staff = domain_accounts::PersonDraft {
        username: "staff".to_owned(),
        email: "staff@example.com".to_owned(),
        ..domain_accounts::PersonDraft::new()
    };
    app.application.accounts.create_superuser(staff, PASSWORD).await.unwrap();
    let app = restarted(app, json!({ "organization": slug })).await;
    let before = stored(&app).await;
    for name in ["ada", "staff"] {
        let refused = sign_in_at(&app.stranger(), "main", &somebody(name, json!({}))).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("not this provider's alone"), "{}", refused.text);
    }
    assert_eq!(stored(&app).await, before);
    // In a domain that the operator gave it, it may; the staff stay out of its reach.
    let main = json!({ "organization": slug, "domains": ["example.com"] });
    let app = restarted(app, main).await;
    let joined = sign_in_at(&app.stranger(), "main", &ada()).await.expect(200);
    assert_eq!(joined["profile"]["organization"]["slug"], json!(slug));
    sign_in_at(&app.stranger(), "main", &somebody("staff", json!({}))).await.expect(400);
    password(&app, "staff").await.expect(200);
    let outside = somebody("eve", json!({ "email": "eve@example.org" }));
    sign_in_at(&app.stranger(), "main", &outside).await.expect(400);
});

on_both_databases!(who_was_removed_does_not_come_back, async |app: TestApp| {
    let (boss, slug) = founded(&app, "boss").await;
    let app = restarted(app, json!({ "organization": slug })).await;
    let boss = Client::new(&app.address, boss.token);
    let made = sign_in_at(&app.stranger(), "main", &ada()).await.expect(201);
    let path = format!("/api/users/{}/", made["profile"]["id"]);
    boss.delete(&path).await.expect(204);
    let refused = sign_in_at(&app.stranger(), "main", &ada()).await.expect(400);
    let detail = "This account does not belong to the workspace any more.";
    assert_eq!(refused, json!({ "detail": detail }));
    boss.post(&format!("{path}restore/"), json!({})).await.expect(200);
    sign_in_at(&app.stranger(), "main", &ada()).await.expect(200);
    app.application.accounts.set_active("ada@example.com", false).await.unwrap();
    let refused = sign_in_at(&app.stranger(), "main", &ada()).await.expect(400);
    assert_eq!(refused, json!({ "detail": "This account is disabled." }));
});

on_both_databases!(a_full_workspace_takes_nobody_in, async |app: TestApp| {
    let (_, slug) = founded(&app, "boss").await;
    app.database.execute("UPDATE plans SET max_users = 1").await;
    let app = restarted(app, json!({ "organization": slug })).await;
    let before = stored(&app).await;
    let refused = sign_in_at(&app.stranger(), "main", &ada()).await.expect(403);
    assert!(refused["detail"].as_str().unwrap().contains("max_users"), "{refused}");
    assert_eq!(stored(&app).await, before);
});

on_both_databases!(single_sign_on_is_the_only_way, async |app: TestApp| {
    let (boss, slug) = founded(&app, "boss").await;
    app.member(&boss, "ada", &[]).await;
    app.register("eve").await;
    app.staff(1).await;
    let app = restarted(app, json!({ "organization": slug, "sso_only": true })).await;
    let before = app.database.rows("tokens").await;
    for name in ["ada", "boss@example.com"] {
        let refused = password(&app, name).await.expect(400);
        let detail = "This workspace uses single sign-on: sign in with The company.";
        assert_eq!(refused, json!({ "detail": detail }));
    }
    let wrong = json!({ "username": "ada", "password": "wrong" });
    let refused = app.stranger().post("/api/auth/token/", wrong).await.expect(400);
    let detail = "Unable to log in with provided credentials.";
    assert_eq!(refused, json!({ "detail": detail }), "who does not know it learns nothing");
    // Neither is another provider a way in.
    sign_in_at(&app.stranger(), "other", &ada()).await.expect(400);
    assert_eq!(app.database.rows("tokens").await, before);
    password(&app, "eve@example.com").await.expect(200);
    password(&app, "staff").await.expect(200);
    let entered = sign_in_at(&app.stranger(), "main", &ada()).await.expect(200);
    assert_eq!(entered["profile"]["organization"]["slug"], json!(slug));
});

on_both_databases!(sign_in_pages_can_list_the_providers, async |app: TestApp| {
    let google = [("CRM_GOOGLE_OAUTH_CLIENT_IDS", "google-web,google-app")];
    let app = serve(app.stop().await, json!({}), &google).await;
    let list = app.stranger().get("/api/auth/providers/").await.expect(200);
    let login = |name: &str| format!("{HOME}/api/auth/oidc/{name}/login/");
    let expected = json!({
        "google": { "enabled": true, "client_id": "google-web" },
        "providers": [
            { "name": "main", "label": "The company", "login_url": login("main") },
            { "name": "other", "label": "other", "login_url": login("other") },
        ],
    });
    assert_eq!(list, expected);
    let head = app.stranger().ask(Method::HEAD, "/api/auth/providers/", &[]).await;
    assert_eq!(head.status, 200);
});

on_both_databases!(a_workspaces_word_is_not_good_elsewhere, async |app: TestApp| {
    let (_, slug) = founded(&app, "boss").await;
    let app = restarted(app, json!({ "organization": slug })).await;
    let server = app.stranger();
    // The workspace's own provider makes an account with somebody else's address ...
    let eve = somebody("eve", json!({ "email": "ada@example.com" }));
    let made = sign_in_at(&server, "main", &eve).await.expect(201);
    // ... whose owner comes by another one, and shares it with nobody.
    let owner = sign_in_at(&server, "other", &ada()).await.expect(200);
    assert_eq!(owner["profile"]["id"], made["profile"]["id"]);
    client_of(&app, &made).get(PROFILE).await.expect(401);
    assert_eq!(app.database.rows("identities").await.len(), 1);
    // In another workspace, too, the account is out of its reach.
    let (_, elsewhere) = founded(&app, "carl").await;
    let id = owner["profile"]["id"].as_i64().unwrap();
    let now = match app.database.backend {
        Backend::Sqlite => "0",
        Backend::Postgres => "now()",
    };
    let join = format!(
        "INSERT INTO memberships (organization_id, user_id, is_active, version, created_at, updated_at)
         SELECT id, {id}, is_active, 1, {now}, {now} FROM organizations,
             (SELECT is_active FROM people LIMIT 1) AS any_person WHERE slug = '{elsewhere}'"
    );
    app.database.execute(&join).await;
    sign_in_at(&server, "main", &eve).await.expect(400);
});

/// A provider that is away, or that publishes what it is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_away_or_another_is_unavailable() {
    let another = format!("{}/", provider_url("main"));
    for issuer in ["http://127.0.0.1:9", another.as_str(), &provider_url("nobody")] {
        let database = TestDatabase::create(Backend::Sqlite).await;
        let app = serve(database, json!({ "issuer": issuer }), &[]).await;
        let answer = app.stranger().get("/api/auth/oidc/main/login/").await;
        assert_eq!(answer.status, 503, "{issuer}: {}", answer.text);
        assert!(app.database.rows("sign_in_flows").await.is_empty());
    }
}
