//! Configuration, log and database of one run.

use std::time::Duration;

use infra_runtime::config::{Config, ConfigArgs, ConfigError, DatabaseUrl, Source};
use infra_runtime::{Application, Database, telemetry};

use crate::failure::{Failure, Result};

/// How long a database may take to answer the first question.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// What is logged unless the operator wishes otherwise: the commands print their own outcome.
const QUIET: &str = "warn";

/// Reads the configuration and sets up the log.
///
/// # Errors
/// Everything that is wrong with the configuration.
pub fn configure(args: &ConfigArgs) -> Result<Config, ConfigError> {
    let mut config = Config::from_process(args)?;
    if config.source("log_level") == Some(&Source::Default) {
        let log_level = Some(QUIET.to_owned());
        config = Config::from_process(&ConfigArgs { log_level, ..args.clone() })?;
    }
    // Only a second call in the same process fails.
    let _ = telemetry::init(&config);
    Ok(config)
}

/// Opens the configured database as [`open_or_make`] does, but never makes a SQLite file: who looks
/// in the wrong folder should not find an empty database there.
///
/// # Errors
/// As [`open_or_make`], and when there is no file.
pub async fn open(config: &Config) -> Result<Application> {
    match &config.database.url {
        DatabaseUrl::Sqlite(path) if !path.is_file() => {
            let message = format!("there is no database at {}", path.display());
            let hint = "Run it where the server runs, or name the folder with --data-dir.";
            Err(Failure::new("no_database", message).hint(hint))
        }
        _ => open_or_make(config).await,
    }
}

/// Opens the configured database with all migrations done: on SQLite missing ones are run, as
/// the server does; on PostgreSQL only the owner may.
///
/// # Errors
/// When the database cannot be used, or migrations are missing.
pub async fn open_or_make(config: &Config) -> Result<Application> {
    match &config.database.url {
        DatabaseUrl::Sqlite(_) => {
            make_folder(config)?;
            Database::migrate(config).await?;
            Ok(Application::open(config).await?)
        }
        DatabaseUrl::Postgres(_) => {
            let application = Application::open(config).await?;
            answers(&application.database).await?;
            migrated(&application.database).await?;
            Ok(application)
        }
    }
}

/// Makes the folder of a SQLite database, for its owner only, where it is missing.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(config: &Config) -> Result<()> {
    let DatabaseUrl::Sqlite(path) = &config.database.url else { return Ok(()) };
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Failure::io(folder.display(), &error))
}

/// Waits for the database's first answer, but not for ever.
///
/// # Errors
/// When there is none.
pub async fn answers(database: &Database) -> Result<()> {
    match tokio::time::timeout(PATIENCE, database.ping()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            let cause = Failure::from(error);
            Err(Failure::new("unreachable", format!("{} cannot be used: {cause}", database.name())))
        }
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            let message = format!("{} did not answer within {seconds} seconds", database.name());
            Err(Failure::new("unreachable", message))
        }
    }
}

async fn migrated(database: &Database) -> Result<()> {
    const REMEDY: &str = "Run `crm-admin migrate` with CRM_DATABASE_OWNER_URL set.";
    match database.pending_migrations().await {
        Ok(pending) if pending.is_empty() => Ok(()),
        Ok(pending) => {
            let message = format!("migrations have not run: {}", pending.join(", "));
            Err(Failure::new("pending_migrations", message).hint(REMEDY))
        }
        // It answers, so this is the table of migrations: missing, or closed to this role.
        Err(error) => {
            let cause = Failure::from(error);
            let message = format!("the database has not been set up: {cause}");
            Err(Failure::new("pending_migrations", message).hint(REMEDY))
        }
    }
}
