//! How a setting's value is read from text and shown again.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

/// Stands for a secret in everything that is printed; refused as a value.
pub(super) const HIDDEN: &str = "***";

/// A field of the configuration, as the table of settings sees it.
pub(super) trait Value {
    /// What a good value is, to follow "must be".
    fn expects(&self) -> String;
    /// Whether several values, separated by commas, are meant.
    fn is_list(&self) -> bool {
        false
    }
    /// Whether a table of a file is meant; it comes as JSON.
    fn is_table(&self) -> bool {
        false
    }
    /// What exactly is wrong with a text, where "must be" does not say enough.
    fn complaint(&self, _text: &str) -> Option<String> {
        None
    }
    /// Takes trimmed text; answers whether it was a good value.
    fn set(&mut self, text: &str) -> bool;
    /// The value with secrets hidden, unless there is none.
    fn show(&self) -> Option<toml::Value>;
}

/// A single value; lists and optional values follow from it.
pub(super) trait Scalar: Sized {
    /// What a good value is, to follow "must be".
    const EXPECTS: &'static str;
    fn parse(text: &str) -> Option<Self>;
    fn show(&self) -> toml::Value;
}

impl<T: Scalar> Value for T {
    fn expects(&self) -> String {
        T::EXPECTS.to_owned()
    }
    fn set(&mut self, text: &str) -> bool {
        T::parse(text).map(|value| *self = value).is_some()
    }
    fn show(&self) -> Option<toml::Value> {
        Some(Scalar::show(self))
    }
}

/// Empty text means none.
impl<T: Scalar> Value for Option<T> {
    fn expects(&self) -> String {
        T::EXPECTS.to_owned()
    }
    fn set(&mut self, text: &str) -> bool {
        *self = T::parse(text);
        self.is_some() || text.is_empty()
    }
    fn show(&self) -> Option<toml::Value> {
        self.as_ref().map(Scalar::show)
    }
}

impl<T: Scalar> Value for Vec<T> {
    fn expects(&self) -> String {
        format!("a list, each of it {}", T::EXPECTS)
    }
    fn is_list(&self) -> bool {
        true
    }
    fn set(&mut self, text: &str) -> bool {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(T::parse).collect::<Option<_>>().map(|list| *self = list).is_some()
    }
    fn show(&self) -> Option<toml::Value> {
        Some(self.iter().map(Scalar::show).collect::<Vec<_>>().into())
    }
}

/// Implements [`Scalar`] by three expressions: what is expected, the parser, the shown value.
macro_rules! scalar {
    ($type:ty, $expects:expr, $parse:expr, $show:expr) => {
        impl Scalar for $type {
            const EXPECTS: &'static str = $expects;
            fn parse(text: &str) -> Option<Self> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(text)
            }
            fn show(&self) -> toml::Value {
                let show: fn(&Self) -> toml::Value = $show;
                show(self)
            }
        }
    };
}
pub(super) use scalar;

// TOML integers are signed; the table's ranges keep every number far below that limit.
scalar!(u32, "a whole number", |text| text.parse().ok(), |n| { i64::from(*n).into() });
scalar!(u64, "a whole number", |text| text.parse().ok(), |n| n.cast_signed().into());
scalar!(usize, "a whole number", |text| text.parse().ok(), |n| (*n as u64).cast_signed().into());
scalar!(
    Duration,
    "a whole number of seconds",
    |text| text.parse().ok().map(Self::from_secs),
    |duration| duration.as_secs().cast_signed().into()
);
scalar!(
    bool,
    "true or false",
    |text| match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    },
    |switch| (*switch).into()
);
scalar!(
    SocketAddr,
    "an address and port such as 127.0.0.1:8000 or [::1]:8000",
    |text| text.parse().ok(),
    |address| address.to_string().into()
);
scalar!(PathBuf, "a path", |text| (!text.is_empty()).then(|| text.into()), |path| path
    .display()
    .to_string()
    .into());
scalar!(
    String,
    "a name without spaces",
    |text| (!text.is_empty() && !text.contains(char::is_whitespace)).then(|| text.to_owned()),
    |text| text.as_str().into()
);
scalar!(
    SecretString,
    "a secret without spaces",
    |text| String::parse(text).map(Self::from),
    |_| HIDDEN.into()
);

/// An address or a network of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether `address` belongs to the network; an IPv4 address counts as such also when an
    /// IPv6 socket reports it (`::ffff:10.0.0.1`).
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

scalar!(
    Network,
    "an IP address or network such as 10.0.0.0/8",
    |text| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok().map(Self),
    |network| network.0.to_string().into()
);

/// Who reads the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// People when standard error is a terminal, else machines.
    #[default]
    Auto,
    /// People: one compact line per event.
    Pretty,
    /// Machines: one JSON object per line.
    Json,
}

scalar!(
    LogFormat,
    "auto, pretty or json",
    |text| match text {
        "auto" => Some(Self::Auto),
        "pretty" => Some(Self::Pretty),
        "json" => Some(Self::Json),
        _ => None,
    },
    |format| match format {
        Self::Auto => "auto".into(),
        Self::Pretty => "pretty".into(),
        Self::Json => "json".into(),
    }
);

/// A filter that tracing understands, such as `info` or `info,crm_server=debug`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

scalar!(
    LogFilter,
    "a level (off, error, warn, info, debug, trace) or a filter such as info,crm_server=debug",
    |text| {
        // A bare word would be taken for a module's name: `inffo` would silence everything.
        let known = |part: &str| part.contains(['=', '[']) || part.parse::<LevelFilter>().is_ok();
        let good = text.split(',').all(|part| known(part.trim()));
        (good && EnvFilter::try_new(text).is_ok()).then(|| Self(text.to_owned()))
    },
    |filter| filter.as_str().into()
);

/// When a browser sends the CSRF cookie along from another site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// With links, not with forms.
    #[default]
    Lax,
    /// Never.
    Strict,
    /// Always.
    None,
}

impl SameSite {
    /// The word that stands in the cookie.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::Strict => "Strict",
            Self::None => "None",
        }
    }
}

scalar!(
    SameSite,
    "Lax, Strict or None",
    |text| {
        let all = [Self::Lax, Self::Strict, Self::None];
        all.into_iter().find(|choice| choice.as_str().eq_ignore_ascii_case(text))
    },
    |choice| choice.as_str().into()
);
