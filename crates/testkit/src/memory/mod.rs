//! The in-memory fake of the stores.
//!
//! It keeps the promises of the ports in the plainest way, so that it can serve as their
//! explanation: a unit of work has a private copy of everything, which a commit puts in place.
//! One unit writes at a time. What the databases' foreign keys refuse, it refuses too.

mod accounts;
mod accounts_state;
mod billing;
mod catalog;
mod claims;
mod erasure;
mod failures;
mod files;
mod invites;
mod jobs;
mod list;
mod members;
mod orders;
mod overview;
mod plans;
mod records;
mod sales;
mod state;
mod tokens;
mod trail;
mod work;
mod workspaces;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain_accounts::{AccountsStore, AccountsWork};
use domain_catalog::CatalogWork;
use domain_jobs::JobsWork;
use domain_kernel::journal::Entry;
use domain_kernel::{Clock, Error, OpContext, Record, Result, Store};
use domain_sales::{OrderWork, SalesWork};
pub use failures::MemoryFailedSignIns;
pub use files::MemoryFiles;
pub use plans::{FEATURES, FeatureRow, PLANS, PlanRow};
use state::State;
pub(crate) use state::Stored;
use work::MemoryWork;

/// How long a unit waits for its turn to write.
const PATIENCE: Duration = Duration::from_secs(5);

/// A store in memory, for the catalog, sales, accounts and jobs.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

/// What all units of work of a store share.
struct Shared {
    committed: Mutex<Arc<State>>,
    /// Held by the unit that writes.
    turn: Arc<tokio::sync::Mutex<()>>,
    claims: claims::Claims,
    /// Rings when a unit has committed jobs.
    bell: tokio::sync::Notify,
    clock: Arc<dyn Clock>,
}

impl Shared {
    fn committed(&self) -> Arc<State> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn commit(&self, state: Arc<State>) {
        *self.committed.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl MemoryStore {
    /// An empty store with the plans that the migrations write.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(Shared {
                committed: Mutex::default(),
                turn: Arc::default(),
                claims: claims::Claims::default(),
                bell: tokio::sync::Notify::new(),
                clock,
            }),
        }
    }

    /// All that was journaled, in the order of the commits.
    pub fn entries(&self) -> Vec<Entry> {
        self.shared.committed().journal.clone()
    }

    /// Takes over rows as another store has them, with their ids.
    pub(crate) fn load<T: Stored>(&self, records: impl IntoIterator<Item = Record<T>>) {
        let mut state = self.shared.committed();
        let table = T::table_mut(Arc::make_mut(&mut state));
        for record in records {
            table.put(record);
        }
        self.shared.commit(state);
    }

    fn read(&self, ctx: Option<&OpContext>) -> MemoryWork {
        MemoryWork::new(self.shared.clone(), ctx)
    }

    async fn write(&self, ctx: Option<&OpContext>) -> Result<MemoryWork> {
        // Claimed before waiting: the answer that the first request still runs must not wait for
        // it.
        let claim = match ctx.and_then(work::idempotent_request) {
            Some(request) => Some(self.shared.claims.claim(request)?),
            None => None,
        };
        let waiting = self.shared.turn.clone().lock_owned();
        let turn = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| Error::Busy)?;
        let mut work = MemoryWork::new(self.shared.clone(), ctx);
        work.allow_writing(turn, claim);
        Ok(work)
    }
}

#[async_trait]
impl Store<dyn CatalogWork> for MemoryStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn CatalogWork>> {
        Ok(Box::new(self.read(Some(ctx))))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn CatalogWork>> {
        Ok(Box::new(self.write(Some(ctx)).await?))
    }
}

#[async_trait]
impl Store<dyn OrderWork> for MemoryStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn OrderWork>> {
        Ok(Box::new(self.read(Some(ctx))))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn OrderWork>> {
        Ok(Box::new(self.write(Some(ctx)).await?))
    }
}

#[async_trait]
impl Store<dyn SalesWork> for MemoryStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn SalesWork>> {
        Ok(Box::new(self.read(Some(ctx))))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn SalesWork>> {
        Ok(Box::new(self.write(Some(ctx)).await?))
    }
}

#[async_trait]
impl Store<dyn AccountsWork> for MemoryStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn AccountsWork>> {
        Ok(Box::new(self.read(Some(ctx))))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn AccountsWork>> {
        Ok(Box::new(self.write(Some(ctx)).await?))
    }
}

#[async_trait]
impl AccountsStore for MemoryStore {
    async fn open_read(&self) -> Result<Box<dyn AccountsWork>> {
        Ok(Box::new(self.read(None)))
    }

    async fn open_write(&self) -> Result<Box<dyn AccountsWork>> {
        Ok(Box::new(self.write(None).await?))
    }
}

#[async_trait]
impl Store<dyn JobsWork> for MemoryStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn JobsWork>> {
        Ok(Box::new(self.read(Some(ctx))))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn JobsWork>> {
        Ok(Box::new(self.write(Some(ctx)).await?))
    }
}
