//! The API's documentation, in two programs that read the OpenAPI document in the browser.

use maud::html;

use crate::layout::Layout;

/// The content security policy of [`swagger_page`].
///
/// Swagger UI sets `style` attributes when an operation is tried out, its style sheet holds
/// pictures as `data:`, and an answer that is a picture is shown from a `blob:`.
pub const SWAGGER_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The content security policy of [`redoc_page`].
///
/// Redoc inserts two style elements, whose hashes stand here: an empty one, which it then fills by
/// script, and that of its scroll bars, whose hash may change with Redoc's version (the browser's
/// console names the new one). Its search index is a worker made from a `blob:`.
pub const REDOC_CSP: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' \
     'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='; \
     img-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// `GET /api/docs/`: Swagger UI, in which operations can be tried out.
#[must_use]
pub fn swagger_page(product: &str) -> String {
    let styles = &["swagger-ui/swagger-ui.css"];
    let scripts = &["swagger-ui/swagger-ui-bundle.js", "swagger-init.js"];
    page(product, "Swagger UI", "/api/docs/", styles, scripts)
}

/// `GET /api/redoc/`: ReDoc, for reading.
#[must_use]
pub fn redoc_page(product: &str) -> String {
    let scripts = &["redoc/redoc.standalone.js", "redoc-init.js"];
    page(product, "ReDoc", "/api/redoc/", &[], scripts)
}

fn page(product: &str, title: &str, path: &str, styles: &[&str], scripts: &[&str]) -> String {
    let main = html! {
        div id="docs" {}
        noscript {
            p class="site-note" { "This page needs JavaScript. The document that it shows is at "
                a href="/api/schema/" { "/api/schema/" } "." }
        }
    };
    Layout { product, title, path, styles, scripts, main }.render()
}
