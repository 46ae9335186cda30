//! What an adapter gives to have its promises checked.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use domain_accounts::AccountsStore;
use domain_catalog::CatalogStore;
use domain_jobs::{JobsStore, Queue};
use domain_kernel::TenantId;
use domain_kernel::journal::Entry;
use domain_sales::{OrderStore, SalesStore};
use jiff::Timestamp;
use serde_json::Value as JsonValue;

use crate::{FixedClock, MemoryStore, SeededRandom};

/// A migrated database, reached through the ports under test.
///
/// Tests that share a database must have different seeds, from which the names of people and
/// workspaces and the ids of events follow.
pub struct Fixture {
    /// The store of sales.
    pub sales: Arc<SalesStore>,
    /// The store of orders, over the same database.
    pub orders: Arc<OrderStore>,
    /// The store of the catalog, over the same database.
    pub catalog: Arc<CatalogStore>,
    /// The store of accounts, over the same database.
    pub accounts: Arc<dyn AccountsStore>,
    /// Jobs as members see them, over the same database.
    pub jobs: Arc<JobsStore>,
    /// The queue, over the same database.
    pub queue: Arc<dyn Queue>,
    /// What no port offers, over the same database.
    pub backdoor: Arc<dyn Backdoor>,
    /// The clock of the stores.
    pub clock: Arc<FixedClock>,
    /// What names and ids are made from.
    pub random: SeededRandom,
    /// What must live as long as the stores: a directory to be removed for instance.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// What the contract sees and does behind the ports.
#[async_trait]
pub trait Backdoor: Send + Sync {
    /// The events of a workspace as stored, oldest first: their envelopes.
    async fn events(&self, tenant: TenantId) -> Vec<JsonValue>;

    /// The audit entries of a workspace as stored, oldest first.
    async fn audit(&self, tenant: TenantId) -> Vec<AuditRow>;

    /// Deletes what is kept for a limited time only.
    async fn sweep(&self);
}

/// An audit entry as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// The person who acted, if one did.
    pub user: Option<i64>,
    /// What was done: `contact.created`.
    pub action: String,
    /// The resource, plural.
    pub entity: String,
    /// The row.
    pub entity_id: i64,
    /// `{field: [before, after]}`.
    pub changed: JsonValue,
    /// In which request.
    pub request_id: String,
    /// When.
    pub created_at: Timestamp,
}

impl From<&Entry> for AuditRow {
    fn from(entry: &Entry) -> Self {
        Self {
            user: entry.actor.person().map(|person| person.raw()),
            action: entry.event_type(),
            entity: entry.change.entity.to_owned(),
            entity_id: entry.change.id,
            changed: JsonValue::Object(entry.change.changed.clone()),
            request_id: entry.request_id.to_string(),
            created_at: entry.at,
        }
    }
}

impl Fixture {
    /// The in-memory store, which is the contract's own proof that it can be kept.
    pub fn memory() -> Self {
        let clock = Arc::new(FixedClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        Self {
            sales: store.clone(),
            catalog: store.clone(),
            orders: store.clone(),
            accounts: store.clone(),
            jobs: store.clone(),
            queue: store.clone(),
            backdoor: store,
            clock,
            random: SeededRandom::new(1),
            keep: Box::new(()),
        }
    }
}

#[async_trait]
impl Backdoor for MemoryStore {
    async fn events(&self, tenant: TenantId) -> Vec<JsonValue> {
        let entries = self.entries().into_iter().filter(|entry| entry.tenant == tenant);
        entries.map(|entry| entry.envelope()).collect()
    }

    async fn audit(&self, tenant: TenantId) -> Vec<AuditRow> {
        let entries = self.entries().into_iter().filter(|entry| entry.tenant == tenant);
        entries.map(|entry| AuditRow::from(&entry)).collect()
    }

    async fn sweep(&self) {
        self.sweep_jobs().await.expect("a unit for writing");
    }
}
