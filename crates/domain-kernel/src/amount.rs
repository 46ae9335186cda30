//! Amounts of money.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::decimal::{self, DecimalError};

/// An amount in ten-thousandths of a currency's unit, as a 64-bit integer.
///
/// Four places hold every currency's minor unit and unit prices below it. The currency stands
/// beside the amount, where the document that it belongs to has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i64);

/// Digits before and after the point.
const BEFORE: usize = 14;
const AFTER: usize = 4;

impl Amount {
    /// From ten-thousandths of a unit.
    pub const fn from_ten_thousandths(raw: i64) -> Self {
        Self(raw)
    }

    /// In ten-thousandths of a unit.
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// Both together; the largest amount where that is more than one can be.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Writes at least two places, and more only where they are not zero: `4999.00`, `0.0125`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, AFTER)
    }
}

/// Why a text is not an amount.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a decimal number.
    #[error("A valid number is required.")]
    NotANumber,
    /// More than four places, or too large to hold.
    #[error("Ensure that there are no more than 14 digits before and 4 after the decimal point.")]
    OutOfRange,
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        match decimal::read(text, BEFORE, AFTER) {
            Ok(raw) => Ok(Self(raw)),
            Err(DecimalError::NotANumber) => Err(AmountError::NotANumber),
            Err(DecimalError::OutOfRange) => Err(AmountError::OutOfRange),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shows_at_least_two_places() {
        for (raw, shown) in
            [(0, "0.00"), (49_990_000, "4999.00"), (125, "0.0125"), (-15_000, "-1.50")]
        {
            assert_eq!(Amount(raw).to_string(), shown);
        }
    }

    #[test]
    fn refuses_what_is_not_a_number_or_too_long() {
        for text in ["", "-", ".5", "1e3", "1,5", "--1", "+1", "NaN", "1.2.3", "１"] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError::NotANumber), "{text}");
        }
        for text in ["0.00001", "100000000000000000000"] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError::OutOfRange), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(raw in -999_999_999_999_999_999i64..=999_999_999_999_999_999) {
            prop_assert_eq!(Amount(raw).to_string().parse(), Ok(Amount(raw)));
        }

        #[test]
        fn any_text_is_answered(text in ".{0,30}") {
            let _ = text.parse::<Amount>();
        }
    }
}
