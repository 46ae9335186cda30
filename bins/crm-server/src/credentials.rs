//! Passwords and addresses: what somebody proves by a link, or by the password that they have.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use domain_accounts::{PasswordByLink, PasswordChange, RESET_FIELD, reset_door};
use domain_kernel::Input;
use domain_kernel::field::Email;
use paperclip::actix::web;
use serde_json::json;

use crate::accounts::operation;
use crate::http::body::{JsonBody, Submission};
use crate::http::caller::request_id;
use crate::http::described::{Described, Operation};
use crate::http::state::State;
use crate::http::{client, limits};
use crate::operations::refuse_method;

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/auth/password/reset/")
                .route(web::post().to(reset))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/auth/password/reset/confirm/")
                .route(web::post().to(confirm_reset))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/auth/password/change/")
                .route(web::post().to(change))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/auth/email/verify/")
                .route(web::post().to(verify))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/auth/email/verify/confirm/")
                .route(web::post().to(confirm_address))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
}

operation!(ResetPassword, "auth_password_reset");
operation!(ConfirmReset, "auth_password_reset_confirm");
operation!(ChangePassword, "auth_password_change");
operation!(VerifyEmail, "auth_email_verify");
operation!(ConfirmEmail, "auth_email_verify_confirm");

/// `POST /api/auth/password/reset/`: answered alike for every address.
fn reset(request: HttpRequest, body: JsonBody) -> Described<ResetPassword> {
    Described::new(async move {
        let mut input = Input::new(body.json)?;
        let email = input.take::<Email>(&RESET_FIELD);
        input.finish()?;
        let email = email.map(Email::into_inner).unwrap_or_default();
        let state = State::of(&request)?;
        let (accounts, id) = (state.application().accounts.clone(), request_id(&request));
        let (door, address) = (accounts.clone(), client::address(state.config(), &request));
        let name = reset_door(&email);
        let admission = state.run(async move { door.admit(&name, address).await }).await?;
        if let Some(count) = admission.count {
            limits::note(&request, count);
        }
        state
            .run(async move { accounts.request_password_reset(admission, &email, &id).await })
            .await?;
        let detail = "If an account has this address, a mail with a link is on its way to it.";
        Ok(said(StatusCode::ACCEPTED, detail))
    })
}

/// `POST /api/auth/password/reset/confirm/`
fn confirm_reset(request: HttpRequest, body: JsonBody) -> Described<ConfirmReset> {
    Described::new(async move {
        let new = PasswordByLink::read(body.json)?;
        let state = State::of(&request)?;
        let (accounts, id) = (state.application().accounts.clone(), request_id(&request));
        state.run(async move { accounts.set_password_by_link(new, &id).await }).await?;
        Ok(said(StatusCode::OK, "The password is set. Sign in with it."))
    })
}

/// `POST /api/auth/password/change/`
fn change(request: HttpRequest, submission: Submission) -> Described<ChangePassword> {
    Described::new(async move {
        let Submission { caller, body } = submission;
        let change = PasswordChange::read(body.json)?;
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let address = client::address(state.config(), &request);
        state
            .run(async move {
                accounts.change_password(&caller.context, &caller.token, change, &address).await
            })
            .await?;
        Ok(said(StatusCode::OK, "The password is changed. Whatever else was signed in has ended."))
    })
}

/// `POST /api/auth/email/verify/`
fn verify(request: HttpRequest, submission: Submission) -> Described<VerifyEmail> {
    Described::new(async move {
        let Submission { caller, body } = submission;
        Input::new(body.json)?.finish()?;
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let asked = async move { accounts.request_verification(&caller.context).await };
        Ok(match state.run(asked).await? {
            true => said(StatusCode::ACCEPTED, "A mail with a link is on its way."),
            false => said(StatusCode::OK, "This address is verified already."),
        })
    })
}

/// `POST /api/auth/email/verify/confirm/`
fn confirm_address(request: HttpRequest, body: JsonBody) -> Described<ConfirmEmail> {
    Described::new(async move {
        let state = State::of(&request)?;
        let (accounts, id) = (state.application().accounts.clone(), request_id(&request));
        state.run(async move { accounts.verify_email(body.json, &id).await }).await?;
        Ok(said(StatusCode::OK, "The address is verified."))
    })
}

/// An answer in words.
fn said(status: StatusCode, detail: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "detail": detail }))
}
