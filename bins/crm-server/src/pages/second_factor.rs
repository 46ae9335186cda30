//! The page of one's own second factor.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain_accounts::{Device, TokenKind};
use domain_kernel::Error;
use web_ui::second_factor::{SecondFactor, Step};

use super::sign_in::message_of;
use super::{PRODUCT, account, caller, see_other, show};
use crate::http::caller::Caller;
use crate::http::failure::{Answer, Failure};
use crate::http::form::Form;
use crate::http::state::State;
use crate::http::{csrf, session};
use crate::operations::refuse_method;

/// Where it is.
pub(super) const SECOND_FACTOR: &str = "/account/second-factor/";

/// Adds the routes.
pub(super) fn route(config: &mut web::ServiceConfig) {
    let only_post = || web::to(refuse_method(&["POST"]));
    let below = |path: &str| web::resource(format!("{SECOND_FACTOR}{path}/"));
    config
        .service(
            web::resource(SECOND_FACTOR)
                .route(web::get().to(page))
                .route(web::head().to(page))
                .default_service(web::to(refuse_method(&["GET", "HEAD"]))),
        )
        .service(below("setup").route(web::post().to(begin)).default_service(only_post()))
        .service(below("confirm").route(web::post().to(confirm)).default_service(only_post()))
        .service(below("recovery-codes").route(web::post().to(renew)).default_service(only_post()))
        .service(below("remove").route(web::post().to(remove)).default_service(only_post()));
}

/// `GET /account/second-factor/`
async fn page(request: HttpRequest) -> Answer {
    let state = State::of(&request)?;
    let Some(caller) = caller(&request).await? else { return Ok(account::to_sign_in()) };
    overview(&state, &request, caller, StatusCode::OK, None).await
}

/// How somebody stands, and what they can do.
async fn overview(
    state: &State,
    request: &HttpRequest,
    caller: Caller,
    status: StatusCode,
    message: Option<&str>,
) -> Answer {
    let accounts = state.application().accounts.clone();
    let found = state.run(async move { accounts.second_factor(&caller.context).await }).await?;
    let is_required = found.is_required;
    let step = match found.enabled_at {
        Some(_) => Step::Present { codes_left: found.recovery_codes, is_required },
        None => Step::Absent { is_required },
    };
    Ok(shown(state, request, status, message, step))
}

fn shown(
    state: &State,
    request: &HttpRequest,
    status: StatusCode,
    message: Option<&str>,
    step: Step<'_>,
) -> HttpResponse {
    let granted = csrf::Grant::to(state, request);
    let view = SecondFactor { product: PRODUCT, token: &granted.token, message, step };
    let page = web_ui::second_factor::page(&view);
    let mut response = HttpResponse::build(status);
    granted.add_to(&mut response);
    show(&mut response, page)
}

/// `POST /account/second-factor/setup/`
async fn begin(request: HttpRequest, mut form: Form) -> Answer {
    let password = form.take("password");
    form.finish()?;
    let state = State::of(&request)?;
    let Some(caller) = caller(&request).await? else { return Ok(account::to_sign_in()) };
    let (accounts, device) = (state.application().accounts.clone(), device(&state, &request));
    let context = caller.context.clone();
    let made = state
        .run(async move { accounts.begin_second_factor(&context, device, &password).await })
        .await;
    match made {
        Ok(made) => {
            let picture = picture(&made.picture);
            let step = Step::Confirm { secret: &made.secret, picture: &picture };
            Ok(shown(&state, &request, StatusCode::OK, None, step))
        }
        Err(failure) => explained(&state, &request, caller, failure).await,
    }
}

/// `POST /account/second-factor/confirm/`: a wrong code shows the same secret again.
async fn confirm(request: HttpRequest, mut form: Form) -> Answer {
    let code = form.take("code");
    form.finish()?;
    let state = State::of(&request)?;
    let Some(caller) = caller(&request).await? else { return Ok(account::to_sign_in()) };
    let (accounts, context) = (state.application().accounts.clone(), caller.context.clone());
    let confirmed =
        state.run(async move { accounts.confirm_second_factor(&context, &code).await }).await;
    let failure = match confirmed {
        Ok(codes) => {
            return Ok(shown(&state, &request, StatusCode::OK, None, Step::Codes(&codes)));
        }
        Err(failure) => failure,
    };
    let (status, message) = (failure.status_code(), message_of(&failure));
    let (Some(message), Failure::Domain(Error::Invalid(_))) = (message, &failure) else {
        return explained(&state, &request, caller, failure).await;
    };
    let accounts = state.application().accounts.clone();
    let pending =
        state.run(async move { accounts.pending_second_factor(&caller.context).await }).await?;
    let picture = picture(&pending.picture);
    let step = Step::Confirm { secret: &pending.secret, picture: &picture };
    Ok(shown(&state, &request, status, Some(&message), step))
}

/// `POST /account/second-factor/recovery-codes/`
async fn renew(request: HttpRequest, mut form: Form) -> Answer {
    let (password, code) = (form.take("password"), form.take("code"));
    form.finish()?;
    let state = State::of(&request)?;
    let Some(caller) = caller(&request).await? else { return Ok(account::to_sign_in()) };
    let (accounts, device) = (state.application().accounts.clone(), device(&state, &request));
    let context = caller.context.clone();
    let renewed = state
        .run(async move { accounts.renew_recovery_codes(&context, device, &password, &code).await })
        .await;
    match renewed {
        Ok(codes) => Ok(shown(&state, &request, StatusCode::OK, None, Step::Codes(&codes))),
        Err(failure) => explained(&state, &request, caller, failure).await,
    }
}

/// `POST /account/second-factor/remove/`
async fn remove(request: HttpRequest, mut form: Form) -> Answer {
    let (password, code) = (form.take("password"), form.take("code"));
    form.finish()?;
    let state = State::of(&request)?;
    let Some(caller) = caller(&request).await? else { return Ok(account::to_sign_in()) };
    let (accounts, device) = (state.application().accounts.clone(), device(&state, &request));
    let context = caller.context.clone();
    let removed = state
        .run(async move { accounts.remove_second_factor(&context, device, &password, &code).await })
        .await;
    match removed {
        Ok(()) => Ok(see_other(SECOND_FACTOR).finish()),
        Err(failure) => explained(&state, &request, caller, failure).await,
    }
}

/// The page again, with what went wrong.
async fn explained(
    state: &State,
    request: &HttpRequest,
    caller: Caller,
    failure: Failure,
) -> Answer {
    let Some(message) = message_of(&failure) else { return Err(failure) };
    overview(state, request, caller, failure.status_code(), Some(&message)).await
}

fn device(state: &State, request: &HttpRequest) -> Device {
    session::device(state.config(), request, TokenKind::Session)
}

/// A picture in an address of its own: it is loaded from nowhere.
fn picture(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}
