//! What is in a shipment.

use domain_kernel::field::{Count, Link};
use domain_kernel::{Field, FieldErrors, FieldType, Fields as _, Kind, Messages, Value};
use serde::Serialize;
use serde_json::Value as JsonValue;

use crate::OrderLine;

domain_kernel::resource! {
    /// So many of one line of the order.
    pub struct ShippedPart, patch ShippedPartPatch {
        /// The line.
        order_line: Link<OrderLine> [required],
        /// How many of it, at least one.
        quantity: Count<1> [required],
    }
}

/// What is in a shipment: lines of the order, and how many of each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShippedParts {
    /// Line and quantity, in the order given.
    parts: Vec<(i64, i64)>,
    is_given: bool,
}

/// Most parts of one shipment.
const MAX: usize = 500;

impl ShippedParts {
    /// Parts as they are stored.
    pub fn stored(parts: Vec<(i64, i64)>) -> Self {
        Self { parts, is_given: true }
    }

    /// The lines' ids, and how many of each.
    pub fn parts(&self) -> &[(i64, i64)] {
        &self.parts
    }

    /// Whether it is known what they are; not where a request leaves them out.
    pub const fn is_given(&self) -> bool {
        self.is_given
    }
}

/// As the API shows a part.
#[derive(Serialize)]
struct Shown {
    order_line: i64,
    quantity: i64,
}

impl Serialize for ShippedParts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = |(order_line, quantity): &(i64, i64)| Shown {
            order_line: *order_line,
            quantity: *quantity,
        };
        serializer.collect_seq(self.parts.iter().map(shown))
    }
}

impl FieldType for ShippedParts {
    const KIND: Kind = Kind::Rows { beside: &[], fields: ShippedPart::FIELDS };

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        Self::read_deep(json, field).map_err(|_| "The list is invalid.".to_owned())
    }

    fn read_deep(json: JsonValue, _: &Field) -> Result<Self, Messages> {
        let plain = |message: &str| Messages::List(vec![message.to_owned()]);
        let items = match json {
            JsonValue::Array(items) => items,
            JsonValue::Null => return Err(plain("This field may not be null.")),
            _ => return Err(plain("Expected a list of items.")),
        };
        if items.is_empty() {
            return Err(plain("This list may not be empty."));
        }
        if items.len() > MAX {
            return Err(plain(&format!("Ensure this has no more than {MAX} items.")));
        }
        let (mut parts, mut errors) = (Vec::new(), Vec::new());
        for item in items {
            match ShippedPart::read(item) {
                Ok(part) => {
                    let line = part.order_line.kept().map_or(0, |id| id.raw());
                    parts.push((line, part.quantity.0));
                    errors.push(FieldErrors::default());
                }
                Err(domain_kernel::Error::Invalid(error)) => errors.push(error),
                Err(other) => return Err(plain(&other.to_string())),
            }
        }
        if errors.iter().all(FieldErrors::is_empty) {
            return Ok(Self { parts, is_given: true });
        }
        Err(Messages::Items(errors))
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Null
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field::new("lines", "", ShippedParts::KIND, false);

    fn wrong(json: JsonValue) -> JsonValue {
        let messages = ShippedParts::read_deep(json, &FIELD).expect_err("refused");
        serde_json::to_value(messages).expect("JSON")
    }

    #[test]
    fn parts_are_read_and_shown_alike() {
        let json = json!([{"order_line": 4, "quantity": 2}, {"order_line": 5, "quantity": 1}]);
        let read = ShippedParts::read_deep(json.clone(), &FIELD).expect("parts");
        assert_eq!(read, ShippedParts::stored(vec![(4, 2), (5, 1)]));
        assert_eq!(serde_json::to_value(&read).expect("JSON"), json);
        assert!(!ShippedParts::absent().is_given());
    }

    #[test]
    fn errors_stand_where_the_parts_do() {
        assert_eq!(
            wrong(json!([{"order_line": 4, "quantity": 2}, {"quantity": "x"}])),
            json!([
                {},
                {
                    "order_line": ["This field is required."],
                    "quantity": ["A valid integer is required."],
                },
            ])
        );
        assert_eq!(wrong(json!([])), json!(["This list may not be empty."]));
        assert_eq!(wrong(json!({})), json!(["Expected a list of items."]));
        let many = vec![json!({"order_line": 1, "quantity": 1}); MAX + 1];
        assert_eq!(wrong(json!(many)), json!(["Ensure this has no more than 500 items."]));
    }
}
