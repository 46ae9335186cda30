//! Yes and no, numbers and instants.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NOT_NULL, Value};

/// Yes or no; `DEFAULT` where a create leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Flag<const DEFAULT: bool>(pub bool);

impl<const DEFAULT: bool> Default for Flag<DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: bool> FieldType for Flag<DEFAULT> {
    const KIND: Kind = Kind::Flag;

    fn read(json: JsonValue, _: &Field) -> Result<Self, String> {
        match json {
            JsonValue::Bool(value) => Ok(Self(value)),
            JsonValue::Null => Err(NOT_NULL.to_owned()),
            _ => Err("Must be a valid boolean.".to_owned()),
        }
    }

    fn absent() -> Self {
        Self(DEFAULT)
    }

    fn value(&self) -> Value {
        Value::Flag(self.0)
    }
}

/// A whole number, not negative; `DEFAULT` where a create leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Count<const DEFAULT: i64>(pub i64);

impl<const DEFAULT: i64> Default for Count<DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

/// The largest count: what every client reads exactly.
pub const COUNT_MAX: i64 = i32::MAX as i64;

impl<const DEFAULT: i64> FieldType for Count<DEFAULT> {
    const KIND: Kind = Kind::Count;

    fn read(json: JsonValue, _: &Field) -> Result<Self, String> {
        let number = match &json {
            JsonValue::Number(number) => number.as_i64(),
            JsonValue::String(text) => text.trim().parse().ok(),
            JsonValue::Null => return Err(NOT_NULL.to_owned()),
            _ => None,
        };
        match number {
            Some(number) if (0..=COUNT_MAX).contains(&number) => Ok(Self(number)),
            Some(number) if number < 0 => {
                Err("Ensure this value is greater than or equal to 0.".to_owned())
            }
            Some(_) => Err(format!("Ensure this value is less than or equal to {COUNT_MAX}.")),
            None => Err("A valid integer is required.".to_owned()),
        }
    }

    fn absent() -> Self {
        Self(DEFAULT)
    }

    fn value(&self) -> Value {
        Value::Integer(self.0)
    }
}

/// A whole number, less than nothing too; nothing where a create leaves it out. It is no further from
/// it than [`COUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Whole(pub i64);

impl FieldType for Whole {
    const KIND: Kind = Kind::Integer;

    fn read(json: JsonValue, _: &Field) -> Result<Self, String> {
        let number = match &json {
            JsonValue::Number(number) => number.as_i64(),
            JsonValue::String(text) => text.trim().parse().ok(),
            JsonValue::Null => return Err(NOT_NULL.to_owned()),
            _ => None,
        };
        match number {
            Some(number) if number > COUNT_MAX => {
                Err(format!("Ensure this value is less than or equal to {COUNT_MAX}."))
            }
            Some(number) if number < -COUNT_MAX => {
                Err(format!("Ensure this value is greater than or equal to -{COUNT_MAX}."))
            }
            Some(number) => Ok(Self(number)),
            None => Err("A valid integer is required.".to_owned()),
        }
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Integer(self.0)
    }
}

/// The id of a row of some resource that stands beside it, or none. Only the server writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct RowId(pub Option<i64>);

impl FieldType for RowId {
    const KIND: Kind = Kind::Integer;
    const NULLABLE: bool = true;

    fn read(_: JsonValue, _: &Field) -> Result<Self, String> {
        Err("Only the server writes it.".to_owned())
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.0.map_or(Value::Null, Value::Integer)
    }
}

/// An instant, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Moment(pub Option<Timestamp>);

impl FieldType for Moment {
    const KIND: Kind = Kind::Timestamp;
    const NULLABLE: bool = true;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        let wrong = || "Use RFC 3339, for example 2026-01-31T09:30:00Z.".to_owned();
        match json {
            JsonValue::Null if field.required => Err(NOT_NULL.to_owned()),
            JsonValue::Null => Ok(Self(None)),
            JsonValue::String(text) => {
                let instant: Option<Timestamp> = text.parse().ok();
                let instant = instant.and_then(crate::ports::in_range);
                instant.map(|at| Self(Some(crate::ports::to_microseconds(at)))).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.0.map_or(Value::Null, Value::Timestamp)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field::new("f", "", Kind::Flag, true);

    #[test]
    fn each_takes_its_own_and_nothing_else() {
        assert_eq!(Flag::<true>::read(json!(false), &FIELD), Ok(Flag(false)));
        assert!(Flag::<true>::read(json!("yes"), &FIELD).is_err());
        assert_eq!(Count::<5>::read(json!("12"), &FIELD), Ok(Count(12)));
        for wrong in [json!(-1), json!(1.5), json!("1e3"), json!(1_u64 << 40), json!([1])] {
            assert!(Count::<5>::read(wrong.clone(), &FIELD).is_err(), "{wrong}");
        }
        assert_eq!(Whole::read(json!(-12), &FIELD), Ok(Whole(-12)));
        for wrong in [json!(1.5), json!(1_u64 << 40), json!(-(1_i64 << 40)), json!(null)] {
            assert!(Whole::read(wrong.clone(), &FIELD).is_err(), "{wrong}");
        }
        assert_eq!(Moment::read(json!(null), &FIELD), Ok(Moment(None)));
        assert!(Moment::read(json!(null), &FIELD.required()).is_err());
        assert!(Moment::read(json!("2026-01-31T09:30:00+01:00"), &FIELD).is_ok());
        assert!(Moment::read(json!("2026-01-31"), &FIELD).is_err());
    }
}
