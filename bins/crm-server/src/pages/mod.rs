//! Pages for people, beside the API: signing in and out, and what one is signed in with. They work
//! without scripts: forms are sent, and answered with a page or the way to the next one.
//!
//! To add one: a file with its route, its path in [`is_page`] if it takes forms, and the page itself
//! in `web-ui`.

mod account;
mod second_factor;
mod sign_in;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header;
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use domain_kernel::Error;
use web_ui::message;

use crate::api_root::prefers_html;
use crate::http::caller::Caller;
use crate::http::failure::{Answer, ErrorBody, Failure};
pub(crate) use sign_in::{place, refused};

/// The product's name on every page.
pub(crate) const PRODUCT: &str = "SimplyCRM";
/// Where one signs in.
const SIGN_IN: &str = "/login/";
/// Where one sees what one is signed in with.
const ACCOUNT: &str = "/account/";

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig) {
    config.service(web::resource("/").route(web::get().to(home)).route(web::head().to(home)));
    sign_in::route(config);
    account::route(config);
    second_factor::route(config);
}

/// Whether a path is that of a page that takes forms: what is sent to it needs a token.
pub(crate) fn is_page(path: &str) -> bool {
    [SIGN_IN, sign_in::SIGN_OUT, ACCOUNT].iter().any(|page| path.starts_with(page))
}

/// The spelling of a page's path that is routed, if it is another one.
pub(crate) fn canonical(path: &str) -> Option<String> {
    let whole = format!("{path}/");
    [SIGN_IN, sign_in::SIGN_OUT, ACCOUNT].contains(&whole.as_str()).then_some(whole)
}

/// `GET /`: to one's own page, or to the API for who is not signed in.
async fn home(request: HttpRequest) -> Answer {
    let place = if caller(&request).await?.is_some() { ACCOUNT } else { "/api/" };
    Ok(HttpResponse::Found().insert_header((header::LOCATION, place)).finish())
}

/// Who a request comes from; none when nobody is signed in.
async fn caller(request: &HttpRequest) -> Result<Option<Caller>, Failure> {
    match Caller::extract(request).await {
        Ok(caller) => Ok(Some(caller)),
        Err(Failure::Domain(Error::Unauthenticated(_))) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Sends a browser on, after what it sent was done.
fn see_other(place: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, place)).insert_header(NO_STORE);
    response
}

/// Nobody keeps what is one person's.
const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// Fills an answer with a page.
fn show(response: &mut HttpResponseBuilder, page: String) -> HttpResponse {
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, web_ui::FORM_CSP))
        .insert_header(NO_STORE)
        .content_type("text/html; charset=utf-8")
        .body(page)
}

/// Gives an error at a page's path the form of a page, for a browser.
pub(crate) fn in_page_form(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let body = response.response().extensions().get::<ErrorBody>().map(|body| body.0.clone());
    let Some(body) = body.filter(|_| is_page(response.request().path())) else { return response };
    if !prefers_html(response.request()) {
        return response;
    }
    let text = body["detail"].as_str().map_or_else(|| body.to_string(), str::to_owned);
    let status = response.status();
    let title = status.canonical_reason().unwrap_or("Error");
    let page = message::page(PRODUCT, title, &text, (SIGN_IN, "Go to the sign-in page"));
    let mut shown = show(&mut HttpResponse::build(status), page);
    if let Some(seconds) = response.headers().get(header::RETRY_AFTER) {
        shown.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    ServiceResponse::new(response.request().clone(), shown)
}
