//! What one does with stock beside its resources' own operations.

use actix_web::{HttpRequest, HttpResponse};
use domain_catalog::{InventoryLot, ProductVariant};
use domain_kernel::crud::permit;
use domain_kernel::policy::Action;
use paperclip::actix::web;

use crate::accounts::operation;
use crate::http::body::Submission;
use crate::http::caller::Caller;
use crate::http::described::{Described, Operation};
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::{id_in_path, write};

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/product-variants/{id}/stock/")
                .route(web::get().to(level))
                .route(web::head().to(level))
                .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD"]))),
        )
        .service(
            web::resource("/api/inventory-lots/{id}/adjust/")
                .route(web::post().to(adjust))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/inventory-lots/{id}/transfer/")
                .route(web::post().to(transfer))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
}

operation!(Level, "product-variants_stock");
operation!(Adjust, "inventory-lots_adjust");
operation!(Transfer, "inventory-lots_transfer");

/// `GET /api/product-variants/{id}/stock/`
fn level(request: HttpRequest, caller: Caller) -> Described<Level> {
    Described::new(async move {
        permit::<InventoryLot>(&caller.context, Action::Read)?;
        let state = State::of(&request)?;
        let id = id_in_path::<ProductVariant>(&request)?;
        write::no_parameters(&request)?;
        let catalog = state.application().catalog.clone();
        let level =
            state.run(async move { catalog.stock_level(&caller.context, id).await }).await?;
        Ok(HttpResponse::Ok().json(level))
    })
}

/// `POST /api/inventory-lots/{id}/adjust/`
fn adjust(request: HttpRequest, Submission { caller, body }: Submission) -> Described<Adjust> {
    Described::new(async move {
        permit::<InventoryLot>(&caller.context, Action::Update)?;
        let state = State::of(&request)?;
        let id = id_in_path::<InventoryLot>(&request)?;
        write::no_parameters(&request)?;
        let context = caller.repeatable(&request, body.fingerprint)?;
        let catalog = state.application().catalog.clone();
        let adjusted =
            state.run(async move { catalog.adjust_lot(&context, id, body.json).await }).await?;
        Ok(HttpResponse::Ok().json(adjusted))
    })
}

/// `POST /api/inventory-lots/{id}/transfer/`
fn transfer(request: HttpRequest, Submission { caller, body }: Submission) -> Described<Transfer> {
    Described::new(async move {
        permit::<InventoryLot>(&caller.context, Action::Update)?;
        let state = State::of(&request)?;
        let id = id_in_path::<InventoryLot>(&request)?;
        write::no_parameters(&request)?;
        let context = caller.repeatable(&request, body.fingerprint)?;
        let catalog = state.application().catalog.clone();
        let moved =
            state.run(async move { catalog.transfer_lot(&context, id, body.json).await }).await?;
        Ok(HttpResponse::Ok().json(moved))
    })
}
