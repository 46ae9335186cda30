//! The store: pools of connections that open units of work.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use domain_accounts::{AccountsStore, AccountsWork};
use domain_catalog::CatalogWork;
use domain_jobs::JobsWork;
use domain_kernel::{Clock, IdempotencyKey, OpContext, RecordKind, Result, Store, TenantId};
use domain_sales::{OrderWork, SalesWork};
use tokio::sync::Notify;

use crate::dialect::{self, Options, Pools};
use crate::idempotency::Locks;
use crate::lease::Lease;
use crate::work::SqlWork;

/// Every port of the domain that keeps data, over one database.
#[derive(Clone)]
pub struct SqlStore(Arc<Shared>);

struct Shared {
    pools: Pools,
    clock: Arc<dyn Clock>,
    locks: Locks,
    /// Rings when a unit has committed jobs.
    bell: Arc<Notify>,
    /// The kinds of records that workspaces have, once somebody serves them.
    kinds: OnceLock<Arc<[RecordKind]>>,
}

impl SqlStore {
    /// Opens the database. Its migrations must have run; see [`migrate`](crate::migrate).
    ///
    /// # Errors
    /// [`Error::Internal`](domain_kernel::Error::Internal) when the options cannot be used.
    pub async fn open(options: &Options, clock: Arc<dyn Clock>) -> Result<Self> {
        let pools = Pools::open(options).await?;
        Ok(Self(Arc::new(Shared {
            pools,
            clock,
            locks: Locks::default(),
            bell: Arc::default(),
            kinds: OnceLock::new(),
        })))
    }

    /// Says which kinds of records workspaces have: those of the resources that are served. What was
    /// said first counts.
    pub fn serve(&self, kinds: Vec<RecordKind>) {
        // Whoever serves the same store again serves the same resources.
        drop(self.0.kinds.set(kinds.into()));
    }

    async fn read(&self, tenant: Option<TenantId>) -> Result<SqlWork> {
        let begin = dialect::begin(tenant, false);
        let lease = Lease::take(self.0.pools.readers(), begin).await?;
        Ok(self.unit(lease, tenant))
    }

    async fn write(&self, tenant: Option<TenantId>) -> Result<SqlWork> {
        let begin = dialect::begin(tenant, true);
        let lease = Lease::take(self.0.pools.writers(), begin).await?;
        Ok(self.unit(lease, tenant).writing())
    }

    fn unit(&self, lease: Lease, tenant: Option<TenantId>) -> SqlWork {
        let mut unit = SqlWork::new(lease, tenant, self.0.clock.clone(), self.0.bell.clone());
        unit.kinds = self.0.kinds.get().cloned().unwrap_or_default();
        unit
    }

    /// A unit of the queue, which serves all workspaces.
    pub(crate) async fn queue_unit(&self, writing: bool) -> Result<SqlWork> {
        let pools = &self.0.pools;
        let pool = if writing { pools.writers() } else { pools.readers() };
        let unit = self.unit(Lease::take(pool, dialect::begin_queue(writing)).await?, None);
        Ok(if writing { unit.writing() } else { unit })
    }

    /// What rings when a unit has committed jobs.
    pub(crate) fn bell(&self) -> &Notify {
        &self.0.bell
    }

    /// A unit for writing in a context; with an idempotency key it holds the key's lock.
    async fn write_in(&self, ctx: &OpContext) -> Result<SqlWork> {
        match (&ctx.idempotency, ctx.actor.person()) {
            (Some(IdempotencyKey { key, fingerprint }), Some(person)) => {
                // Before the connection: who waits for the writer must not hide behind it.
                let lock = self.0.locks.take(ctx.tenant, person, key)?;
                let work = self.write(Some(ctx.tenant)).await?;
                work.locked(person, key.clone(), fingerprint.clone(), lock).await
            }
            _ => self.write(Some(ctx.tenant)).await,
        }
    }

    /// A unit outside every workspace, for the store's own upkeep.
    pub(crate) async fn upkeep(&self) -> Result<SqlWork> {
        self.write(None).await
    }

    /// A unit that only reads, for checks of the database itself.
    pub(crate) async fn check(&self) -> Result<SqlWork> {
        self.read(None).await
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }
}

#[async_trait]
impl Store<dyn CatalogWork> for SqlStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn CatalogWork>> {
        Ok(Box::new(self.read(Some(ctx.tenant)).await?))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn CatalogWork>> {
        Ok(Box::new(self.write_in(ctx).await?))
    }
}

#[async_trait]
impl Store<dyn SalesWork> for SqlStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn SalesWork>> {
        Ok(Box::new(self.read(Some(ctx.tenant)).await?))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn SalesWork>> {
        Ok(Box::new(self.write_in(ctx).await?))
    }
}

#[async_trait]
impl Store<dyn OrderWork> for SqlStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn OrderWork>> {
        Ok(Box::new(self.read(Some(ctx.tenant)).await?))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn OrderWork>> {
        Ok(Box::new(self.write_in(ctx).await?))
    }
}

#[async_trait]
impl Store<dyn AccountsWork> for SqlStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn AccountsWork>> {
        Ok(Box::new(self.read(Some(ctx.tenant)).await?))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn AccountsWork>> {
        Ok(Box::new(self.write_in(ctx).await?))
    }
}

#[async_trait]
impl AccountsStore for SqlStore {
    async fn open_read(&self) -> Result<Box<dyn AccountsWork>> {
        Ok(Box::new(self.read(None).await?))
    }

    async fn open_write(&self) -> Result<Box<dyn AccountsWork>> {
        Ok(Box::new(self.write(None).await?))
    }
}

#[async_trait]
impl Store<dyn JobsWork> for SqlStore {
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<dyn JobsWork>> {
        Ok(Box::new(self.read(Some(ctx.tenant)).await?))
    }

    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<dyn JobsWork>> {
        Ok(Box::new(self.write_in(ctx).await?))
    }
}
