//! What happens around every request: its id, its span in the log, its figures, its headers.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpResponse, ResponseError as _};
use domain_kernel::uuid_v7;
use tracing::Instrument as _;

use super::failure::{ErrorBody, Failure, PROBLEM, Refused, problem, wants_problem};
use super::state::State;
use super::{aliases, csrf, https, limits, session};
use crate::pages;

/// The header that carries a request's id both ways.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

/// Wraps a request.
///
/// # Errors
/// Those of what it wraps; a handler's failures are answers already.
pub(crate) async fn around(
    state: State,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<BoxBody>>, actix_web::Error> {
    let begun = Instant::now();
    let in_flight = state.metrics().begin();
    let id = request_id(&state, &request);
    let signed_in = request.headers().contains_key(header::AUTHORIZATION)
        || session::secret(state.config(), request.request()).is_some();
    let method = known_method(request.method());
    aliases::normalize(&mut request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let path = request.path().to_owned();
    let span = tracing::info_span!("request", id = &*id, method, path);
    let answered = async {
        match https::turn_away(state.config(), &request) {
            Some(response) => Ok(request.into_response(response)),
            None => match admit(&state, &mut request).await {
                Ok(()) => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
                Err(refused) => Ok(request.into_response(refused.error_response())),
            },
        }
    };
    let mut response = answered.instrument(span.clone()).await?;
    let refused = response.response().extensions().get::<Refused>().map(|refused| refused.0);
    response = pages::in_page_form(in_problem_form(response));
    let (asked, answered) = (response.request().clone(), response.status());
    limits::say(&asked, refused, answered, response.headers_mut());
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(X_REQUEST_ID, value);
    }
    https::harden(state.config(), signed_in, headers);
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    state.metrics().answered(method, &route, status, took);
    let milliseconds = took.as_secs_f64() * 1_000.0;
    span.in_scope(|| match status {
        500.. => tracing::error!(status, milliseconds, "answered"),
        _ => tracing::info!(status, milliseconds, "answered"),
    });
    drop(in_flight);
    Ok(response.map_into_left_body())
}

/// Lets a request in: there were not too many like it, and no other site made a browser send it.
async fn admit(state: &State, request: &mut ServiceRequest) -> Result<(), Failure> {
    limits::admit(state, request.request()).await?;
    csrf::check(state, request).await
}

/// The method for log and figures: clients can send any word, of any length.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The client's own id for the request if it sent a sensible one, else a new one.
fn request_id(state: &State, request: &ServiceRequest) -> Arc<str> {
    let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let sensible = |text: &&str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=64).contains(&text.len()) && text.bytes().all(allowed)
    };
    match given.filter(sensible) {
        Some(id) => id.into(),
        None => {
            let application = state.application();
            uuid_v7(application.clock.now(), &*application.random).to_string().into()
        }
    }
}

/// Gives an error the form of RFC 9457 where the client asks for it.
fn in_problem_form(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let body = response.response().extensions().get::<ErrorBody>().map(|body| body.0.clone());
    let Some(body) = body else { return response };
    let mut response = response;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    if !wants_problem(response.request()) {
        return response;
    }
    let path = aliases::original_path(response.request());
    let document = problem(response.status(), &path, &body);
    let mut changed = HttpResponse::build(response.status()).content_type(PROBLEM).json(document);
    for name in [header::WWW_AUTHENTICATE, header::RETRY_AFTER, header::ALLOW, header::VARY] {
        if let Some(value) = response.headers().get(&name) {
            changed.headers_mut().insert(name, value.clone());
        }
    }
    changed.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
    ServiceResponse::new(response.request().clone(), changed)
}
