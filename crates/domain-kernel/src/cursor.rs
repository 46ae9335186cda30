//! Positions in an ordered list, as opaque text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value as JsonValue, json};

use crate::query::OrderBy;
use crate::{Fields, Kind, Record, Value, fold};

/// The longest part of a long text that ordering compares, in characters.
pub const LONG_TEXT_ORDER_CHARACTERS: usize = 200;

/// A position between two rows of an ordered list: beside one row, looking on or back.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The row's values, one for each step of the order, as ordering compares them.
    pub values: Vec<Value>,
    /// Towards the beginning of the list.
    pub backwards: bool,
}

impl Cursor {
    /// The position beside a record.
    pub fn beside<T: Fields>(record: &Record<T>, order: &[OrderBy], backwards: bool) -> Self {
        let values = order.iter().map(|step| sort_key(record, step)).collect();
        Self { values, backwards }
    }

    /// The text that clients get; only [`Cursor::decode`] understands it.
    pub fn encode(&self, order: &[OrderBy]) -> String {
        let values: Vec<JsonValue> = self.values.iter().map(to_json).collect();
        let text = json!([signature(order), self.backwards, values]).to_string();
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads the text; the empty text is the beginning of the list.
    ///
    /// # Errors
    /// A message when it is not one of ours or belongs to another order.
    pub fn decode(text: &str, order: &[OrderBy]) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let invalid = || "Invalid cursor.".to_owned();
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        let (made_for, backwards, values): (String, bool, Vec<JsonValue>) =
            serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        if made_for != signature(order) || values.len() != order.len() {
            return Err("The cursor was made for another ordering.".to_owned());
        }
        let read = |(json, step): (&JsonValue, &OrderBy)| from_json(json, step.field.kind);
        let values: Option<Vec<Value>> = values.iter().zip(order).map(read).collect();
        Ok(Some(Self { values: values.ok_or_else(invalid)?, backwards }))
    }
}

/// The order in a word, so that a cursor is not used with another.
fn signature(order: &[OrderBy]) -> String {
    let part =
        |step: &OrderBy| format!("{}{}", if step.descending { "-" } else { "" }, step.field.name);
    order.iter().map(part).collect::<Vec<_>>().join(",")
}

/// What ordering compares of a field: folded text, and no more of a long one than it needs.
pub fn sort_key<T: Fields>(record: &Record<T>, step: &OrderBy) -> Value {
    match (record.value(step.field.name).unwrap_or(Value::Null), step.field.kind) {
        (Value::Text(text), kind) if kind.is_folded() => Value::Text(fold(&text)),
        (Value::Text(text), Kind::LongText) => {
            Value::Text(text.chars().take(LONG_TEXT_ORDER_CHARACTERS).collect())
        }
        (value, _) => value,
    }
}

fn to_json(value: &Value) -> JsonValue {
    match value {
        Value::Null => JsonValue::Null,
        Value::Integer(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Flag(flag) => json!(flag),
        Value::Timestamp(instant) => json!(instant.as_microsecond()),
        Value::Date(day) => json!(day),
        // No list is ordered by it.
        Value::Integers(_) | Value::Texts(_) => JsonValue::Null,
    }
}

fn from_json(json: &JsonValue, kind: Kind) -> Option<Value> {
    match (json, kind) {
        (JsonValue::Null, _) => Some(Value::Null),
        (JsonValue::Number(number), Kind::Timestamp) => {
            let instant = Timestamp::from_microsecond(number.as_i64()?).ok()?;
            crate::ports::in_range(instant).map(Value::Timestamp)
        }
        (JsonValue::Bool(flag), Kind::Flag) => Some(Value::Flag(*flag)),
        (
            JsonValue::Number(number),
            Kind::Integer
            | Kind::Count
            | Kind::Money { .. }
            | Kind::Percent
            | Kind::Rate
            | Kind::Member
            | Kind::Target
            | Kind::Link { .. }
            | Kind::Key { .. },
        ) => number.as_i64().map(Value::Integer),
        (JsonValue::String(text), _) if kind.is_plain() && !text.contains('\0') => match kind {
            Kind::Date => crate::field::parse_date(text).ok().map(Value::Date),
            Kind::Integer
            | Kind::Count
            | Kind::Money { .. }
            | Kind::Percent
            | Kind::Rate
            | Kind::Member
            | Kind::Target
            | Kind::Link { .. }
            | Kind::Key { .. }
            | Kind::Timestamp
            | Kind::Flag => None,
            _ => Some(Value::Text(text.clone())),
        },
        _ => None,
    }
}
