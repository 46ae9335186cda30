//! Identity providers: a table for each, and their secrets beside them.

use std::collections::BTreeMap;

use domain_kernel::policy::Role;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Config;
use super::hosts::is_loopback;
use super::value::{HIDDEN, Scalar, Value, scalar};

/// Any number of providers, by the name that they have in addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderTables(pub BTreeMap<String, ProviderTable>);

/// A provider of the authorization-code flow of OpenID Connect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderTable {
    /// Its own address, as its tokens name it.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// Its name for people; the name in addresses unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What is asked for, beside `openid`.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// Domains whose e-mail addresses it speaks for; none is any.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Whether its e-mail addresses are verified though it does not say so.
    #[serde(default)]
    pub trust_email: bool,
    /// Slug of the workspace that its people join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The claim with a person's groups.
    #[serde(default = "usual_claim")]
    pub groups_claim: String,
    /// The role that each group has in the workspace.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Role>,
    /// Whether the workspace's members sign in by this provider only.
    #[serde(default)]
    pub sso_only: bool,
}

fn usual_scopes() -> Vec<String> {
    ["email", "profile"].map(str::to_owned).into()
}

fn usual_claim() -> String {
    "groups".to_owned()
}

/// Names that mean something else, or would not stand in an address.
fn is_name(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(good) && text != domain_accounts::GOOGLE
}

impl ProviderTables {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        // Without its position: it is counted in a text that nobody wrote.
        let tables: BTreeMap<String, ProviderTable> = serde_json::from_str(text)
            .map_err(|error| error.to_string().split(" at line ").take(1).collect::<String>())?;
        for (name, table) in &tables {
            table.check(name).map_err(|problem| format!("{name}: {problem}"))?;
        }
        Ok(Self(tables))
    }
}

impl ProviderTable {
    fn check(&self, name: &str) -> Result<(), &'static str> {
        if !is_name(name) {
            return Err("a name has up to 32 lower-case letters, digits and hyphens, and is not \
                google");
        }
        if IssuerAddress::parse(&self.issuer).is_none() {
            return Err("issuer must be an https:// address");
        }
        if self.client_id.is_empty() {
            return Err("client_id must not be empty");
        }
        if self.organization.as_deref() == Some("platform") {
            return Err("organization must not be the platform's own");
        }
        let needs_home = self.sso_only || !self.roles.is_empty();
        if needs_home && self.organization.is_none() {
            return Err("roles and sso_only need an organization");
        }
        Ok(())
    }
}

impl Value for ProviderTables {
    fn expects(&self) -> String {
        "a table of providers, in the environment as JSON".to_owned()
    }
    fn is_table(&self) -> bool {
        true
    }
    fn set(&mut self, text: &str) -> bool {
        Self::read(text).map(|tables| *self = tables).is_ok()
    }
    fn complaint(&self, text: &str) -> Option<String> {
        Self::read(text).err()
    }
    fn show(&self) -> Option<toml::Value> {
        (!self.0.is_empty()).then(|| toml::Value::try_from(&self.0).ok())?
    }
}

/// The secret of one of them.
#[derive(Clone, Debug)]
pub struct NamedSecret {
    /// The provider.
    pub name: String,
    /// Its secret.
    pub secret: SecretString,
}

scalar!(
    NamedSecret,
    "NAME=SECRET",
    |text| {
        let (name, secret) = text.split_once('=')?;
        let good = is_name(name) && !secret.is_empty() && secret != HIDDEN;
        good.then(|| Self { name: name.to_owned(), secret: secret.into() })
    },
    |one| format!("{}={HIDDEN}", one.name).into()
);

/// A provider's own address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuerAddress(String);

impl IssuerAddress {
    /// As it was written: tokens must name it exactly so.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

scalar!(
    IssuerAddress,
    "an address such as https://accounts.google.com",
    |text| {
        let url = Url::parse(text).ok()?;
        let web = matches!(url.scheme(), "http" | "https") && url.has_host();
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        (web && bare && url.password().is_none()).then(|| Self(text.to_owned()))
    },
    |address| address.as_str().into()
);

impl Config {
    /// What of the providers contradicts another setting: key and message.
    pub(super) fn provider_problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let insecure = |address: &str| {
            let url = Url::parse(address).ok();
            let plain = url.is_some_and(|url| url.scheme() == "http" && !is_loopback(&url));
            plain && !self.debug
        };
        if insecure(self.google.issuer.as_str()) {
            problems.push(("google_issuer", "must be https:// except on loopback".to_owned()));
        }
        for (name, table) in &self.oidc.providers.0 {
            if insecure(&table.issuer) {
                let message = format!("{name}: issuer must be https:// except on loopback");
                problems.push(("oidc_providers", message));
            }
        }
        for NamedSecret { name, .. } in &self.oidc.client_secrets {
            if !self.oidc.providers.0.contains_key(name) {
                problems.push(("oidc_client_secrets", format!("there is no provider {name}")));
            }
        }
        problems
    }
}
