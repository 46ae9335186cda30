//! Absolute addresses in answers.

use actix_web::HttpRequest;
use actix_web::http::header;

use super::aliases::original_path;
use super::state::State;

/// Scheme, host and port that the client reaches us at: the configured public address, or, where
/// none was configured, the host that the client asked for.
pub(crate) fn base(state: &State, request: &HttpRequest) -> String {
    let config = state.config();
    let configured = config
        .source("public_url")
        .is_some_and(|source| !matches!(source, infra_runtime::config::Source::Default));
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    match host {
        Some(host) if !configured && is_host(host) => format!("http://{host}"),
        _ => config.public_url.as_str().trim_end_matches('/').to_owned(),
    }
}

fn is_host(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// The address of the same request with some query parameters replaced (or, with `None`, left
/// out).
pub(crate) fn with_parameters(
    base: &str,
    request: &HttpRequest,
    parameters: &[(String, String)],
    changes: &[(&str, Option<String>)],
) -> String {
    let path = original_path(request);
    let mut query = Vec::new();
    for (name, value) in parameters {
        if !changes.iter().any(|(changed, _)| changed == name) {
            query.push((name.clone(), value.clone()));
        }
    }
    for (name, value) in changes {
        if let Some(value) = value {
            query.push(((*name).to_owned(), value.clone()));
        }
    }
    if query.is_empty() {
        return format!("{base}{path}");
    }
    let encoded: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    format!("{base}{path}?{}", encoded.join("&"))
}

/// Percent-encodes what is not unreserved (RFC 3986).
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
