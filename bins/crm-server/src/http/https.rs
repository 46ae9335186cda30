//! What protects browsers: the host that is asked for, https, and headers.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError as _};
use infra_runtime::config::Config;

use super::failure::Failure;

/// The policy of answers that are not pages: nothing in them may load anything.
const NO_CONTENT: &str = "default-src 'none'; frame-ancestors 'none'";

/// Refuses a request for a host that is not ours, or sends it to https. Health and figures are
/// asked for by machines beside us and go through.
pub(crate) fn turn_away(config: &Config, request: &ServiceRequest) -> Option<HttpResponse> {
    if matches!(request.path(), "/healthz" | "/readyz" | "/metrics") {
        return None;
    }
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    if !config.allowed_hosts.is_empty() && !host.is_some_and(|host| config.allows_host(host)) {
        return Some(Failure::bad("This host is not served here.").error_response());
    }
    if config.https.redirect && !came_by_https(config, request) {
        let base = config.public_url.as_str().trim_end_matches('/');
        let host = base.split_once("://").map_or(base, |(_, host)| host);
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let target = format!("https://{host}{path}");
        return Some(
            HttpResponse::PermanentRedirect().insert_header((header::LOCATION, target)).finish(),
        );
    }
    None
}

/// Whether a proxy that we trust says that the client came by https; we ourselves speak http.
fn came_by_https(config: &Config, request: &ServiceRequest) -> bool {
    let peer = request.peer_addr().map(|address| address.ip());
    let trusted = peer.is_some_and(|ip| config.trusts(ip));
    let proto = request.headers().get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    trusted && proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https"))
}

/// Adds the headers that every answer has.
pub(crate) fn harden(config: &Config, signed_in: bool, headers: &mut HeaderMap) {
    let mut default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "same-origin");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::CONTENT_SECURITY_POLICY, NO_CONTENT);
    if signed_in {
        default(header::CACHE_CONTROL, "no-store");
    }
    let https = &config.https;
    if https.hsts_seconds > 0 && config.public_url.is_https() {
        let mut value = format!("max-age={}", https.hsts_seconds);
        if https.hsts_include_subdomains {
            value.push_str("; includeSubDomains");
        }
        if https.hsts_preload {
            value.push_str("; preload");
        }
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
    }
}
