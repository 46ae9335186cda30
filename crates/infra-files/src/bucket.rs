//! Where a store that speaks S3 is, and how one gets into it.

use std::path::Path;
use std::time::Duration;

use domain_kernel::{Error, Result};
use infra_http::Patience;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::{ClientOptions, RetryConfig};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

/// How long the store may take.
const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(5), exchange: Duration::from_secs(60) };
/// How often, and for how long, an exchange that failed is tried again.
const RETRIES: usize = 3;
const RETRY_FOR: Duration = Duration::from_secs(20);
/// The region that stores name which have none.
const REGION: &str = "us-east-1";

/// A bucket of a store that speaks S3: `s3://KEY:SECRET@HOST/BUCKET?region=REGION`.
#[derive(Debug, Clone)]
pub struct BucketAddress {
    /// `https://HOST`, on loopback `http://HOST`.
    endpoint: String,
    bucket: String,
    region: String,
    key: String,
    secret: SecretString,
}

impl BucketAddress {
    /// The bucket that a text names; none where it names none.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "s3")?;
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8().ok()?.into_owned();
            (!text.is_empty()).then_some(text)
        };
        let bucket = url.path().trim_matches('/');
        if bucket.is_empty() || bucket.contains('/') || url.fragment().is_some() {
            return None;
        }
        let mut region = REGION.to_owned();
        for (name, value) in url.query_pairs() {
            match &*name {
                "region" if !value.is_empty() => region = value.into_owned(),
                _ => return None,
            }
        }
        let host = url.host_str()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let scheme = if is_loopback(host) { "http" } else { "https" };
        Some(Self {
            endpoint: format!("{scheme}://{host}{port}"),
            bucket: decoded(bucket)?,
            region,
            key: decoded(url.username())?,
            secret: decoded(url.password()?)?.into(),
        })
    }

    /// For people: without the secret.
    pub(crate) fn shown(&self) -> String {
        format!("{}/{}", self.endpoint, self.bucket)
    }

    /// The bucket itself. `ca_file` holds further roots to trust.
    pub(crate) fn open(&self, ca_file: Option<&Path>) -> Result<AmazonS3> {
        let client = infra_http::operators_client(ca_file, PATIENCE)?;
        AmazonS3Builder::new()
            .with_endpoint(&self.endpoint)
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_access_key_id(&self.key)
            .with_secret_access_key(self.secret.expose_secret())
            .with_allow_http(self.endpoint.starts_with("http://"))
            .with_retry(RetryConfig {
                max_retries: RETRIES,
                retry_timeout: RETRY_FOR,
                ..RetryConfig::default()
            })
            .with_http_connector(OurClient(client))
            .build()
            .map_err(Error::internal)
    }
}

fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

/// Has the store reached by a client of ours.
#[derive(Debug)]
struct OurClient(reqwest::Client);

impl HttpConnector for OurClient {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_the_bucket_is() {
        let text = "s3://AKIA%2F1:se%2Fcret@s3.example.com/files?region=eu-central-1";
        let address = BucketAddress::parse(text).expect("a bucket");
        assert_eq!(address.shown(), "https://s3.example.com/files");
        assert_eq!((&*address.key, &*address.region), ("AKIA/1", "eu-central-1"));
        assert_eq!(address.secret.expose_secret(), "se/cret");
        assert!(!format!("{address:?}").contains("se/cret"));
        let here = BucketAddress::parse("s3://a:b@127.0.0.1:9000/files").expect("a bucket");
        assert_eq!(here.shown(), "http://127.0.0.1:9000/files");
    }

    #[test]
    fn what_names_no_bucket_is_none() {
        for text in [
            "s3://a:b@host",
            "s3://a:b@host/",
            "s3://a:b@host/one/two",
            "s3://a@host/bucket",
            "s3://host/bucket",
            "s3://a:b@host/bucket?tls=off",
            "https://a:b@host/bucket",
            "files",
        ] {
            assert!(BucketAddress::parse(text).is_none(), "{text}");
        }
    }
}
