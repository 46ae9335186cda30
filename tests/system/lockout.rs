//! What happens after failed attempts to sign in.

use futures_util::future::join_all;
use serde_json::json;
use system_tests::{Answer, Backend, PASSWORD, TestApp, TestRedis};

const TOKEN: &str = "/api/auth/token/";
const HOME: &str = "198.51.100.1";

/// Where the tallies are kept.
#[derive(Clone, Copy, PartialEq)]
enum Tallies {
    InDatabase,
    InRedis,
}

/// A server behind a proxy, so that requests come from any address; `register` comes from 127.0.0.1.
struct World {
    app: TestApp,
    redis: TestRedis,
}

impl World {
    async fn new(backend: Backend, tallies: Tallies, settings: &[(&str, &str)]) -> Self {
        let redis = TestRedis::create().await;
        let mut all = vec![("CRM_TRUSTED_PROXIES", "127.0.0.1")];
        if tallies == Tallies::InRedis {
            all.push(("CRM_REDIS_URL", &redis.url));
        }
        all.extend(settings);
        let app = TestApp::start_with(backend, &all).await;
        Self { app, redis }
    }

    async fn attempt(&self, from: &str, name: &str, password: &str) -> Answer {
        let body = json!({"username": name, "password": password});
        self.app.stranger().post_with(TOKEN, ("x-forwarded-for", from), body).await
    }

    async fn fail(&self, from: &str, name: &str, times: usize) {
        for n in 0..times {
            assert_eq!(self.attempt(from, name, "wrong").await.status, 400, "{name} {n}");
        }
    }

    /// It is locked, for how many seconds.
    async fn locked(&self, from: &str, name: &str) -> u64 {
        let answer = self.attempt(from, name, PASSWORD).await;
        assert_eq!(answer.status, 423, "{}", answer.text);
        let seconds = answer.header("retry-after").and_then(|text| text.parse().ok()).unwrap();
        let detail =
            format!("Too many failed attempts to sign in. Try again in {seconds} seconds.");
        assert_eq!(answer.json, json!({"detail": detail}));
        seconds
    }
}

/// Stamps a test for each place where tallies are kept.
macro_rules! everywhere {
    ($name:ident, [$($setting:expr),*], $test:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let made = World::new(Backend::Sqlite, Tallies::InDatabase, &[$($setting),*]);
                ($test)(made.await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let made = World::new(Backend::Postgres, Tallies::InDatabase, &[$($setting),*]);
                ($test)(made.await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_redis() {
                let made = World::new(Backend::Postgres, Tallies::InRedis, &[$($setting),*]);
                ($test)(made.await).await;
            }
        }
    };
}

everywhere!(five_failures_lock_a_name_at_an_address, [], async |world: World| {
    world.app.register("ada").await;
    world.fail(HOME, "ada@example.com", 5).await;
    let seconds = world.locked(HOME, "ada@example.com").await;
    assert!((800..=900).contains(&seconds), "{seconds}");
    world.locked(HOME, " ADA@example.com").await;
    // Another name there, and the name elsewhere, are not.
    world.fail(HOME, "bob@example.com", 1).await;
    world.attempt("198.51.100.2", "ada@example.com", PASSWORD).await.expect(200);
    world.locked(HOME, "ada@example.com").await;
});

everywhere!(an_unknown_name_is_locked_alike, [], async |world: World| {
    world.app.register("ada").await;
    for name in ["ada@example.com", "nobody@example.com"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = world.attempt(HOME, name, "wrong").await;
            let text = answer.text.replace(char::is_numeric, "");
            answers.push((answer.status, text));
        }
        let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, [400, 400, 400, 400, 400, 423, 423], "{name}");
        assert_eq!(
            answers[5].1,
            r#"{"detail":"Too many failed attempts to sign in. Try again in  seconds."}"#
        );
    }
});

everywhere!(a_success_clears_the_failures_before_it, [], async |world: World| {
    world.app.register("ada").await;
    for _ in 0..3 {
        world.fail(HOME, "ada@example.com", 4).await;
        world.attempt(HOME, "ada@example.com", PASSWORD).await.expect(200);
    }
    world.fail(HOME, "ada@example.com", 5).await;
    world.locked(HOME, "ada@example.com").await;
});

everywhere!(
    a_forged_header_gives_no_more_guesses,
    [("CRM_TRUSTED_PROXIES", "10.0.0.0/8")],
    async |world: World| {
        world.app.register("ada").await;
        for n in 0..8 {
            let answer = world.attempt(&format!("203.0.113.{n}"), "ada@example.com", "wrong").await;
            assert_eq!(answer.status, if n < 5 { 400 } else { 423 }, "{n}");
        }
    }
);

everywhere!(guesses_at_the_same_time_get_no_more_checks, [], async |world: World| {
    world.app.register("ada").await;
    let guesses = (0..20).map(|_| world.attempt(HOME, "ada@example.com", "wrong"));
    let statuses: Vec<u16> = join_all(guesses).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 423).count(), 15, "{statuses:?}");
});

everywhere!(
    an_address_is_locked_after_failures_with_many_names,
    [("CRM_LOGIN_MAX_ATTEMPTS", "2")],
    async |world: World| {
        for n in 0..20 {
            world.fail(HOME, &format!("name{n}"), 1).await;
        }
        assert!(world.locked(HOME, "another").await > 800);
        world.fail("198.51.100.2", "another", 1).await;
    }
);

everywhere!(
    nobody_is_locked_out_of_where_they_work_from_elsewhere,
    [("CRM_LOGIN_MAX_ATTEMPTS", "1")],
    async |world: World| {
        world.app.register("ada").await;
        world.attempt(HOME, "ada@example.com", PASSWORD).await.expect(200);
        // Many addresses, each of them once: twenty guesses and no more.
        for n in 0..20 {
            world.fail(&format!("203.0.113.{n}"), "ada@example.com", 1).await;
        }
        world.locked("203.0.113.99", "ada@example.com").await;
        // The owner still gets in, though others at that address failed a lot, too.
        for n in 0..10 {
            world.fail(HOME, &format!("name{n}"), 1).await;
        }
        world.locked(HOME, "bob@example.com").await;
        world.attempt(HOME, "ada@example.com", PASSWORD).await.expect(200);
        // Where they are known, guesses are limited as everywhere.
        world.fail(HOME, "ada@example.com", 1).await;
        world.locked(HOME, "ada@example.com").await;
    }
);

everywhere!(
    an_operator_lifts_the_locks_of_a_name,
    [("CRM_LOGIN_MAX_ATTEMPTS", "1")],
    async |world: World| {
        world.app.register("ada").await;
        for address in [HOME, "198.51.100.2"] {
            world.fail(address, "ada@example.com", 1).await;
            world.locked(address, "ada@example.com").await;
        }
        let accounts = &world.app.application.accounts;
        assert!(accounts.unlock("nobody").await.is_err());
        accounts.unlock("ada@example.com").await.unwrap();
        for address in [HOME, "198.51.100.2"] {
            world.attempt(address, "ada@example.com", PASSWORD).await.expect(200);
        }
    }
);

everywhere!(no_name_is_kept_as_it_was_typed, [], async |world: World| {
    world.fail(HOME, "my-secret-password", 1).await;
    for (table, rows) in world.app.database.dump().await {
        assert!(!rows.concat().contains("my-secret"), "{table}");
    }
    let keys: Vec<String> = world.redis.ask(::redis::cmd("KEYS").arg("*")).await;
    assert!(!keys.concat().contains("my-secret"), "{keys:?}");
});

/// What one server has locked, the others have, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_holds_on_every_server() {
    for tallies in [Tallies::InDatabase, Tallies::InRedis] {
        let world = World::new(Backend::Postgres, tallies, &[]).await;
        let mut settings = vec![("CRM_TRUSTED_PROXIES", "127.0.0.1")];
        if tallies == Tallies::InRedis {
            settings.push(("CRM_REDIS_URL", &world.redis.url));
        }
        let (second, address) = world.app.second_server_with(&settings).await;
        world.fail(HOME, "ada@example.com", 5).await;
        let there = system_tests::Client::new(&address, None);
        let body = json!({"username": "ada@example.com", "password": PASSWORD});
        there.post_with(TOKEN, ("x-forwarded-for", HOME), body).await.expect(423);
        second.stop().await;
    }
}
