//! Rounding: the one place where a fraction of a currency's smallest coin goes somewhere.

use crate::Amount;

/// The quotient of two whole numbers, rounded to the nearest; halves go to the even neighbour.
///
/// That is the "banker's rounding" of IEEE 754 (`roundTiesToEven`): over many amounts it favours
/// neither side. `divisor` is greater than zero.
const fn half_even(dividend: i128, divisor: i128) -> i128 {
    let (below, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    // Not `rest * 2`, which may not fit.
    let over = rest > divisor - rest;
    let half = rest == divisor - rest;
    if over || (half && below % 2 != 0) { below + 1 } else { below }
}

impl Amount {
    /// The most decimal places that an amount holds.
    pub const MAX_PLACES: u32 = 4;

    /// The fraction `dividend / divisor` of ten-thousandths, rounded half-even to a currency's
    /// decimal places (at most [`Amount::MAX_PLACES`]); none when it is too large to hold.
    /// `divisor` is greater than zero.
    ///
    /// Everything that multiplies or divides money ends here: a line, a tax, a share, a forecast.
    pub fn of_fraction(dividend: i128, divisor: i128, places: u32) -> Option<Self> {
        let step = Self::step(places);
        let steps = half_even(dividend, divisor.checked_mul(step.into())?);
        let raw = steps.checked_mul(step.into())?;
        i64::try_from(raw).ok().map(Self::from_ten_thousandths)
    }

    /// The amount rounded half-even to a currency's decimal places.
    pub fn rounded(self, places: u32) -> Option<Self> {
        Self::of_fraction(self.ten_thousandths().into(), 1, places)
    }

    /// The smallest step of a currency with so many decimal places, in ten-thousandths.
    pub const fn step(places: u32) -> i64 {
        10_i64.pow(Self::MAX_PLACES.saturating_sub(places))
    }

    /// Whether it has no more than so many decimal places, zeros at the end aside.
    pub const fn has_places(self, places: u32) -> bool {
        self.ten_thousandths() % Self::step(places) == 0
    }

    /// The sum, unless it is too large to hold.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.ten_thousandths().checked_add(other.ten_thousandths()).map(Self::from_ten_thousandths)
    }

    /// The difference, unless it is too large to hold.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.ten_thousandths().checked_sub(other.ten_thousandths()).map(Self::from_ten_thousandths)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (dividend, divisor, rounded) in [
            (5, 10, 0),
            (15, 10, 2),
            (25, 10, 2),
            (26, 10, 3),
            (-5, 10, 0),
            (-15, 10, -2),
            (-25, 10, -2),
            (-26, 10, -3),
            (7, 1, 7),
        ] {
            assert_eq!(half_even(dividend, divisor), rounded, "{dividend}/{divisor}");
        }
    }

    #[test]
    fn each_currency_has_its_places() {
        let shown = |raw, places| {
            Amount::from_ten_thousandths(raw).rounded(places).expect("fits").to_string()
        };
        assert_eq!(shown(12_345, 0), "1.00");
        assert_eq!(shown(15_000, 0), "2.00");
        assert_eq!(shown(12_350, 2), "1.24");
        assert_eq!(shown(12_450, 2), "1.24");
        assert_eq!(shown(12_345, 3), "1.234");
        assert_eq!(shown(12_345, 4), "1.2345");
        assert_eq!(shown(12_345, 9), "1.2345");
    }

    #[test]
    fn what_does_not_fit_is_none() {
        assert_eq!(Amount::of_fraction(i128::MAX, 1, 2), None);
        assert_eq!(Amount::from_ten_thousandths(i64::MAX).rounded(0), None);
        let most = Amount::from_ten_thousandths(i64::MAX);
        assert_eq!(most.checked_add(Amount::from_ten_thousandths(1)), None);
        assert_eq!(Amount::from_ten_thousandths(i64::MIN).checked_sub(most), None);
    }

    proptest! {
        #[test]
        fn nothing_is_nearer(dividend in -1_000_000_000i128..1_000_000_000, divisor in 1i128..10_000) {
            let rounded = half_even(dividend, divisor);
            let distance = (rounded * divisor - dividend).abs();
            prop_assert!(distance * 2 <= divisor);
            prop_assert!(distance * 2 < divisor || rounded % 2 == 0);
        }
    }
}
