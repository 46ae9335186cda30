//! Amounts of money as fields.

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NOT_NULL, Value};
use crate::Amount;
use crate::amount::AmountError;

/// An amount that is not negative, with up to `DIGITS` digits where two of them are after the point;
/// zero where a create leaves it out.
///
/// Read alone it may have as many places as any currency has. Whoever knows its currency asks it for
/// the places of that ([`Money::in_places`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Money<const DIGITS: u32, const PLACES: u32 = { Amount::MAX_PLACES }>(pub Amount);

impl<const DIGITS: u32, const PLACES: u32> Money<DIGITS, PLACES> {
    /// Refuses more than so many digits after the point, zeros at the end aside; the message is for
    /// the field.
    pub fn in_places(self, places: u32) -> Result<(), String> {
        if self.0.has_places(places) { Ok(()) } else { Err(too_many_places(places)) }
    }
}

impl<const DIGITS: u32, const PLACES: u32> FieldType for Money<DIGITS, PLACES> {
    const KIND: Kind = Kind::Money { digits: DIGITS, places: PLACES };

    fn read(json: JsonValue, _: &Field) -> Result<Self, String> {
        read_decimal(json, DIGITS, PLACES).map(Self)
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Integer(self.0.ten_thousandths())
    }
}

/// Digits after the point that are counted in `digits`.
const COUNTED_PLACES: u32 = 2;

/// Reads a decimal number that is not negative, with up to `digits` digits where two of them are after
/// the point, of which there may be `places`.
pub(super) fn read_decimal(json: JsonValue, digits: u32, places: u32) -> Result<Amount, String> {
    let text = match json {
        JsonValue::String(text) => text.trim().to_owned(),
        JsonValue::Number(number) => number.to_string(),
        JsonValue::Null => return Err(NOT_NULL.to_owned()),
        _ => return Err(AmountError::NotANumber.to_string()),
    };
    let amount: Amount = match text.parse() {
        Ok(amount) => amount,
        Err(AmountError::NotANumber) => return Err(AmountError::NotANumber.to_string()),
        Err(AmountError::OutOfRange) => return Err(too_long(&text, digits, places)),
    };
    if amount < Amount::default() {
        return Err("Ensure this value is greater than or equal to 0.".to_owned());
    }
    let units = 10_i64.pow(digits - COUNTED_PLACES);
    if !amount.has_places(places) || amount.ten_thousandths() >= units * Amount::step(0) {
        return Err(too_long(&text, digits, places));
    }
    Ok(amount)
}

/// What Django REST Framework answers to a number with too many digits.
fn too_long(text: &str, digits: u32, places: u32) -> String {
    let given = text.split_once('.').map_or("", |(_, places)| places).trim_end_matches('0');
    if given.len() > places as usize {
        return too_many_places(places);
    }
    let before = digits - COUNTED_PLACES;
    format!("Ensure that there are no more than {before} digits before the decimal point.")
}

fn too_many_places(places: u32) -> String {
    format!("Ensure that there are no more than {places} decimal places.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field::new("price", "", <Money<9>>::KIND, false);

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
            (json!("1.2345"), "1.2345"),
            (json!("9999999.9999"), "9999999.9999"),
        ] {
            assert_eq!(read(given.clone()), Ok(shown.to_owned()), "{given}");
        }
    }

    #[test]
    fn it_says_what_is_wrong() {
        for (given, part) in [
            (json!("10000000.00"), "7 digits before the decimal point"),
            (json!("1.23456"), "4 decimal places"),
            (json!("0.00001"), "4 decimal places"),
            (json!("100000000000000000000"), "7 digits before the decimal point"),
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

    #[test]
    fn a_plain_number_has_two_places() {
        let message = Money::<5, 2>::read(json!("1.234"), &FIELD).expect_err("three places");
        assert_eq!(message, "Ensure that there are no more than 2 decimal places.");
    }

    #[test]
    fn it_has_the_places_of_its_currency_at_most() {
        for (amount, places, is_right) in [
            ("1", 0, true),
            ("1.00", 0, true),
            ("1.5", 0, false),
            ("1.50", 2, true),
            ("1.505", 2, false),
            ("1.505", 3, true),
            ("1.5055", 3, false),
            ("1.5055", 4, true),
        ] {
            let money = Money::<9>::read(json!(amount), &FIELD).expect("an amount");
            assert_eq!(money.in_places(places).is_ok(), is_right, "{amount} in {places}");
        }
        let message = Money::<9>(Amount::from_ten_thousandths(1)).in_places(0);
        assert_eq!(message, Err("Ensure that there are no more than 0 decimal places.".to_owned()));
    }
}
