//! The second factor: one's own, and whether a workspace requires it of its members.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use domain_accounts::{Device, TokenKind, WorkspaceSecurity};
use domain_kernel::{Field, Input, Kind};
use paperclip::actix::web;
use serde_json::{Value, json};

use crate::accounts::{PASSWORD, operation};
use crate::http::body::Submission;
use crate::http::caller::Caller;
use crate::http::described::{Described, Operation};
use crate::http::failure::{Answer, Failure};
use crate::http::session;
use crate::http::state::State;
use crate::operations::refuse_method;

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    let only_post = || actix_web::web::to(refuse_method(&["POST"]));
    config
        .service(
            web::resource("/api/auth/second-factor/")
                .route(web::get().to(show))
                .route(web::head().to(show))
                .route(web::delete().to(remove))
                .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD", "DELETE"]))),
        )
        .service(
            web::resource("/api/auth/second-factor/setup/")
                .route(web::post().to(begin))
                .default_service(only_post()),
        )
        .service(
            web::resource("/api/auth/second-factor/confirm/")
                .route(web::post().to(confirm))
                .default_service(only_post()),
        )
        .service(
            web::resource("/api/auth/second-factor/recovery-codes/")
                .route(web::post().to(renew))
                .default_service(only_post()),
        )
        .service(
            web::resource("/api/auth/workspace-security/")
                .route(web::get().to(show_workspace))
                .route(web::head().to(show_workspace))
                .route(web::patch().to(change_workspace))
                .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD", "PATCH"]))),
        );
}

operation!(Show, "auth_second_factor_retrieve");
operation!(Begin, "auth_second_factor_setup");
operation!(Confirm, "auth_second_factor_confirm");
operation!(Renew, "auth_second_factor_recovery_codes");
operation!(Remove, "auth_second_factor_destroy");
operation!(ShowWorkspace, "auth_workspace_security_retrieve");
operation!(ChangeWorkspace, "auth_workspace_security_partial_update");

/// A code of an app, or a recovery code.
pub(crate) const CODE: Field = Field::new(
    "code",
    "The code of the authenticator app, or a recovery code.",
    Kind::LongText,
    false,
)
.required();

/// What shows that it is oneself.
struct Proof {
    password: String,
    code: String,
}

impl Proof {
    fn read(json: Value, fields: &[Field]) -> Result<Self, Failure> {
        let mut input = Input::new(json)?;
        let mut proof = Self { password: String::new(), code: String::new() };
        for field in fields {
            let text = input.take_verbatim(field).unwrap_or_default();
            match field.name {
                "code" => proof.code = text,
                _ => proof.password = text,
            }
        }
        input.finish()?;
        Ok(proof)
    }
}

fn device(state: &State, request: &HttpRequest) -> Device {
    session::device(state.config(), request, TokenKind::Token)
}

/// An answer that holds a secret: nobody may keep it.
fn secret(body: Value) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// `GET /api/auth/second-factor/`
fn show(request: HttpRequest, caller: Caller) -> Described<Show> {
    Described::new(async move {
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let found = state.run(async move { accounts.second_factor(&caller.context).await }).await?;
        Ok(HttpResponse::Ok().json(found.json()))
    })
}

/// `POST /api/auth/second-factor/setup/`
fn begin(request: HttpRequest, Submission { caller, body }: Submission) -> Described<Begin> {
    Described::new(async move {
        let proof = Proof::read(body.json, &[PASSWORD])?;
        let state = State::of(&request)?;
        let (accounts, device) = (state.application().accounts.clone(), device(&state, &request));
        let made = state
            .run(async move {
                accounts.begin_second_factor(&caller.context, device, &proof.password).await
            })
            .await?;
        Ok(secret(json!({
            "secret": made.secret, "otpauth_url": made.address, "qr_svg": made.picture,
        })))
    })
}

/// `POST /api/auth/second-factor/confirm/`
fn confirm(request: HttpRequest, Submission { caller, body }: Submission) -> Described<Confirm> {
    Described::new(async move {
        let proof = Proof::read(body.json, &[CODE])?;
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let codes = state
            .run(async move { accounts.confirm_second_factor(&caller.context, &proof.code).await })
            .await?;
        Ok(secret(json!({ "recovery_codes": codes })))
    })
}

/// `POST /api/auth/second-factor/recovery-codes/`
fn renew(request: HttpRequest, Submission { caller, body }: Submission) -> Described<Renew> {
    Described::new(async move {
        let Proof { password, code } = Proof::read(body.json, &[PASSWORD, CODE])?;
        let state = State::of(&request)?;
        let (accounts, device) = (state.application().accounts.clone(), device(&state, &request));
        let codes = state
            .run(async move {
                accounts.renew_recovery_codes(&caller.context, device, &password, &code).await
            })
            .await?;
        Ok(secret(json!({ "recovery_codes": codes })))
    })
}

/// `DELETE /api/auth/second-factor/`
fn remove(request: HttpRequest, Submission { caller, body }: Submission) -> Described<Remove> {
    Described::new(async move {
        let Proof { password, code } = Proof::read(body.json, &[PASSWORD, CODE])?;
        let state = State::of(&request)?;
        let (accounts, device) = (state.application().accounts.clone(), device(&state, &request));
        state
            .run(async move {
                accounts.remove_second_factor(&caller.context, device, &password, &code).await
            })
            .await?;
        Ok(HttpResponse::NoContent().finish())
    })
}

/// `GET /api/auth/workspace-security/`
fn show_workspace(request: HttpRequest, caller: Caller) -> Described<ShowWorkspace> {
    Described::new(async move {
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let found =
            state.run(async move { accounts.workspace_security(&caller.context).await }).await?;
        Ok(HttpResponse::Ok().json(found.json()))
    })
}

/// `PATCH /api/auth/workspace-security/`
fn change_workspace(request: HttpRequest, submission: Submission) -> Described<ChangeWorkspace> {
    Described::new(change(request, submission))
}

async fn change(request: HttpRequest, Submission { caller, body }: Submission) -> Answer {
    let security = WorkspaceSecurity::read(body.json)?;
    let state = State::of(&request)?;
    let accounts = state.application().accounts.clone();
    let changed = state
        .run(async move { accounts.set_workspace_security(&caller.context, security).await })
        .await?;
    Ok(HttpResponse::Ok().json(changed.json()))
}
