//! How often one may call.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, Backend, Client, PASSWORD, TestApp, TestRedis, on_both_databases};

const REGISTER: &str = "/api/auth/register/";
const TOKEN: &str = "/api/auth/token/";

/// Throttling as it is by default, but for what a test sets, without bursts.
async fn throttled(backend: Backend, settings: &[(&str, &str)]) -> TestApp {
    let mut all = vec![("CRM_THROTTLE", "true"), ("CRM_BURST_LIMIT", "0")];
    all.extend(settings);
    TestApp::start_with(backend, &all).await
}

/// Stamps a test for each database, over a server with throttling.
macro_rules! throttling {
    ($name:ident, [$($setting:expr),*], $test:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                ($test)(throttled(Backend::Sqlite, &[$($setting),*]).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                ($test)(throttled(Backend::Postgres, &[$($setting),*]).await).await;
            }
        }
    };
}

fn number(answer: &Answer, name: &str) -> u64 {
    answer.header(name).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{name}"))
}

/// Limit and remaining, as the headers say.
fn left(answer: &Answer) -> (u64, u64) {
    let reset = number(answer, "ratelimit-reset");
    assert!((1..=3_600).contains(&reset), "{reset}");
    (number(answer, "ratelimit-limit"), number(answer, "ratelimit-remaining"))
}

/// How many of so many calls at the same time succeed; all others are refused.
async fn granted(clients: &[Client], calls: usize) -> usize {
    let call = |n: usize| clients[n % clients.len()].get("/api/companies/");
    let statuses: Vec<u16> =
        join_all((0..calls).map(call)).await.iter().map(|a| a.status).collect();
    assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
    statuses.iter().filter(|status| **status == 200).count()
}

async fn post_from(app: &TestApp, forwarded: &str, path: &str, body: Value) -> Answer {
    app.stranger().post_with(path, ("x-forwarded-for", forwarded), body).await
}

throttling!(the_plans_limit_holds_exactly_for_a_hundred_calls_at_once, [], async |app: TestApp| {
    let ada = app.register("ada").await;
    let clients = [ada];
    assert_eq!(granted(&clients, 100).await, 60, "the free plan's");
    let refused = clients[0].get("/api/companies/").await;
    assert_eq!(refused.status, 429);
    assert_eq!(left(&refused), (60, 0));
    let seconds = number(&refused, "retry-after");
    assert!((1..=60).contains(&seconds));
    let expected = format!("Request was throttled. Expected available in {seconds} seconds.");
    assert_eq!(refused["detail"], expected);
    // Another workspace has its own.
    app.register("bob").await.get("/api/companies/").await.expect(200);
});

throttling!(a_person_is_limited_whatever_their_plan_allows, [], async |app: TestApp| {
    let ada = app.register("ada").await;
    let slug = ada.get("/api/auth/profile/").await["organization"]["slug"].clone();
    app.application.accounts.set_plan(slug.as_str().unwrap(), "enterprise").await.unwrap();
    // Who is signed in is remembered for seconds, with the plan: signed in anew, it is looked up.
    let again = app.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(granted(&[again], 150).await, 119, "120, one of which asked for the profile");
});

throttling!(members_share_the_plans_limit, [("CRM_USER_RATE", "off")], async |app: TestApp| {
    let ada = app.register("ada").await;
    let bob = app.member(&ada, "bob", &[]).await;
    assert_eq!(granted(&[ada, bob], 100).await, 59, "60, one of which asked for the profile");
});

throttling!(strangers_are_limited_by_where_they_are, [], async |app: TestApp| {
    let stranger = app.stranger();
    for remaining in (0..30).rev() {
        let answer = stranger.get("/api/").await;
        assert_eq!(answer.status, 200);
        assert_eq!(left(&answer), (30, remaining));
    }
    assert_eq!(stranger.get("/api/").await.status, 429);
    assert_eq!(stranger.get("/api/contacts/").await.status, 429, "whatever they ask for");
    let wrong = Client::new(&app.address, Some("crm_nonsense".to_owned()));
    assert_eq!(wrong.get("/api/contacts/").await.status, 429, "a wrong token is a stranger's");
    // What is not the API, and its pages for people, is not counted.
    for path in ["/healthz", "/readyz", "/metrics", "/api/docs/", "/api/redoc/"] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("ratelimit-limit"), None, "{path}");
    }
});

throttling!(
    a_refusal_has_the_form_that_is_asked_for,
    [("CRM_ANON_RATE", "1/hour")],
    async |app: TestApp| {
        let stranger = app.stranger();
        stranger.get("/api/").await.expect(200);
        let problem = [("accept", "application/problem+json")];
        let answer = stranger.ask(Method::GET, "/api/", &problem).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let seconds = number(&answer, "retry-after");
        assert_eq!(left(&answer), (1, 0));
        let document = answer.expect(429);
        assert_eq!(document["status"], 429);
        assert_eq!(document["title"], "Too Many Requests");
        assert!(document["detail"].as_str().unwrap().contains(&format!("in {seconds} seconds")));
    }
);

throttling!(
    a_name_is_tried_ten_times_a_minute_at_an_address,
    [("CRM_LOGIN_MAX_ATTEMPTS", "100")],
    async |app: TestApp| {
        app.register("ada").await;
        let credentials =
            |name: &str, password: &str| json!({"username": name, "password": password});
        for remaining in (0..10).rev() {
            let answer = app.stranger().post(TOKEN, credentials("ada@example.com", "wrong")).await;
            assert_eq!(answer.status, 400);
            assert_eq!(left(&answer), (10, remaining));
        }
        let refused = app.stranger().post(TOKEN, credentials(" ADA@example.com", PASSWORD)).await;
        assert_eq!(left(&refused), (10, 0));
        assert!(number(&refused, "retry-after") <= 60);
        refused.expect(429);
        app.stranger().post(TOKEN, credentials("bob@example.com", "wrong")).await.expect(400);
    }
);

throttling!(
    an_address_registers_five_times_an_hour,
    [("CRM_TRUSTED_PROXIES", "127.0.0.1")],
    async |app: TestApp| {
        let body = |n: usize| json!({"email": format!("p{n}@example.com"), "password": PASSWORD});
        for n in 0..5 {
            post_from(&app, "198.51.100.1", REGISTER, body(n)).await.expect(201);
        }
        let refused = post_from(&app, "203.0.113.9, 198.51.100.1", REGISTER, body(5)).await;
        assert!(number(&refused, "retry-after") > 3_000);
        assert_eq!(left(&refused), (5, 0));
        refused.expect(429);
        post_from(&app, "198.51.100.2", REGISTER, body(5)).await.expect(201);
    }
);

throttling!(a_forged_header_is_no_other_address, [], async |app: TestApp| {
    for n in 0..40 {
        let forged = format!("198.51.100.{n}");
        let headers = [("x-forwarded-for", forged.as_str())];
        let status = app.stranger().ask(Method::GET, "/api/", &headers).await.status;
        assert_eq!(status, if n < 30 { 200 } else { 429 }, "{n}");
    }
});

throttling!(
    a_network_of_addresses_is_one,
    [("CRM_TRUSTED_PROXIES", "127.0.0.1"), ("CRM_ANON_RATE", "2/hour")],
    async |app: TestApp| {
        let from = async |address: &str| {
            let headers = [("x-forwarded-for", address)];
            app.stranger().ask(Method::GET, "/api/", &headers).await.status
        };
        assert_eq!(from("2001:db8:1:2::1").await, 200);
        assert_eq!(from("2001:db8:1:2:ffff::9").await, 200);
        assert_eq!(from("2001:db8:1:2::7").await, 429);
        assert_eq!(from("2001:db8:1:3::7").await, 200);
    }
);

/// An address that sends a burst is refused for the penalty, whoever asks there.
async fn bursts(backend: Backend) {
    let settings = [("CRM_THROTTLE", "true"), ("CRM_BURST_LIMIT", "20")];
    let app = TestApp::start_with(backend, &settings).await;
    let ada = app.register("ada").await;
    assert_eq!(granted(std::slice::from_ref(&ada), 40).await, 19, "one was the registration");
    let refused = ada.get("/api/companies/").await;
    assert!((11..=60).contains(&number(&refused, "retry-after")), "longer than the window");
    refused.expect(429);
    app.stranger().get("/api/").await.expect(429);
    assert_eq!(app.stranger().get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_is_punished_on_sqlite() {
    bursts(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_is_punished_on_postgres() {
    bursts(Backend::Postgres).await;
}

on_both_databases!(throttling_can_be_switched_off, async |app: TestApp| {
    let ada = app.register("ada").await;
    assert_eq!(granted(&[ada.clone(), app.register("bob").await], 200).await, 200);
    assert_eq!(ada.get("/api/companies/").await.header("ratelimit-limit"), None);
});

/// A remembered caller costs no statement, and one without a token none at all.
async fn costs_nothing(backend: Backend) {
    let app = throttled(backend, &[]).await;
    let ada = app.register("ada").await;
    ada.get("/api/companies/").await.expect(200);
    app.statements.take();
    let answer = ada.get("/api/companies/").await;
    assert_eq!(left(&answer).0, 60);
    assert_eq!(app.statements.take().len(), 2, "the page and its count");
    app.stranger().get("/api/companies/").await.expect(401);
    assert_eq!(app.statements.take().len(), 0);
    // A token that nobody has is looked up once, though both limits and route ask for it.
    let token = ada.token.clone().unwrap();
    ada.post("/api/auth/token/revoke/", json!({})).await.expect(204);
    app.statements.take();
    let revoked = Client::new(&app.address, Some(token));
    revoked.get("/api/companies/").await.expect(401);
    assert!(app.statements.take().len() <= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counting_costs_no_statement_on_sqlite() {
    costs_nothing(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counting_costs_no_statement_on_postgres() {
    costs_nothing(Backend::Postgres).await;
}

/// Two servers on one Redis grant no more than one would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_count_together() {
    let redis = TestRedis::create().await;
    let settings = [("CRM_REDIS_URL", redis.url.as_str())];
    let app = throttled(Backend::Postgres, &settings).await;
    let all =
        [("CRM_THROTTLE", "true"), ("CRM_BURST_LIMIT", "0"), ("CRM_REDIS_URL", redis.url.as_str())];
    let (second, address) = app.second_server_with(&all).await;
    let here = app.register("ada").await;
    let there = Client::new(&address, here.token.clone());
    assert_eq!(granted(&[here.clone(), there.clone()], 100).await, 60);
    redis.pass(Duration::from_secs(60)).await;
    assert_eq!(granted(&[there], 100).await, 60, "a new window");
    second.stop().await;
}

/// A Redis that goes away takes no server down: it counts by itself until it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_goes_away_takes_no_server_down() {
    let redis = TestRedis::create().await;
    let app = throttled(Backend::Postgres, &[("CRM_REDIS_URL", redis.url.as_str())]).await;
    let ada = app.register("ada").await;
    assert_eq!(granted(std::slice::from_ref(&ada), 10).await, 10);
    let counted = async || -> usize {
        redis.ask::<usize>(::redis::cmd("GET").arg(key("workspace", &redis).await)).await
    };
    assert_eq!(counted().await, 10);
    redis.shut();
    assert_eq!(granted(std::slice::from_ref(&ada), 100).await, 60, "by itself, and as exactly");
    app.sign_in("ada@example.com", PASSWORD).await;
    let wrong = json!({"username": "ada@example.com", "password": "wrong"});
    app.stranger().post(TOKEN, wrong).await.expect(400);
    assert_eq!(app.database.rows("sign_in_failures").await.len(), 1, "kept in the database");
    redis.reopen();
    // It is left alone for a second.
    let mut tries = 0;
    while counted().await == 10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ada.get("/api/companies/").await;
        tries += 1;
        assert!(tries < 100, "it is asked again");
    }
}

/// The one key in Redis that counts something.
async fn key(what: &str, redis: &TestRedis) -> String {
    let keys: Vec<String> =
        redis.ask(::redis::cmd("KEYS").arg(format!("crm:limit:{what}:*"))).await;
    let [key] = &keys[..] else { panic!("{keys:?}") };
    key.clone()
}

/// A server starts without its Redis, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_starts_without_its_redis() {
    let redis = TestRedis::create().await;
    redis.shut();
    let app = throttled(Backend::Sqlite, &[("CRM_REDIS_URL", redis.url.as_str())]).await;
    app.register("ada").await.get("/api/companies/").await.expect(200);
}

// Who sends a request is found out for the limits first; that must not lose where they act.
throttling!(staff_who_are_counted_act_where_they_say, [], async |app: TestApp| {
    let ada = app.register("ada").await;
    ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let profile = ada.get("/api/auth/profile/").await.expect(200);
    let staff = app.staff(profile["organization"]["id"].as_i64().unwrap()).await;
    let shown = staff.get("/api/contacts/").await.expect(200);
    assert_eq!(shown["results"][0]["first_name"], "Grace");
    let made = staff.post("/api/contacts/", json!({"first_name": "Hedy"})).await.expect(201);
    assert_eq!(made["organization"], profile["organization"]["id"]);
    staff.get("/api/contacts/?organization_id=1").await.expect(200);
});
