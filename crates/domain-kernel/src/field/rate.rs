//! Rates of exchange as fields.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NOT_NULL, Value};
use crate::decimal::{self, DecimalError};

/// Digits before the point: one Kuwaiti dinar is millions of Iranian rials.
const BEFORE: usize = 8;
/// Digits after it.
const AFTER: usize = 10;

/// How much of one thing one of another is: a decimal number that is greater than zero, exact to ten
/// places, as a 64-bit integer of ten-billionths. From 0.0000000001 to 99999999.9999999999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(i64);

impl Rate {
    /// Ten-billionths in one.
    pub const SCALE: i64 = 10_000_000_000;

    /// Takes ten-billionths from where they were checked before.
    pub const fn stored(ten_billionths: i64) -> Self {
        Self(ten_billionths)
    }

    /// In ten-billionths.
    pub const fn ten_billionths(self) -> i64 {
        self.0
    }
}

/// One for one.
impl Default for Rate {
    fn default() -> Self {
        Self(Self::SCALE)
    }
}

/// Writes at least two places, and more only where they are not zero: `16250.00`, `1.0837`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, AFTER)
    }
}

/// Why a text is no rate.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not a decimal number.
    #[error("A valid number is required.")]
    NotANumber,
    /// Zero, or less.
    #[error("Ensure this value is greater than 0.")]
    NotPositive,
    /// More digits than it holds.
    #[error(
        "Ensure that there are no more than {BEFORE} digits before and {AFTER} after the decimal point."
    )]
    OutOfRange,
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        match decimal::read(text.trim(), BEFORE, AFTER) {
            Ok(raw) if raw > 0 => Ok(Self(raw)),
            Ok(_) => Err(RateError::NotPositive),
            Err(DecimalError::NotANumber) => Err(RateError::NotANumber),
            Err(DecimalError::OutOfRange) => Err(RateError::OutOfRange),
        }
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FieldType for Rate {
    const KIND: Kind = Kind::Rate;

    fn read(json: JsonValue, _: &Field) -> Result<Self, String> {
        let text = match json {
            JsonValue::String(text) => text,
            JsonValue::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                // Not as JSON writes it: small rates have an exponent there.
                Some(fraction) => fraction.to_string(),
                None => number.to_string(),
            },
            JsonValue::Null => return Err(NOT_NULL.to_owned()),
            _ => return Err(RateError::NotANumber.to_string()),
        };
        text.parse().map_err(|error: RateError| error.to_string())
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Integer(self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field::new("rate", "", Kind::Rate, false).required();

    fn read(json: JsonValue) -> Result<String, String> {
        Rate::read(json, &FIELD).map(|rate| rate.to_string())
    }

    #[test]
    fn it_takes_numbers_and_texts_and_shows_them_without_noise() {
        for (given, shown) in [
            (json!("1.0837"), "1.0837"),
            (json!("16250"), "16250.00"),
            (json!(" 1.10000000000 "), "1.10"),
            (json!(1.0837), "1.0837"),
            (json!(26000), "26000.00"),
            (json!(0.000_061_5), "0.0000615"),
            (json!("0.0000000001"), "0.0000000001"),
            (json!("99999999.9999999999"), "99999999.9999999999"),
        ] {
            assert_eq!(read(given.clone()), Ok(shown.to_owned()), "{given}");
        }
    }

    #[test]
    fn it_says_what_is_wrong() {
        for (given, part) in [
            (json!("0"), "greater than 0"),
            (json!("0.00000000000"), "greater than 0"),
            (json!(-1.5), "greater than 0"),
            (json!("0.00000000001"), "8 digits before and 10 after"),
            (json!("100000000"), "8 digits before"),
            (json!(1e30), "8 digits before"),
            (json!("1e3"), "valid number"),
            (json!("1,08"), "valid number"),
            (json!(""), "valid number"),
            (json!(true), "valid number"),
            (json!(null), "may not be null"),
        ] {
            let message = read(given.clone()).expect_err("it is refused");
            assert!(message.contains(part), "{given}: {message}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(raw in 1..1_000_000_000_000_000_000i64) {
            prop_assert_eq!(Rate(raw).to_string().parse(), Ok(Rate(raw)));
        }

        #[test]
        fn any_text_is_answered(text in ".{0,30}") {
            let _ = text.parse::<Rate>();
        }
    }
}
