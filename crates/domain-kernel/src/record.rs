//! A stored row of a resource.

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value as JsonValue;

use crate::{Error, Fields, Id, Result, TenantId, Value};

/// A row: a resource's fields with what every row has.
///
/// Serialized it is the object as the API shows it; events and audit entries carry the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<T> {
    /// Its id, unique over all workspaces.
    pub id: Id<T>,
    /// The workspace that it belongs to.
    pub tenant: TenantId,
    /// 1 when created, raised by each write.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// When it was deleted; a restored row has none.
    pub deleted_at: Option<Timestamp>,
    /// The fields of the resource.
    pub data: T,
}

impl<T> Record<T> {
    /// A new record: version 1.
    pub fn new(id: Id<T>, tenant: TenantId, data: T, now: Timestamp) -> Self {
        Self { id, tenant, version: 1, created_at: now, updated_at: now, deleted_at: None, data }
    }
}

impl<T: Fields> Record<T> {
    /// The record after a write at `now`: the next version.
    pub fn rewritten(&self, data: T, now: Timestamp) -> Self {
        Self { version: self.version + 1, updated_at: now, data, ..*self }
    }

    /// The value of any field, those of the record included.
    pub fn value(&self, field: &str) -> Option<Value> {
        Some(match field {
            "id" => Value::Integer(self.id.raw()),
            "organization" => Value::Integer(self.tenant.raw()),
            "version" => Value::Integer(self.version),
            "created_at" => Value::Timestamp(self.created_at),
            "updated_at" => Value::Timestamp(self.updated_at),
            "deleted_at" => self.deleted_at.map_or(Value::Null, Value::Timestamp),
            other => return self.data.value(other),
        })
    }

    /// The object as the API shows it.
    ///
    /// # Errors
    /// [`Error::Internal`] should a field refuse to be written, which none of ours does.
    pub fn json(&self) -> Result<JsonValue> {
        serde_json::to_value(self).map_err(Error::internal)
    }
}

impl<T: Fields> Serialize for Record<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shown { record: self, only: &Only::Everything }.serialize(serializer)
    }
}

/// Which fields of a record are shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Only {
    /// All.
    #[default]
    Everything,
    /// Those named.
    Named(Vec<String>),
}

impl Only {
    /// Whether a field is shown.
    pub fn shows(&self, field: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Named(names) => names.iter().any(|name| name == field),
        }
    }
}

/// A record with some of its fields shown.
pub struct Shown<'a, T> {
    /// The record.
    pub record: &'a Record<T>,
    /// The fields wanted.
    pub only: &'a Only,
}

impl<T: Fields> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { record, only } = self;
        let mut map = serializer.serialize_map(None)?;
        let beside =
            |name: &str| only.shows(name) && T::BESIDE.iter().any(|field| field.name == name);
        if beside("id") {
            map.serialize_entry("id", &record.id)?;
        }
        if beside("organization") {
            map.serialize_entry("organization", &record.tenant)?;
        }
        record.data.serialize_into(&mut map, only)?;
        if beside("version") {
            map.serialize_entry("version", &record.version)?;
        }
        if beside("created_at") {
            map.serialize_entry("created_at", &record.created_at)?;
        }
        if beside("updated_at") {
            map.serialize_entry("updated_at", &record.updated_at)?;
        }
        if beside("deleted_at") {
            map.serialize_entry("deleted_at", &record.deleted_at)?;
        }
        map.end()
    }
}
