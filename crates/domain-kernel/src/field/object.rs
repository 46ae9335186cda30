//! JSON objects as clients send them.

use serde::Serialize;
use serde_json::{Map, Value as JsonValue};

use super::{Field, FieldType, Json, Kind, Value};

/// A JSON object that the system stores and shows without looking into it; an empty one where a
/// create leaves it out. Its size is limited as that of [`Json`] is.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct JsonObject(pub Map<String, JsonValue>);

impl JsonObject {
    /// Takes a value from where it was checked before; what is no object is an empty one.
    pub fn trusted(json: JsonValue) -> Self {
        match json {
            JsonValue::Object(map) => Self(map),
            _ => Self::default(),
        }
    }
}

impl FieldType for JsonObject {
    const KIND: Kind = Kind::Object;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        match Json::read(json, field)?.0 {
            JsonValue::Object(map) => Ok(Self(map)),
            other => Err(format!("Expected an object, but got {}.", super::type_name(&other))),
        }
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Text(JsonValue::Object(self.0.clone()).to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_takes_objects_and_nothing_else() {
        let field = Field::new("attributes", "", Kind::Object, false);
        let read = |json| JsonObject::read(json, &field);
        assert_eq!(read(json!({"a": [1]})).expect("an object").0["a"], json!([1]));
        for (wrong, part) in [
            (json!(null), "may not be null"),
            (json!([]), "got a list"),
            (json!("{}"), "got a string"),
            (json!({"a": "\0"}), "Null characters"),
            (json!({"a": "x".repeat(40_000)}), "not longer than"),
        ] {
            let message = read(wrong).expect_err("refused");
            assert!(message.contains(part), "{message}");
        }
    }
}
