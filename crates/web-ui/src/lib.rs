//! SimplyCRM's pages for people: a view model goes in, HTML comes out.
//!
//! Nothing here knows a request, a database or who is asking: the server decides what a person
//! may see, fills the view model, and sends what a page function returns together with the page's
//! content security policy ([`account::CSP`], [`api_root::CSP`], [`docs::SWAGGER_CSP`],
//! [`docs::REDOC_CSP`], [`FORM_CSP`]).
//! What a page loads (style sheets, scripts, pictures) is embedded and found by [`assets::find`].
//!
//! May depend on: the standard library and `maud`. Not on a domain crate, not on HTTP.
//!
//! To add a page:
//!
//! 1. Write a file named after the page, with its view model, `page(&ViewModel) -> String` built
//!    on the private `layout` module, and its policy if the common ones do not fit.
//! 2. Put its style sheets and scripts into `assets/` and list them in `assets.rs`. Inline styles,
//!    inline scripts and addresses on other servers are refused by the policies, and by the tests
//!    once the page is added to `every_page` in `tests.rs`.
//! 3. Give the text as values, never through `PreEscaped`: maud escapes what it is given.

pub mod account;
pub mod api_root;
pub mod assets;
pub mod docs;
mod layout;
pub mod message;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;

/// The content security policy of pages with forms: a style sheet, a picture, and forms that are sent
/// to this server.
pub const FORM_CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

#[cfg(test)]
mod tests;
