//! Amounts of money as fields.

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NOT_NULL, Value};
use crate::Amount;
use crate::amount::AmountError;

/// An amount that is not negative, with up to `DIGITS` digits, two of them after the point; zero
/// where a create leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Money<const DIGITS: u32>(pub Amount);

/// Digits after the point.
const PLACES: u32 = 2;
/// Ten-thousandths in the smallest step.
const STEP: i64 = 100;

impl<const DIGITS: u32> FieldType for Money<DIGITS> {
    const KIND: Kind = Kind::Money { digits: DIGITS };

    fn read(json: JsonValue, _: &Field) -> Result<Self, String> {
        let hundredths = read_hundredths(json, DIGITS)?;
        Ok(Self(Amount::from_ten_thousandths(hundredths * STEP)))
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Integer(self.0.ten_thousandths())
    }
}

/// Reads a decimal number that is not negative, with up to so many digits, two of them after the
/// point; in hundredths.
pub(super) fn read_hundredths(json: JsonValue, digits: u32) -> Result<i64, String> {
    let text = match json {
        JsonValue::String(text) => text.trim().to_owned(),
        JsonValue::Number(number) => number.to_string(),
        JsonValue::Null => return Err(NOT_NULL.to_owned()),
        _ => return Err(AmountError::NotANumber.to_string()),
    };
    let amount: Amount = match text.parse() {
        Ok(amount) => amount,
        Err(AmountError::NotANumber) => return Err(AmountError::NotANumber.to_string()),
        Err(AmountError::OutOfRange) => return Err(too_long(&text, digits)),
    };
    let raw = amount.ten_thousandths();
    if raw < 0 {
        return Err("Ensure this value is greater than or equal to 0.".to_owned());
    }
    if raw % STEP != 0 || raw / STEP >= 10_i64.pow(digits) {
        return Err(too_long(&text, digits));
    }
    Ok(raw / STEP)
}

/// What Django REST Framework answers to a number with too many digits.
fn too_long(text: &str, digits: u32) -> String {
    let places = text.split_once('.').map_or("", |(_, places)| places).trim_end_matches('0');
    if places.len() > PLACES as usize {
        return format!("Ensure that there are no more than {PLACES} decimal places.");
    }
    format!("Ensure that there are no more than {digits} digits in total.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field::new("price", "", Kind::Money { digits: 9 }, false);

    fn read(json: JsonValue) -> Result<String, String> {
        Money::<9>::read(json, &FIELD).map(|money| money.0.to_string())
    }

    #[test]
    fn it_takes_numbers_and_texts() {
        for (given, shown) in [
            (json!("4999"), "4999.00"),
            (json!("0.5"), "0.50"),
            (json!(12.34), "12.34"),
            (json!(0), "0.00"),
            (json!("9999999.99"), "9999999.99"),
            (json!("1.2300"), "1.23"),
        ] {
            assert_eq!(read(given.clone()), Ok(shown.to_owned()), "{given}");
        }
    }

    #[test]
    fn it_says_what_is_wrong() {
        for (given, part) in [
            (json!("10000000.00"), "9 digits in total"),
            (json!("1.234"), "2 decimal places"),
            (json!("0.00001"), "2 decimal places"),
            (json!("100000000000000000000"), "9 digits in total"),
            (json!(-1), "greater than or equal to 0"),
            (json!("1e3"), "valid number"),
            (json!(1e30), "valid number"),
            (json!(true), "valid number"),
            (json!(null), "may not be null"),
        ] {
            let message = read(given.clone()).expect_err("it is refused");
            assert!(message.contains(part), "{given}: {message}");
        }
    }
}
