//! The store of files that people send.

use std::path::PathBuf;

use domain_kernel::{Error, Result};
use infra_files::BucketAddress;

use super::urls::SecretUrl;
use super::value::{Scalar, scalar};

/// Files.
#[derive(Clone, Debug, Default)]
pub struct FilesConfig {
    /// The store; none is a folder.
    pub url: Option<FilesUrl>,
    /// PEM file with further roots to trust.
    pub ca_file: Option<PathBuf>,
    /// Largest file, in bytes.
    pub limit: usize,
}

/// A URL of a bucket.
#[derive(Clone, Debug)]
pub struct FilesUrl(SecretUrl);

impl FilesUrl {
    /// The bucket.
    ///
    /// # Errors
    /// When it names none, which its construction rules out.
    pub fn bucket(&self) -> Result<BucketAddress> {
        BucketAddress::parse(self.0.expose()).ok_or_else(|| Error::internal("no bucket"))
    }
}

scalar!(
    FilesUrl,
    "s3://KEY:SECRET@HOST/BUCKET, with `?region=` where the store has regions",
    |text| BucketAddress::parse(text).map(|_| Self(SecretUrl::new(text))),
    |url| url.0.to_string().into()
);
