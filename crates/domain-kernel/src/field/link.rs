//! Relations between rows.

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
        match read_id(&json) {
            Some(id) => Ok(Self::to(Some(Id::new(id)))),
            None if field.required && (json.is_null() || json == "") => {
                Err(super::NOT_NULL.to_owned())
            }
            None if json.is_null() || json == JsonValue::String(String::new()) => {
                Ok(Self::to(None))
            }
            None => Err(match &json {
                JsonValue::Number(number) => no_such_row(number),
                JsonValue::String(text) if text.parse::<i64>().is_ok() => no_such_row(text),
                other => format!(
                    "Incorrect type. Expected pk value, received {}.",
                    super::type_name(other)
                ),
            }),
        }
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

/// What a relation to a row that is not there (or not in this workspace) is answered.
pub(crate) fn no_such_row(id: impl fmt::Display) -> String {
    format!("Invalid pk \"{id}\" - object does not exist.")
}

/// Reads an id: a positive whole number, or the same in a string, as forms send it.
fn read_id(json: &JsonValue) -> Option<i64> {
    let id = match json {
        JsonValue::Number(number) => number.as_i64()?,
        JsonValue::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    (id > 0).then_some(id)
}
