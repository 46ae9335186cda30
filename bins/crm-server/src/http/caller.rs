//! Who a request comes from.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use domain_accounts::{Place, Principal, TokenDigest, TokenKind};
use domain_kernel::{Error, IdempotencyKey, OpContext};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use infra_runtime::config::Config;

use super::around::RequestId;
use super::failure::Failure;
use super::session;
use super::state::State;
use crate::pages;

/// The signed-in caller of a request, with the context of the operation.
pub(crate) struct Caller {
    /// Who, in which workspace, with which rights.
    pub(crate) context: OpContext,
    /// The token that they came with.
    pub(crate) token: TokenDigest,
}

impl Caller {
    /// The context, with the idempotency key of a request that may be repeated.
    ///
    /// # Errors
    /// When the key is not one.
    pub(crate) fn repeatable(
        self,
        request: &HttpRequest,
        fingerprint: Vec<u8>,
    ) -> Result<OpContext, Failure> {
        let mut context = self.context;
        if matches!(*request.method(), Method::POST | Method::PATCH) {
            context.idempotency =
                idempotency_key(request.headers())?.map(|key| IdempotencyKey { key, fingerprint });
        }
        Ok(context)
    }

    /// Asks once more who it is, after a body was read: it may have taken its time, and the token
    /// its end meanwhile.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub(crate) async fn check_again(&self, state: &State) -> Result<(), Failure> {
        let (accounts, token) = (state.application().accounts.clone(), self.token);
        if accounts.remembered(&token).await.is_none() {
            state.run(async move { accounts.authenticate(&token).await }).await?;
        }
        Ok(())
    }
}

/// Who a request's token belongs to, when that was found out before it was routed.
#[derive(Clone)]
pub(crate) enum Identity {
    /// This member.
    Member(TokenDigest, Arc<Principal>),
    /// Nobody; what the caller is told.
    Refused(&'static str),
}

impl Identity {
    /// The member.
    pub(crate) fn principal(self) -> Option<Arc<Principal>> {
        match self {
            Self::Member(_, principal) => Some(principal),
            Self::Refused(_) => None,
        }
    }
}

impl FromRequest for Caller {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let state = State::of(&request)?;
            let (token, principal) = who(&state, &request).await?;
            if principal.lacks_second_factor && !is_open_without(request.path()) {
                let detail = "A second factor is required here. Set one up at \
                    /api/auth/second-factor/setup/ (or at /account/) first.";
                return Err(Failure::Request(StatusCode::FORBIDDEN, detail.to_owned()));
            }
            let id = request_id(&request);
            // Anybody else may send it; it means nothing then.
            let place = if principal.roles.is_staff() { place(&request)? } else { None };
            let context = match place {
                None => principal.context(id),
                Some(place) => {
                    let accounts = state.application().accounts.clone();
                    state.run(async move { accounts.act_in(&principal, &place, id).await }).await?
                }
            };
            Ok(Self { context, token })
        }
        .boxed_local()
    }
}

/// Whether a path is open to who has yet to set up a second factor.
fn is_open_without(path: &str) -> bool {
    const OPEN: [&str; 4] = [
        "/api/auth/profile/",
        "/api/auth/second-factor/",
        "/api/auth/session/",
        "/api/auth/token/revoke/",
    ];
    OPEN.iter().any(|open| path.starts_with(open)) || pages::is_page(path)
}

/// Who a request's token belongs to.
async fn who(
    state: &State,
    request: &HttpRequest,
) -> Result<(TokenDigest, Arc<Principal>), Failure> {
    let known = request.extensions().get::<Identity>().cloned();
    match known {
        Some(Identity::Member(token, principal)) => return Ok((token, principal)),
        Some(Identity::Refused(why)) => return Err(Error::Unauthenticated(why).into()),
        None => {}
    }
    let token = credential(state.config(), request)?;
    let accounts = state.application().accounts.clone();
    let principal = match accounts.remembered(&token).await {
        Some(principal) => principal,
        None => state.run(async move { accounts.authenticate(&token).await }).await?,
    };
    Ok((token, principal))
}

impl State {
    /// The state of the server that a request came to.
    ///
    /// # Errors
    /// When the server was built without, which its construction rules out.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Failure> {
        let state = request.app_data::<Self>().cloned();
        state.ok_or_else(|| Error::internal("the server has no state").into())
    }
}

/// The workspace that somebody of the staff names, by header or by parameter.
fn place(request: &HttpRequest) -> Result<Option<Place>, Failure> {
    let by_id = |text: &str| {
        let id = text.trim().parse().map(Place::Id);
        id.map_err(|_| Error::field("organization_id", "A valid integer is required.").into())
    };
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(id) = header("x-organization-id") {
        return by_id(id).map(Some);
    }
    if let Some(slug) = header("x-organization-slug") {
        return Ok(Some(Place::Slug(slug.trim().to_owned())));
    }
    for (name, value) in crate::resource::parameters(request)? {
        match name.as_str() {
            "organization_id" => return by_id(&value).map(Some),
            "organization_slug" => return Ok(Some(Place::Slug(value))),
            _ => {}
        }
    }
    Ok(None)
}

/// The id that the request has in logs, audit entries and events.
pub(crate) fn request_id(request: &HttpRequest) -> Arc<str> {
    let extensions = request.extensions();
    extensions.get::<RequestId>().map_or_else(|| "".into(), |RequestId(id)| id.clone())
}

/// The token that a request comes with: that of the header, and only without one the session of the
/// cookie.
pub(crate) fn credential(config: &Config, request: &HttpRequest) -> Result<TokenDigest, Failure> {
    let session = || session::digest(config, request);
    match request.headers().contains_key(header::AUTHORIZATION) {
        true => bearer(request.headers()),
        false => session().map_or_else(|| bearer(request.headers()), Ok),
    }
}

/// The token of `Authorization: Token …` (or `Bearer …`).
fn bearer(headers: &HeaderMap) -> Result<TokenDigest, Failure> {
    let unauthenticated = |message| Failure::Domain(Error::Unauthenticated(message));
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(unauthenticated("Authentication credentials were not provided."));
    };
    let text = value.to_str().map_err(|_| unauthenticated("Invalid token header."))?;
    let mut words = text.split_ascii_whitespace();
    let scheme = words.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("token") && !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unauthenticated("Authentication credentials were not provided."));
    }
    match (words.next(), words.next()) {
        (Some(token), None) => TokenDigest::of(token, TokenKind::Token)
            .ok_or_else(|| unauthenticated("Invalid token.")),
        (None, _) => Err(unauthenticated("Invalid token header. No credentials provided.")),
        (Some(_), Some(_)) => {
            Err(unauthenticated("Invalid token header. Token string should not contain spaces."))
        }
    }
}

/// Longest idempotency key.
const MAX_KEY: usize = 255;

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let mut values = headers.get_all("idempotency-key");
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim();
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if values.next().is_some() || key.is_empty() || key.len() > MAX_KEY || !visible {
        let message =
            format!("Idempotency-Key must be one text of 1 to {MAX_KEY} visible characters.");
        return Err(Failure::bad(message));
    }
    Ok(Some(key.to_owned()))
}
