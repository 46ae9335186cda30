//! What servers count together: in Redis where one is configured, else each by itself (rates) and
//! in the database (failed sign-ins).

use std::sync::Arc;

use domain_accounts::{
    Ceiling, FailedSignIns, LETTERS, Lockout, SecondFactors, SessionLimits, SignInLimits,
};
use domain_kernel::limit::Limiter;
use domain_kernel::{Clock, Random, Result};
use infra_auth::{SealedFactors, ServerKey};
use infra_cache::MokaLimiter;
use infra_redis::{Redis, RedisFailedSignIns, RedisLimiter};
use secrecy::ExposeSecret as _;

use crate::Database;
use crate::config::{Config, SessionsConfig};

/// The limiter of a server, and the limits of signing in over it.
///
/// # Errors
/// When Redis's address cannot be used; that it is away is none.
pub(crate) fn limits(
    config: &Config,
    database: &Database,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<(Arc<dyn Limiter>, SignInLimits)> {
    let mut limiter: Arc<dyn Limiter> = Arc::new(MokaLimiter::new(clock));
    let mut tallies: Arc<dyn FailedSignIns> = database.failed_sign_ins();
    if let Some(redis) = redis(config)? {
        limiter = Arc::new(RedisLimiter::new(redis.clone(), limiter));
        tallies = Arc::new(RedisFailedSignIns::new(redis, tallies));
    }
    let ceiling = Ceiling {
        most: config.login.max_attempts,
        window: config.login.attempt_window,
        lockout: config.login.lockout,
    };
    let rate = config.rates.login.filter(|_| config.throttle).map(Into::into);
    let registration = config.rates.registration.filter(|_| config.throttle).map(Into::into);
    let letters = config.throttle.then_some(LETTERS);
    let (lockout, counted) = (Lockout::new(tallies, ceiling), limiter.clone());
    let SessionsConfig { idle, absolute } = config.sessions;
    let sessions = SessionLimits { idle, absolute };
    let second_factors = second_factors(config, random);
    let limits = SignInLimits {
        limiter: counted,
        rate,
        registration,
        letters,
        lockout,
        sessions,
        second_factors,
    };
    Ok((limiter, limits))
}

/// Second factors, their secrets sealed with the configured key or the one in the data directory.
fn second_factors(config: &Config, random: Arc<dyn Random>) -> SecondFactors {
    let key = match &config.secret_key {
        Some(key) => ServerKey::Given(key.expose_secret().to_owned()),
        None => ServerKey::File(config.data_dir.join("secret.key")),
    };
    let vault = Arc::new(SealedFactors::new(key, random));
    SecondFactors { vault, required_of_staff: config.staff_second_factor }
}

fn redis(config: &Config) -> Result<Option<Arc<Redis>>> {
    let open = |url: &crate::config::RedisUrl| Redis::open(url.0.expose()).map(Arc::new);
    config.redis_url.as_ref().map(open).transpose()
}

/// Asks the configured Redis for an answer; none when there is none configured.
pub async fn ping_redis(config: &Config) -> Option<Result<()>> {
    match redis(config) {
        Ok(None) => None,
        Ok(Some(redis)) => Some(redis.ping().await),
        Err(error) => Some(Err(error)),
    }
}
