//! Every route of the server.

use actix_web::web;
use paperclip::actix::web as described;

use crate::http::metrics;
use crate::operations::{healthz, not_found, readyz};
use crate::resource::served;
use crate::{accounts, api_root, documents};

/// The routes that the API document lists.
pub(crate) fn api(config: &mut described::ServiceConfig<'_>) {
    api_root::route(config);
    documents::route(config);
    accounts::route(config);
    for resource in served() {
        (resource.route)(config);
    }
}

/// The routes beside the API: pages, health, figures, and what is not there.
pub(crate) fn beside(config: &mut web::ServiceConfig) {
    documents::route_pages(config);
    config
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .route("/metrics", web::get().to(metrics::show))
        .default_service(web::to(not_found));
}
