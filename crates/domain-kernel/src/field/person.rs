//! People who did something.

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, Value};
use crate::PersonId;

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
