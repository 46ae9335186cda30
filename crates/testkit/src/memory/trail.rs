//! The trail as a workspace's admins read it.

use async_trait::async_trait;
use domain_accounts::AuditLog;
use domain_kernel::field::{Count, DoneBy, Flag, Json, Word};
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Actor, Error, Id, Record, Records, Result, TenantId, Which};
use jiff::Timestamp;
use serde_json::json;

use super::list::list;
use super::state::State;
use super::work::MemoryWork;

/// The trail of a workspace within a unit of work.
pub(super) struct MemoryTrail<'w>(pub(super) &'w mut MemoryWork);

pub(super) fn rows(state: &State, tenant: TenantId) -> impl Iterator<Item = Record<AuditLog>> {
    let numbered = (1..).zip(&state.journal).filter(move |(_, entry)| entry.tenant == tenant);
    numbered.map(|(number, entry)| {
        let data = AuditLog {
            user: DoneBy(entry.actor.person()),
            by_staff: Flag(matches!(entry.actor, Actor::Staff(_))),
            action: Word::trusted(entry.event_type()),
            entity: Word::trusted(entry.change.entity),
            entity_id: Count(entry.change.id),
            request_id: Word::trusted(&*entry.request_id),
            metadata: Json(json!({ "changed": entry.change.changed })),
        };
        Record::new(Id::new(number), entry.tenant, data, entry.at)
    })
}

#[async_trait]
impl Records<AuditLog> for MemoryTrail<'_> {
    async fn find(&mut self, ids: &[Id<AuditLog>], _: Which) -> Result<Vec<Record<AuditLog>>> {
        let rows = rows(self.0.state(), self.0.tenant()?);
        Ok(rows.filter(|row| ids.contains(&row.id)).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<AuditLog>>> {
        Ok(list(rows(self.0.state(), self.0.tenant()?), query))
    }

    async fn insert(&mut self, _: AuditLog, _: Timestamp) -> Result<Record<AuditLog>> {
        Err(Error::internal("entries are written by the journal"))
    }

    async fn update(&mut self, _: &Record<AuditLog>) -> Result<bool> {
        Err(Error::internal("entries stay as they are"))
    }
}
