//! The port, over every configured provider.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use domain_accounts::{Claims, FlowKeys, IdentityProviders};
use domain_kernel::{Clock, Error, Result};
use openidconnect::{ClientId, IssuerUrl};
use secrecy::SecretString;

use crate::flow::CodeFlow;
use crate::http::Http;
use crate::issuer::Issuer;
use crate::refused;
use crate::token::{Token, Wanted, in_our_words, verified};

/// How to reach a provider of the authorization-code flow.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Its name here.
    pub name: String,
    /// Its own address, below which it publishes what it can.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// How we prove it; without one we are a public client.
    pub client_secret: Option<SecretString>,
    /// What is asked for, beside `openid`.
    pub scopes: Vec<String>,
    /// The claim with a person's groups, where they matter.
    pub groups_claim: Option<String>,
    /// The address to which browsers come back.
    pub callback: String,
}

/// Speaks with every configured provider.
pub struct Providers {
    http: Http,
    clock: Arc<dyn Clock>,
    google: Option<(Issuer, Vec<ClientId>)>,
    flows: Vec<CodeFlow>,
}

impl Providers {
    /// Knows none yet. Trusts the public roots, and those in a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn new(ca_file: Option<&Path>, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self { http: Http::new(ca_file)?, clock, google: None, flows: Vec::new() })
    }

    /// Accepts ID tokens of Google's (or whoever plays it) for some clients.
    ///
    /// # Errors
    /// When the issuer is no address.
    pub fn with_google(mut self, issuer: &str, clients: &[String]) -> Result<Self> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(Error::internal)?;
        let issuer = Issuer::new(issuer, self.http.clone(), self.clock.clone());
        let clients = clients.iter().cloned().map(ClientId::new).collect();
        self.google = Some((issuer, clients));
        Ok(self)
    }

    /// Adds a provider of the authorization-code flow.
    ///
    /// # Errors
    /// When one of its addresses is none.
    pub fn with(mut self, settings: ProviderSettings) -> Result<Self> {
        self.flows.push(CodeFlow::new(settings, self.http.clone(), self.clock.clone())?);
        Ok(self)
    }

    fn flow(&self, provider: &str) -> Result<&CodeFlow> {
        self.flows.iter().find(|flow| flow.name == provider).ok_or(Error::NotFound)
    }
}

/// Names, and nothing that is secret.
impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.flows.iter().map(|flow| &flow.name)).finish()
    }
}

#[async_trait]
impl IdentityProviders for Providers {
    async fn verify_google(&self, id_token: &str) -> Result<Claims> {
        let (issuer, clients) = self.google.as_ref().ok_or(Error::NotFound)?;
        let token: Token = id_token.parse().map_err(|_| refused("The ID token cannot be read."))?;
        let wanted = Wanted { clients, nonce: None };
        Ok(in_our_words(&verified(issuer, &token, &wanted).await?))
    }

    async fn begin(&self, provider: &str, keys: &FlowKeys) -> Result<String> {
        self.flow(provider)?.begin(keys).await
    }

    async fn finish(&self, provider: &str, keys: &FlowKeys, code: &str) -> Result<Claims> {
        self.flow(provider)?.finish(keys, code).await
    }
}
