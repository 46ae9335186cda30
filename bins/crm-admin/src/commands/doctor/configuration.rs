//! Checks of the configuration by itself.

use std::path::PathBuf;

use infra_runtime::config::{Config, ConfigError, DatabaseUrl, Problem, Source};

use super::check::Check;
use super::files;

const NAME: &str = "configuration";
/// Settings that hold a secret; the file that they stand in is nobody else's business.
const SECRETS: [&str; 5] =
    ["database_url", "database_owner_url", "secret_key", "redis_url", "openai_api_key"];

/// One problem for each that was found while loading.
pub fn refused(error: &ConfigError) -> Vec<Check> {
    let remedy = |source: &Source| match source {
        Source::File { path, line } => format!("Correct line {line} of {}.", path.display()),
        Source::Env(name) => format!("Correct or remove the environment variable {name}."),
        Source::Flag(flag) => format!("Correct the flag {flag}."),
        Source::Default => "Set it.".to_owned(),
    };
    let check =
        |problem: &Problem| Check::problem(NAME, problem.to_string(), remedy(&problem.source));
    error.problems.iter().map(check).collect()
}

/// What loads but should not be like that.
pub fn check(config: &Config) -> Vec<Check> {
    let mut checks = vec![Check::ok(NAME, format!("loads; the database is {}", database(config)))];
    let local = config.listen.ip().is_loopback() && config.public_url.is_loopback();
    if config.debug && !local {
        let message = "debug is on, but others can reach the server: https is not enforced";
        checks.push(Check::warning(NAME, message, "Set debug = false."));
    }
    if !config.public_url.is_loopback() && !config.public_url.is_https() {
        let url = config.public_url.as_str();
        let message = format!("people reach the server at {url}: passwords travel in the open");
        let remedy = "Put a proxy with https before it, and set public_url to its address.";
        checks.push(Check::warning(NAME, message, remedy));
    }
    if config.listen.ip().is_unspecified() && config.source("public_url") == Some(&Source::Default)
    {
        let message =
            format!("public_url is not set; {} is no address to go to", config.public_url.as_str());
        checks.push(Check::warning(
            NAME,
            message,
            "Set public_url to where people reach the server.",
        ));
    }
    if !local && config.allowed_hosts.is_empty() {
        let message = "allowed_hosts is empty: the server answers to every host name";
        checks.push(Check::warning(NAME, message, "Set allowed_hosts to the server's host names."));
    }
    if config.https.redirect && config.trusted_proxies.is_empty() {
        let message =
            "ssl_redirect without trusted_proxies: every request is sent to https for ever";
        let remedy = "Set trusted_proxies to the address of the proxy that speaks https.";
        checks.push(Check::problem(NAME, message, remedy));
    }
    if config.redis_url.is_some() && config.secret_key.is_none() {
        let message =
            "secret_key is not set: each of several servers seals second factors with its own";
        let remedy = "Set secret_key to the same long random text on all servers.";
        checks.push(Check::warning(NAME, message, remedy));
    }
    checks.extend(secret_files(config).iter().filter_map(|path| {
        let mode = files::mode(path)?;
        (mode & 0o077 != 0).then(|| {
            let path = path.display();
            let message = format!("{path} holds a secret and has mode {mode:04o}");
            Check::warning(NAME, message, format!("chmod 600 {path}"))
        })
    }));
    checks
}

/// The configuration files that secrets come from. The address of a SQLite database is none.
fn secret_files(config: &Config) -> Vec<PathBuf> {
    let sqlite = matches!(config.database.url, DatabaseUrl::Sqlite(_));
    let mut files: Vec<PathBuf> = SECRETS
        .into_iter()
        .filter(|key| !(sqlite && *key == "database_url"))
        .filter_map(|key| match config.source(key)? {
            Source::File { path, .. } => Some(path.clone()),
            _ => None,
        })
        .collect();
    files.sort();
    files.dedup();
    files
}

fn database(config: &Config) -> String {
    match &config.database.url {
        DatabaseUrl::Sqlite(path) => format!("SQLite, {}", path.display()),
        DatabaseUrl::Postgres(url) => format!("PostgreSQL, {}", url.0),
    }
}
