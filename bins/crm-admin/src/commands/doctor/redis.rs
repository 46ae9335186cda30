//! Check of Redis, where one is configured.

use infra_runtime::config::Config;
use infra_runtime::ping_redis;

use super::check::Check;
use crate::failure::Failure;

/// Whether Redis answers. Servers work without it, but each counts by itself then.
pub async fn check(config: &Config) -> Option<Check> {
    const NAME: &str = "redis";
    Some(match ping_redis(config).await? {
        Ok(()) => Check::ok(NAME, "Redis answers: servers count together"),
        Err(error) => Check::warning(
            NAME,
            format!(
                "Redis does not answer: each server counts by itself ({})",
                Failure::from(error)
            ),
            "Check that it runs, and host, port and password in redis_url.",
        ),
    })
}
