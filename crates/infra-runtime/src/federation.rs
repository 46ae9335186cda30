//! The identity providers of a configuration.

use std::sync::Arc;

use domain_accounts::{Federation, GOOGLE, Home, Provider};
use domain_kernel::{Clock, Result};
use infra_oidc::{ProviderSettings, Providers};

use crate::config::{Config, ProviderTable};

/// The providers, and who asks them.
///
/// # Errors
/// When the file with the roots to trust cannot be read.
pub(crate) fn federation(config: &Config, clock: Arc<dyn Clock>) -> Result<Federation> {
    let mut identities = Providers::new(config.oidc.ca_file.as_deref(), clock)?;
    let mut google = None;
    if !config.google.client_ids.is_empty() {
        let issuer = config.google.issuer.as_str();
        identities = identities.with_google(issuer, &config.google.client_ids)?;
        google = Some(Provider {
            name: GOOGLE.to_owned(),
            label: "Google".to_owned(),
            domains: config.google.allowed_domains.clone(),
            hosts_domains: true,
            ..Provider::default()
        });
    }
    let mut providers = Vec::new();
    for (name, table) in &config.oidc.providers.0 {
        identities = identities.with(settings(config, name, table))?;
        providers.push(provider(name, table));
    }
    Ok(Federation { identities: Arc::new(identities), google, providers })
}

/// How a provider is reached.
fn settings(config: &Config, name: &str, table: &ProviderTable) -> ProviderSettings {
    let mut secrets = config.oidc.client_secrets.iter();
    let public_url = config.public_url.as_str();
    ProviderSettings {
        name: name.to_owned(),
        issuer: table.issuer.clone(),
        client_id: table.client_id.clone(),
        client_secret: secrets.find(|one| one.name == name).map(|one| one.secret.clone()),
        scopes: table.scopes.clone(),
        groups_claim: (!table.roles.is_empty()).then(|| table.groups_claim.clone()),
        callback: format!("{public_url}/api/auth/oidc/{name}/callback/"),
    }
}

/// What a provider may do here.
fn provider(name: &str, table: &ProviderTable) -> Provider {
    let home = |slug: &String| Home {
        slug: slug.clone(),
        roles: table.roles.iter().map(|(group, role)| (group.clone(), *role)).collect(),
        only: table.sso_only,
    };
    Provider {
        name: name.to_owned(),
        label: table.label.clone().unwrap_or_else(|| name.to_owned()),
        domains: table.domains.clone(),
        hosts_domains: false,
        trusts_email: table.trust_email,
        home: table.organization.as_ref().map(home),
    }
}
