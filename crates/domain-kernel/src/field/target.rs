//! Relations to a record of any kind: two fields, the kind and the id.

use std::ops::Deref;

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::link::read_one;
use super::{Field, FieldType, Kind, NOT_NULL, ShortText, Value};
use crate::kind_name;

/// The longest name of a kind, in characters.
const MAX: usize = 64;

/// What kind of record another field's id is of, by the name of one such record: `contact`. It is read
/// in any spelling ([`kind_name`]). Which kinds there are, the use case knows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct TargetKind(String);

impl TargetKind {
    /// Takes a name from where it was checked before.
    pub fn trusted(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl Deref for TargetKind {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FieldType for TargetKind {
    const KIND: Kind = Kind::TargetKind { max: MAX };

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        ShortText::<MAX>::read(json, field).map(|text| Self(kind_name(&text)))
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Text(self.0.clone())
    }
}

/// The id of a record whose kind a [`TargetKind`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct TargetId(pub i64);

impl FieldType for TargetId {
    const KIND: Kind = Kind::Target;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        read_one(&json, field)?.map(Self).ok_or_else(|| NOT_NULL.to_owned())
    }

    fn absent() -> Self {
        Self(0)
    }

    fn value(&self) -> Value {
        Value::Integer(self.0)
    }
}
