//! Objects that stand where a link's id would, for clients to read.

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, Value};

/// What is shown of something else, in full; `null` when it is not there. Only the server writes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Embedded<T>(pub Option<T>);

impl<T> Default for Embedded<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> FieldType for Embedded<T>
where
    T: Clone + PartialEq + Serialize + Send + Sync + 'static,
{
    const KIND: Kind = Kind::Json;

    fn read(_: JsonValue, _: &Field) -> Result<Self, String> {
        Err("Only the server writes it.".to_owned())
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Null
    }
}
