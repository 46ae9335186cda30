//! Relations between rows.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, Value};
use crate::{Id, Resource};

/// A relation to at most one row of another resource in the same workspace.
///
/// While the other row is deleted the relation shows as `null`; it comes back with the row,
/// because the id is kept.
pub struct Link<T> {
    id: Option<Id<T>>,
    hidden: bool,
}

impl<T> Link<T> {
    /// A relation to a row that is not deleted, or to none.
    pub const fn to(id: Option<Id<T>>) -> Self {
        Self { id, hidden: false }
    }

    /// A relation as stored: `id` is kept, `shown` is it again unless its row is deleted.
    pub fn stored(id: Option<i64>, shown: Option<i64>) -> Self {
        Self { id: id.map(Id::new), hidden: id.is_some() && shown.is_none() }
    }

    /// The related row as callers see it.
    pub fn shown(&self) -> Option<Id<T>> {
        if self.hidden { None } else { self.id }
    }

    /// The related row, deleted or not, for storing.
    pub const fn kept(&self) -> Option<Id<T>> {
        self.id
    }
}

impl<T> Clone for Link<T> {
    fn clone(&self) -> Self {
        Self { id: self.id, hidden: self.hidden }
    }
}
impl<T> Default for Link<T> {
    fn default() -> Self {
        Self::to(None)
    }
}
/// A hidden relation is another one than the same spelt out, so that naming a deleted row is seen
/// as a change, and refused.
impl<T> PartialEq for Link<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.shown() == other.shown()
    }
}
impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{}", self.id, if self.hidden { " (deleted)" } else { "" })
    }
}
impl<T> Serialize for Link<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown().serialize(serializer)
    }
}

impl<T: Resource> FieldType for Link<T> {
    const KIND: Kind = Kind::Link { resource: T::NAME };
    const NULLABLE: bool = true;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        read_one(&json, field).map(|id| Self::to(id.map(Id::new)))
    }

    fn absent() -> Self {
        Self::to(None)
    }

    fn is_hidden(&self) -> bool {
        self.hidden
    }

    fn value(&self) -> Value {
        self.shown().map_or(Value::Null, |id| Value::Integer(id.raw()))
    }
}

/// A relation to at most one row of a resource of the platform's, which is the same in every workspace.
pub struct Key<T>(Option<Id<T>>);

impl<T> Key<T> {
    /// A relation to a row, or to none.
    pub fn to(id: Option<i64>) -> Self {
        Self(id.map(Id::new))
    }

    /// The id of the row.
    pub fn id(&self) -> Option<i64> {
        self.0.map(|id| id.raw())
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}
impl<T> Default for Key<T> {
    fn default() -> Self {
        Self(None)
    }
}
impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> Serialize for Key<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: Resource> FieldType for Key<T> {
    const KIND: Kind = Kind::Key { resource: T::NAME };
    const NULLABLE: bool = true;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        Link::<T>::read(json, field).map(|link| Self(link.kept()))
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.id().map_or(Value::Null, Value::Integer)
    }
}

/// Relations to any number of rows of a resource of the platform's, each once, in order of id.
pub struct Links<T>(Vec<Id<T>>);

impl<T> Links<T> {
    /// Relations to these rows.
    pub fn to(ids: impl IntoIterator<Item = i64>) -> Self {
        let ids: BTreeSet<i64> = ids.into_iter().collect();
        Self(ids.into_iter().map(Id::new).collect())
    }

    /// The ids of the rows.
    pub fn ids(&self) -> impl Iterator<Item = i64> {
        self.0.iter().map(|id| id.raw())
    }
}

impl<T> Clone for Links<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
impl<T> Default for Links<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}
impl<T> PartialEq for Links<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> fmt::Debug for Links<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> Serialize for Links<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Most rows that one field names.
pub const LINKS_MAX: usize = 1_000;

impl<T: Resource> FieldType for Links<T> {
    const KIND: Kind = Kind::Links { resource: T::NAME };

    fn read(json: JsonValue, _: &Field) -> Result<Self, String> {
        let JsonValue::Array(items) = json else {
            let found = super::type_name(&json);
            return Err(format!("Expected a list of items but got {found}."));
        };
        if items.len() > LINKS_MAX {
            return Err(format!("Ensure this has no more than {LINKS_MAX} items."));
        }
        let ids: Result<Vec<i64>, String> = items.iter().map(named).collect();
        Ok(Self::to(ids?))
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Integers(self.ids().collect())
    }
}

/// The id that an optional relation names, or none.
pub(super) fn read_one(json: &JsonValue, field: &Field) -> Result<Option<i64>, String> {
    match (read_id(json), json.is_null() || json == "") {
        (Some(id), _) => Ok(Some(id)),
        (None, true) if field.required => Err(super::NOT_NULL.to_owned()),
        (None, true) => Ok(None),
        (None, false) => named(json).map(Some),
    }
}

/// The id that a value names, or why it names none.
fn named(json: &JsonValue) -> Result<i64, String> {
    read_id(json).ok_or_else(|| match json {
        JsonValue::Number(number) => no_such_row(number),
        JsonValue::String(text) if text.parse::<i64>().is_ok() => no_such_row(text),
        other => {
            format!("Incorrect type. Expected pk value, received {}.", super::type_name(other))
        }
    })
}

/// What a relation to a row that is not there (or not in this workspace) is answered.
pub(crate) fn no_such_row(id: impl fmt::Display) -> String {
    format!("Invalid pk \"{id}\" - object does not exist.")
}

/// Reads an id: a positive whole number, or the same in a string, as forms send it.
pub(super) fn read_id(json: &JsonValue) -> Option<i64> {
    let id = match json {
        JsonValue::Number(number) => number.as_i64()?,
        JsonValue::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    (id > 0).then_some(id)
}
