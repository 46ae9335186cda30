//! Audit entries and events, written together at the end of a unit of work.

use diesel::QueryResult;
use diesel::prelude::*;
use domain_kernel::Actor;
use domain_kernel::journal::Entry;
use serde_json::Value;

use crate::columns::{At, EventId};
use crate::dialect::{self, Handle};

diesel::table! {
    use crate::dialect::types::*;

    audit_entries (id) {
        id -> BigInt,
        organization_id -> BigInt,
        user_id -> Nullable<BigInt>,
        staff_id -> Nullable<BigInt>,
        action -> Text,
        entity -> Text,
        entity_id -> BigInt,
        changed -> JsonValue,
        request_id -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    events (position) {
        position -> BigInt,
        id -> EventUuid,
        organization_id -> BigInt,
        #[sql_name = "type"]
        event_type -> Text,
        entity -> Text,
        entity_id -> BigInt,
        occurred_at -> Moment,
        envelope -> JsonValue,
    }
}

/// Most rows in one statement: below every database's limit of bound values.
const ROWS: usize = 1_000;

/// A row of the audit trail.
#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
pub(crate) struct Audited<'e> {
    pub(crate) organization_id: i64,
    pub(crate) user_id: Option<i64>,
    pub(crate) staff_id: Option<i64>,
    pub(crate) action: String,
    pub(crate) entity: &'e str,
    pub(crate) entity_id: i64,
    pub(crate) changed: Value,
    pub(crate) request_id: &'e str,
    pub(crate) created_at: At,
}

/// A row of the outbox.
#[derive(Insertable)]
#[diesel(table_name = events)]
pub(crate) struct Told<'e> {
    pub(crate) id: EventId,
    pub(crate) organization_id: i64,
    pub(crate) event_type: String,
    pub(crate) entity: &'e str,
    pub(crate) entity_id: i64,
    pub(crate) occurred_at: At,
    pub(crate) envelope: Value,
}

impl<'e> Audited<'e> {
    fn of(entry: &'e Entry) -> Self {
        let (user_id, staff_id) = match entry.actor {
            Actor::Member(person) => (Some(person.raw()), None),
            Actor::Staff(person) => (None, Some(person.raw())),
            Actor::System => (None, None),
        };
        Self {
            organization_id: entry.tenant.raw(),
            user_id,
            staff_id,
            action: entry.event_type(),
            entity: entry.change.entity,
            entity_id: entry.change.id,
            changed: Value::Object(entry.change.changed.clone()),
            request_id: &entry.request_id,
            created_at: At(entry.at),
        }
    }
}

impl<'e> Told<'e> {
    fn of(entry: &'e Entry) -> Self {
        Self {
            id: EventId(entry.event),
            organization_id: entry.tenant.raw(),
            event_type: entry.event_type(),
            entity: entry.change.entity,
            entity_id: entry.change.id,
            occurred_at: At(entry.at),
            envelope: entry.envelope(),
        }
    }
}

/// Writes entries, in order.
pub(crate) async fn write(handle: &mut Handle<'_>, entries: &[Entry]) -> QueryResult<()> {
    for entries in entries.chunks(ROWS) {
        let audited = || entries.iter().map(Audited::of);
        let told = || entries.iter().map(Told::of);
        dialect::insert_journal(handle, audited, told).await?;
    }
    Ok(())
}
