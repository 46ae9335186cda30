//! Names and origins under which the server may be reached, matched as Django does.

use std::net::Ipv6Addr;

use url::{Host, Url};

use super::value::{Scalar, scalar};

/// `*`, a host name, an address, or `.example.com` for a domain and all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern(String);

impl HostPattern {
    /// Whether a `Host` header matches; its port does not matter.
    pub fn matches(&self, header: &str) -> bool {
        let header = header.trim().to_ascii_lowercase();
        let host = match header.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &header,
        };
        let host = host.strip_suffix('.').unwrap_or(host);
        match self.0.as_str() {
            "*" => true,
            pattern => host == pattern || within(host, pattern),
        }
    }
}

/// Whether `host` is the domain of a pattern `.domain`, or below it.
fn within(host: &str, pattern: &str) -> bool {
    pattern.strip_prefix('.').is_some_and(|domain| host == domain || host.ends_with(pattern))
}

fn is_name(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes().all(good) && text.bytes().any(|byte| byte != b'.')
}

scalar!(
    HostPattern,
    "a host name without port such as crm.example.com, .example.com for all below it too, or *",
    |text| {
        let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let address = inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok());
        (text == "*" || address || is_name(text)).then(|| Self(text.to_ascii_lowercase()))
    },
    |pattern| pattern.0.as_str().into()
);

/// Scheme, host and port of a site, normalized as browsers send it in `Origin`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin without a slash at its end, such as `https://crm.example.com`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the site is served encrypted.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The host, without the port.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.0).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether the site can be reached from this machine only.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }
}

/// Whether an address leads to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Reads an origin; the path and whatever follows must be missing, for it would be ignored.
fn parse_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let web = matches!(url.scheme(), "http" | "https");
    (web && bare && anonymous).then(|| url.origin().ascii_serialization())
}

scalar!(
    Origin,
    "a URL such as https://crm.example.com, without a path",
    |text| parse_origin(text).filter(|origin| !origin.contains('*')).map(Self),
    |origin| origin.as_str().into()
);

/// An origin, or `https://*.example.com` for a domain and all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern(String);

impl OriginPattern {
    /// Whether an `Origin` header matches.
    pub fn matches(&self, origin: &str) -> bool {
        let Some((scheme, pattern)) = self.0.split_once('*') else {
            return self.0 == origin;
        };
        let host = origin.strip_prefix(scheme);
        host.is_some_and(|host| !host.contains(['/', '@']) && within(host, pattern))
    }
}

scalar!(
    OriginPattern,
    "a URL such as https://crm.example.com or https://*.example.com, without a path",
    |text| {
        let origin = parse_origin(text)?;
        let stars = origin.matches('*').count();
        (stars == 0 || (stars == 1 && origin.contains("://*."))).then_some(Self(origin))
    },
    |pattern| pattern.0.as_str().into()
);
