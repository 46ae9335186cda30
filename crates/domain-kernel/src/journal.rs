//! What every change leaves behind: an audit entry and an event, committed with the data.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value as JsonValue, json};
use uuid::Uuid;

use crate::{Actor, OpContext, Random, Record, Resource, Result, TenantId, uuid_v7};

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// It is new.
    Created,
    /// Its fields changed.
    Updated,
    /// It was marked as deleted.
    Deleted,
    /// It came back.
    Restored,
}

impl Verb {
    /// The word in event types: `contact.created`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
        }
    }
}

/// A change of one row.
#[derive(Debug, Clone)]
pub struct Change {
    /// The resource, plural: `contacts`.
    pub entity: &'static str,
    /// The resource, singular: `contact`.
    pub singular: &'static str,
    /// The row.
    pub id: i64,
    /// Its version after the change.
    pub version: i64,
    /// What happened.
    pub verb: Verb,
    /// The object after the change (deleted: as it was last), as the API shows it.
    pub data: JsonValue,
    /// `{field: [before, after]}` of all that differs.
    pub changed: Map<String, JsonValue>,
}

impl Change {
    /// The fields that differ between two objects; `Null` stands for one that was not or is not.
    pub fn difference(before: &JsonValue, after: &JsonValue) -> Map<String, JsonValue> {
        let empty = Map::new();
        let (old, new) =
            (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
        let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
        names
            // Every write changes these; they are beside the change, not in it.
            .filter(|name| !matches!(name.as_str(), "version" | "updated_at"))
            .filter(|name| old.get(*name) != new.get(*name))
            .map(|name| (name.clone(), json!([old.get(name), new.get(name)])))
            .collect()
    }
}

/// A change with who made it and when: an audit entry and an event in one.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The event's id.
    pub event: Uuid,
    /// The workspace.
    pub tenant: TenantId,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// In which request.
    pub request_id: Arc<str>,
    /// What.
    pub change: Change,
}

impl Entry {
    /// An entry for a change made in a context.
    pub fn new(ctx: &OpContext, at: Timestamp, random: &dyn Random, change: Change) -> Self {
        Self {
            event: uuid_v7(at, random),
            tenant: ctx.tenant,
            at,
            actor: ctx.actor,
            request_id: ctx.request_id.clone(),
            change,
        }
    }

    /// An entry for a write of a record, in the trail where it shows.
    ///
    /// # Errors
    /// As [`Record::json`].
    pub fn of<T: Resource>(
        ctx: &OpContext,
        random: &dyn Random,
        verb: Verb,
        before: Option<&Record<T>>,
        after: &Record<T>,
    ) -> Result<Self> {
        let old = before.map_or(Ok(JsonValue::Null), Record::json)?;
        let data = T::kept(after).json()?;
        let changed = Change::difference(&old, &data);
        let change = Change {
            entity: T::NAME,
            singular: T::SINGULAR,
            id: after.id.raw(),
            version: after.version,
            verb,
            data,
            changed,
        };
        let mut entry = Self::new(ctx, after.updated_at, random, change);
        let tenant = T::trail(after);
        if tenant != ctx.tenant {
            entry.tenant = tenant;
            entry.actor = entry.actor.elsewhere();
        }
        Ok(entry)
    }

    /// The event's type, which is also the audit entry's action: `contact.updated`.
    pub fn event_type(&self) -> String {
        format!("{}.{}", self.change.singular, self.change.verb.word())
    }

    /// The envelope that webhooks, rules and feeds read. It only ever grows.
    pub fn envelope(&self) -> JsonValue {
        let mut actor = json!({ "user": self.actor.person() });
        if matches!(self.actor, Actor::Staff(_)) {
            actor["staff"] = json!(true);
        }
        json!({
            "id": self.event.to_string(),
            "type": self.event_type(),
            "organization": self.tenant,
            "occurred_at": self.at,
            "actor": actor,
            "request_id": &*self.request_id,
            "version": self.change.version,
            "data": self.change.data,
            "changed": self.change.changed,
        })
    }
}
