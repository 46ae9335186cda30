//! Scripts of other origins: those that are listed may call the API, also with a session.

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName};
use actix_web::middleware::Next;
use infra_runtime::config::Config;

/// What a script may send beside what any page may.
const SENT: [&str; 9] = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "x-csrftoken",
    "x-organization-id",
    "x-organization-slug",
    "x-request-id",
];
/// What a script may read beside what any page may.
const READ: [&str; 9] = [
    "content-disposition",
    "etag",
    "idempotent-replayed",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-csrftoken",
    "x-request-id",
];
/// How long a browser remembers what it was allowed, in seconds.
const REMEMBERED: usize = 600;

/// What answers browsers that ask for leave, and says in every answer who may read it.
pub(crate) fn cors(config: &Config) -> Cors {
    let mut cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(SENT.map(HeaderName::from_static))
        .expose_headers(READ.map(HeaderName::from_static))
        .supports_credentials()
        .max_age(REMEMBERED);
    for origin in &config.cors_allowed_origins {
        cors = cors.allowed_origin(origin.as_str());
    }
    cors
}

/// Leaves what is said about credentials to the origins that may send them.
///
/// # Errors
/// Those of what it wraps.
pub(crate) async fn only_for_listed<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.remove(header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
        headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::csrf;

    #[test]
    fn the_token_against_forged_requests_goes_both_ways() {
        assert!(SENT.contains(&csrf::HEADER.as_str()) && READ.contains(&csrf::HEADER.as_str()));
    }
}
