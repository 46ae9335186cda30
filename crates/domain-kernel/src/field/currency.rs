//! Currencies as fields.

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NOT_NULL, Value};
use crate::Currency;

/// The currency of an amount, by its ISO 4217 code, which is read in any case; the dollar of the
/// United States where a create leaves it out or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct CurrencyCode(pub Currency);

impl FieldType for CurrencyCode {
    const KIND: Kind = Kind::Currency;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        match json {
            JsonValue::Null => Err(NOT_NULL.to_owned()),
            JsonValue::String(text) if text.trim().is_empty() && !field.required => {
                Ok(Self::default())
            }
            JsonValue::String(text) => match text.parse() {
                Ok(currency) => Ok(Self(currency)),
                Err(error) => Err(crate::UnknownCurrency::to_string(&error)),
            },
            other => Err(format!("Not a valid string: got {}.", super::type_name(&other))),
        }
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Text(self.0.code().to_owned())
    }
}

impl CurrencyCode {
    /// Takes a code from where it was checked before; an unknown one is the default.
    pub fn trusted(code: &str) -> Self {
        Self(Currency::from_code(code).unwrap_or_default())
    }
}

/// The same where leaving it out means another currency than the dollar: the workspace's own, which
/// the use case fills in. Stored, there always is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct OwnCurrency(pub Option<Currency>);

impl FieldType for OwnCurrency {
    const KIND: Kind = Kind::Currency;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        match json {
            JsonValue::String(text) if text.trim().is_empty() => Ok(Self(None)),
            other => CurrencyCode::read(other, field).map(|code| Self(Some(code.0))),
        }
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        Value::Text(self.0.map_or("", Currency::code).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field::new("currency", "", Kind::Currency, false);

    #[test]
    fn it_takes_codes_and_falls_back_to_the_dollar() {
        let read = |json| CurrencyCode::read(json, &FIELD).map(|currency| currency.0.code());
        assert_eq!(read(json!("jpy")), Ok("JPY"));
        assert_eq!(read(json!("")), Ok("USD"));
        assert_eq!(CurrencyCode::absent().0, Currency::USD);
        for wrong in [json!(null), json!("DOLLAR"), json!(840), json!(["USD"])] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(CurrencyCode::read(json!(""), &FIELD.required()).is_err());
    }
}
