//! Plans, features, subscriptions and changing the plan.

use std::time::Duration;

use domain_kernel::policy::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use system_tests::{Client, PASSWORD, TestApp, on_both_databases};

const OVERVIEW: &str = "/api/billing/overview/";
const CHANGE: &str = "/api/billing/change-plan/";
const PLANS: &str = "/api/subscription-plans/";
const FLAGS: &str = "/api/feature-flags/";
const REQUESTS: &str = "/api/plan-requests/";
const OVERRIDES: &str = "/api/plan-overrides/";
const SUBSCRIPTIONS: &str = "/api/subscriptions/";

/// Somebody of the staff, acting in a person's workspace.
async fn staff(app: &TestApp, client: &Client) -> Client {
    app.staff(workspace(client).await).await
}

async fn workspace(client: &Client) -> i64 {
    let profile = client.get("/api/auth/profile/").await.expect(200);
    profile["organization"]["id"].as_i64().expect("an id")
}

fn today(app: &TestApp) -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(app.application.clock.now()).date()
}

/// The plan with a key.
async fn plan(client: &Client, key: &str) -> Value {
    let plans = client.get(&format!("{PLANS}?key={key}")).await.expect(200);
    plans["results"][0].clone()
}

async fn allow_self_service(staff: &Client, key: &str) {
    let id = &plan(staff, key).await["id"];
    let body = json!({"is_self_service": true});
    staff.patch(&format!("{PLANS}{id}/"), body).await.expect(200);
}

/// The key of the plan that the overview names, and whether the profile has a feature.
async fn has(client: &Client, code: &str) -> bool {
    let profile = client.get("/api/auth/profile/").await.expect(200);
    let flags = profile["feature_flags"].as_array().expect("flags").clone();
    flags.iter().any(|flag| flag["code"] == code && flag["enabled"] == true)
}

async fn key(client: &Client) -> Value {
    client.get(OVERVIEW).await.expect(200)["current_subscription"]["plan"]["key"].clone()
}

on_both_databases!(the_overview_shows_what_there_is, async |app: TestApp| {
    let ada = app.register("ada").await;
    let shown = ada.get(OVERVIEW).await.expect(200);
    let subscription = &shown["current_subscription"];
    assert_eq!(subscription["plan"]["key"], "free");
    assert_eq!(subscription["plan"]["price_per_month"], "0.00");
    assert_eq!(subscription["expires_at"], Value::Null);
    assert_eq!(subscription["is_active"], true);
    let keys: Vec<&Value> =
        shown["available_plans"].as_array().expect("plans").iter().map(|p| &p["key"]).collect();
    assert_eq!(keys, ["free", "pro", "enterprise"]);
    assert_eq!(shown["available_plans"][1]["price_per_month"], "5900.00");
    assert_eq!(shown["api_token"], Value::Null);
    assert_eq!(shown["usage"], json!({"deals": 0, "users": 1}));
    assert_eq!(shown["limits"]["max_users"], 5);
    assert_eq!(shown["pending_request"], Value::Null);
    let methods = |shown: &Value| -> Vec<String> {
        let methods = shown["api_methods"].as_array().expect("methods");
        methods.iter().map(|one| one["method"].as_str().expect("text").to_owned()).collect()
    };
    let free = methods(&shown);
    assert!(free.contains(&"POST /api/contacts/".to_owned()), "{free:?}");
    assert!(!free.contains(&"GET /api/audit-logs/".to_owned()), "not in the plan: {free:?}");
    let all = methods(&app.register_enterprise("eve").await.get(OVERVIEW).await.expect(200));
    assert!(all.contains(&"GET /api/audit-logs/".to_owned()), "{all:?}");
});

on_both_databases!(another_plan_waits_for_the_staffs_approval, async |app: TestApp| {
    let ada = app.register("ada").await;
    let staff = staff(&app, &ada).await;
    let waiting = ada.post(CHANGE, json!({"plan_key": "pro"})).await.expect(202);
    assert_eq!(waiting["request"]["status"], "pending");
    assert_eq!(key(&ada).await, "free", "until somebody decides");
    // A later wish takes its place; the same again is the same.
    let waiting = ada.post(CHANGE, json!({"plan_key": "enterprise"})).await.expect(202);
    let again = ada.post(CHANGE, json!({"plan_key": "enterprise"})).await.expect(202);
    assert_eq!(waiting, again);
    let queue = staff.get(&format!("{REQUESTS}?status=pending")).await.expect(200);
    assert_eq!(queue["count"], 1, "{queue}");
    let id = &waiting["request"]["id"];
    assert_eq!(queue["results"][0]["id"], *id);
    assert_eq!(ada.get(OVERVIEW).await.expect(200)["pending_request"]["id"], *id);
    ada.patch(&format!("{REQUESTS}{id}/"), json!({"status": "approved"})).await.expect(403);
    let path = format!("{REQUESTS}{id}/");
    staff.patch(&path, json!({"status": "maybe"})).await.expect(400);
    let body = json!({"status": "approved", "note": "Welcome."});
    let decided = staff.patch(&path, body.clone()).await.expect(200);
    assert!(decided["decided_at"].is_string(), "{decided}");
    assert_eq!(key(&ada).await, "enterprise", "at once");
    assert!(has(&ada, "compliance.audit_logs").await, "with what it includes");
    assert_eq!(staff.patch(&path, json!({"status": "refused"})).await.status, 409, "decided once");
    // Both subscriptions are kept, and the trail of the workspace says who decided.
    let kept = ada.get(&format!("{SUBSCRIPTIONS}?ordering=id")).await.expect(200);
    let rows = kept["results"].as_array().expect("rows");
    assert_eq!(rows.len(), 2, "{kept}");
    assert_eq!((&rows[0]["is_active"], &rows[1]["is_active"]), (&json!(false), &json!(true)));
    assert!(rows[0]["expires_at"].is_string(), "the one before has ended");
    let trail = ada.get("/api/audit-logs/?entity=plan-requests&ordering=-id").await.expect(200);
    assert_eq!(trail["results"][0]["by_staff"], true);
    assert_eq!(trail["results"][0]["action"], "plan_request.updated");
    let trail = ada.get("/api/audit-logs/?entity=subscriptions&ordering=-id").await.expect(200);
    assert_eq!(trail["results"][0]["by_staff"], true, "{trail}");
});

on_both_databases!(a_refused_wish_changes_nothing, async |app: TestApp| {
    let ada = app.register("ada").await;
    let staff = staff(&app, &ada).await;
    let waiting = ada.post(CHANGE, json!({"plan_key": "pro"})).await.expect(202);
    let path = format!("{REQUESTS}{}/", waiting["request"]["id"]);
    staff.patch(&path, json!({"status": "refused"})).await.expect(200);
    assert_eq!(key(&ada).await, "free");
    let shown = ada.get(OVERVIEW).await.expect(200);
    assert_eq!(shown["pending_request"], Value::Null);
    ada.post(CHANGE, json!({"plan_key": "pro"})).await.expect(202);
});

on_both_databases!(where_it_is_allowed_admins_change_the_plan, async |app: TestApp| {
    let ada = app.register("ada").await;
    let staff = staff(&app, &ada).await;
    let manager = app.member(&ada, "mia", &[Role::Manager]).await;
    allow_self_service(&staff, "pro").await;
    manager.post(CHANGE, json!({"plan_key": "pro"})).await.expect(403);
    let made =
        ada.post(CHANGE, json!({"plan_id": plan(&ada, "pro").await["id"]})).await.expect(201);
    assert_eq!(made["plan"]["key"], "pro");
    assert!(has(&ada, "sales.order_management").await);
    let same = ada.post(CHANGE, json!({"plan_key": "pro"})).await.expect(200);
    assert_eq!(same["subscription"]["id"], made["id"], "{same}");
    assert!(same["detail"].is_string());
    // Back to free, which is everybody's to take.
    ada.post(CHANGE, json!({"plan_key": "free"})).await.expect(201);
    assert!(!has(&ada, "sales.order_management").await);
});

on_both_databases!(a_repeated_change_is_one, async |app: TestApp| {
    let ada = app.register("ada").await;
    allow_self_service(&staff(&app, &ada).await, "pro").await;
    let repeat = async || {
        let header = ("idempotency-key", "a change");
        ada.post_with(CHANGE, header, json!({"plan_key": "pro"})).await
    };
    let (first, second) = (repeat().await, repeat().await);
    assert_eq!((first.status, second.status), (201, 201), "{}", second.text);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.json, second.json);
});

on_both_databases!(a_plan_below_what_is_used_is_refused, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let staff = staff(&app, &ada).await;
    for name in ["bea", "cia", "dia", "eva", "fia"] {
        app.member(&ada, name, &[]).await;
    }
    let refused = ada.post(CHANGE, json!({"plan_key": "free"})).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    for part in ["Free", "allows 5", "has 6"] {
        assert!(refused.text.contains(part), "{part}: {}", refused.text);
    }
    assert_eq!(key(&ada).await, "enterprise");
    // Nor by giving up the subscription, nor by the staff.
    let id = ada.get(OVERVIEW).await.expect(200)["current_subscription"]["id"].clone();
    assert_eq!(ada.delete(&format!("{SUBSCRIPTIONS}{id}/")).await.status, 409);
    let today = today(&app).to_string();
    let free = plan(&ada, "free").await["id"].clone();
    let less = json!({"plan_id": free, "started_at": today});
    assert_eq!(staff.post(SUBSCRIPTIONS, less).await.status, 409);
    assert_eq!(key(&ada).await, "enterprise");
    let gone = ada.get("/api/users/?username=fia").await.expect(200)["results"][0]["id"].clone();
    ada.delete(&format!("/api/users/{gone}/")).await.expect(204);
    ada.post(CHANGE, json!({"plan_key": "free"})).await.expect(201);
});

on_both_databases!(a_new_workspace_may_ask_for_a_plan, async |app: TestApp| {
    let register = async |name: &str, plan: &str| {
        let body = json!({
            "email": format!("{name}@example.com"), "password": PASSWORD, "plan_key": plan,
        });
        app.stranger().post("/api/auth/register/", body).await
    };
    let client =
        |answer: Value| Client::new(&app.address, answer["access"].as_str().map(str::to_owned));
    let ada = client(register("ada", "enterprise").await.expect(201));
    assert_eq!(key(&ada).await, "free", "nobody registers onto a paid plan");
    let pending = ada.get(OVERVIEW).await.expect(200)["pending_request"].clone();
    assert_eq!(pending["status"], "pending");
    allow_self_service(&staff(&app, &ada).await, "pro").await;
    let bea = client(register("bea", "pro").await.expect(201));
    assert_eq!(key(&bea).await, "pro", "but where it is allowed");
    let answer = register("cia", "platinum").await;
    assert_eq!(answer.expect(400), json!({"plan_key": ["There is no such plan."]}));
});

on_both_databases!(subscriptions_begin_and_end, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let staff = staff(&app, &ada).await;
    let (pro, enterprise) =
        (plan(&ada, "pro").await["id"].clone(), plan(&ada, "enterprise").await["id"].clone());
    let today = today(&app);
    let later = today.saturating_add(jiff::Span::new().days(30)).to_string();
    let body = json!({"plan_id": pro, "started_at": later, "organization": 99, "plan": 1});
    // What an admin may not take, they may not write either.
    let refused = ada.post(SUBSCRIPTIONS, body.clone()).await.expect(400);
    assert!(refused["plan_id"][0].as_str().unwrap_or_default().contains("change-plan"));
    let made = staff.post(SUBSCRIPTIONS, body).await.expect(201);
    assert_eq!(made["plan"]["key"], "pro", "the object is the server's");
    assert_eq!(made["organization"], json!(workspace(&ada).await));
    assert_eq!(key(&ada).await, "enterprise", "it has not begun");
    // An admin cannot make the one that they have last longer.
    let current = ada.get(OVERVIEW).await.expect(200)["current_subscription"]["id"].clone();
    let path = format!("{SUBSCRIPTIONS}{current}/");
    let yesterday = today.yesterday().expect("a day").to_string();
    ada.patch(&path, json!({"expires_at": later})).await.expect(400);
    staff.patch(&path, json!({"expires_at": "2020-01-01"})).await.expect(400);
    let ends = json!({"started_at": "2026-01-01", "expires_at": yesterday});
    staff.patch(&path, ends).await.expect(200);
    assert_eq!(key(&ada).await, Value::Null, "it has ended");
    assert!(!has(&ada, "compliance.audit_logs").await, "what is left is free");
    // An ended plan does not include its own management: the staff bring it back.
    ada.get(SUBSCRIPTIONS).await.expect(403);
    let again = json!({"plan_id": enterprise, "started_at": today.to_string()});
    staff.post(SUBSCRIPTIONS, again).await.expect(201);
    assert_eq!(key(&ada).await, "enterprise");
});

on_both_databases!(the_staff_change_plans_and_features, async |app: TestApp| {
    let ada = app.register("ada").await;
    let staff = staff(&app, &ada).await;
    let free = plan(&ada, "free").await;
    let path = format!("{PLANS}{}/", free["id"]);
    ada.patch(&path, json!({"max_users": 2})).await.expect(403);
    let body = json!({"max_users": 2, "price_per_month": "1.5", "key": "pro"});
    let changed = staff.patch(&path, body).await.expect(200);
    assert_eq!(changed["price_per_month"], "1.50");
    assert_eq!(changed["key"], "free", "the key is the server's");
    assert_eq!(ada.get(OVERVIEW).await.expect(200)["limits"]["max_users"], 2, "it counts at once");
    for wrong in [
        json!({"price_per_month": "-1"}),
        json!({"price_per_month": "12345678.00"}),
        json!({"price_per_month": "1.234"}),
        json!({"price_per_month": null}),
        json!({"max_users": -1}),
        json!({"max_api_calls_per_minute": 0}),
        json!({"name": ""}),
        json!({"no_such_field": 1}),
    ] {
        staff.patch(&path, wrong).await.expect(400);
    }
    assert_eq!(staff.delete(&path).await.status, 405, "plans stay");
    assert_eq!(staff.post(PLANS, json!({"name": "Gold"})).await.status, 405);
    // A feature of one's own, and one that is taken away.
    let flag = json!({"code": "beta.maps", "name": "Maps", "plans": [free["id"]]});
    ada.post(FLAGS, flag.clone()).await.expect(403);
    let made = staff.post(FLAGS, flag.clone()).await.expect(201);
    assert!(has(&ada, "beta.maps").await);
    let again = staff.post(FLAGS, flag).await.expect(400);
    assert_eq!(again, json!({"code": ["feature flag with this code already exists."]}));
    for wrong in [
        json!({"code": "with space", "name": "x"}),
        json!({"code": "x".repeat(65), "name": "x"}),
        json!({"code": "x", "name": "x", "plans": [99]}),
        json!({"code": "x", "name": "x", "plans": 1}),
        json!({"code": "x", "name": "x", "plans": ["a"]}),
        json!({"code": "x"}),
    ] {
        staff.post(FLAGS, wrong).await.expect(400);
    }
    staff.patch(&format!("{FLAGS}{}/", made["id"]), json!({"plans": []})).await.expect(200);
    assert!(!has(&ada, "beta.maps").await);
    let flag = staff.get(&format!("{FLAGS}?code=assistant.chat")).await.expect(200);
    let path = format!("{FLAGS}{}/", flag["results"][0]["id"]);
    staff.delete(&path).await.expect(204);
    assert!(!has(&ada, "assistant.chat").await, "deleted, nobody has it");
    staff.post(&format!("{path}restore/"), json!({})).await.expect(200);
    assert!(has(&ada, "assistant.chat").await);
});

on_both_databases!(a_workspace_can_have_something_otherwise, async |app: TestApp| {
    let (ada, bea) = (app.register("ada").await, app.register("bea").await);
    let staff = staff(&app, &ada).await;
    let flag = staff.get(&format!("{FLAGS}?code=compliance.audit_logs")).await.expect(200);
    let feature = &flag["results"][0]["id"];
    ada.get("/api/audit-logs/").await.expect(403);
    let body = json!({"feature": feature, "reason": "A trial."});
    ada.post(OVERRIDES, body.clone()).await.expect(403);
    let made = staff.post(OVERRIDES, body.clone()).await.expect(201);
    let trail = ada.get("/api/audit-logs/?entity=plan-overrides").await.expect(200);
    assert_eq!(trail["results"][0]["by_staff"], true, "it counts at once, and is in the trail");
    bea.get("/api/audit-logs/").await.expect(403);
    staff.post(OVERRIDES, body).await.expect(400);
    let limit = json!({"limit": "max_users", "value": 1});
    staff.post(OVERRIDES, limit).await.expect(201);
    let more = json!({"username": "cia", "email": "cia@example.com"});
    let refused = ada.post("/api/users/", more.clone()).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    bea.post("/api/users/", more).await.expect(201);
    for wrong in [
        json!({}),
        json!({"feature": feature, "limit": "max_deals"}),
        json!({"limit": "max_gold", "value": 1}),
        json!({"limit": "max_api_calls_per_minute", "value": 0}),
        json!({"feature": 9_999}),
        json!({"limit": "max_deals", "value": -1}),
        json!({"limit": "max_deals", "value": 1, "expires_at": "tomorrow"}),
    ] {
        staff.post(OVERRIDES, wrong).await.expect(400);
    }
    staff.delete(&format!("{OVERRIDES}{}/", made["id"])).await.expect(204);
    ada.get("/api/audit-logs/").await.expect(403);
});

on_both_databases!(wrong_wishes_are_refused, async |app: TestApp| {
    let ada = app.register("ada").await;
    for (wrong, field) in [
        (json!({}), "non_field_errors"),
        (json!({"plan_key": ""}), "non_field_errors"),
        (json!({"plan_key": "pro", "plan_id": 2}), "non_field_errors"),
        (json!({"plan_key": "platinum"}), "plan_key"),
        (json!({"plan_key": 5}), "plan_key"),
        (json!({"plan_key": "x".repeat(65)}), "plan_key"),
        (json!({"plan_id": 99}), "plan_id"),
        (json!({"plan_id": -1}), "plan_id"),
        (json!({"plan_id": "two"}), "plan_id"),
        (json!({"plan_key": "pro", "organization": 1}), "organization"),
    ] {
        let answer = ada.post(CHANGE, wrong.clone()).await.expect(400);
        assert!(answer.get(field).is_some(), "{wrong}: {answer}");
    }
    let shown = ada.get(OVERVIEW).await.expect(200);
    assert_eq!((&shown["pending_request"], key(&ada).await), (&Value::Null, json!("free")));
    app.stranger().get(OVERVIEW).await.expect(401);
    app.stranger().post(CHANGE, json!({"plan_key": "pro"})).await.expect(401);
});

on_both_databases!(racing_changes_leave_one_subscription, async |app: TestApp| {
    let ada = app.register("ada").await;
    let staff = staff(&app, &ada).await;
    allow_self_service(&staff, "pro").await;
    allow_self_service(&staff, "enterprise").await;
    let wishes = ["pro", "enterprise", "free"].into_iter().cycle().take(30);
    let answers = join_all(wishes.map(|wish| ada.post(CHANGE, json!({ "plan_key": wish })))).await;
    assert!(answers.iter().all(|answer| [200, 201].contains(&answer.status)));
    let active = "SELECT count(*) AS n FROM subscriptions WHERE organization_id <> 1 AND is_active";
    assert_eq!(app.database.query(active).await[0]["n"], 1);
});

on_both_databases!(every_server_follows_within_seconds, async |app: TestApp| {
    let ada = app.register("ada").await;
    let staff = staff(&app, &ada).await;
    let (second, address) = app.second_server().await;
    let there = Client::new(&address, ada.token.clone());
    there.get("/api/audit-logs/").await.expect(403);
    let flag = staff.get(&format!("{FLAGS}?code=compliance.audit_logs")).await.expect(200);
    let path = format!("{FLAGS}{}/", flag["results"][0]["id"]);
    let free = plan(&ada, "free").await["id"].clone();
    staff.patch(&path, json!({"plans": [free]})).await.expect(200);
    ada.get("/api/audit-logs/").await.expect(200);
    let followed = async || {
        while there.get("/api/audit-logs/").await.status != 200 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let patience = Duration::from_secs(6);
    tokio::time::timeout(patience, followed()).await.expect("the other server follows");
    second.stop().await;
});
