//! The sign-in page, and signing out.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use domain_accounts::{Challenge, SignInStep, SignedIn, TokenKind};
use domain_kernel::{Error, Messages};
use web_ui::sign_in::{AskCode, Provider, SignIn};

use super::{ACCOUNT, PRODUCT, SIGN_IN, caller, see_other, show};
use crate::accounts::Credentials;
use crate::federation::{is_path, login_path};
use crate::http::caller::{Caller, request_id};
use crate::http::failure::{Answer, Failure, Refused};
use crate::http::form::Form;
use crate::http::state::State;
use crate::http::{csrf, session};
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
            web::resource("/login/code/")
                .route(web::get().to(again))
                .route(web::post().to(submit_code))
                .default_service(web::to(refuse_method(&["GET", "POST"]))),
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
    let credentials = Credentials { username, password, otp: None };
    match credentials.sign_in(&state, &request, TokenKind::Session).await {
        Ok(SignInStep::Done(signed_in)) => Ok(begun(&state, &signed_in, &typed.next)),
        Ok(SignInStep::Code(challenge)) => {
            Ok(asked(&state, &request, StatusCode::OK, None, &challenge, &typed.next))
        }
        Err(failure) => explained(&state, &request, failure, &typed),
    }
}

/// `POST /login/code/`: the second step, for who has a second factor.
async fn submit_code(request: HttpRequest, mut form: Form) -> Answer {
    let state = State::of(&request)?;
    let (text, code) = (form.take("challenge"), form.take("otp"));
    let next = ours(&state, form.take("next"));
    form.finish()?;
    let typed = Typed { next, ..Typed::default() };
    let challenge = match state.application().accounts.challenged(&text) {
        Ok(challenge) => challenge,
        Err(error) => return explained(&state, &request, error.into(), &typed),
    };
    match answer(&state, &request, challenge, code).await {
        Ok(signed_in) => Ok(begun(&state, &signed_in, &typed.next)),
        Err(failure) => {
            let (status, message) = (failure.status_code(), message_of(&failure));
            let Some(message) = message else { return Err(failure) };
            Ok(asked(&state, &request, status, Some(&message), &text, &typed.next))
        }
    }
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    challenge: Challenge,
    code: String,
) -> Result<SignedIn, Failure> {
    let (accounts, id) = (state.application().accounts.clone(), request_id(request));
    let device = session::device(state.config(), request, TokenKind::Session);
    let use_case = async move {
        let admission = accounts.admit(challenge.login(), device).await?;
        accounts.answer_challenge(admission, &challenge, &code, &id).await
    };
    state.run(use_case).await
}

/// The answer to a sign-in that is done.
fn begun(state: &State, signed_in: &SignedIn, next: &str) -> HttpResponse {
    let mut response = see_other(place(next));
    csrf::begin_session(state, &signed_in.token, &mut response);
    response.finish()
}

/// The page that asks for a code.
fn asked(
    state: &State,
    request: &HttpRequest,
    status: StatusCode,
    message: Option<&str>,
    challenge: &str,
    next: &str,
) -> HttpResponse {
    let granted = csrf::Grant::to(state, request);
    let page = web_ui::sign_in::code_page(&AskCode {
        product: PRODUCT,
        token: &granted.token,
        next,
        challenge,
        message,
    });
    let mut response = HttpResponse::build(status);
    granted.add_to(&mut response);
    show(&mut response, page)
}

/// `GET /login/code/`: what was asked there is gone.
async fn again() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, SIGN_IN)).finish()
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
    let Some(message) = message_of(&failure) else { return Err(failure) };
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

/// What went wrong, in words for who signs in.
pub(super) fn message_of(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Domain(Error::Invalid(errors)) => errors.0.values().find_map(first),
        Failure::Domain(Error::Internal(_)) | Failure::Request(..) => None,
        Failure::Domain(error) => Some(error.to_string()),
    }
}

fn first(messages: &Messages) -> Option<String> {
    match messages {
        Messages::List(list) => list.first().cloned(),
        Messages::Nested(_) | Messages::Items(_) => None,
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
