//! Identity providers: ID tokens and the authorization-code flow of OpenID Connect.
//!
//! It may depend on the port it implements, on `openidconnect`, and on the one HTTP client in
//! [`http`]. What a provider publishes about itself is kept by [`issuer`], what a token says is
//! found out in [`token`], the way of a browser is in [`flow`]. Whom a provider may vouch for is
//! none of this crate's business.

mod flow;
mod http;
mod issuer;
mod providers;
mod token;

pub use providers::{ProviderSettings, Providers};

use domain_kernel::{Error, FieldErrors};

/// What a client is told while a provider does not answer, or not as it should.
fn unavailable() -> Error {
    Error::Unavailable("The identity provider cannot be reached at the moment. Please try again.")
}

/// What a client is told of a token or a code that is not good; why is in the log.
fn refused(message: &str) -> Error {
    Error::Invalid(FieldErrors::one("detail", message))
}
