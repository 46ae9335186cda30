//! What counts and what keeps tallies, in memory, in both databases and in Redis.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain_accounts::{Ceiling, FailedSignIns, FailureKey, NameDigest};
use domain_kernel::limit::{Count, Demand, Limiter};
use domain_kernel::{Error, Result};
use infra_cache::MokaLimiter;
use infra_redis::{Redis, RedisFailedSignIns, RedisLimiter};
use infra_runtime::Database;
use system_tests::{Backend, TestDatabase, TestRedis};
use testkit::contract::failures::Failures;
use testkit::contract::limits::{Limits, Passing};
use testkit::{FixedClock, SeededRandom};

/// Time that a clock tells.
struct Moved(Arc<FixedClock>);

#[async_trait]
impl Passing for Moved {
    async fn pass(&self, time: Duration) {
        self.0.advance(time.try_into().expect("not long"));
    }
}

/// Time that Redis tells.
struct Expired(Arc<TestRedis>);

#[async_trait]
impl Passing for Expired {
    async fn pass(&self, time: Duration) {
        self.0.pass(time).await;
    }
}

/// What must not be asked while Redis is there.
struct Nobody;

#[async_trait]
impl Limiter for Nobody {
    async fn take(&self, _: &[Demand]) -> Result<Vec<Count>> {
        Err(Error::internal("Redis was not asked"))
    }
}

#[async_trait]
impl FailedSignIns for Nobody {
    async fn reserve(&self, _: &[(FailureKey, Ceiling)]) -> Result<Option<Duration>> {
        Err(Error::internal("Redis was not asked"))
    }

    async fn settle(&self, _: &[FailureKey], _: &[FailureKey]) -> Result<()> {
        Err(Error::internal("Redis was not asked"))
    }

    async fn clear_name(&self, _: NameDigest) -> Result<()> {
        Ok(())
    }
}

mod memory {
    use super::*;

    async fn limits() -> Limits {
        let clock = Arc::new(FixedClock::default());
        Limits {
            limiter: Arc::new(MokaLimiter::new(clock.clone())),
            time: Arc::new(Moved(clock)),
            random: SeededRandom::new(1),
            keep: Box::new(()),
        }
    }

    testkit::limiter_contract!(limits);
}

mod redis {
    use super::*;

    async fn limits() -> Limits {
        let server = Arc::new(TestRedis::create().await);
        let redis = Arc::new(Redis::open(&server.url).expect("a URL"));
        Limits {
            limiter: Arc::new(RedisLimiter::new(redis, Arc::new(Nobody))),
            time: Arc::new(Expired(server.clone())),
            random: SeededRandom::new(1),
            keep: Box::new(server),
        }
    }

    async fn failures() -> Failures {
        let server = Arc::new(TestRedis::create().await);
        let redis = Arc::new(Redis::open(&server.url).expect("a URL"));
        Failures {
            tallies: Arc::new(RedisFailedSignIns::new(redis, Arc::new(Nobody))),
            time: Arc::new(Expired(server.clone())),
            random: SeededRandom::new(1),
            keep: Box::new(server),
        }
    }

    testkit::limiter_contract!(limits);
    testkit::failed_sign_ins_contract!(failures);
}

async fn in_database(backend: Backend) -> Failures {
    let database = TestDatabase::create(backend).await;
    let clock = Arc::new(FixedClock::default());
    let store = Database::open(&database.config(&[]), clock.clone()).await.expect("opens");
    Failures {
        tallies: store.failed_sign_ins(),
        time: Arc::new(Moved(clock)),
        random: SeededRandom::new(1),
        keep: Box::new(database),
    }
}

mod sqlite {
    use super::*;

    async fn failures() -> Failures {
        in_database(Backend::Sqlite).await
    }

    testkit::failed_sign_ins_contract!(failures);
}

mod postgres {
    use super::*;

    async fn failures() -> Failures {
        in_database(Backend::Postgres).await
    }

    testkit::failed_sign_ins_contract!(failures);
}

/// Upkeep deletes what counts no more, and nothing else.
async fn sweeps(backend: Backend) {
    let database = TestDatabase::create(backend).await;
    let clock = Arc::new(FixedClock::default());
    let store = Database::open(&database.config(&[]), clock.clone()).await.expect("opens");
    let rule = |seconds| {
        let (window, lockout) = (Duration::from_secs(seconds), Duration::from_secs(9));
        Ceiling { most: 5, window, lockout }
    };
    let key = |name| FailureKey::Name(NameDigest::of(name));
    let tallies = store.failed_sign_ins();
    tallies.reserve(&[(key("old"), rule(60)), (key("new"), rule(90))]).await.expect("counts");
    assert_eq!(database.rows("sign_in_failures").await.len(), 2);
    clock.advance(jiff::SignedDuration::from_secs(60));
    assert_eq!(store.sweep().await.expect("sweeps"), 1);
    assert_eq!(database.rows("sign_in_failures").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_failures_are_swept_from_sqlite() {
    sweeps(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_failures_are_swept_from_postgres() {
    sweeps(Backend::Postgres).await;
}
