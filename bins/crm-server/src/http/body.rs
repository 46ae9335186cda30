//! Bodies of requests: JSON, within limits.

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::caller::Caller;
use super::failure::Failure;
use super::json::Unrepeated;
use super::state::State;

/// Deepest nesting of a body.
const MAX_DEPTH: usize = 32;

/// A body in JSON. An empty one is an empty object, as forms without a value are.
pub(crate) struct JsonBody {
    /// What was sent.
    pub(crate) json: Value,
    /// SHA-256 of method, path, query and body.
    pub(crate) fingerprint: Vec<u8>,
}

impl FromRequest for JsonBody {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Payload::from_request(request, payload);
        let request = request.clone();
        async move {
            let state = State::of(&request)?;
            let (limit, patience) =
                (state.config().json_body_limit, state.config().request_timeout);
            let payload = bytes.await.map_err(|error| Failure::bad(error.to_string()))?;
            let bytes = timeout(patience, payload.to_bytes_limited(limit))
                .await
                .map_err(|_| too_slow())?
                .map_err(|_| too_large(limit))?
                .map_err(|error| Failure::bad(format!("The body could not be read: {error}.")))?;
            if !bytes.is_empty() {
                check_content_type(&request)?;
            }
            let json = parse(&bytes)?;
            let mut digest = Sha256::new();
            for part in [request.method().as_str(), "\n", &request.uri().to_string(), "\n"] {
                digest.update(part);
            }
            digest.update(&bytes);
            Ok(Self { json, fingerprint: digest.finalize().to_vec() })
        }
        .boxed_local()
    }
}

/// A body from a signed-in caller: who they are is found out before the body is read.
pub(crate) struct Submission {
    /// Who sent it.
    pub(crate) caller: Caller,
    /// What.
    pub(crate) body: JsonBody,
}

impl FromRequest for Submission {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        let body = JsonBody::from_request(request, payload);
        let request = request.clone();
        async move {
            let (caller, body) = (caller.await?, body.await?);
            caller.check_again(&State::of(&request)?).await?;
            Ok(Self { caller, body })
        }
        .boxed_local()
    }
}

fn too_large(limit: usize) -> Failure {
    let message = format!("The body is larger than {limit} bytes.");
    Failure::Request(StatusCode::PAYLOAD_TOO_LARGE, message)
}

fn too_slow() -> Failure {
    let message = "The body took too long to arrive.".to_owned();
    Failure::Request(StatusCode::REQUEST_TIMEOUT, message)
}

fn check_content_type(request: &HttpRequest) -> Result<(), Failure> {
    let value = request.headers().get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
    {
        return Ok(());
    }
    let message =
        format!("Unsupported media type \"{essence}\" in request. Send application/json.");
    Err(Failure::Request(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}

/// Reads JSON, without repeated names and not too deep.
///
/// # Errors
/// 400 saying what is wrong with it.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Failure> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let Unrepeated(json) = serde_json::from_slice(bytes)
        .map_err(|error| Failure::bad(format!("JSON parse error - {error}")))?;
    if depth_exceeds(&json, MAX_DEPTH) {
        return Err(Failure::bad(format!("The body is nested deeper than {MAX_DEPTH} levels.")));
    }
    Ok(json)
}

fn depth_exceeds(json: &Value, limit: usize) -> bool {
    match json {
        Value::Array(items) => {
            limit == 0 || items.iter().any(|item| depth_exceeds(item, limit - 1))
        }
        Value::Object(map) => limit == 0 || map.values().any(|item| depth_exceeds(item, limit - 1)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_limited_and_nothing_is_an_empty_object() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(parse(nested(MAX_DEPTH + 1).as_bytes()).is_err());
        assert!(parse(nested(100_000).as_bytes()).is_err());
        assert_eq!(parse(b" \n").expect("empty"), serde_json::json!({}));
    }

    #[test]
    fn what_is_no_json_says_where() {
        let Err(Failure::Request(status, message)) = parse(b"{\"a\": }") else { panic!("parsed") };
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(message.starts_with("JSON parse error - ") && message.contains("column 7"));
    }
}
