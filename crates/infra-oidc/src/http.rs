//! The HTTP client that speaks with identity providers.
//!
//! Whom it speaks with the operator decides, or the provider that the operator named; still it reads
//! only so much, and takes no unencrypted address from a provider that is reached encrypted.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use domain_kernel::Result;
use infra_http::Patience;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// How long an exchange may take; several make up one request of ours.
const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(3), exchange: Duration::from_secs(8) };
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
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Self> {
        let client = infra_http::operators_client(ca_file, PATIENCE)?;
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

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.exchange(request))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// The address of a server that gives everybody the same answer.
    async fn serve(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 1024];
                let _asked = stream.read(&mut request).await;
                let _sent = stream.write_all(&answer).await;
            }
        });
        address
    }

    async fn get(http: &Http, address: &str) -> Result<HttpResponse, HttpError> {
        let request = openidconnect::http::Request::builder().uri(address).body(Vec::new());
        http.exchange(request.expect("a request")).await
    }

    fn http(plain: bool) -> Http {
        Http { plain, ..Http::new(None).expect("a client") }
    }

    #[tokio::test]
    async fn who_is_reached_encrypted_names_no_other_address() {
        let address = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec()).await;
        assert!(matches!(get(&http(false), &address).await, Err(HttpError::Plain)));
        assert_eq!(get(&http(true), &address).await.expect("an answer").body(), b"ok");
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        let target =
            "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
        let address = serve(target.as_bytes().to_vec()).await;
        let answer = get(&http(true), &address).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 302);
    }

    #[tokio::test]
    async fn a_large_answer_is_not_read() {
        let body = vec![b' '; LARGEST + 1];
        for head in ["content-length: 524289\r\n", "connection: close\r\n"] {
            let mut answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n").into_bytes();
            answer.extend_from_slice(&body);
            let address = serve(answer).await;
            let read = get(&http(true), &address).await;
            assert!(matches!(read, Err(HttpError::TooLarge)), "{head}");
        }
    }
}
