//! A unit of work: one transaction, and what is written with its commit.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel_async::RunQueryDsl;
use domain_jobs::{Job, JobsWork};
use domain_kernel::journal::Entry;
use domain_kernel::{
    Clock, Error, Id, JobClaim, JobId, NewJob, PersonId, RecordKind, Records, Remembered, Result,
    TenantId, Work,
};
use serde_json::Value;
use tokio::sync::Notify;

use crate::accounts::{features, plans, user_roles, users};
use crate::catalog::{categories, inventory_lots, product_variants, products, suppliers};
use crate::dialect::{self, Handle};
use crate::errors::of_query;
use crate::idempotency::{self, KeyLock};
use crate::jobs;
use crate::journal;
use crate::lease::Lease;
use crate::records::Scope;
use crate::sales::{companies, contacts, deal_stages, leads, opportunities, pipelines};
use crate::trade::{invoices, order_lines, orders, payments};

/// How often the lock of a key is tried, and how long is waited in between. No other request of
/// this server holds it; another server may, or a unit that was just dropped here and whose
/// connection the database has not yet noticed to be closed.
const LOCK_ATTEMPTS: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// A unit of work of every domain crate.
pub(crate) struct SqlWork {
    lease: Lease,
    tenant: Option<TenantId>,
    writing: bool,
    key: Option<Key>,
    entries: Vec<Entry>,
    outcome: Option<Value>,
    /// The jobs that are finished with the commit, and what they gave.
    completed: Vec<(JobClaim, Value)>,
    /// Whether jobs come with the commit.
    has_jobs: bool,
    /// How many deals the workspace may have, once somebody has asked.
    pub(crate) max_deals: Option<i64>,
    /// How many entries there were at the mark, once there is one.
    marked: Option<usize>,
    /// The kinds of records that workspaces have.
    pub(crate) kinds: Arc<[RecordKind]>,
    bell: Arc<Notify>,
    clock: Arc<dyn Clock>,
}

/// The idempotency key that a unit holds.
struct Key {
    person: PersonId,
    key: String,
    fingerprint: Vec<u8>,
    /// What is remembered under it.
    before: Option<Remembered>,
    _lock: KeyLock,
}

impl SqlWork {
    pub(crate) fn new(
        lease: Lease,
        tenant: Option<TenantId>,
        clock: Arc<dyn Clock>,
        bell: Arc<Notify>,
    ) -> Self {
        Self {
            lease,
            tenant,
            writing: false,
            key: None,
            entries: Vec::new(),
            outcome: None,
            completed: Vec::new(),
            has_jobs: false,
            max_deals: None,
            marked: None,
            kinds: Arc::default(),
            bell,
            clock,
        }
    }

    /// Lets the bell ring after the commit.
    pub(crate) fn has_jobs(&mut self) {
        self.has_jobs = true;
    }

    pub(crate) fn writing(mut self) -> Self {
        self.writing = true;
        self
    }

    /// Takes the lock of an idempotency key, on every server, and what is remembered under it.
    pub(crate) async fn locked(
        mut self,
        person: PersonId,
        key: String,
        fingerprint: Vec<u8>,
        lock: KeyLock,
    ) -> Result<Self> {
        let (tenant, horizon) = (self.tenant()?, idempotency::horizon(self.clock.now()));
        for _ in 0..LOCK_ATTEMPTS {
            let handle = &mut self.lease.handle().await?;
            let claimed = dialect::claim(handle, (tenant, person, &key), horizon).await;
            if let Some(before) = claimed.map_err(of_query)? {
                self.key = Some(Key { person, key, fingerprint, before, _lock: lock });
                return Ok(self);
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
        Err(Error::IdempotencyInProgress)
    }

    /// The workspace; every function on a tenant's table begins with it.
    pub(crate) fn tenant(&self) -> Result<TenantId> {
        self.tenant.ok_or_else(|| Error::internal("the unit of work is in no workspace"))
    }

    /// Where a repository of this unit works.
    pub(crate) fn scope(&mut self) -> Scope<'_> {
        Scope { tenant: self.tenant, lease: &mut self.lease, writing: self.writing }
    }

    /// What queries run on.
    pub(crate) async fn handle(&mut self) -> Result<Handle<'_>> {
        self.lease.handle().await
    }

    /// Enters a workspace for the rest of the unit.
    pub(crate) async fn enter_tenant(&mut self, tenant: TenantId) -> Result<()> {
        self.set(&dialect::enter(tenant)).await?;
        self.tenant = Some(tenant);
        Ok(())
    }

    /// Runs a statement that sets something for the transaction; an empty one is none.
    pub(crate) async fn set(&mut self, sql: &str) -> Result<()> {
        use diesel_async::SimpleAsyncConnection as _;
        if sql.is_empty() {
            return Ok(());
        }
        let handle = &mut self.lease.handle().await?;
        handle.batch_execute(sql).await.map_err(of_query)
    }

    /// Writes what goes with the commit, and commits.
    async fn finish(mut self) -> Result<()> {
        if !self.writing && self.completed.is_empty() {
            // Nothing can be lost, so the answer does not wait for it; nor does the process's end.
            tokio::spawn(async move {
                if let Err(error) = self.lease.end("COMMIT").await {
                    tracing::debug!(%error, "a reading transaction did not end cleanly");
                }
            });
            return Ok(());
        }
        self.write_journal().await?;
        if let (Some(outcome), Some(key)) = (self.outcome.take(), &self.key) {
            let (tenant, now) = (self.tenant()?, self.clock.now());
            let mut handle = self.lease.handle().await?;
            let row = (key.person, key.key.as_str(), key.fingerprint.as_slice(), &outcome);
            if !idempotency::remember(&mut handle, tenant, row, now).await.map_err(of_query)? {
                return Err(Error::IdempotencyInProgress);
            }
        }
        self.complete_jobs().await?;
        self.lease.end("COMMIT").await?;
        if self.has_jobs {
            self.bell.notify_one();
        }
        Ok(())
    }

    /// Finishes the jobs that go out with the commit: as the queue, for the unit may be in no workspace.
    async fn complete_jobs(&mut self) -> Result<()> {
        let completed = std::mem::take(&mut self.completed);
        if completed.is_empty() {
            return Ok(());
        }
        if !self.writing {
            return Err(Error::internal("a unit of work for reading was asked to finish a job"));
        }
        self.set(&dialect::serve_queue(true)).await?;
        let now = self.clock.now();
        for (claim, outcome) in &completed {
            let mut handle = self.lease.handle().await?;
            if !jobs::finish(&mut handle, *claim, outcome, now).await.map_err(of_query)? {
                return Err(Error::LeaseLost);
            }
        }
        Ok(())
    }

    async fn enqueue_job(&mut self, job: &NewJob) -> Result<JobId> {
        if !self.writing {
            return Err(Error::internal("a unit of work for reading was asked to enqueue"));
        }
        let foreign = Some(job.tenant) != self.tenant;
        if foreign && job.tenant != TenantId::PLATFORM {
            return Err(Error::internal("the job belongs to another workspace than the unit"));
        }
        if foreign {
            self.set(&dialect::serve_queue(true)).await?;
        }
        let now = self.clock.now();
        let id = jobs::insert(&mut self.lease.handle().await?, job, now).await.map_err(of_query)?;
        if foreign {
            self.set(&dialect::serve_queue(false)).await?;
        }
        self.has_jobs = true;
        Ok(Id::new(id))
    }

    /// Writes the entries, those of each workspace within it: an operator's change of a person can
    /// concern several.
    async fn write_journal(&mut self) -> Result<()> {
        let entries = std::mem::take(&mut self.entries);
        let home = self.tenant;
        for entries in entries.chunk_by(|one, next| one.tenant == next.tenant) {
            if self.tenant != Some(entries[0].tenant) {
                self.enter_tenant(entries[0].tenant).await?;
            }
            journal::write(&mut self.lease.handle().await?, entries).await.map_err(of_query)?;
        }
        match home {
            Some(home) if self.tenant != Some(home) => self.enter_tenant(home).await,
            _ => Ok(()),
        }
    }

    async fn existing_ids(&mut self, resource: &str, ids: &[i64]) -> Result<BTreeSet<i64>> {
        let tenant = self.tenant()?;
        let handle = &mut self.lease.handle().await?;
        let found: Vec<i64> = match resource {
            "companies" => companies::existing(tenant, ids).load(handle).await,
            "users" => users::existing(tenant, ids).load(handle).await,
            "user-roles" => user_roles::existing(tenant, ids).load(handle).await,
            "contacts" => contacts::existing(tenant, ids).load(handle).await,
            "leads" => leads::existing(tenant, ids).load(handle).await,
            "pipelines" => pipelines::existing(tenant, ids).load(handle).await,
            "deal-stages" => deal_stages::existing(tenant, ids).load(handle).await,
            "opportunities" => opportunities::existing(tenant, ids).load(handle).await,
            "categories" => categories::existing(tenant, ids).load(handle).await,
            "suppliers" => suppliers::existing(tenant, ids).load(handle).await,
            "products" => products::existing(tenant, ids).load(handle).await,
            "product-variants" => product_variants::existing(tenant, ids).load(handle).await,
            "inventory-lots" => inventory_lots::existing(tenant, ids).load(handle).await,
            "orders" => orders::existing(tenant, ids).load(handle).await,
            "order-lines" => order_lines::existing(tenant, ids).load(handle).await,
            "invoices" => invoices::existing(tenant, ids).load(handle).await,
            "payments" => payments::existing(tenant, ids).load(handle).await,
            "subscription-plans" => plans::existing(ids).load(handle).await,
            "feature-flags" => features::existing(ids).load(handle).await,
            other => return Err(Error::internal(format!("nothing links to {other}"))),
        }
        .map_err(of_query)?;
        Ok(found.into_iter().collect())
    }
}

#[async_trait]
impl Work for SqlWork {
    async fn existing(&mut self, resource: &str, ids: &[i64]) -> Result<BTreeSet<i64>> {
        self.existing_ids(resource, ids).await
    }

    fn journal(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    async fn enqueue(&mut self, job: NewJob) -> Result<JobId> {
        self.enqueue_job(&job).await
    }

    fn complete(&mut self, claim: JobClaim, outcome: Value) {
        self.completed.push((claim, outcome));
    }

    async fn mark(&mut self) -> Result<()> {
        let again = if self.marked.is_some() { "RELEASE SAVEPOINT mark; " } else { "" };
        self.set(&format!("{again}SAVEPOINT mark")).await?;
        self.marked = Some(self.entries.len());
        Ok(())
    }

    async fn rewind(&mut self) -> Result<()> {
        let Some(entries) = self.marked else {
            return Err(Error::internal("there is no mark to go back to"));
        };
        self.set("ROLLBACK TO SAVEPOINT mark").await?;
        self.entries.truncate(entries);
        Ok(())
    }

    async fn remembered(&mut self) -> Result<Option<Remembered>> {
        Ok(self.key.as_mut().and_then(|key| key.before.take()))
    }

    fn remember(&mut self, outcome: Value) {
        self.outcome = Some(outcome);
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.finish().await
    }
}

impl JobsWork for SqlWork {
    fn jobs(&mut self) -> Box<dyn Records<Job> + '_> {
        Box::new(jobs::Jobs(self.scope()))
    }
}
