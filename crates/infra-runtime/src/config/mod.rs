//! The configuration: one typed value, read once from defaults, a TOML file, the environment and
//! flags, and handed to whoever needs it.
//!
//! `table` is the list of all settings; everything else here follows it. To add a setting, add a
//! field below (and in `blank`), a line in the table, and run the tests with `UPDATE_DOCS=1`.

mod args;
mod error;
mod files;
mod hosts;
mod layers;
mod mail;
mod providers;
mod rate;
mod reference;
mod setting;
mod table;
#[cfg(test)]
mod tests;
mod urls;
mod value;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain_kernel::limit::Rule;
use secrecy::{ExposeSecret as _, SecretString};

pub use args::ConfigArgs;
pub use error::{ConfigError, Problem, Source};
pub use files::{FilesConfig, FilesUrl};
pub use hosts::{HostPattern, Origin, OriginPattern};
pub use mail::{MailConfig, MailFrom, SmtpUrl};
pub use providers::{IssuerAddress, NamedSecret, ProviderTable, ProviderTables};
pub use rate::Rate;
pub use reference::reference_markdown;
pub use urls::{DatabaseUrl, PostgresUrl, RedisUrl, SecretUrl};
pub use value::{LogFilter, LogFormat, Network, SameSite};

/// Fewest characters of a key.
const LEAST_KEY: usize = 32;

/// Every setting, checked. Made by [`Config::load`] only; `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where people reach the server.
    pub public_url: Origin,
    /// Development: the https hardening is off.
    pub debug: bool,
    /// HTTP worker threads; 0 is one per core.
    pub workers: usize,
    /// Directory of the SQLite database and uploaded files.
    pub data_dir: PathBuf,
    /// Limit of a whole request.
    pub request_timeout: Duration,
    /// How long running requests may go on after the signal to stop.
    pub shutdown_timeout: Duration,
    /// Largest JSON body in bytes.
    pub json_body_limit: usize,
    /// The program that reads spreadsheets; none is this one.
    pub sheet_reader: Option<PathBuf>,
    /// Host names to answer to, none is any; see [`Config::allows_host`].
    pub allowed_hosts: Vec<HostPattern>,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Where the data is.
    pub database: DatabaseConfig,
    /// Work in the background.
    pub jobs: JobsConfig,
    /// What is logged, and for whom.
    pub log: LogConfig,
    /// Whether browsers shall insist on https.
    pub https: HttpsConfig,
    /// Protection of cookie-authenticated requests.
    pub csrf: CsrfConfig,
    /// Origins whose scripts may call the API; none is CORS off.
    pub cors_allowed_origins: Vec<Origin>,
    /// Theme of the control panel for people who chose none.
    pub default_theme: String,
    /// Lockout after failed sign-ins.
    pub login: LoginConfig,
    /// How long browsers stay signed in.
    pub sessions: SessionsConfig,
    /// The key that secrets in the database are sealed with; none is one in the data directory.
    pub secret_key: Option<SecretString>,
    /// Whether the platform's staff must have a second factor.
    pub staff_second_factor: bool,
    /// Federated sign-in with Google.
    pub google: GoogleConfig,
    /// Federated sign-in with any provider of OpenID Connect.
    pub oidc: OidcConfig,
    /// Whether calls are limited at all.
    pub throttle: bool,
    /// Steady limits of calls.
    pub rates: RatesConfig,
    /// Limit of sudden calls from one address.
    pub burst: BurstConfig,
    /// Mail, and who it comes from.
    pub mail: MailConfig,
    /// Files that people send.
    pub files: FilesConfig,
    /// Redis that several servers share.
    pub redis_url: Option<RedisUrl>,
    /// Key for the assistant's language model.
    pub openai_api_key: Option<SecretString>,
    sources: BTreeMap<&'static str, Source>,
}

/// The database and how to reach it.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// The database, as the role that serves requests.
    pub url: DatabaseUrl,
    /// The Postgres role that owns the tables, for migrations only.
    pub owner_url: Option<PostgresUrl>,
    /// PEM file with the roots to trust for Postgres over TLS.
    pub ca_file: Option<PathBuf>,
    /// Most connections to keep open.
    pub connections: usize,
}

/// Work in the background.
#[derive(Clone, Debug, Default)]
pub struct JobsConfig {
    /// Most jobs at a time in the server; 0 leaves them to workers.
    pub in_server: usize,
    /// Most jobs at a time in a worker.
    pub in_worker: usize,
    /// How long a job is held without a sign of life.
    pub lease: Duration,
    /// How often a sign is given.
    pub heartbeat: Duration,
}

/// The log.
#[derive(Clone, Debug, Default)]
pub struct LogConfig {
    /// Lines for people or for machines.
    pub format: LogFormat,
    /// What is logged.
    pub level: LogFilter,
}

/// Hardening of https.
#[derive(Clone, Debug, Default)]
pub struct HttpsConfig {
    /// Send http requests to https.
    pub redirect: bool,
    /// Seconds for which browsers shall insist on https; 0 sends no such header.
    pub hsts_seconds: u64,
    /// Let that hold for all names below the host's.
    pub hsts_include_subdomains: bool,
    /// Allow browsers to ship the host in their lists.
    pub hsts_preload: bool,
}

/// Cross-site request forgery.
#[derive(Clone, Debug, Default)]
pub struct CsrfConfig {
    /// Further origins that may send unsafe requests with a cookie.
    pub trusted_origins: Vec<OriginPattern>,
    /// The cookie's `SameSite`.
    pub cookie_samesite: SameSite,
}

/// Lockout after failed sign-ins.
#[derive(Clone, Debug, Default)]
pub struct LoginConfig {
    /// Failures after which a name is locked at an address.
    pub max_attempts: u32,
    /// How long a failure counts.
    pub attempt_window: Duration,
    /// How long the lock lasts.
    pub lockout: Duration,
}

/// How long browsers stay signed in.
#[derive(Clone, Debug, Default)]
pub struct SessionsConfig {
    /// From one use to the next.
    pub idle: Duration,
    /// In all.
    pub absolute: Duration,
}

/// Federated sign-in with Google.
#[derive(Clone, Debug, Default)]
pub struct GoogleConfig {
    /// Audiences whose ID tokens are accepted; none is off.
    pub client_ids: Vec<String>,
    /// Workspace domains that may sign in; none is any.
    pub allowed_domains: Vec<String>,
    /// Who signs the ID tokens.
    pub issuer: IssuerAddress,
}

/// Federated sign-in with any provider of OpenID Connect.
#[derive(Clone, Debug, Default)]
pub struct OidcConfig {
    /// The providers.
    pub providers: ProviderTables,
    /// Their secrets.
    pub client_secrets: Vec<NamedSecret>,
    /// PEM file with further roots to trust.
    pub ca_file: Option<PathBuf>,
    /// Origins beside our own that a sign-in may lead to.
    pub next_origins: Vec<Origin>,
}

/// Steady limits of calls; `None` is no limit.
#[derive(Clone, Debug, Default)]
pub struct RatesConfig {
    /// Sign-ins per name and address.
    pub login: Option<Rate>,
    /// Calls per address, signed out.
    pub anon: Option<Rate>,
    /// Calls per person, signed in.
    pub user: Option<Rate>,
    /// Registrations per address.
    pub registration: Option<Rate>,
}

/// Limit of sudden calls from one address.
#[derive(Clone, Debug, Default)]
pub struct BurstConfig {
    /// How long a call counts.
    pub window: Duration,
    /// Calls in that time; 0 is no limit.
    pub limit: u32,
    /// How long an address that sent more is refused.
    pub penalty: Duration,
}

impl BurstConfig {
    /// The rule that it makes; none is no limit.
    pub fn rule(&self) -> Option<Rule> {
        let Self { window, limit, penalty } = *self;
        (limit > 0).then_some(Rule { limit, window, penalty: Some(penalty) })
    }
}

impl Config {
    /// Reads the configuration of this process, the flags being `args`.
    ///
    /// # Errors
    /// All that is unknown or makes no sense, in one [`ConfigError`].
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_process(args: &ConfigArgs) -> Result<Self, ConfigError> {
        // Strangers' variables may be no UTF-8; that is no reason to stop.
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let env = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        Self::load(args, env, Path::new("."))
    }

    /// Reads the configuration from flags, the environment `env`, and a file that is looked up
    /// from the directory `cwd`. Other relative paths are left as they are.
    ///
    /// # Errors
    /// All that is unknown or makes no sense, in one [`ConfigError`].
    pub fn load(
        args: &ConfigArgs,
        env: impl Iterator<Item = (String, String)>,
        cwd: &Path,
    ) -> Result<Self, ConfigError> {
        let mut layers = layers::Layers::gather(args, &env.collect(), cwd);
        let mut config = Self::blank();
        for setting in table::settings() {
            let given = layers.given.remove(setting.key);
            let (text, source) =
                given.unwrap_or_else(|| (setting.fallback_text(&config), Source::Default));
            if let Err(message) = setting.apply(&mut config, &text) {
                let (key, source) = (setting.key.to_owned(), source.clone());
                layers.problems.push(Problem { key, source, message });
            }
            config.sources.insert(setting.key, source);
        }
        for (key, message) in config.provider_problems() {
            let source = config.source(key).cloned().unwrap_or(Source::Default);
            layers.problems.push(Problem { key: key.to_owned(), source, message });
        }
        if let Some(message) = config.weak_key() {
            let source = config.source("secret_key").cloned().unwrap_or(Source::Default);
            layers.problems.push(Problem { key: "secret_key".to_owned(), source, message });
        }
        match layers.problems {
            problems if problems.is_empty() => Ok(config),
            problems => Err(ConfigError { problems }),
        }
    }

    /// What is wrong with the key that secrets are sealed with.
    fn weak_key(&self) -> Option<String> {
        let key = self.secret_key.as_ref()?;
        let short = key.expose_secret().chars().count() < LEAST_KEY;
        short.then(|| format!("must have {LEAST_KEY} characters at least"))
    }

    /// Where the value of `key` came from; `None` if there is no such setting.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources.get(key)
    }

    /// Whether a request with this `Host` header may be answered.
    pub fn allows_host(&self, host: &str) -> bool {
        self.allowed_hosts.is_empty() || self.allowed_hosts.iter().any(|one| one.matches(host))
    }

    /// Whether an address is that of a proxy whose forwarding headers are believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(address))
    }

    /// Something to read the settings into; the defaults are in the table.
    fn blank() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: Origin::default(),
            debug: false,
            workers: 0,
            data_dir: PathBuf::new(),
            request_timeout: Duration::ZERO,
            shutdown_timeout: Duration::ZERO,
            json_body_limit: 0,
            sheet_reader: None,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            database: DatabaseConfig {
                url: DatabaseUrl::Sqlite(PathBuf::new()),
                owner_url: None,
                ca_file: None,
                connections: 0,
            },
            jobs: JobsConfig::default(),
            log: LogConfig::default(),
            https: HttpsConfig::default(),
            csrf: CsrfConfig::default(),
            cors_allowed_origins: Vec::new(),
            default_theme: String::new(),
            login: LoginConfig::default(),
            sessions: SessionsConfig::default(),
            secret_key: None,
            staff_second_factor: false,
            google: GoogleConfig::default(),
            oidc: OidcConfig::default(),
            throttle: false,
            rates: RatesConfig::default(),
            burst: BurstConfig::default(),
            mail: MailConfig::blank(),
            files: FilesConfig::default(),
            redis_url: None,
            openai_api_key: None,
            sources: BTreeMap::new(),
        }
    }
}
