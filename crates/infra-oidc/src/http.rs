//! The HTTP client that speaks with identity providers.
//!
//! Whom it speaks with the operator decides, or the provider that the operator named; still it
//! follows no redirects, knows no proxy, waits and reads only so much, and takes no unencrypted
//! address from a provider that is reached encrypted.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain_kernel::{Error, Result};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long a whole exchange may take; several make up one request of ours.
const PATIENCE: Duration = Duration::from_secs(8);
/// Largest answer; the longest list of keys has some ten kilobytes.
const LARGEST: usize = 512 * 1024;

/// The client.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    /// Whether the provider is one that is reached unencrypted.
    plain: bool,
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The exchange failed.
    #[error("no answer: {0}")]
    Exchange(#[from] reqwest::Error),
    /// An unencrypted address.
    #[error("the provider named an address that is not https")]
    Plain,
    /// The answer is too large.
    #[error("the answer is larger than {LARGEST} bytes")]
    TooLarge,
    /// The answer is none that HTTP knows.
    #[error("the answer cannot be read: {0}")]
    Answer(#[from] openidconnect::http::Error),
}

impl Http {
    /// A client that trusts the public roots, and those in a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    #[expect(clippy::disallowed_methods, reason = "the one client of identity providers")]
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Self> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(ca_file)?)
            .user_agent(concat!("SimplyCRM/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, plain: false })
    }

    /// The client for one provider.
    pub(crate) fn for_issuer(self, issuer: &url::Url) -> Self {
        Self { plain: issuer.scheme() == "http", ..self }
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if !self.plain && request.uri().scheme_str() != Some("https") {
            return Err(HttpError::Plain);
        }
        let mut response = self.client.execute(request.try_into()?).await?;
        let mut answer = openidconnect::http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.body(body)?)
    }
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

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.exchange(request))
    }
}
