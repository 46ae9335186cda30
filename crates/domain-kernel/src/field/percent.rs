//! Shares of a hundred as fields.

use serde::{Serialize, Serializer};
use serde_json::Value as JsonValue;

use super::money::read_decimal;
use super::{Field, FieldType, Kind, Value};
use crate::Amount;

/// Digits of the largest one, those after the point included.
const DIGITS: u32 = 5;
/// Digits after the point.
const PLACES: u32 = 2;
/// All, in hundredths of a percent.
const ALL: i64 = 10_000;
/// Ten-thousandths (of an [`Amount`]) in a hundredth.
const STEP: i64 = 100;

/// A share from 0 to 100 with two places; 0 where a create leaves it out.
///
/// It knows whether a request has said it, because a share that nobody gave may come from somewhere
/// else ([`Percent::said_or_kept`]). Two are the same when their shares are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Percent {
    /// In hundredths of a percent; none where a request left it out.
    hundredths: Option<i64>,
    /// Whether a request has said it.
    is_given: bool,
}

impl Percent {
    /// Nothing.
    pub const NONE: Self = Self::stored(0);
    /// Everything.
    pub const ALL: Self = Self::stored(ALL);

    /// A share that no request has said: so many hundredths of a percent.
    pub const fn stored(hundredths: i64) -> Self {
        Self { hundredths: Some(hundredths), is_given: false }
    }

    /// In hundredths of a percent.
    pub fn hundredths(self) -> i64 {
        self.hundredths.unwrap_or_default()
    }

    /// Whether a request has said it.
    pub const fn is_given(self) -> bool {
        self.is_given
    }

    /// What is stored where a share has a default: what the request says; else what was there, unless
    /// it must be found anew (`anew`). None: it is the default.
    pub fn said_or_kept(self, anew: bool) -> Option<Self> {
        self.hundredths.filter(|_| self.is_given || !anew).map(Self::stored)
    }

    /// This share of an amount, rounded half-even to a currency's decimal places.
    pub fn of(self, amount: Amount, places: u32) -> Amount {
        let product = i128::from(amount.ten_thousandths()) * i128::from(self.hundredths());
        // A share is never more than all of it, so it fits.
        Amount::of_fraction(product, ALL.into(), places).unwrap_or(amount)
    }
}

impl PartialEq for Percent {
    fn eq(&self, other: &Self) -> bool {
        self.hundredths() == other.hundredths()
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Amount::from_ten_thousandths(self.hundredths() * STEP).serialize(serializer)
    }
}

impl FieldType for Percent {
    const KIND: Kind = Kind::Percent;

    fn read(json: JsonValue, _: &Field) -> Result<Self, String> {
        let hundredths = read_hundredths(json)?;
        if hundredths > ALL {
            return Err("Ensure this value is less than or equal to 100.".to_owned());
        }
        Ok(Self { hundredths: Some(hundredths), is_given: true })
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Integer(self.hundredths())
    }
}

/// A share as a filter names it, in hundredths of a percent.
pub(crate) fn parse_percent(text: &str) -> Result<i64, String> {
    read_hundredths(JsonValue::String(text.to_owned()))
}

fn read_hundredths(json: JsonValue) -> Result<i64, String> {
    Ok(read_decimal(json, DIGITS, PLACES)?.ten_thousandths() / STEP)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field::new("share", "", Kind::Percent, false);

    fn read(json: JsonValue) -> Result<Percent, String> {
        Percent::read(json, &FIELD)
    }

    #[test]
    fn it_takes_shares_of_a_hundred() {
        for (given, shown) in [
            (json!("12.5"), "12.50"),
            (json!(100), "100.00"),
            (json!(0), "0.00"),
            (json!("99.99"), "99.99"),
        ] {
            assert_eq!(json!(read(given).expect("a share")), json!(shown));
        }
        for (given, part) in [
            (json!("100.01"), "less than or equal to 100"),
            (json!(1000), "3 digits before"),
            (json!(-1), "greater than or equal to 0"),
            (json!("1.234"), "2 decimal places"),
            (json!("a"), "valid number"),
            (json!(null), "may not be null"),
        ] {
            let message = read(given.clone()).expect_err("it is refused");
            assert!(message.contains(part), "{given}: {message}");
        }
    }

    #[test]
    fn what_is_given_counts_before_what_was_there() {
        let given = read(json!(0)).expect("a share");
        for anew in [false, true] {
            assert_eq!(given.said_or_kept(anew), Some(Percent::NONE));
            assert_eq!(Percent::absent().said_or_kept(anew), None);
        }
        let was = Percent::stored(1_000);
        assert_eq!((was.said_or_kept(false), was.said_or_kept(true)), (Some(was), None));
        let stored = given.said_or_kept(true).expect("a share");
        assert!(!stored.is_given(), "what is stored was not just said");
        assert_eq!(given, Percent::absent(), "nothing is nothing");
    }

    #[test]
    fn a_share_of_an_amount_is_rounded_half_to_even() {
        let share = |amount: &str, hundredths, places| {
            Percent::stored(hundredths).of(amount.parse().expect("an amount"), places).to_string()
        };
        for (amount, hundredths, shown) in [
            ("1000.00", 2_500, "250.00"),
            ("0.01", 5_000, "0.00"),
            ("0.03", 5_000, "0.02"),
            ("0.05", 5_000, "0.02"),
            ("0.07", 5_000, "0.04"),
            ("0.03", 3_334, "0.01"),
            ("0.03", 6_667, "0.02"),
            ("9999999999.99", 10_000, "9999999999.99"),
            ("9999999999.99", 1, "1000000.00"),
            ("-0.03", 5_000, "-0.02"),
        ] {
            assert_eq!(share(amount, hundredths, 2), shown, "{hundredths} of {amount}");
        }
        assert_eq!(share("101", 5_000, 0), "50.00");
        assert_eq!(share("0.005", 5_000, 3), "0.002");
    }
}
