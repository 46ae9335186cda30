//! Sessions over the API: signing in by a cookie, the token against forged requests, and what one is
//! signed in with elsewhere.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use domain_accounts::{SignedIn, TokenKind};
use domain_kernel::Error;
use paperclip::actix::web;
use serde_json::{Value, json};

use crate::accounts::{Credentials, operation};
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::csrf;
use crate::http::described::{Described, Operation};
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::number_in_path;

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/auth/csrf/")
                .route(web::get().to(grant))
                .route(web::head().to(grant))
                .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD"]))),
        )
        .service(
            web::resource("/api/auth/session/")
                .route(web::post().to(begin))
                .route(web::delete().to(end))
                .default_service(actix_web::web::to(refuse_method(&["POST", "DELETE"]))),
        )
        .service(
            web::resource("/api/auth/sessions/")
                .route(web::get().to(list))
                .route(web::head().to(list))
                .route(web::delete().to(end_others))
                .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD", "DELETE"]))),
        )
        .service(
            web::resource("/api/auth/sessions/{id}/")
                .route(web::delete().to(end_one))
                .default_service(actix_web::web::to(refuse_method(&["DELETE"]))),
        );
}

operation!(Grant, "auth_csrf");
operation!(Begin, "auth_session_create");
operation!(End, "auth_session_destroy");
operation!(List, "auth_sessions_list");
operation!(EndOthers, "auth_sessions_end_others");
operation!(EndOne, "auth_sessions_destroy");

/// `GET /api/auth/csrf/`
fn grant(request: HttpRequest) -> Described<Grant> {
    Described::new(async move {
        let state = State::of(&request)?;
        let granted = csrf::Grant::to(&state, &request);
        let mut response = HttpResponse::Ok();
        granted.add_to(&mut response);
        response
            .insert_header((csrf::HEADER, granted.token.clone()))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        Ok(response.json(json!({ "csrfToken": granted.token })))
    })
}

/// `POST /api/auth/session/`
fn begin(request: HttpRequest, body: JsonBody) -> Described<Begin> {
    Described::new(async move {
        let credentials = Credentials::read(body.json)?;
        let state = State::of(&request)?;
        let SignedIn { token, profile } =
            credentials.sign_in(&state, &request, TokenKind::Session).await?.at_once()?;
        let mut response = HttpResponse::Ok();
        csrf::begin_session(&state, &token, &mut response);
        Ok(response.json(profile.json()))
    })
}

/// `DELETE /api/auth/session/`
fn end(request: HttpRequest, caller: Caller) -> Described<End> {
    Described::new(async move {
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        state.run(async move { accounts.revoke(&caller.context, &caller.token).await }).await?;
        let mut response = HttpResponse::NoContent().finish();
        csrf::end_session(state.config(), &mut response)?;
        Ok(response)
    })
}

/// `GET /api/auth/sessions/`
fn list(request: HttpRequest, caller: Caller) -> Described<List> {
    Described::new(async move {
        let state = State::of(&request)?;
        let (accounts, current) = (state.application().accounts.clone(), caller.token);
        let tokens = state.run(async move { accounts.tokens(&caller.context).await }).await?;
        let shown: Vec<Value> = tokens.iter().map(|token| token.json(&current)).collect();
        Ok(HttpResponse::Ok().json(shown))
    })
}

/// `DELETE /api/auth/sessions/`
fn end_others(request: HttpRequest, caller: Caller) -> Described<EndOthers> {
    Described::new(async move {
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        state
            .run(async move { accounts.end_other_tokens(&caller.context, &caller.token).await })
            .await?;
        Ok(HttpResponse::NoContent().finish())
    })
}

/// `DELETE /api/auth/sessions/{id}/`
fn end_one(request: HttpRequest, caller: Caller) -> Described<EndOne> {
    Described::new(async move {
        let id = number_in_path(&request).ok_or(Error::NotFound)?;
        let state = State::of(&request)?;
        let current = caller.token;
        let accounts = state.application().accounts.clone();
        let ended = state.run(async move { accounts.end_token(&caller.context, id).await }).await?;
        let mut response = HttpResponse::NoContent().finish();
        if ended.digest == current {
            csrf::end_session(state.config(), &mut response)?;
        }
        Ok(response)
    })
}
