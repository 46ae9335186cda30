//! Signing in with other services: Google's ID tokens, and providers of OpenID Connect.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use domain_accounts::{
    Admission, Answered, Finished, FlowKeys, FlowSecret, GoogleSignIn, TokenKind,
};
use domain_kernel::Error;
use infra_runtime::config::Config;
use paperclip::actix::web;
use serde_json::json;
use url::Url;

use crate::accounts::{operation, signed_in};
use crate::api_root::prefers_html;
use crate::http::body::JsonBody;
use crate::http::caller::request_id;
use crate::http::described::{Described, Operation};
use crate::http::failure::Failure;
use crate::http::links::{base, escape};
use crate::http::state::State;
use crate::http::{csrf, limits, session};
use crate::operations::refuse_method;
use crate::pages;
use crate::resource::{IGNORED_PARAMETERS, parameters};

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/auth/google/")
                .route(web::post().to(google))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/auth/providers/")
                .route(web::get().to(providers))
                .route(web::head().to(providers))
                .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD"]))),
        )
        .service(
            web::resource("/api/auth/oidc/{provider}/login/")
                .route(web::get().to(login))
                .default_service(actix_web::web::to(refuse_method(&["GET"]))),
        )
        .service(
            web::resource("/api/auth/oidc/{provider}/callback/")
                .route(web::get().to(callback))
                .default_service(actix_web::web::to(refuse_method(&["GET"]))),
        );
}

operation!(Google, "auth_google");
operation!(Providers, "auth_providers");
operation!(Login, "auth_oidc_login");
operation!(Callback, "auth_oidc_callback");

/// Longest address that a sign-in may lead to.
const NEXT_MAX: usize = 2_000;

/// `POST /api/auth/google/`
fn google(request: HttpRequest, body: JsonBody) -> Described<Google> {
    Described::new(async move {
        let state = State::of(&request)?;
        let (accounts, id) = (state.application().accounts.clone(), request_id(&request));
        let door = match accounts.google() {
            Ok(google) => google.door(),
            Err(_) => return Err(off("Signing in with Google is not set up here.")),
        };
        let sign_in = GoogleSignIn::read(body.json)?;
        let admission = admit(&state, &request, door).await?;
        let entered = state
            .run(async move { accounts.sign_in_with_google(admission, sign_in, &id).await })
            .await?;
        let status = if entered.is_new { StatusCode::CREATED } else { StatusCode::OK };
        Ok(signed_in(status, &entered.signed_in, None))
    })
}

/// `GET /api/auth/providers/`
fn providers(request: HttpRequest) -> Described<Providers> {
    Described::new(async move {
        let state = State::of(&request)?;
        let base = base(&state, &request);
        let providers = state.application().accounts.providers().iter().map(|provider| {
            json!({
                "name": provider.name,
                "label": provider.label,
                "login_url": format!("{base}/api/auth/oidc/{}/login/", provider.name),
            })
        });
        let google = state.config().google.client_ids.first();
        Ok(HttpResponse::Ok().json(json!({
            "google": { "enabled": google.is_some(), "client_id": google },
            "providers": providers.collect::<Vec<_>>(),
        })))
    })
}

/// `GET /api/auth/oidc/{provider}/login/`
fn login(request: HttpRequest) -> Described<Login> {
    Described::new(async move {
        let state = State::of(&request)?;
        let provider = provider(&state, &request)?;
        let next = next(&state, &request)?;
        let accounts = state.application().accounts.clone();
        let name = provider.clone();
        // A browser that was sent here by a page wants to be signed in there; a program wants a token.
        let kind = if prefers_html(&request) { TokenKind::Session } else { TokenKind::Token };
        let begun = state.run(async move { accounts.begin_flow(&name, next, kind).await }).await?;
        let keys = begun.secret.keys();
        let kept = cookie(state.config(), &provider, &keys, begun.secret.reveal());
        Ok(HttpResponse::Found()
            .insert_header((header::LOCATION, begun.address))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .cookie(kept)
            .finish())
    })
}

/// `GET /api/auth/oidc/{provider}/callback/`
fn callback(request: HttpRequest) -> Described<Callback> {
    Described::new(async move {
        let state = State::of(&request)?;
        let provider = provider(&state, &request)?;
        let answered = answered(&request)?;
        let used = answered.secret.as_ref().map(FlowSecret::keys);
        let mut response = match finish(&state, &request, &provider, answered).await {
            Ok(finished) => welcome(&state, &finished),
            // It was a page that it began at, as far as we can know.
            Err(failure) if prefers_html(&request) => pages::refused(&request, failure)?,
            Err(failure) => failure.error_response(),
        };
        if let Some(keys) = used {
            let mut used_up = cookie(state.config(), &provider, &keys, String::new());
            used_up.make_removal();
            response.add_cookie(&used_up).map_err(Error::internal)?;
        }
        Ok(response)
    })
}

/// Ends a sign-in at a provider.
async fn finish(
    state: &State,
    request: &HttpRequest,
    provider: &str,
    answered: Answered,
) -> Result<Finished, Failure> {
    let accounts = state.application().accounts.clone();
    let admission = admit(state, request, accounts.provider(provider)?.door()).await?;
    let (name, id) = (provider.to_owned(), request_id(request));
    state.run(async move { accounts.finish_flow(admission, &name, answered, &id).await }).await
}

/// The answer to who came back: a session for a browser that began at a page, else a token.
fn welcome(state: &State, Finished { entered, next, kind }: &Finished) -> HttpResponse {
    match kind {
        TokenKind::Session => {
            let mut response = HttpResponse::SeeOther();
            csrf::begin_session(state, &entered.signed_in.token, &mut response);
            response.insert_header((header::LOCATION, pages::place(next))).finish()
        }
        TokenKind::Token => {
            let status = if entered.is_new { StatusCode::CREATED } else { StatusCode::OK };
            signed_in(status, &entered.signed_in, Some(next))
        }
    }
}

fn off(detail: &str) -> Failure {
    Failure::Request(StatusCode::NOT_FOUND, detail.to_owned())
}

/// Counts a try to come in by a provider.
async fn admit(state: &State, request: &HttpRequest, door: String) -> Result<Admission, Failure> {
    let accounts = state.application().accounts.clone();
    let device = session::device(state.config(), request, TokenKind::Token);
    let admission = state.run(async move { accounts.admit(&door, device).await }).await?;
    if let Some(count) = admission.count {
        limits::note(request, count);
    }
    Ok(admission)
}

/// The name of the provider in the path, if it is one's.
fn provider(state: &State, request: &HttpRequest) -> Result<String, Failure> {
    let name = request.match_info().query("provider");
    match state.application().accounts.provider(name) {
        Ok(provider) => Ok(provider.name.clone()),
        Err(_) => Err(off("There is no such provider.")),
    }
}

/// Where the browser wants to go in the end: a path of ours, or a place of a listed origin.
fn next(state: &State, request: &HttpRequest) -> Result<String, Failure> {
    let mut next = String::new();
    for (name, value) in parameters(request)? {
        match name.as_str() {
            "next" if is_allowed(state.config(), &value) => next = value,
            "next" => {
                let message = "Use a path of this server, or an address of a listed origin.";
                return Err(Error::field("next", message).into());
            }
            other if IGNORED_PARAMETERS.contains(&other) => {}
            other => {
                return Err(Error::field(other, "Unknown parameter. Allowed: next.").into());
            }
        }
    }
    Ok(next)
}

/// The path at which a sign-in at a provider begins that leads to another path in the end.
pub(crate) fn login_path(provider: &str, next: &str) -> String {
    let path = format!("/api/auth/oidc/{provider}/login/");
    match next {
        "" => path,
        next => format!("{path}?next={}", escape(next)),
    }
}

/// Whether a sign-in may lead to what is a path of ours, or nothing.
pub(crate) fn is_path(config: &Config, next: &str) -> bool {
    (next.is_empty() || next.starts_with('/')) && is_allowed(config, next)
}

fn is_allowed(config: &Config, next: &str) -> bool {
    let origins = config.oidc.next_origins.iter().chain([&config.public_url]);
    let is_ours = |url: &Url| {
        let origin = url.origin().ascii_serialization();
        origins.clone().any(|ours| ours.as_str() == origin)
    };
    // What browsers forgive, as a missing slash or a tab, is not forgiven here.
    let is_plain = next.len() <= NEXT_MAX
        && !next.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\');
    let here = || Url::parse(config.public_url.as_str()).ok()?.join(next).ok();
    let target = if next.starts_with('/') { here() } else { Url::parse(next).ok() };
    next.is_empty() || (is_plain && target.is_some_and(|url| is_ours(&url)))
}

/// What a browser came back with. Providers add parameters of their own.
fn answered(request: &HttpRequest) -> Result<Answered, Failure> {
    let (mut state, mut code) = (String::new(), None);
    for (name, value) in parameters(request)? {
        match name.as_str() {
            "state" => state = value,
            "code" => code = Some(value),
            _ => {}
        }
    }
    let kept = request.cookie(&cookie_name(&state));
    let secret = kept.and_then(|cookie| FlowSecret::of(cookie.value()));
    Ok(Answered { secret, state, code })
}

/// Each sign-in has a cookie of its own, so that two tabs do not take each other's.
fn cookie_name(state: &str) -> String {
    let part = state.chars().filter(|c| c.is_ascii_alphanumeric()).take(12).collect::<String>();
    format!("crm_sign_in_{part}")
}

/// The cookie in which a browser keeps the secret of a sign-in. It is sent along when the provider
/// leads the browser back (`Lax`), to that one path, and no script sees it.
fn cookie<'c>(config: &Config, provider: &str, keys: &FlowKeys, value: String) -> Cookie<'c> {
    let lifetime = i64::try_from(FlowSecret::LIFETIME.as_secs()).unwrap_or(0);
    Cookie::build(cookie_name(&keys.state), value)
        .path(format!("/api/auth/oidc/{provider}/callback"))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.public_url.is_https())
        .max_age(Duration::seconds(lifetime))
        .finish()
}
