//! Pictures of products.

use domain_kernel::{Field, FieldType, Kind, Value};
use serde::Serialize;
use serde_json::Value as JsonValue;

/// The address of a picture, where there is one. Only the server writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Image(pub Option<String>);

impl FieldType for Image {
    const KIND: Kind = Kind::WebAddress { max: 200 };
    const NULLABLE: bool = true;

    fn read(_: JsonValue, _: &Field) -> Result<Self, String> {
        Err("Only the server writes it.".to_owned())
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.0.clone().map_or(Value::Null, Value::Text)
    }
}
