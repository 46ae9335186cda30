//! HTTP clients for the services that the operator names: identity providers, the store of files.
//!
//! They follow no redirects, know no proxy and wait only so long. What a tenant can name is reached
//! by another client, which checks where it connects to; it comes here with the first of them.
//!
//! It may depend on the kernel, reqwest and rustls; no other crate builds a client.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain_kernel::{Error, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// How long a client waits.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For a whole exchange.
    pub exchange: Duration,
}

/// A client that trusts the public roots, and those in a PEM file.
///
/// # Errors
/// When the file cannot be read.
#[expect(clippy::disallowed_methods, reason = "the one place that builds clients")]
pub fn operators_client(ca_file: Option<&Path>, patience: Patience) -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls(ca_file)?)
        .user_agent(concat!("SimplyCRM/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(patience.connect)
        .timeout(patience.exchange)
        .build()
        .map_err(Error::internal)
}

fn tls(ca_file: Option<&Path>) -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = ca_file {
        for certificate in CertificateDer::pem_file_iter(path).map_err(Error::internal)? {
            let certificate = certificate.map_err(Error::internal)?;
            roots.add(certificate).map_err(Error::internal)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(Error::internal)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
