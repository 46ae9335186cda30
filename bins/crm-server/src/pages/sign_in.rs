//! The sign-in page, and signing out.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use domain_accounts::TokenKind;
use domain_kernel::{Error, Messages};
use web_ui::sign_in::{Provider, SignIn};

use super::{ACCOUNT, PRODUCT, SIGN_IN, caller, see_other, show};
use crate::accounts::Credentials;
use crate::federation::{is_path, login_path};
use crate::http::caller::Caller;
use crate::http::csrf;
use crate::http::failure::{Answer, Failure, Refused};
use crate::http::form::Form;
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::parameters;

/// Where one signs out.
pub(super) const SIGN_OUT: &str = "/logout/";

/// Adds the routes.
pub(super) fn route(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource(SIGN_IN)
                .route(web::get().to(page))
                .route(web::head().to(page))
                .route(web::post().to(submit))
                .default_service(web::to(refuse_method(&["GET", "HEAD", "POST"]))),
        )
        .service(
            web::resource(SIGN_OUT)
                .route(web::get().to(account))
                .route(web::head().to(account))
                .route(web::post().to(sign_out))
                .default_service(web::to(refuse_method(&["GET", "HEAD", "POST"]))),
        );
}

/// What somebody has typed already.
#[derive(Default)]
struct Typed {
    username: String,
    next: String,
}

/// `GET /login/`
async fn page(request: HttpRequest) -> Answer {
    let state = State::of(&request)?;
    let wanted = parameters(&request)?.into_iter().find(|(name, _)| name == "next");
    let next = wanted.map(|(_, next)| next).unwrap_or_default();
    let next = ours(&state, next);
    if caller(&request).await?.is_some() {
        return Ok(on(&next));
    }
    Ok(shown(&state, &request, StatusCode::OK, None, &Typed { next, ..Typed::default() }))
}

/// `POST /login/`
async fn submit(request: HttpRequest, mut form: Form) -> Answer {
    let state = State::of(&request)?;
    let (username, password) = (form.take("username"), form.take("password"));
    let next = ours(&state, form.take("next"));
    form.finish()?;
    let typed = Typed { username: username.clone(), next };
    if username.trim().is_empty() || password.is_empty() {
        let message = "Enter your user name or e-mail address, and your password.";
        return Ok(shown(&state, &request, StatusCode::BAD_REQUEST, Some(message), &typed));
    }
    let credentials = Credentials { username, password };
    match credentials.sign_in(&state, &request, TokenKind::Session).await {
        Ok(signed_in) => {
            let mut response = see_other(place(&typed.next));
            csrf::begin_session(&state, &signed_in.token, &mut response);
            Ok(response.finish())
        }
        Err(failure) => explained(&state, &request, failure, &typed),
    }
}

/// `GET /logout/`: signing out is a form, not a link that another page could hold.
async fn account() -> HttpResponse {
    on("")
}

/// `POST /logout/`
async fn sign_out(request: HttpRequest, form: Form) -> Answer {
    form.finish()?;
    let state = State::of(&request)?;
    if let Some(Caller { context, token }) = caller(&request).await? {
        let accounts = state.application().accounts.clone();
        let ended = state.run(async move { accounts.revoke(&context, &token).await }).await;
        match ended {
            // Somebody else ended it at the same time.
            Ok(()) | Err(Failure::Domain(Error::Unauthenticated(_))) => {}
            Err(other) => return Err(other),
        }
    }
    let mut response = see_other(SIGN_IN).finish();
    csrf::end_session(state.config(), &mut response)?;
    Ok(response)
}

/// The sign-in page of a browser whom a provider, or we, did not let in.
pub(crate) fn refused(request: &HttpRequest, failure: Failure) -> Answer {
    explained(&State::of(request)?, request, failure, &Typed::default())
}

/// The page again, with what went wrong; what is not about signing in fails as elsewhere.
fn explained(state: &State, request: &HttpRequest, failure: Failure, typed: &Typed) -> Answer {
    let message = match &failure {
        Failure::Domain(Error::Invalid(errors)) => errors.0.values().find_map(first),
        Failure::Domain(Error::Internal(_)) => None,
        Failure::Domain(error) => Some(error.to_string()),
        Failure::Request(..) => None,
    };
    let Some(message) = message else { return Err(failure) };
    let mut answer = failure.error_response();
    let mut response = shown(state, request, answer.status(), Some(&message), typed);
    if let Some(refusal) = answer.extensions_mut().remove::<Refused>() {
        response.extensions_mut().insert(refusal);
    }
    if let Some(seconds) = answer.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    Ok(response)
}

fn first(messages: &Messages) -> Option<String> {
    match messages {
        Messages::List(list) => list.first().cloned(),
        Messages::Nested(_) => None,
    }
}

fn shown(
    state: &State,
    request: &HttpRequest,
    status: StatusCode,
    message: Option<&str>,
    typed: &Typed,
) -> HttpResponse {
    let granted = csrf::Grant::to(state, request);
    let paths: Vec<(String, String)> = state
        .application()
        .accounts
        .providers()
        .iter()
        .map(|one| (one.label.clone(), login_path(&one.name, &typed.next)))
        .collect();
    let providers: Vec<Provider<'_>> =
        paths.iter().map(|(label, path)| Provider { label, path }).collect();
    let page = web_ui::sign_in::page(&SignIn {
        product: PRODUCT,
        token: &granted.token,
        next: &typed.next,
        username: &typed.username,
        message,
        providers: &providers,
    });
    let mut response = HttpResponse::build(status);
    granted.add_to(&mut response);
    show(&mut response, page)
}

/// A path that somebody wants to go to in the end, if it is one of ours.
fn ours(state: &State, next: String) -> String {
    Some(next).filter(|next| is_path(state.config(), next)).unwrap_or_default()
}

/// Sends a signed-in browser on.
fn on(next: &str) -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, place(next))).finish()
}

/// Where somebody goes who has signed in.
pub(crate) fn place(next: &str) -> &str {
    if next.is_empty() { ACCOUNT } else { next }
}
