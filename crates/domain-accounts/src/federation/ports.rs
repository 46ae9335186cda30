//! What the use cases need of whoever speaks with the providers.

use async_trait::async_trait;
use domain_kernel::Result;

use super::{Claims, FlowKeys};

/// Who somebody is at a provider: never used again for another person, whatever their e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The provider's own address.
    pub issuer: String,
    /// The person's name there.
    pub subject: String,
}

/// Speaks with identity providers.
///
/// An adapter promises: claims come from a token that the provider signed with a key that it
/// publishes, for this server, and that is valid now. Everything else is
/// [`Error::Invalid`](domain_kernel::Error::Invalid) under `detail`, and
/// [`Error::Unavailable`](domain_kernel::Error::Unavailable) when the provider does not answer.
#[async_trait]
pub trait IdentityProviders: Send + Sync {
    /// Makes sure of an ID token of Google's that a client got by itself.
    async fn verify_google(&self, id_token: &str) -> Result<Claims>;
    /// The address at a provider that a browser is sent to, to begin a sign-in.
    async fn begin(&self, provider: &str, keys: &FlowKeys) -> Result<String>;
    /// Redeems the code that the browser came back with.
    async fn finish(&self, provider: &str, keys: &FlowKeys, code: &str) -> Result<Claims>;
}
