//! The command-line flags that both binaries share.

use std::fmt;
use std::path::PathBuf;

/// Flags that choose the configuration file and overrule single settings; flatten it into a
/// clap parser. Values are kept as text, so that a bad one is reported with all the others.
#[derive(Clone, Default, clap::Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// Configuration file (TOML) [default: $CRM_CONFIG, else ./simplycrm.toml if it exists]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS:PORT", global = true)]
    pub listen: Option<String>,
    /// Database; other users of the machine see flags, so give a password in the environment
    #[arg(long, value_name = "URL", global = true)]
    pub database_url: Option<String>,
    /// Directory for the SQLite database and uploaded files
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<String>,
    /// Log lines for people or for machines: auto, pretty or json
    #[arg(long, value_name = "FORMAT", global = true)]
    pub log_format: Option<String>,
    /// What to log: error, warn, info, debug, trace, or a filter such as info,crm_server=debug
    #[arg(long, value_name = "FILTER", global = true)]
    pub log_level: Option<String>,
    /// Any setting by its key, repeatable; a flag of its own wins over this
    #[arg(long, value_name = "KEY=VALUE", global = true)]
    pub set: Vec<String>,
}

impl ConfigArgs {
    /// The flags that name one setting: flag, key, value.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        [
            ("--listen", "listen", &self.listen),
            ("--database-url", "database_url", &self.database_url),
            ("--data-dir", "data_dir", &self.data_dir),
            ("--log-format", "log_format", &self.log_format),
            ("--log-level", "log_level", &self.log_level),
        ]
        .into_iter()
        .filter_map(|(flag, key, value)| Some((flag, key, value.as_deref()?)))
    }
}

/// Leaves the values out: any of them may hold a password.
impl fmt::Debug for ConfigArgs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ConfigArgs").field("config", &self.config).finish_non_exhaustive()
    }
}
