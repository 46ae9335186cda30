//! People who did something.

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::link::read_one;
use super::{Field, FieldType, Kind, Value};
use crate::{Id, PersonId};

/// The resource whose rows a [`Member`] leads to.
pub const MEMBERS: &str = "users";

/// A member of the workspace whom a request names, if any: who is responsible for a row, who wrote
/// it. Whoever is named must be a member then; they stay, and are shown, when they have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Member(pub Option<PersonId>);

impl FieldType for Member {
    const KIND: Kind = Kind::Member;
    const NULLABLE: bool = true;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        read_one(&json, field).map(|id| Self(id.map(Id::new)))
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.0.map_or(Value::Null, |person| Value::Integer(person.raw()))
    }
}

/// The person who did something, if one did. Only the server writes it; it stays when they are no
/// member any more, so it is no [`Link`](super::Link).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct DoneBy(pub Option<PersonId>);

impl FieldType for DoneBy {
    const KIND: Kind = Kind::Integer;
    const NULLABLE: bool = true;

    fn read(_: JsonValue, _: &Field) -> Result<Self, String> {
        Err("Only the server writes it.".to_owned())
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.0.map_or(Value::Null, |person| Value::Integer(person.raw()))
    }
}
