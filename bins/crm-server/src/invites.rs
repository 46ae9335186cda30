//! Accepting an invitation. Making and revoking them is a resource's.

use actix_web::{HttpRequest, HttpResponse};
use paperclip::actix::web;

use crate::accounts::operation;
use crate::http::body::Submission;
use crate::http::described::{Described, Operation};
use crate::http::state::State;
use crate::operations::refuse_method;

/// Adds the route.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config.service(
        web::resource("/api/invites/accept/")
            .route(web::post().to(accept))
            .default_service(actix_web::web::to(refuse_method(&["POST"]))),
    );
}

operation!(AcceptInvite, "organization-invites_accept");

/// `POST /api/invites/accept/`
fn accept(request: HttpRequest, submission: Submission) -> Described<AcceptInvite> {
    Described::new(async move {
        let Submission { caller, body } = submission;
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let accepted = state
            .run(async move { accounts.accept_invite(&caller.context, body.json).await })
            .await?;
        Ok(HttpResponse::Ok().json(accepted.json()?))
    })
}
