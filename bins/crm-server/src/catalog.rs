//! What one does with the catalog beside its resources' own operations.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use domain_catalog::{Category, Product};
use domain_kernel::crud::permit;
use domain_kernel::policy::Action;
use paperclip::actix::web;

use crate::accounts::operation;
use crate::http::body::Submission;
use crate::http::caller::Caller;
use crate::http::described::{Described, Operation};
use crate::http::etag;
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::{id_in_path, write};

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/categories/tree/")
                .route(web::get().to(tree))
                .route(web::head().to(tree))
                .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD"]))),
        )
        .service(
            web::resource("/api/products/{id}/set-status/")
                .route(web::post().to(set_status))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
}

operation!(Tree, "categories_tree");
operation!(SetStatus, "products_set_status");

/// `GET /api/categories/tree/`
fn tree(request: HttpRequest, caller: Caller) -> Described<Tree> {
    Described::new(async move {
        permit::<Category>(&caller.context, Action::Read)?;
        let state = State::of(&request)?;
        write::no_parameters(&request)?;
        let catalog = state.application().catalog.clone();
        let grown = state.run(async move { catalog.category_tree(&caller.context).await }).await?;
        Ok(HttpResponse::Ok().json(grown))
    })
}

/// `POST /api/products/{id}/set-status/`
fn set_status(
    request: HttpRequest,
    Submission { caller, body }: Submission,
) -> Described<SetStatus> {
    Described::new(async move {
        permit::<Product>(&caller.context, Action::Update)?;
        let state = State::of(&request)?;
        let id = id_in_path::<Product>(&request)?;
        let only = write::shown_fields::<Product>(&request)?;
        let expected = etag::expected(&request)?;
        let context = caller.repeatable(&request, body.fingerprint)?;
        let catalog = state.application().catalog.clone();
        let reply = state
            .run(async move { catalog.set_status(&context, id, body.json, expected).await })
            .await?;
        write::written(StatusCode::OK, &reply, &only)
    })
}
