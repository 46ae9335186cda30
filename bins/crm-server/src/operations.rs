//! Answers of endpoints that are not there: unknown paths, other methods, health.

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use serde_json::json;

use crate::http::failure::{Answer, Failure};
use crate::http::state::State;

/// Answers OPTIONS with what is allowed, and every other method that has no handler with 405.
pub(crate) fn refuse_method(
    allowed: &'static [&'static str],
) -> impl Fn(HttpRequest) -> LocalBoxFuture<'static, HttpResponse> + Clone {
    move |request| {
        async move {
            let allow = (header::ALLOW, format!("{}, OPTIONS", allowed.join(", ")));
            if request.method() == Method::OPTIONS {
                return HttpResponse::Ok().insert_header(allow).json(json!({
                    "renders": ["application/json"],
                    "parses": ["application/json"],
                }));
            }
            let method: String = request.method().as_str().chars().take(20).collect();
            let detail = format!("Method \"{method}\" not allowed.");
            let failure = Failure::Request(StatusCode::METHOD_NOT_ALLOWED, detail);
            let mut response = failure.error_response();
            if let Ok(value) = allow.1.parse() {
                response.headers_mut().insert(allow.0, value);
            }
            response
        }
        .boxed_local()
    }
}

/// Answers paths that nothing is served at.
pub(crate) async fn not_found() -> Answer {
    Err(domain_kernel::Error::NotFound.into())
}

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /readyz`: the database answers too, and is as this program needs it.
pub(crate) async fn readyz(request: HttpRequest) -> Answer {
    let state = State::of(&request)?;
    let database = state.application().database.clone();
    let checked = state
        .run(async move {
            database.ping().await?;
            database.pending_migrations().await
        })
        .await;
    let problem = match checked {
        Ok(pending) if pending.is_empty() => None,
        Ok(pending) => Some(format!("{} migrations are missing", pending.len())),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Some("the database does not answer".to_owned())
        }
    };
    Ok(match problem {
        None => HttpResponse::Ok().json(json!({ "status": "ready" })),
        Some(problem) => HttpResponse::ServiceUnavailable()
            .json(json!({ "status": "not ready", "problem": problem })),
    })
}
