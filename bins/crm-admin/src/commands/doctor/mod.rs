//! `doctor`: is everything as it should be, and if not, how is it mended?

mod check;
mod configuration;
mod database;
mod files;
mod mail;
mod redis;
mod uploads;

use infra_runtime::config::{Config, ConfigError};

use self::check::{Check, show};
use crate::failure::{Failure, Result};
use crate::output::Output;

/// Checks configuration, files, Redis, mail server, uploads and database, in this order: what comes later
/// builds on it.
pub async fn run(config: Result<Config, ConfigError>, output: &Output) -> Result<()> {
    let checks = match config {
        Ok(config) => examine(&config).await,
        Err(error) => configuration::refused(&error),
    };
    show(&checks, output)?;
    if checks.iter().any(Check::is_problem) { Err(Failure::shown()) } else { Ok(()) }
}

async fn examine(config: &Config) -> Vec<Check> {
    let mut checks = configuration::check(config);
    checks.extend(files::check(config));
    checks.extend(redis::check(config).await);
    checks.push(mail::check(config).await);
    checks.push(uploads::check(config).await);
    checks.extend(database::check(config).await);
    checks
}
