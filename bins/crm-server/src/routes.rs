//! Every route of the server.

use actix_web::{FromRequest, Handler, Resource, Responder, web};
use paperclip::actix::web as described;

use crate::http::metrics;
use crate::operations::{healthz, not_found, readyz, refuse_method};
use crate::resource::served;
use crate::{
    accounts, acts, api_root, billing, catalog, credentials, data_import, deals, documents,
    federation, invites, leaving, media, money_back, overview, pages, second_factor, session,
    stock,
};

/// The routes that the API document lists.
pub(crate) fn api(config: &mut described::ServiceConfig<'_>) {
    api_root::route(config);
    documents::route(config);
    accounts::route(config);
    credentials::route(config);
    federation::route(config);
    session::route(config);
    second_factor::route(config);
    invites::route(config);
    billing::route(config);
    leaving::route(config);
    deals::route(config);
    catalog::route(config);
    acts::route(config);
    money_back::route(config);
    stock::route(config);
    overview::route(config);
    data_import::route(config);
    for resource in served() {
        (resource.route)(config);
    }
}

/// The routes beside the API: pages, health, figures, and what is not there.
pub(crate) fn beside(config: &mut web::ServiceConfig) {
    documents::route_pages(config);
    pages::route(config);
    media::route(config);
    config
        .service(probe("/healthz", healthz))
        .service(probe("/readyz", readyz))
        .service(probe("/metrics", metrics::show))
        .default_service(web::to(not_found));
}

/// A path that machines beside us look at.
fn probe<H, Args>(path: &str, show: H) -> Resource
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(show.clone()))
        .route(web::head().to(show))
        .default_service(web::to(refuse_method(&["GET", "HEAD"])))
}
