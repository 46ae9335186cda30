//! The API document, the pages that show it, and those that links in mails lead to.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use domain_accounts::{INVITATION_PAGE, PASSWORD_PAGE, VERIFICATION_PAGE};
use domain_kernel::{Error, FieldErrors};
use paperclip::actix::web;
use web_ui::{account, assets, docs};

use crate::http::described::{Described, Operation};
use crate::http::failure::Answer;
use crate::http::state::State;
use crate::operations::{not_found, refuse_method};
use crate::resource::IGNORED_PARAMETERS;

/// `schema_retrieve`
pub(crate) struct Schema;

impl Operation for Schema {
    fn id() -> String {
        "schema_retrieve".to_owned()
    }
}

/// Adds the document's route.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config.service(
        web::resource("/api/schema/")
            .route(web::get().to(schema))
            .route(web::head().to(schema))
            .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD"]))),
    );
}

/// Adds the pages' routes; they are for people, so the document does not list them.
pub(crate) fn route_pages(config: &mut actix_web::web::ServiceConfig) {
    use actix_web::web::{get, head, resource, to};
    let page = |path: &str, handler: fn() -> std::future::Ready<HttpResponse>| {
        resource(path)
            .route(get().to(handler))
            .route(head().to(handler))
            .default_service(to(refuse_method(&["GET", "HEAD"])))
    };
    config
        .service(page(PASSWORD_PAGE, set_password))
        .service(page(VERIFICATION_PAGE, verify_email))
        .service(page(INVITATION_PAGE, accept_invitation))
        .service(page("/api/docs/", swagger))
        .service(page("/api/redoc/", redoc))
        .service(
            resource(format!("{}{{path:.*}}", assets::PREFIX))
                .route(get().to(asset))
                .route(head().to(asset))
                .default_service(to(refuse_method(&["GET", "HEAD"]))),
        );
}

/// `GET /api/schema/?format=json|yaml`
fn schema(request: HttpRequest) -> Described<Schema> {
    Described::new(async move {
        let state = State::of(&request)?;
        let query =
            actix_web::web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let parameters = query.map(actix_web::web::Query::into_inner).unwrap_or_default();
        let mut format = "json";
        for (name, value) in &parameters {
            match (name.as_str(), value.as_str()) {
                ("format", "json" | "yaml") => format = value,
                ("format", _) => {
                    return Err(
                        Error::Invalid(FieldErrors::one("format", "Use json or yaml.")).into()
                    );
                }
                (other, _) if IGNORED_PARAMETERS.contains(&other) => {}
                (other, _) => {
                    let message = "Unknown parameter. Allowed: format.";
                    return Err(Error::Invalid(FieldErrors::one(other, message)).into());
                }
            }
        }
        let documents = state.documents();
        let (content_type, body) = match format {
            "yaml" => ("application/yaml", documents.yaml()),
            _ => ("application/json", documents.json()),
        };
        Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, content_type)).body(body))
    })
}

fn swagger() -> std::future::Ready<HttpResponse> {
    std::future::ready(page(docs::SWAGGER_CSP, docs::swagger_page("SimplyCRM")))
}

fn redoc() -> std::future::Ready<HttpResponse> {
    std::future::ready(page(docs::REDOC_CSP, docs::redoc_page("SimplyCRM")))
}

fn set_password() -> std::future::Ready<HttpResponse> {
    std::future::ready(page(account::CSP, account::password_page("SimplyCRM")))
}

fn verify_email() -> std::future::Ready<HttpResponse> {
    std::future::ready(page(account::CSP, account::email_page("SimplyCRM")))
}

fn accept_invitation() -> std::future::Ready<HttpResponse> {
    std::future::ready(page(account::CSP, account::invitation_page("SimplyCRM")))
}

fn page(policy: &'static str, html: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

async fn asset(request: HttpRequest) -> Answer {
    let Some(asset) = assets::find(request.match_info().get("path").unwrap_or_default()) else {
        return not_found().await;
    };
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known == Some(asset.etag()) {
        return Ok(HttpResponse::NotModified()
            .insert_header((header::ETAG, asset.etag()))
            .finish());
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.content_type()))
        .insert_header((header::CACHE_CONTROL, assets::CACHE_CONTROL))
        .insert_header((header::ETAG, asset.etag()));
    if asset.is_gzipped() {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(response.body(asset.bytes()))
}
