//! The connection, and what happens while there is none.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain_kernel::{Error, Result};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisResult};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// How long an answer may take: Redis counts in microseconds, so one that takes longer is away.
const ANSWER: Duration = Duration::from_secs(2);
/// How long it is left alone after it did not answer; then one request tries again.
const PAUSE: Duration = Duration::from_secs(1);

/// A Redis, which may be away.
///
/// One connection carries all requests, and is made anew when it breaks.
pub struct Redis {
    manager: ConnectionManager,
    begun: Instant,
    away: AtomicBool,
    /// Milliseconds after `begun` when it may be asked again.
    again_at: AtomicU64,
}

impl Redis {
    /// A Redis at a URL; it is connected to with the first request.
    ///
    /// # Errors
    /// When the URL cannot be used.
    pub fn open(url: &str) -> Result<Self> {
        // Fails only where the process has a provider already, which is as good.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let client = Client::open(url).map_err(internal)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER));
        let manager = ConnectionManager::new_lazy_with_config(client, config).map_err(internal)?;
        let (away, again_at) = (AtomicBool::new(false), AtomicU64::new(0));
        Ok(Self { manager, begun: Instant::now(), away, again_at })
    }

    /// Asks for an answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<()> {
        let mut connection = self.manager.clone();
        let ping = redis::cmd("PING");
        // The first request after a break only finds out that there was one.
        let answered: RedisResult<()> = match ping.query_async(&mut connection).await {
            Err(_) => ping.query_async(&mut connection).await,
            answered => answered,
        };
        answered.map_err(internal)
    }

    /// Asks something, unless Redis is away: then, and when it does not answer, there is none. That
    /// it went or came back is logged once.
    pub(crate) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&mut ConnectionManager) -> RedisResult<T>,
    ) -> Option<T> {
        if self.away.load(Ordering::Acquire) && !self.is_my_turn() {
            return None;
        }
        let mut connection = self.manager.clone();
        match question(&mut connection).await {
            Ok(answer) => {
                if self.away.swap(false, Ordering::AcqRel) {
                    tracing::info!("Redis is back: servers count together again");
                }
                Some(answer)
            }
            Err(error) => {
                self.again_at.store(self.milliseconds() + millis(PAUSE), Ordering::Release);
                if !self.away.swap(true, Ordering::AcqRel) {
                    tracing::warn!(%error, "Redis is away: this server counts by itself");
                }
                None
            }
        }
    }

    /// Whether the pause is over and nobody else tries.
    fn is_my_turn(&self) -> bool {
        let (now, due) = (self.milliseconds(), self.again_at.load(Ordering::Acquire));
        let next = now + millis(PAUSE);
        let order = Ordering::AcqRel;
        now >= due && self.again_at.compare_exchange(due, next, order, Ordering::Relaxed).is_ok()
    }

    fn milliseconds(&self) -> u64 {
        millis(self.begun.elapsed())
    }
}

/// Without its URL, which may hold a password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("away", &self.away).finish_non_exhaustive()
    }
}

/// A duration in whole milliseconds, as Redis counts.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn internal(error: redis::RedisError) -> Error {
    Error::internal(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn debug_output_shows_no_password() {
        let redis = Redis::open("redis://:planted@127.0.0.1:1/").expect("a URL");
        assert!(!format!("{redis:?}").contains("planted"));
        let error = redis.ping().await.expect_err("nobody listens there").to_string();
        assert!(!error.contains("planted"), "{error}");
    }

    #[tokio::test]
    async fn one_that_is_away_is_left_alone_for_a_while() {
        let redis = Redis::open("redis://127.0.0.1:1/").expect("a URL");
        let mut asked = 0;
        for _ in 0..100 {
            let ping = async |connection: &mut ConnectionManager| {
                asked += 1;
                redis::cmd("PING").query_async::<()>(connection).await
            };
            assert!(redis.ask(ping).await.is_none());
        }
        assert!((1..100).contains(&asked), "{asked}");
    }
}
