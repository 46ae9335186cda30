//! One's own page: who is signed in, where else, and how to end that.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use domain_kernel::Error;
use web_ui::sessions::{Account, Session};

use super::{ACCOUNT, PRODUCT, SIGN_IN, caller, see_other, show};
use crate::http::csrf;
use crate::http::failure::Answer;
use crate::http::form::Form;
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::number_in_path;

/// Adds the routes.
pub(super) fn route(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource(ACCOUNT)
                .route(web::get().to(page))
                .route(web::head().to(page))
                .default_service(web::to(refuse_method(&["GET", "HEAD"]))),
        )
        .service(
            web::resource("/account/sessions/end-others/")
                .route(web::post().to(end_others))
                .default_service(web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/account/sessions/{id}/end/")
                .route(web::post().to(end_one))
                .default_service(web::to(refuse_method(&["POST"]))),
        );
}

/// `GET /account/`
async fn page(request: HttpRequest) -> Answer {
    let state = State::of(&request)?;
    let Some(caller) = caller(&request).await? else { return Ok(to_sign_in()) };
    let (accounts, current) = (state.application().accounts.clone(), caller.token);
    let (profile, tokens) = state
        .run(async move {
            Ok((accounts.profile(&caller.context).await?, accounts.tokens(&caller.context).await?))
        })
        .await?;
    let granted = csrf::Grant::to(&state, &request);
    let sessions: Vec<Session<'_>> = tokens
        .iter()
        .map(|token| Session {
            id: token.id,
            is_session: token.kind == domain_accounts::TokenKind::Session,
            is_current: token.digest == current,
            user_agent: &token.user_agent,
            address: &token.address,
            created_at: token.created_at.to_string(),
            used_at: token.used_at.to_string(),
        })
        .collect();
    let draft = &profile.person.draft;
    let page = web_ui::sessions::page(&Account {
        product: PRODUCT,
        token: &granted.token,
        name: [draft.first_name.as_str(), draft.last_name.as_str()].join(" ").trim(),
        username: &draft.username,
        email: &draft.email,
        workspace: &profile.organization.name,
        sessions: &sessions,
    });
    let mut response = HttpResponse::Ok();
    granted.add_to(&mut response);
    Ok(show(&mut response, page))
}

/// `POST /account/sessions/{id}/end/`
async fn end_one(request: HttpRequest, form: Form) -> Answer {
    form.finish()?;
    let state = State::of(&request)?;
    let Some(caller) = caller(&request).await? else { return Ok(to_sign_in()) };
    let id = number_in_path(&request).ok_or(Error::NotFound)?;
    let (accounts, current) = (state.application().accounts.clone(), caller.token);
    let ended = state.run(async move { accounts.end_token(&caller.context, id).await }).await?;
    let mut response = see_other(ACCOUNT).finish();
    if ended.digest == current {
        csrf::end_session(state.config(), &mut response)?;
    }
    Ok(response)
}

/// `POST /account/sessions/end-others/`
async fn end_others(request: HttpRequest, form: Form) -> Answer {
    form.finish()?;
    let state = State::of(&request)?;
    let Some(caller) = caller(&request).await? else { return Ok(to_sign_in()) };
    let accounts = state.application().accounts.clone();
    state
        .run(async move { accounts.end_other_tokens(&caller.context, &caller.token).await })
        .await?;
    Ok(see_other(ACCOUNT).finish())
}

/// Sends a browser to sign in, and back.
pub(super) fn to_sign_in() -> HttpResponse {
    let place = format!("{SIGN_IN}?next={ACCOUNT}");
    HttpResponse::SeeOther().insert_header((header::LOCATION, place)).finish()
}
