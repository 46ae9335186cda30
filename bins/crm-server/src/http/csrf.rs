//! Requests that another site makes a browser send: refused, on every route.
//!
//! What a browser sends by itself is the cookie of a session. So a request that changes something
//! and comes with that cookie must also show what other sites cannot: a token that only who reads
//! our answers has, and an origin that is ours or listed. A request that says who it is in
//! `Authorization` needs neither: no browser sends that by itself. Signing in by a cookie needs both
//! before there is a session, or a site could sign its visitors in as somebody else.
//!
//! A token is a number used once with its HMAC, keyed by the secret of the session (of a cookie made
//! for this while there is none). Nothing is stored, each answer can have another, and a cookie that
//! a neighbouring site plants fits no session.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{self, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain_kernel::Random;
use infra_runtime::config::{self, Config};
use ring::hmac;

use super::failure::Failure;
use super::links::base;
use super::session;
use super::state::State;
use crate::pages;

/// The cookie that scripts read the token from.
const COOKIE: &str = "csrftoken";
/// The cookie whose secret keys the tokens of browsers that have no session.
const VISITOR: &str = "csrfkey";
/// The header that carries the token, both ways.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-csrftoken");
/// The field of a form that carries it.
pub(crate) const FIELD: &str = "csrfmiddlewaretoken";
/// Largest form that is read for it.
const FORM_LIMIT: usize = 64 * 1024;
/// Where signing in sets a cookie, beside the pages.
const SIGN_IN: &str = "/api/auth/session/";

/// Bytes of the number, and of the HMAC behind it.
const NUMBER: usize = 16;
const MAC: usize = 32;

/// What keys the tokens of a browser.
pub(crate) struct Key {
    secret: String,
    /// Whether the browser has it already.
    is_known: bool,
}

impl Key {
    /// The key of whoever sent a request; a new one for who has none.
    fn of(state: &State, request: &HttpRequest) -> Self {
        let config = state.config();
        let visitor =
            || Some(request.cookie(&session::guarded(config, VISITOR))?.value().to_owned());
        let known = session::secret(config, request).or_else(visitor);
        match known.filter(|secret| !secret.is_empty()) {
            Some(secret) => Self { secret, is_known: true },
            None => {
                let secret = URL_SAFE_NO_PAD.encode(bytes::<32>(&*state.application().random));
                Self { secret, is_known: false }
            }
        }
    }

    /// The key of a session that has just begun.
    pub(crate) fn of_session(secret: &str) -> Self {
        Self { secret: secret.to_owned(), is_known: true }
    }

    fn mac(&self, number: &[u8]) -> hmac::Tag {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        hmac::sign(&key, &[b"csrf", number].concat())
    }

    /// A token that fits.
    pub(crate) fn token(&self, random: &dyn Random) -> String {
        let number = bytes::<NUMBER>(random);
        URL_SAFE_NO_PAD.encode([&number, self.mac(&number).as_ref()].concat())
    }

    /// Whether a token fits.
    fn fits(&self, token: &str) -> bool {
        let Ok(token) = URL_SAFE_NO_PAD.decode(token) else { return false };
        if token.len() != NUMBER + MAC {
            return false;
        }
        let (number, mac) = token.split_at(NUMBER);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        hmac::verify(&key, &[b"csrf", number].concat(), mac).is_ok()
    }
}

fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// A token for whoever sent a request, and the cookies that go with it.
pub(crate) struct Grant<'c> {
    /// The token.
    pub(crate) token: String,
    cookies: Vec<Cookie<'c>>,
}

impl Grant<'_> {
    /// Grants a token.
    pub(crate) fn to(state: &State, request: &HttpRequest) -> Self {
        let (config, key) = (state.config(), Key::of(state, request));
        let token = key.token(&*state.application().random);
        let mut cookies = Vec::new();
        if !key.is_known {
            cookies.push(session::secret_cookie(config, VISITOR, key.secret.clone()));
        }
        let kept = request.cookie(COOKIE).filter(|kept| key.fits(kept.value()));
        if kept.is_none() {
            cookies.push(cookie(config, token.clone()));
        }
        Self { token, cookies }
    }

    /// Adds the cookies to an answer.
    pub(crate) fn add_to(&self, response: &mut HttpResponseBuilder) {
        for cookie in &self.cookies {
            response.cookie(cookie.clone());
        }
    }
}

/// The cookie that scripts read the token from.
pub(crate) fn cookie<'c>(config: &Config, token: String) -> Cookie<'c> {
    let same_site = match config.csrf.cookie_samesite {
        config::SameSite::Lax => SameSite::Lax,
        config::SameSite::Strict => SameSite::Strict,
        config::SameSite::None => SameSite::None,
    };
    Cookie::build(COOKIE, token)
        .path("/")
        .same_site(same_site)
        .secure(config.public_url.is_https())
        .max_age(session::lifetime(config))
        .finish()
}

/// The cookie that takes its place when the session is over.
pub(crate) fn removal<'c>(config: &Config) -> Cookie<'c> {
    let mut cookie = cookie(config, String::new());
    cookie.make_removal();
    cookie
}

/// Lets a request through unless another site may have made a browser send it.
///
/// # Errors
/// 403, in words that say what is missing.
pub(crate) async fn check(state: &State, request: &mut ServiceRequest) -> Result<(), Failure> {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE];
    if safe.contains(request.method()) || request.headers().contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let signs_in = (request.method() == Method::POST && request.path() == SIGN_IN)
        || pages::is_page(request.path());
    if !signs_in && session::secret(state.config(), request.request()).is_none() {
        return Ok(());
    }
    check_origin(state, request.request())?;
    let sent = match text(request.request(), &HEADER) {
        Some(token) => Some(token),
        None => in_form(request).await?,
    };
    let key = Key::of(state, request.request());
    let kept = request.cookie(COOKIE);
    match (kept, sent) {
        (None, _) => Err(failed("CSRF cookie not set.")),
        (_, None) => Err(failed("CSRF token missing.")),
        (Some(kept), Some(sent)) if key.fits(kept.value()) && key.fits(&sent) => Ok(()),
        _ => Err(failed("CSRF token incorrect.")),
    }
}

fn failed(why: &str) -> Failure {
    Failure::Request(StatusCode::FORBIDDEN, format!("CSRF Failed: {why}"))
}

/// Refuses what does not come from a page of ours, or of a listed origin.
fn check_origin(state: &State, request: &HttpRequest) -> Result<(), Failure> {
    if !request.headers().contains_key(header::ORIGIN) {
        return match text(request, "sec-fetch-site").as_deref() {
            Some("same-origin") => Ok(()),
            _ => Err(failed("Origin checking failed - the request does not say where it is from.")),
        };
    }
    let mut given = request.headers().get_all(header::ORIGIN);
    let origin = given.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let listed = || state.config().csrf.trusted_origins.iter().any(|one| one.matches(origin));
    if given.next().is_none() && (origin == base(state, request) || listed()) {
        return Ok(());
    }
    let shown: String = origin.chars().take(100).collect();
    Err(failed(&format!("Origin checking failed - {shown} does not match any trusted origins.")))
}

/// The only value of a header.
fn text(request: &HttpRequest, name: impl header::AsHeaderName) -> Option<String> {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The token in a form; the handler reads the form again.
async fn in_form(request: &mut ServiceRequest) -> Result<Option<String>, Failure> {
    if !is_form(request.request()) {
        return Ok(None);
    }
    let stream = request.extract::<actix_web::web::Payload>().await;
    let stream = stream.map_err(|error| Failure::bad(error.to_string()))?;
    let patience = State::of(request.request())?.config().request_timeout;
    let read = tokio::time::timeout(patience, stream.to_bytes_limited(FORM_LIMIT)).await;
    let bytes: Bytes = match read {
        Ok(Ok(Ok(bytes))) => bytes,
        Ok(Ok(Err(error))) => {
            return Err(Failure::bad(format!("The body could not be read: {error}.")));
        }
        Ok(Err(_)) => {
            let message = format!("The form is larger than {FORM_LIMIT} bytes.");
            return Err(Failure::Request(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        Err(_) => {
            let message = "The body took too long to arrive.".to_owned();
            return Err(Failure::Request(StatusCode::REQUEST_TIMEOUT, message));
        }
    };
    let mut fields = url::form_urlencoded::parse(&bytes);
    let token = fields.find(|(name, _)| name == FIELD).map(|(_, value)| value.into_owned());
    request.set_payload(Payload::from(bytes));
    Ok(token)
}

/// Whether the body of a request is a form's.
pub(crate) fn is_form(request: &HttpRequest) -> bool {
    let kind = text(request, header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    kind.split(';').next().unwrap_or_default().trim() == "application/x-www-form-urlencoded"
}

/// Begins a session in an answer: its cookie, and a token that fits it.
pub(crate) fn begin_session(
    state: &State,
    token: &domain_accounts::Token,
    response: &mut HttpResponseBuilder,
) {
    let (config, key) = (state.config(), Key::of_session(token.reveal()));
    let granted = key.token(&*state.application().random);
    response
        .cookie(session::cookie(config, token))
        .insert_header((HEADER, granted.clone()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .cookie(cookie(config, granted));
}

/// Ends a session in an answer: both cookies go.
pub(crate) fn end_session(config: &Config, response: &mut HttpResponse) -> Result<(), Failure> {
    for cookie in [session::removal(config), removal(config)] {
        response.add_cookie(&cookie).map_err(domain_kernel::Error::internal)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            buffer.fill(n);
        }
    }

    #[test]
    fn a_token_fits_the_key_that_it_was_made_with_and_no_other() {
        let random = Counting(7.into());
        let (key, other) = (Key::of_session("crs_one"), Key::of_session("crs_two"));
        let (one, two) = (key.token(&random), key.token(&random));
        assert_ne!(one, two, "each is another");
        assert!(key.fits(&one) && key.fits(&two));
        assert!(!other.fits(&one), "another session's is worth nothing");
        let spoilt = one.replacen('c', "d", 1);
        for text in ["", "x", &one[1..], spoilt.as_str(), &format!("{one}AA"), &"A".repeat(64)] {
            assert!(!key.fits(text), "{text}");
        }
    }
}
