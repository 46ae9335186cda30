//! Leaving: the whole workspace as an archive, and its end.

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use domain_accounts::{Accounts, Farewell, TokenDigest, TokenKind};
use domain_kernel::policy::{Action, Area};
use domain_kernel::{Input, Result};
use futures_util::stream;
use infra_runtime::Archive;
use paperclip::actix::web;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::accounts::operation;
use crate::http::body::Submission;
use crate::http::described::{Described, Operation};
use crate::http::session;
use crate::http::state::State;
use crate::operations::refuse_method;

/// Pieces that are ready before the client has taken them.
const AHEAD: usize = 2;
/// How long a client may take nothing.
const IDLE: Duration = Duration::from_secs(30);

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
        let (accounts, token) = (application.accounts.clone(), caller.token);
        let archive = state.run(async move { application.archive(&context).await }).await?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        state.spawn(pump(archive, sender, (accounts, token)));
        let body = stream::unfold(receiver, |mut receiver| async move {
            let piece: Result<Bytes> = receiver.recv().await?;
            Some((piece, receiver))
        });
        Ok(HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/zip"))
            .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"workspace.zip\""))
            .streaming(Box::pin(body)))
    })
}

/// Hands over piece after piece as fast as the client takes them; ends when it is gone, or may not
/// go on.
async fn pump(
    mut archive: Archive,
    client: mpsc::Sender<Result<Bytes>>,
    (accounts, token): (Accounts, TokenDigest),
) {
    loop {
        let next = async {
            accounts.authenticate(&token).await?;
            archive.next().await
        };
        let piece = match next.await {
            Ok(Some(bytes)) => Ok(Bytes::from(bytes)),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let is_last = piece.is_err();
        if !matches!(timeout(IDLE, client.send(piece)).await, Ok(Ok(()))) || is_last {
            return;
        }
    }
}

/// `POST /api/workspace/delete/`
fn delete(request: HttpRequest, submission: Submission) -> Described<DeleteWorkspace> {
    Described::new(async move {
        let Submission { caller, body } = submission;
        caller.context.require(Area::Workspace, Action::Delete)?;
        let farewell = Farewell::read(body.json)?;
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let device = session::device(state.config(), &request, TokenKind::Token);
        let context = caller.context;
        let erasure = state
            .run(async move { accounts.erase_workspace(&context, device, farewell).await })
            .await?;
        Ok(HttpResponse::Ok().json(erasure.json()))
    })
}
