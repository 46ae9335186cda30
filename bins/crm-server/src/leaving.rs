//! Leaving: the whole workspace as an archive, and its end.

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use domain_accounts::{Farewell, TokenKind};
use domain_kernel::policy::{Action, Area};
use domain_kernel::{Input, Result};
use infra_runtime::Archive;
use paperclip::actix::web;

use crate::accounts::operation;
use crate::http::body::Submission;
use crate::http::described::{Described, Operation};
use crate::http::session;
use crate::http::state::State;
use crate::http::stream::{self, Pieces};
use crate::operations::refuse_method;

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/workspace/export/")
                .route(web::post().to(export))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/workspace/delete/")
                .route(web::post().to(delete))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
}

operation!(ExportWorkspace, "workspace_export");
operation!(DeleteWorkspace, "workspace_delete");

/// `POST /api/workspace/export/`
fn export(request: HttpRequest, submission: Submission) -> Described<ExportWorkspace> {
    Described::new(async move {
        let Submission { caller, body } = submission;
        Input::new(body.json)?.finish()?;
        caller.context.require(Area::Workspace, Action::Export)?;
        let state = State::of(&request)?;
        let (application, context) = (state.application().clone(), caller.context);
        let archive = state.run(async move { application.archive(&context).await }).await?;
        let token = caller.token;
        Ok(stream::file(&state, token, "application/zip", "workspace.zip", archive))
    })
}

impl Pieces for Archive {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        Ok(Archive::next(self).await?.map(Bytes::from))
    }
}

/// `POST /api/workspace/delete/`
fn delete(request: HttpRequest, submission: Submission) -> Described<DeleteWorkspace> {
    Described::new(async move {
        let Submission { caller, body } = submission;
        caller.context.require(Area::Workspace, Action::Delete)?;
        let farewell = Farewell::read(body.json)?;
        let state = State::of(&request)?;
        let application = state.application().clone();
        let device = session::device(state.config(), &request, TokenKind::Token);
        let context = caller.context;
        let erasure = state
            .run(async move {
                let erasure =
                    application.accounts.erase_workspace(&context, device, farewell).await?;
                application.forget_files(erasure.organization.id).await;
                Ok(erasure)
            })
            .await?;
        Ok(HttpResponse::Ok().json(erasure.json()))
    })
}
