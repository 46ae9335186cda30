//! `GET /api/` for a browser: what this is, how to sign in, and what there is to ask for.

use maud::{Markup, html};

use crate::layout::Layout;

/// The content security policy of [`page`]: a style sheet, a picture and nothing else.
pub const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                       form-action 'none'; frame-ancestors 'none'";

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct ApiRoot<'a> {
    /// The product's name.
    pub product: &'a str,
    /// The running version.
    pub version: &'a str,
    /// Scheme, host and port of this server, without a final slash, for the examples that people
    /// copy into a shell: from the configuration, never from a request's `Host`.
    pub base_url: &'a str,
    /// The resources, in the order in which they are shown.
    pub resources: &'a [Resource<'a>],
}

/// One line of the table of resources.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// The name, as in the path: `contacts`.
    pub name: &'a str,
    /// The path on this server: `/api/contacts/`. Anything else is shown, but not linked.
    pub url: &'a str,
    /// One line that says what it is.
    pub description: &'a str,
    /// The plan's feature that it needs, if any.
    pub feature: Option<&'a str>,
}

const DOCUMENTATION: [(&str, &str, &str); 3] = [
    ("/api/docs/", "Swagger UI", "Read, and try it out"),
    ("/api/redoc/", "ReDoc", "Read at length"),
    ("/api/schema/", "OpenAPI schema", "For generators and tools"),
];

/// The page.
#[must_use]
pub fn page(view: &ApiRoot<'_>) -> String {
    let main = html! {
        h1 { (view.product) " API " span class="version" { "version " (view.version) } }
        p class="soft" { "JSON over HTTP. This page is for people; a program that asks for "
            code { "application/json" } " gets the same list as JSON." }
        section aria-labelledby="documentation" {
            h2 id="documentation" { "Documentation" }
            ul class="links" {
                @for (path, name, purpose) in DOCUMENTATION {
                    li { a href=(path) { (name) } span { (purpose) } }
                }
            }
        }
        (sign_in(view.base_url))
        (resources(view.resources))
    };
    Layout {
        product: view.product,
        title: "API",
        path: "/api/",
        styles: &["page.css"],
        scripts: &[],
        main,
    }
    .render()
}

fn sign_in(base_url: &str) -> Markup {
    let token = format!(
        "curl -X POST {base_url}/api/auth/token/ \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         -d '{{\"username\": \"you@example.com\", \"password\": \"…\"}}'"
    );
    let call = format!("curl {base_url}/api/auth/profile/ \\\n  -H 'Authorization: Token …'");
    html! {
        section aria-labelledby="sign-in" {
            h2 id="sign-in" { "Sign in" }
            p { "Exchange your user name or e-mail and your password for a token, …" }
            pre tabindex="0" { code { (token) } }
            p { "… which the answer holds as " code { "access" }
                ", and send it with each request:" }
            pre tabindex="0" { code { (call) } }
        }
    }
}

fn resources(resources: &[Resource<'_>]) -> Markup {
    html! {
        section aria-labelledby="resources" {
            h2 id="resources" { "Resources" }
            table role="table" aria-labelledby="resources" {
                thead role="rowgroup" {
                    tr role="row" {
                        @for name in ["Name", "Address", "What it is", "Needs the feature"] {
                            th scope="col" role="columnheader" { (name) }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for resource in resources {
                        tr role="row" {
                            th scope="row" role="rowheader" { (resource.name) }
                            td role="cell" { (address(resource.url)) }
                            td role="cell" { (resource.description) }
                            td role="cell" class="feature" {
                                @if let Some(feature) = resource.feature { code { (feature) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A link, if it stays on this server: neither `javascript:…` nor `//elsewhere` does, nor what a
/// browser reads as that, which takes `\` for `/` and drops tabs and line ends.
fn address(url: &str) -> Markup {
    let path = url.strip_prefix('/').filter(|rest| !rest.starts_with(['/', '\\']));
    let ours = path.is_some_and(|path| !path.contains(char::is_control));
    html! {
        @if ours { a href=(url) { code { (url) } } } @else { code { (url) } }
    }
}
