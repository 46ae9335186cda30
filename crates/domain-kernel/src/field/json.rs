//! JSON as clients send it.

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NO_NUL, NOT_NULL, Value};

/// The longest value, in bytes of its text.
pub const JSON_MAX: usize = 32_768;

/// A JSON value that the system stores and shows without looking into it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Json(pub JsonValue);

/// An empty list.
impl Default for Json {
    fn default() -> Self {
        Self(JsonValue::Array(Vec::new()))
    }
}

impl FieldType for Json {
    const KIND: Kind = Kind::Json;

    fn read(json: JsonValue, _field: &Field) -> Result<Self, String> {
        if json.is_null() {
            return Err(NOT_NULL.to_owned());
        }
        if has_nul(&json) {
            return Err(NO_NUL.to_owned());
        }
        if json.to_string().len() > JSON_MAX {
            return Err(format!("Ensure this is not longer than {JSON_MAX} bytes as JSON."));
        }
        Ok(Self(json))
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Text(self.0.to_string())
    }
}

/// Whether some text in it holds a NUL, which PostgreSQL's JSON refuses.
fn has_nul(json: &JsonValue) -> bool {
    match json {
        JsonValue::String(text) => text.contains('\0'),
        JsonValue::Array(items) => items.iter().any(has_nul),
        JsonValue::Object(map) => map.iter().any(|(key, item)| key.contains('\0') || has_nul(item)),
        _ => false,
    }
}
