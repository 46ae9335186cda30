//! Days as fields.

use jiff::civil;
use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NOT_NULL, Value};

/// A day of the calendar, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Date(pub Option<civil::Date>);

impl FieldType for Date {
    const KIND: Kind = Kind::Date;
    const NULLABLE: bool = true;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        match json {
            JsonValue::Null if field.required => Err(NOT_NULL.to_owned()),
            JsonValue::Null => Ok(Self(None)),
            JsonValue::String(text) => parse(&text).map(|day| Self(Some(day))),
            _ => Err(WRONG.to_owned()),
        }
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.0.map_or(Value::Null, Value::Date)
    }
}

const WRONG: &str = "Use YYYY-MM-DD, for example 2026-01-31.";

/// Reads a day of the years that both databases hold.
pub(crate) fn parse(text: &str) -> Result<civil::Date, String> {
    let well_formed = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = Some(text).filter(|_| well_formed).and_then(|text| text.parse::<civil::Date>().ok());
    day.filter(|day| day.year() >= 1).ok_or_else(|| WRONG.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field::new("day", "", Kind::Date, true);

    #[test]
    fn it_takes_days_and_nothing_else() {
        let day = civil::date(2026, 2, 28);
        assert_eq!(Date::read(json!("2026-02-28"), &FIELD), Ok(Date(Some(day))));
        assert_eq!(Date::read(json!(null), &FIELD), Ok(Date(None)));
        assert!(Date::read(json!(null), &FIELD.required()).is_err());
        for wrong in ["2026-02-29", "2026-2-28", "2026-02-28T00:00:00Z", "", "0000-01-01", "today"]
        {
            assert!(Date::read(json!(wrong), &FIELD).is_err(), "{wrong}");
        }
        assert!(Date::read(json!(20_260_228), &FIELD).is_err());
    }
}
