//! Errors in HTTP's words: the one place where they become statuses and bodies.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use domain_kernel::limit::Count;
use domain_kernel::{Error, FieldErrors, Messages};
use serde_json::{Value, json};

/// What a handler failed with.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A use case's error.
    Domain(Error),
    /// The request itself could not be understood.
    Request(StatusCode, String),
}

/// The result of a handler.
pub(crate) type Answer = Result<HttpResponse, Failure>;

/// The content type of RFC 9457.
pub(crate) const PROBLEM: &str = "application/problem+json";

impl Failure {
    /// A request that could not be understood.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::Request(StatusCode::BAD_REQUEST, message.into())
    }

    /// The body that clients know: `{"detail": …}`, or messages by field.
    pub(crate) fn body(&self) -> Value {
        match self {
            Self::Request(_, detail) => json!({ "detail": detail }),
            Self::Domain(Error::Invalid(errors)) => invalid_body(errors),
            Self::Domain(Error::Internal(_)) => json!({ "detail": "Internal server error." }),
            Self::Domain(other) => json!({ "detail": other.to_string() }),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Request(status, _) => *status,
            Self::Domain(error) => status_of(error),
        }
    }
}

/// The status of a use case's error.
pub(crate) fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::NotFound | Error::InvalidPage => StatusCode::NOT_FOUND,
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden | Error::FeatureMissing(_) | Error::LimitReached { .. } => {
            StatusCode::FORBIDDEN
        }
        Error::Conflict(_) | Error::IdempotencyInProgress | Error::LeaseLost => {
            StatusCode::CONFLICT
        }
        Error::VersionMismatch { .. } => StatusCode::PRECONDITION_FAILED,
        Error::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Locked { .. } => StatusCode::LOCKED,
        Error::Busy | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Messages by field; that of the field `detail` is a plain one.
pub(crate) fn invalid_body(errors: &FieldErrors) -> Value {
    match errors.0.get("detail") {
        Some(Messages::List(messages)) if messages.len() == 1 => {
            let mut body = json!(errors);
            body["detail"] = json!(messages[0]);
            body
        }
        _ => json!(errors),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(error) => error.fmt(f),
            Self::Request(_, detail) => detail.fmt(f),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Domain(error @ Error::Internal(_)) = self {
            tracing::error!(%error, "a request failed");
        }
        let status = self.status();
        let mut response = HttpResponse::build(status);
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Token"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        if let Self::Domain(Error::Locked { seconds }) = self {
            response.insert_header((header::RETRY_AFTER, *seconds));
        }
        let body = self.body();
        let mut response = response.json(&body);
        if let Self::Domain(Error::Throttled(count)) = self {
            response.extensions_mut().insert(Refused(*count));
        }
        response.extensions_mut().insert(ErrorBody(body));
        response
    }
}

/// What was counted when a request was refused, kept beside the response for its headers.
pub(crate) struct Refused(pub(crate) Count);

/// The body of an error, kept beside the response for a client that wants a problem document.
pub(crate) struct ErrorBody(pub(crate) Value);

/// The problem document (RFC 9457) of an error.
pub(crate) fn problem(status: StatusCode, path: &str, body: &Value) -> Value {
    let title = status.canonical_reason().unwrap_or("Error");
    let mut document = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "instance": path,
    });
    match body.get("detail") {
        Some(detail) => document["detail"] = detail.clone(),
        None => {
            document["detail"] = json!("The input is invalid; see errors.");
            document["errors"] = body.clone();
        }
    }
    document
}

/// Whether a client asks for problem documents.
pub(crate) fn wants_problem(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.to_ascii_lowercase().contains(PROBLEM))
}
