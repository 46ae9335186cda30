//! `GET /api/`: what there is.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use paperclip::actix::web;
use serde_json::{Map, Value};
use web_ui::api_root::{self, ApiRoot, Resource};

use crate::http::described::{Described, Operation};
use crate::http::links;
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::served;

/// `api_root`
pub(crate) struct Root;

impl Operation for Root {
    fn id() -> String {
        "api_root".to_owned()
    }
}

/// Adds the route.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config.service(
        web::resource("/api/")
            .route(web::get().to(root))
            .route(web::head().to(root))
            .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD"]))),
    );
}

/// A page for browsers, JSON for everybody else.
fn root(request: HttpRequest) -> Described<Root> {
    Described::new(async move {
        let state = State::of(&request)?;
        let base = links::base(&state, &request);
        if prefers_html(&request) {
            let paths: Vec<String> =
                served().iter().map(|known| format!("/api/{}/", known.name)).collect();
            let resources: Vec<Resource<'_>> = served()
                .iter()
                .zip(&paths)
                .map(|(known, url)| Resource {
                    name: known.name,
                    url,
                    description: known.description,
                    feature: known.feature,
                })
                .collect();
            let page = api_root::page(&ApiRoot {
                product: "SimplyCRM",
                version: env!("CARGO_PKG_VERSION"),
                base_url: &base,
                resources: &resources,
            });
            return Ok(HttpResponse::Ok()
                .insert_header((header::CONTENT_SECURITY_POLICY, api_root::CSP))
                .insert_header((header::VARY, "Accept"))
                .content_type("text/html; charset=utf-8")
                .body(page));
        }
        let list: Map<String, Value> = served()
            .iter()
            .map(|known| (known.name.to_owned(), format!("{base}/api/{}/", known.name).into()))
            .collect();
        Ok(HttpResponse::Ok().insert_header((header::VARY, "Accept")).json(list))
    })
}

/// Whether HTML stands before JSON in what the client accepts.
pub(crate) fn prefers_html(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let accept = accept.unwrap_or_default();
    match (accept.find("text/html"), accept.find("application/json")) {
        (Some(html), Some(json)) => html < json,
        (html, _) => html.is_some(),
    }
}
