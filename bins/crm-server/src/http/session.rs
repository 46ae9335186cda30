//! The cookie that a session travels in.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use domain_accounts::{Device, Token, TokenDigest, TokenKind};
use infra_runtime::config::Config;

use super::client;

/// Browsers take a cookie of this name over https only, from this very host, for all of its paths:
/// nobody beside us can set one.
const GUARDED: &str = "__Host-";
/// The cookie's name without it.
const NAME: &str = "sessionid";

/// A cookie of ours that no script sees, by its name here.
pub(crate) fn secret_cookie<'c>(config: &Config, name: &str, value: String) -> Cookie<'c> {
    Cookie::build(guarded(config, name), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.public_url.is_https())
        .max_age(lifetime(config))
        .finish()
}

/// How long a browser keeps what belongs to a session.
pub(crate) fn lifetime(config: &Config) -> Duration {
    Duration::seconds(i64::try_from(config.sessions.absolute.as_secs()).unwrap_or(i64::MAX))
}

/// The name of a cookie that nobody else can set, where https allows it.
pub(crate) fn guarded(config: &Config, name: &str) -> String {
    let prefix = if config.public_url.is_https() { GUARDED } else { "" };
    format!("{prefix}{name}")
}

/// The cookie of a new session.
pub(crate) fn cookie<'c>(config: &Config, token: &Token) -> Cookie<'c> {
    secret_cookie(config, NAME, token.reveal().to_owned())
}

/// The cookie that takes the place of one that is over.
pub(crate) fn removal<'c>(config: &Config) -> Cookie<'c> {
    let mut cookie = secret_cookie(config, NAME, String::new());
    cookie.make_removal();
    cookie
}

/// The secret of the session that a request comes with, if it can be one.
pub(crate) fn secret(config: &Config, request: &HttpRequest) -> Option<String> {
    let sent = request.cookie(&guarded(config, NAME))?;
    TokenDigest::of(sent.value(), TokenKind::Session)?;
    Some(sent.value().to_owned())
}

/// The digest of the session that a request comes with.
pub(crate) fn digest(config: &Config, request: &HttpRequest) -> Option<TokenDigest> {
    TokenDigest::of(&secret(config, request)?, TokenKind::Session)
}

/// Where a request comes from, and what its sender is to keep of a sign-in.
pub(crate) fn device(config: &Config, request: &HttpRequest, kind: TokenKind) -> Device {
    let agent = request.headers().get(actix_web::http::header::USER_AGENT);
    let agent = agent.and_then(|value| value.to_str().ok()).unwrap_or_default();
    Device::new(client::address(config, request), agent, kind)
}
