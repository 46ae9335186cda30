//! Signing in with what another service says about a person: Google's ID tokens, and any provider
//! of OpenID Connect.
//!
//! The adapter behind [`IdentityProviders`] makes sure that the provider said it; the rules of what
//! follows are here: whom a provider may vouch for ([`claims`]), which account that is ([`enter`]),
//! and what they may do there ([`roles`]). A further way to be told is a use case beside
//! [`google`] and [`flow`] that ends in `enter`.

mod claims;
mod enter;
mod flow;
mod google;
mod home;
mod ports;
mod roles;

use std::sync::Arc;

pub use claims::Claims;
use domain_kernel::policy::Role;
use domain_kernel::{Error, FieldErrors, Result};
pub use enter::{Entered, NewWorkspace};
pub use flow::{Answered, Begun, Finished, Flow, FlowDigest, FlowKeys, FlowSecret};
pub use google::{GOOGLE, GOOGLE_FIELDS, GoogleSignIn};
pub use ports::{IdentityProviders, Subject as ProviderSubject};

use crate::Accounts;

/// The providers that people may come from, and who asks them.
#[derive(Clone)]
pub struct Federation {
    /// Makes sure of what they say.
    pub identities: Arc<dyn IdentityProviders>,
    /// Google, where its ID tokens are accepted.
    pub google: Option<Provider>,
    /// Those of the authorization-code flow, by name.
    pub providers: Vec<Provider>,
}

/// What a provider may do here, as the platform's operator decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provider {
    /// Its name in addresses.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// The domains whose e-mail addresses it speaks for; none is any.
    pub domains: Vec<String>,
    /// Whether it must also say itself that the person belongs to one of the domains, as Google
    /// does (`hd`).
    pub hosts_domains: bool,
    /// Whether its e-mail addresses are verified though it does not say so.
    pub trusts_email: bool,
    /// The workspace that its people belong to; without one they have their own.
    pub home: Option<Home>,
}

/// The workspace of a provider's people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Home {
    /// Its slug.
    pub slug: String,
    /// Which group at the provider has which role here. Roles that are not listed are given here.
    pub roles: Vec<(String, Role)>,
    /// Whether its members sign in by this provider only.
    pub only: bool,
}

impl Provider {
    /// The name that its sign-ins are counted under; nobody can have it as user name.
    pub fn door(&self) -> String {
        format!("by {}", self.name)
    }

    /// Whether an address is in a domain that it was expressly given.
    fn owns(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.domains.iter().any(|one| one.eq_ignore_ascii_case(domain))
    }
}

impl Accounts {
    /// Google, if people may come from there.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they may not.
    pub fn google(&self) -> Result<&Provider> {
        self.federation.google.as_ref().ok_or(Error::NotFound)
    }

    /// The providers of the authorization-code flow.
    pub fn providers(&self) -> &[Provider] {
        &self.federation.providers
    }

    /// The provider with this name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn provider(&self, name: &str) -> Result<&Provider> {
        self.providers().iter().find(|provider| provider.name == name).ok_or(Error::NotFound)
    }
}

/// A sign-in that is refused, in words for who tried it.
pub(crate) fn refused(message: impl Into<String>) -> Error {
    Error::Invalid(FieldErrors::one("detail", message))
}
