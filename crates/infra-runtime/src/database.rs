//! The database that the configuration names, whichever it is.

use std::sync::Arc;

use domain_accounts::{AccountsStore, FailedSignIns};
use domain_catalog::CatalogStore;
use domain_jobs::{JobsStore, Queue};
use domain_kernel::{Clock, Error, RecordKind, Result};
use domain_sales::{OrderStore, SalesStore};

use crate::config::{Config, DatabaseUrl, PostgresUrl};

/// Sees every statement before it is sent.
pub type Observer = Arc<dyn Fn(&str) + Send + Sync>;

/// A store on PostgreSQL or SQLite.
#[derive(Clone)]
pub enum Database {
    /// On PostgreSQL.
    Postgres(infra_postgres::SqlStore),
    /// On SQLite.
    Sqlite(infra_sqlite::SqlStore),
}

/// What a migration did.
#[derive(Debug, Default)]
pub struct MigrateReport {
    /// The migrations that ran.
    pub ran: Vec<String>,
    /// The role that was made for the server, if one was.
    pub new_role: Option<String>,
}

/// Runs an expression on the store, whichever it is.
macro_rules! on {
    ($database:expr, $store:ident, $module:ident => $body:expr) => {
        match $database {
            Database::Postgres($store) => {
                #[allow(
                    unused_imports,
                    reason = "some expressions need no function of the crate"
                )]
                use infra_postgres as $module;
                $body
            }
            Database::Sqlite($store) => {
                #[allow(
                    unused_imports,
                    reason = "some expressions need no function of the crate"
                )]
                use infra_sqlite as $module;
                $body
            }
        }
    };
}

impl Database {
    /// Opens the configured database.
    ///
    /// # Errors
    /// When it cannot be used.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::open_observed(config, clock, None).await
    }

    /// Opens the configured database with somebody who sees every statement.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_observed(
        config: &Config,
        clock: Arc<dyn Clock>,
        observer: Option<Observer>,
    ) -> Result<Self> {
        match &config.database.url {
            DatabaseUrl::Postgres(url) => {
                let mut options = postgres(config, url);
                options.observer = observer.map(infra_postgres::Observer::new);
                Ok(Self::Postgres(infra_postgres::SqlStore::open(&options, clock).await?))
            }
            DatabaseUrl::Sqlite(_) => {
                let mut options = sqlite(config)?;
                options.observer = observer.map(infra_sqlite::Observer::new);
                Ok(Self::Sqlite(infra_sqlite::SqlStore::open(&options, clock).await?))
            }
        }
    }

    /// Runs the missing migrations of the configured database, on PostgreSQL as the owner, and
    /// lets the server's role use the tables.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the owner's address is missing; the database's errors.
    pub async fn migrate(config: &Config) -> Result<MigrateReport> {
        match &config.database.url {
            DatabaseUrl::Sqlite(_) => {
                let ran = infra_sqlite::migrate(&sqlite(config)?).await?;
                Ok(MigrateReport { ran, new_role: None })
            }
            DatabaseUrl::Postgres(url) => {
                let owner = config.database.owner_url.as_ref().ok_or_else(|| {
                    let message = "Set it to the role that owns the tables; it runs migrations.";
                    Error::field("database_owner_url", message)
                })?;
                let owner_url = url::Url::parse(owner.0.expose()).map_err(Error::internal)?;
                let owner = postgres(config, owner);
                let url = url::Url::parse(url.0.expose()).map_err(Error::internal)?;
                let role = percent_decoded(url.username());
                if role == percent_decoded(owner_url.username()) {
                    let message = "Name another role than database_url does: the server must not \
                        own the tables.";
                    return Err(Error::field("database_owner_url", message));
                }
                let ran = infra_postgres::migrate(&owner).await?;
                let password = url.password().map(percent_decoded);
                let made = infra_postgres::admit(&owner, &role, password.as_deref()).await?;
                Ok(MigrateReport { ran, new_role: made.then_some(role) })
            }
        }
    }

    /// The database's name for people.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "PostgreSQL",
            Self::Sqlite(_) => "SQLite",
        }
    }

    /// The names of the migrations that have not run.
    ///
    /// # Errors
    /// When none has run at all, or the database does not answer.
    pub async fn pending_migrations(&self) -> Result<Vec<String>> {
        on!(self, store, adapter => adapter::pending_migrations(store).await)
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<()> {
        on!(self, store, _adapter => store.ping().await)
    }

    /// What is wrong with how the server is connected, for its operator.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn misuse(&self) -> Result<Option<String>> {
        on!(self, store, _adapter => store.misuse().await)
    }

    /// Deletes what is kept for a limited time only; how many rows it was.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sweep(&self) -> Result<usize> {
        on!(self, store, _adapter => store.sweep().await)
    }

    /// The store as the catalog sees it.
    pub fn catalog(&self) -> Arc<CatalogStore> {
        on!(self, store, _adapter => Arc::new(store.clone()))
    }

    /// The store as trade sees it.
    pub fn orders(&self) -> Arc<OrderStore> {
        on!(self, store, infra => Arc::new(store.clone()))
    }

    /// Says which kinds of records workspaces have: those of the resources that are served.
    pub fn serve(&self, kinds: Vec<RecordKind>) {
        on!(self, store, _adapter => store.serve(kinds));
    }

    /// The store as sales sees it.
    pub fn sales(&self) -> Arc<SalesStore> {
        on!(self, store, _adapter => Arc::new(store.clone()))
    }

    /// The queue.
    pub fn queue(&self) -> Arc<dyn Queue> {
        on!(self, store, _adapter => Arc::new(store.clone()))
    }

    /// The store as members who look at jobs see it.
    pub fn jobs(&self) -> Arc<JobsStore> {
        on!(self, store, _adapter => Arc::new(store.clone()))
    }

    /// The tallies of failed sign-ins in the database.
    pub fn failed_sign_ins(&self) -> Arc<dyn FailedSignIns> {
        on!(self, store, _adapter => Arc::new(store.clone()))
    }

    /// The store as accounts sees it.
    pub fn accounts(&self) -> Arc<dyn AccountsStore> {
        on!(self, store, _adapter => Arc::new(store.clone()))
    }
}

fn postgres(config: &Config, url: &PostgresUrl) -> infra_postgres::Options {
    infra_postgres::Options {
        url: url.0.expose().to_owned(),
        ca_file: config.database.ca_file.clone(),
        connections: config.database.connections,
        observer: None,
    }
}

fn sqlite(config: &Config) -> Result<infra_sqlite::Options> {
    match &config.database.url {
        DatabaseUrl::Sqlite(path) => Ok(infra_sqlite::Options {
            path: path.clone(),
            // Readers that wait for the disk are cheap, but each keeps a page cache.
            connections: config.database.connections.min(8),
            observer: None,
        }),
        DatabaseUrl::Postgres(_) => Err(Error::internal("not a SQLite database")),
    }
}

/// A part of a URL as it was meant.
fn percent_decoded(text: &str) -> String {
    url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect()
}
