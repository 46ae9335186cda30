//! Addresses of services, which may hold a password that is never printed.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::value::{HIDDEN, Scalar, scalar};

/// A URL whose password is hidden in all output.
#[derive(Clone)]
pub struct SecretUrl(SecretString);

impl SecretUrl {
    /// A URL that was found good.
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The whole URL with its password, to connect with.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(mut url) = Url::parse(self.expose()) else {
            return out.write_str(HIDDEN);
        };
        if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
            return out.write_str(HIDDEN);
        }
        // Drivers also take `?password=…`.
        if url.query().is_some_and(|query| query.to_ascii_lowercase().contains("pass")) {
            url.set_query(Some(HIDDEN));
        }
        url.fmt(out)
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A URL of a Postgres database that names host, user and database.
#[derive(Clone, Debug)]
pub struct PostgresUrl(pub SecretUrl);

scalar!(
    PostgresUrl,
    "postgres://USER:PASSWORD@HOST/DATABASE",
    |text| {
        let url = Url::parse(text).ok()?;
        let named = !url.username().is_empty() && url.path().len() > 1;
        let good = matches!(url.scheme(), "postgres" | "postgresql") && named && url.has_host();
        good.then(|| Self(SecretUrl(text.into())))
    },
    |url| url.0.to_string().into()
);

/// A URL of a Redis server.
#[derive(Clone, Debug)]
pub struct RedisUrl(pub SecretUrl);

scalar!(
    RedisUrl,
    "a redis:// or rediss:// URL",
    |text| {
        let url = Url::parse(text).ok()?;
        let good = matches!(url.scheme(), "redis" | "rediss") && url.has_host();
        good.then(|| Self(SecretUrl(text.into())))
    },
    |url| url.0.to_string().into()
);

/// Which database to use, chosen by the URL's scheme.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// A file; a relative path starts at the working directory.
    Sqlite(PathBuf),
    /// A server.
    Postgres(PostgresUrl),
}

scalar!(
    DatabaseUrl,
    "sqlite:PATH (a file, without options) or postgres://USER:PASSWORD@HOST/DATABASE",
    |text| {
        let Some(path) = text.strip_prefix("sqlite:") else {
            return PostgresUrl::parse(text).map(Self::Postgres);
        };
        let path = path.strip_prefix("//").unwrap_or(path);
        // Options would become part of the file's name, and each connection would get a
        // `:memory:` of its own.
        let file = !path.is_empty() && !path.contains('?') && !path.starts_with(':');
        file.then(|| Self::Sqlite(path.into()))
    },
    |url| match url {
        Self::Sqlite(path) => format!("sqlite:{}", path.display()).into(),
        Self::Postgres(url) => Scalar::show(url),
    }
);
