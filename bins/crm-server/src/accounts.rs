//! Signing in, registering, and one's own profile.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use domain_accounts::{ProfilePatch, Registration, SignInStep, SignedIn, TokenKind};
use domain_kernel::field::LongText;
use domain_kernel::{Field, Input, Kind, Patch};
use paperclip::actix::web;
use serde_json::{Value, json};

use crate::http::body::{JsonBody, Submission};
use crate::http::caller::{Caller, request_id};
use crate::http::described::{Described, Operation};
use crate::http::failure::{Answer, Failure};
use crate::http::state::State;
use crate::http::{csrf, limits, session};
use crate::operations::refuse_method;

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/auth/token/")
                .route(web::post().to(sign_in))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/auth/token/revoke/")
                .route(web::post().to(revoke))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/auth/register/")
                .route(web::post().to(register))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/auth/profile/")
                .route(web::get().to(profile))
                .route(web::head().to(profile))
                .route(web::put().to(replace_profile))
                .route(web::patch().to(change_profile))
                .default_service(actix_web::web::to(refuse_method(&[
                    "GET", "HEAD", "PUT", "PATCH",
                ]))),
        );
}

/// Names an operation.
macro_rules! operation {
    ($Name:ident, $id:literal) => {
        #[doc = concat!("`", $id, "`")]
        pub(crate) struct $Name;

        impl Operation for $Name {
            fn id() -> String {
                $id.to_owned()
            }
        }
    };
}
pub(crate) use operation;

operation!(SignIn, "auth_token_create");
operation!(Revoke, "auth_token_revoke");
operation!(Register, "auth_register");
operation!(GetProfile, "auth_profile_retrieve");
operation!(ReplaceProfile, "auth_profile_update");
operation!(ChangeProfile, "auth_profile_partial_update");

/// What one signs in with.
pub(crate) const USERNAME: Field =
    Field::new("username", "The user name or the e-mail address.", Kind::LongText, false)
        .required();
/// The password of a sign-in.
pub(crate) const PASSWORD: Field =
    Field::new("password", "The password.", Kind::LongText, false).required();

/// The code of a sign-in.
pub(crate) const OTP: Field = Field::new(
    "otp",
    "A code of the authenticator app, or a recovery code, where there is a second factor.",
    Kind::LongText,
    false,
);

/// What somebody signs in with.
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
    /// A code of the second factor.
    pub(crate) otp: Option<String>,
}

impl Credentials {
    /// Reads them from a request.
    pub(crate) fn read(json: Value) -> Result<Self, Failure> {
        let mut input = Input::new(json)?;
        let (username, password) = (input.take_verbatim(&USERNAME), input.take_verbatim(&PASSWORD));
        let otp = match input.take_patch::<LongText>(&OTP) {
            Patch::Set(otp) => Some(otp.into_inner()).filter(|otp| !otp.is_empty()),
            Patch::Keep => None,
        };
        input.finish()?;
        let (username, password) = (username.unwrap_or_default(), password.unwrap_or_default());
        Ok(Self { username, password, otp })
    }

    /// Signs in with them.
    pub(crate) async fn sign_in(
        self,
        state: &State,
        request: &HttpRequest,
        kind: TokenKind,
    ) -> Result<SignInStep, Failure> {
        let Self { username, password, otp } = self;
        let (accounts, id) = (state.application().accounts.clone(), request_id(request));
        let (door, device) = (accounts.clone(), session::device(state.config(), request, kind));
        let admission = state.run(async move { door.admit(&username, device).await }).await?;
        if let Some(count) = admission.count {
            limits::note(request, count);
        }
        state
            .run(async move { accounts.sign_in(admission, &password, otp.as_deref(), &id).await })
            .await
    }
}

/// `POST /api/auth/token/`
fn sign_in(request: HttpRequest, body: JsonBody) -> Described<SignIn> {
    Described::new(async move {
        let credentials = Credentials::read(body.json)?;
        let state = State::of(&request)?;
        let result = credentials.sign_in(&state, &request, TokenKind::Token).await?.at_once()?;
        Ok(signed_in(StatusCode::OK, &result, None))
    })
}

/// `POST /api/auth/register/`
fn register(request: HttpRequest, body: JsonBody) -> Described<Register> {
    Described::new(async move {
        let state = State::of(&request)?;
        let (accounts, id) = (state.application().accounts.clone(), request_id(&request));
        let registration = Registration::read(body.json)?;
        let device = session::device(state.config(), &request, TokenKind::Token);
        let result =
            state.run(async move { accounts.register(registration, &device, &id).await }).await?;
        Ok(signed_in(StatusCode::CREATED, &result, None))
    })
}

/// The answer to every sign-in: it holds a secret, so nobody may keep it. A browser that was away
/// at a provider is told where it wanted to go.
pub(crate) fn signed_in(
    status: StatusCode,
    SignedIn { token, profile }: &SignedIn,
    next: Option<&str>,
) -> HttpResponse {
    let mut body = json!({
        "access": token.reveal(),
        "token_type": "Token",
        "profile": profile.json(),
    });
    if let Some(next) = next {
        body["next"] = json!(next);
    }
    HttpResponse::build(status).insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// `POST /api/auth/token/revoke/`
fn revoke(request: HttpRequest, submission: Submission) -> Described<Revoke> {
    Described::new(async move {
        let Submission { caller, body } = submission;
        Input::new(body.json)?.finish()?;
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let by_session = session::digest(state.config(), &request) == Some(caller.token);
        state.run(async move { accounts.revoke(&caller.context, &caller.token).await }).await?;
        let mut response = HttpResponse::NoContent().finish();
        if by_session {
            csrf::end_session(state.config(), &mut response)?;
        }
        Ok(response)
    })
}

/// `GET /api/auth/profile/`
fn profile(request: HttpRequest, caller: Caller) -> Described<GetProfile> {
    Described::new(async move {
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let profile = state.run(async move { accounts.profile(&caller.context).await }).await?;
        Ok(HttpResponse::Ok().json(profile.json()))
    })
}

/// `PUT /api/auth/profile/`
fn replace_profile(request: HttpRequest, submission: Submission) -> Described<ReplaceProfile> {
    Described::new(write_profile(request, submission))
}

/// `PATCH /api/auth/profile/`
fn change_profile(request: HttpRequest, submission: Submission) -> Described<ChangeProfile> {
    Described::new(write_profile(request, submission))
}

async fn write_profile(request: HttpRequest, submission: Submission) -> Answer {
    let Submission { caller, body } = submission;
    let patch = ProfilePatch::read(body.json)?;
    let state = State::of(&request)?;
    let accounts = state.application().accounts.clone();
    let context = caller.repeatable(&request, body.fingerprint)?;
    let written = state.run(async move { accounts.update_profile(&context, patch).await }).await?;
    let mut response = HttpResponse::Ok();
    if written.replayed {
        response.insert_header(("idempotent-replayed", "true"));
    }
    Ok(response.json(written.shown))
}
