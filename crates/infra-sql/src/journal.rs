//! Audit entries and events, written together at the end of a unit of work.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_kernel::Actor;
use domain_kernel::journal::Entry;
use serde_json::Value;

use crate::columns::{At, EventId};
use crate::dialect::{Handle, insert_all};

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

/// Writes entries, in order.
pub(crate) async fn write(handle: &mut Handle<'_>, entries: &[Entry]) -> QueryResult<()> {
    for entries in entries.chunks(ROWS) {
        let audit: Vec<_> = entries
            .iter()
            .map(|entry| {
                let (member, staff) = match entry.actor {
                    Actor::Member(person) => (Some(person.raw()), None),
                    Actor::Staff(person) => (None, Some(person.raw())),
                    Actor::System => (None, None),
                };
                (
                    audit_entries::organization_id.eq(entry.tenant.raw()),
                    audit_entries::user_id.eq(member),
                    audit_entries::staff_id.eq(staff),
                    audit_entries::action.eq(entry.event_type()),
                    audit_entries::entity.eq(entry.change.entity),
                    audit_entries::entity_id.eq(entry.change.id),
                    audit_entries::changed.eq(Value::Object(entry.change.changed.clone())),
                    audit_entries::request_id.eq(&*entry.request_id),
                    audit_entries::created_at.eq(At(entry.at)),
                )
            })
            .collect();
        insert_all!(handle, audit_entries::table, audit);
        let outbox: Vec<_> = entries
            .iter()
            .map(|entry| {
                (
                    events::id.eq(EventId(entry.event)),
                    events::organization_id.eq(entry.tenant.raw()),
                    events::event_type.eq(entry.event_type()),
                    events::entity.eq(entry.change.entity),
                    events::entity_id.eq(entry.change.id),
                    events::occurred_at.eq(At(entry.at)),
                    events::envelope.eq(entry.envelope()),
                )
            })
            .collect();
        insert_all!(handle, events::table, outbox);
    }
    Ok(())
}
