//! The process's log: what `log_level` lets through, to standard error.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::config::{Config, LogFormat};

/// The log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log_level` is no filter; a loaded configuration has checked that.
    #[error("log_level is not a filter")]
    Filter(#[from] ParseError),
    /// The process logs already; harmless in tests.
    #[error("the log is set up already")]
    AlreadySet(#[from] TryInitError),
}

/// Sends all events of the process, those of the `log` crate too, to standard error: compact
/// lines for people, or one JSON object per line with target, fields and the spans around it.
///
/// # Errors
/// [`TelemetryError::AlreadySet`] from the second call on; callers may ignore it.
pub fn init(config: &Config) -> Result<(), TelemetryError> {
    let terminal = stderr().is_terminal();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(config.log.level.as_str())?)
        .with_writer(stderr);
    let people = match config.log.format {
        LogFormat::Auto => terminal,
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    if !people {
        builder.json().with_current_span(false).finish().try_init()?;
    } else if terminal {
        builder.compact().finish().try_init()?;
    } else {
        builder.compact().with_ansi(false).finish().try_init()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigArgs;

    #[test]
    fn a_second_call_says_so_instead_of_panicking() {
        let directory = tempfile::tempdir().expect("a directory");
        let config = Config::load(&ConfigArgs::default(), std::iter::empty(), directory.path())
            .expect("the defaults are good");
        // Another test may have been first.
        let _ = init(&config);
        assert!(matches!(init(&config), Err(TelemetryError::AlreadySet(_))));
    }
}
