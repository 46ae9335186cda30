//! The composition: ports with their adapters, use cases over the ports.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use domain_accounts::Accounts;
use domain_catalog::Catalog;
use domain_integrations::import::Imports;
use domain_jobs::{Handlers, Jobs};
use domain_kernel::files::{Files, FilesAndPictures};
use domain_kernel::limit::Limiter;
use domain_kernel::mail::Mailer;
use domain_kernel::{Clock, Error, Random, Result, TenantId};
use domain_sales::{Sales, Trade};
use infra_auth::Argon2Passwords;
use infra_cache::MokaSignIns;
use infra_files::DrawnPictures;
use infra_sheets::ChildReader;

use crate::config::Config;
use crate::{Database, OsRandom, SystemClock, federation, shared};

/// Every use case, over one database.
#[derive(Clone)]
pub struct Application {
    /// Workspaces, people, signing in.
    pub accounts: Accounts,
    /// What is sold.
    pub catalog: Catalog,
    /// Companies and contacts.
    pub sales: Sales,
    /// Orders, invoices, payments and shipments.
    pub trade: Trade,
    /// What comes in as a spreadsheet.
    pub imports: Imports,
    /// What operators do with jobs, and members see of them.
    pub jobs: Jobs,
    /// Who does which kind of job.
    pub handlers: Handlers,
    /// The database itself, for checks and upkeep.
    pub database: Database,
    /// Counts how often something is done.
    pub limiter: Arc<dyn Limiter>,
    /// Files that people send.
    pub files: Files,
    /// Sends letters; jobs do.
    pub mailer: Arc<dyn Mailer>,
    /// The clock that all of it uses.
    pub clock: Arc<dyn Clock>,
    /// The randomness that all of it uses.
    pub random: Arc<dyn Random>,
}

impl Application {
    /// Composes the application that a configuration describes.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn open(config: &Config) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let database = Database::open(config, clock.clone()).await?;
        Self::over(database, config, clock, Arc::new(OsRandom))
    }

    /// The application over a database that is open already.
    ///
    /// # Errors
    /// When the configuration names a Redis that cannot be one, or a file that cannot be read.
    pub fn over(
        database: Database,
        config: &Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        let (limiter, limits) = shared::limits(config, &database, clock.clone(), random.clone())?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let accounts = Accounts::new(
            database.accounts(),
            Arc::new(Argon2Passwords::new(cores)),
            Arc::new(MokaSignIns::default()),
            limits,
            federation::federation(config, clock.clone())?,
            clock.clone(),
            random.clone(),
        );
        let catalog = Catalog::new(database.catalog(), clock.clone(), random.clone());
        let sales = Sales::new(database.sales(), clock.clone(), random.clone());
        let trade = Trade::new(database.orders(), clock.clone(), random.clone());
        let imports = Imports::new(
            database.sales(),
            database.catalog(),
            Arc::new(ChildReader::new(sheet_reader(config)?)),
            clock.clone(),
            random.clone(),
        );
        let (queue, store) = (database.queue(), database.jobs());
        let jobs = Jobs::new(queue, store, clock.clone(), random.clone());
        let mailer = crate::mailer(config, clock.clone(), random.clone())?;
        let public_url = config.public_url.as_str();
        let store = crate::file_store(config)?;
        let pictures = Arc::new(DrawnPictures::default());
        let ports = FilesAndPictures { store: store.clone(), pictures };
        let files = Files::new(ports, random.clone(), public_url);
        let handlers =
            crate::jobs::handlers(&database, &accounts, &mailer, &store, &clock, public_url);
        Ok(Self {
            accounts,
            catalog,
            sales,
            trade,
            imports,
            jobs,
            handlers,
            database,
            limiter,
            files,
            mailer,
            clock,
            random,
        })
    }

    /// Deletes the files of a workspace that was erased. What cannot be deleted now, the sweep of
    /// files finds later: no row names it any more.
    pub async fn forget_files(&self, erased: TenantId) {
        let store = self.files.store();
        let deleted = async {
            let kept = store.list(erased).await?;
            let keys: Vec<_> = kept.into_iter().map(|file| file.key).collect();
            store.delete(&keys).await
        };
        if let Err(error) = deleted.await {
            tracing::warn!(%error, %erased, "files of an erased workspace are not deleted yet");
        }
    }
}

/// The program that reads spreadsheets: this one, unless the operator names another.
fn sheet_reader(config: &Config) -> Result<PathBuf> {
    match &config.sheet_reader {
        Some(program) => Ok(program.clone()),
        None => std::env::current_exe().map_err(Error::internal),
    }
}
