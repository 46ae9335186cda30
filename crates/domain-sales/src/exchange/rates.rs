//! Converting amounts: the one place where money of one currency becomes money of another.

use std::collections::BTreeMap;

use domain_kernel::field::Rate;
use domain_kernel::{Amount, Currency, Error, Result};
use jiff::civil::Date;

use super::ExchangeRate;

/// The rates that a workspace has between some currencies.
///
/// Of two currencies the rate counts that is dated last up to the day, whichever way round it is
/// stated; of two of one day the one that is stated the way round that is asked for. Where there is
/// none, both are looked up against the workspace's own currency.
#[derive(Debug, Clone)]
pub struct Rates {
    own: Currency,
    by_pair: BTreeMap<(Currency, Currency), BTreeMap<Date, Rate>>,
}

impl Rates {
    /// The rates of a workspace whose own currency is `own`.
    pub fn new(own: Currency, rates: impl IntoIterator<Item = ExchangeRate>) -> Self {
        let mut by_pair: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for ExchangeRate { base, quote, date, rate } in rates {
            // What is stored has a day.
            let Some(day) = date.0 else { continue };
            by_pair.entry((base.0, quote.0)).or_default().insert(day, rate);
        }
        Self { own, by_pair }
    }

    /// An amount in another currency, by the rate of a day; rounded half-even, once, to the places
    /// of that currency. In its own currency it stays as it is, and nothing is nothing everywhere.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `currency` where no rate leads from one to the other on that day, or the
    /// outcome is too large to hold.
    pub fn convert(
        &self,
        amount: Amount,
        from: Currency,
        to: Currency,
        day: Date,
    ) -> Result<Amount> {
        if from == to || amount == Amount::default() {
            return Ok(amount);
        }
        let Some(factor) = self.factor(from, to, day) else {
            let message =
                format!("There is no exchange rate from {from} to {to} on or before {day}.");
            return Err(Error::field("currency", message));
        };
        factor.of_amount(amount, to.places()).ok_or_else(|| too_large(to))
    }

    /// What a currency is worth in another on a day, directly or by way of the workspace's own.
    fn factor(&self, from: Currency, to: Currency, day: Date) -> Option<Fraction> {
        self.between(from, to, day).or_else(|| {
            let first = self.between(from, self.own, day)?;
            first.times(self.between(self.own, to, day)?)
        })
    }

    /// The same by a rate of these two alone.
    fn between(&self, from: Currency, to: Currency, day: Date) -> Option<Fraction> {
        let stated = self.latest(from, to, day);
        let inverse = self.latest(to, from, day);
        match (stated, inverse) {
            (Some((since, rate)), other) if other.is_none_or(|(last, _)| since >= last) => {
                Some(Fraction::of(rate))
            }
            (_, other) => other.map(|(_, rate)| Fraction::of(rate).inverted()),
        }
    }

    fn latest(&self, base: Currency, quote: Currency, day: Date) -> Option<(Date, Rate)> {
        let rates = self.by_pair.get(&(base, quote))?;
        rates.range(..=day).next_back().map(|(date, rate)| (*date, *rate))
    }
}

/// What to say where a sum in a currency is more than an amount can be.
pub(crate) fn too_large(currency: Currency) -> Error {
    Error::field("currency", format!("In {currency} it is too large to be shown."))
}

/// A fraction in lowest terms; both parts are greater than zero.
#[derive(Debug, Clone, Copy)]
struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    fn of(rate: Rate) -> Self {
        Self::reduced(rate.ten_billionths().into(), Rate::SCALE.into())
    }

    fn reduced(numerator: i128, denominator: i128) -> Self {
        let (mut divisor, mut rest) = (numerator, denominator);
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        Self { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    const fn inverted(self) -> Self {
        Self { numerator: self.denominator, denominator: self.numerator }
    }

    /// The product; none where it is too large to hold.
    fn times(self, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.numerator)?;
        let denominator = self.denominator.checked_mul(other.denominator)?;
        Some(Self::reduced(numerator, denominator))
    }

    /// This share of an amount, in so many places; none where it is too large to hold.
    fn of_amount(self, amount: Amount, places: u32) -> Option<Amount> {
        let product = i128::from(amount.ten_thousandths()).checked_mul(self.numerator)?;
        Amount::of_fraction(product, self.denominator, places)
    }
}

#[cfg(test)]
mod tests {
    use domain_kernel::field::CurrencyCode;
    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::from_code(code).expect("a currency")
    }

    fn rates(stated: &[(&str, &str, Date, &str)]) -> Rates {
        let rates = stated.iter().map(|(base, quote, day, rate)| ExchangeRate {
            base: CurrencyCode(currency(base)),
            quote: CurrencyCode(currency(quote)),
            date: domain_kernel::field::Date(Some(*day)),
            rate: rate.parse().expect("a rate"),
        });
        Rates::new(Currency::USD, rates)
    }

    fn raw(rate: i64) -> Rates {
        let rate = ExchangeRate {
            base: CurrencyCode(currency("EUR")),
            date: domain_kernel::field::Date(Some(MARCH)),
            rate: Rate::stored(rate),
            ..ExchangeRate::default()
        };
        Rates::new(Currency::USD, [rate])
    }

    /// What an amount comes to, or why not.
    fn told(rates: &Rates, amount: &str, from: &str, to: &str, day: Date) -> String {
        let amount = amount.parse().expect("an amount");
        match rates.convert(amount, currency(from), currency(to), day) {
            Ok(amount) => amount.to_string(),
            Err(Error::Invalid(errors)) => format!("{:?}", errors.0["currency"]),
            Err(other) => panic!("{other:?}"),
        }
    }

    const MARCH: Date = date(2026, 3, 1);

    #[test]
    fn a_rate_counts_until_the_next() {
        let rates = rates(&[
            ("EUR", "USD", date(2026, 3, 1), "1.10"),
            ("EUR", "USD", date(2026, 3, 10), "1.20"),
        ]);
        for (day, worth) in [(1, "11.00"), (9, "11.00"), (10, "12.00"), (31, "12.00")] {
            assert_eq!(told(&rates, "10.00", "EUR", "USD", date(2026, 3, day)), worth, "{day}");
        }
        let none = told(&rates, "10.00", "EUR", "USD", date(2026, 2, 28));
        assert!(
            none.contains("no exchange rate from EUR to USD on or before 2026-02-28."),
            "{none}"
        );
    }

    #[test]
    fn the_last_rate_counts_whichever_way_round_it_is_stated() {
        let rates = rates(&[
            ("EUR", "USD", date(2026, 3, 1), "1.25"),
            ("USD", "EUR", date(2026, 3, 10), "0.50"),
            ("EUR", "USD", date(2026, 3, 10), "3.00"),
            ("USD", "EUR", date(2026, 3, 20), "0.25"),
        ]);
        for (day, from, to, worth) in [
            (1, "EUR", "USD", "1.25"),
            (1, "USD", "EUR", "0.80"),
            (10, "EUR", "USD", "3.00"),
            (10, "USD", "EUR", "0.50"),
            (20, "EUR", "USD", "4.00"),
        ] {
            assert_eq!(told(&rates, "1.00", from, to, date(2026, 3, day)), worth, "{day} {from}");
        }
    }

    #[test]
    fn what_has_no_rate_goes_by_way_of_the_workspaces_currency() {
        let rates = rates(&[
            ("EUR", "USD", MARCH, "1.20"),
            ("USD", "JPY", MARCH, "150"),
            ("GBP", "EUR", MARCH, "1.15"),
            ("EUR", "JPY", date(2026, 3, 5), "200"),
        ]);
        assert_eq!(told(&rates, "10.00", "EUR", "JPY", MARCH), "1800.00");
        assert_eq!(told(&rates, "10.00", "EUR", "JPY", date(2026, 3, 5)), "2000.00");
        assert_eq!(told(&rates, "1000.00", "JPY", "EUR", MARCH), "5.56");
        // By way of no other: nobody has said that it is the one to trust.
        assert!(told(&rates, "1.00", "GBP", "USD", MARCH).contains("from GBP to USD"));
    }

    #[test]
    fn it_is_rounded_once_to_the_places_of_the_target() {
        let rates = rates(&[
            ("USD", "JPY", MARCH, "150.5"),
            ("USD", "KWD", MARCH, "0.3075"),
            ("USD", "EUR", MARCH, "0.125"),
            ("USD", "VND", MARCH, "26000"),
        ]);
        for (amount, to, worth) in [
            ("0.33", "JPY", "50.00"),
            ("1.00", "JPY", "150.00"),
            ("3.00", "JPY", "452.00"),
            ("1.00", "KWD", "0.308"),
            ("0.20", "EUR", "0.02"),
            ("0.60", "EUR", "0.08"),
            ("-0.60", "EUR", "-0.08"),
        ] {
            assert_eq!(told(&rates, amount, "USD", to, MARCH), worth, "{amount} {to}");
        }
        // In between nothing is rounded: a dong is less than a cent.
        assert_eq!(told(&rates, "100.00", "VND", "JPY", MARCH), "1.00");
    }

    #[test]
    fn nothing_needs_no_rate_and_what_is_too_large_is_said_to_be() {
        let none = rates(&[]);
        assert_eq!(told(&none, "0.00", "GBP", "EUR", MARCH), "0.00");
        assert_eq!(told(&none, "1.2345", "GBP", "GBP", MARCH), "1.2345");
        let rates = rates(&[("KWD", "IRR", MARCH, "4600000")]);
        let told = told(&rates, "99999999999999.00", "KWD", "IRR", MARCH);
        assert!(told.contains("In IRR it is too large"), "{told}");
    }

    /// Rates between a millionth and a million.
    fn rate() -> impl Strategy<Value = i64> {
        10_000..10_000_000_000_000_000i64
    }

    proptest! {
        #[test]
        fn there_and_back_again_is_where_it_began(cents in -10_000_000_000i64..10_000_000_000, rate in rate()) {
            let (rates, usd, eur) = (raw(rate), Currency::USD, currency("EUR"));
            let amount = Amount::from_ten_thousandths(cents * 100);
            let there = rates.convert(amount, eur, usd, MARCH).expect("it fits");
            let back = rates.convert(there, usd, eur, MARCH).expect("it fits");
            // Half a cent may be lost there, which is worth so much here, and half a cent here.
            let lost = i128::from((back.ten_thousandths() - amount.ten_thousandths()).abs());
            let most = 50 + 50 * i128::from(Rate::SCALE) / i128::from(rate) + 1;
            prop_assert!(lost <= most, "{amount} {there} {back}");
        }

        #[test]
        fn more_is_never_worth_less(one in any::<i32>(), two in any::<i32>(), rate in rate()) {
            let (rates, usd, eur) = (raw(rate), Currency::USD, currency("EUR"));
            let (less, more) = (one.min(two), one.max(two));
            let worth = |cents: i32, from, to| {
                let amount = Amount::from_ten_thousandths(i64::from(cents) * 100);
                rates.convert(amount, from, to, MARCH).expect("it fits")
            };
            prop_assert!(worth(less, eur, usd) <= worth(more, eur, usd));
            prop_assert!(worth(less, usd, eur) <= worth(more, usd, eur));
        }

        /// Each part is rounded by itself, so that as many half cents as there are parts may be lost.
        #[test]
        fn parts_are_worth_the_sum_but_for_half_a_cent_each(
            parts in prop::collection::vec(0..100_000_000i64, 1..20),
            rate in rate(),
        ) {
            let (rates, usd, eur) = (raw(rate), Currency::USD, currency("EUR"));
            let worth = |cents: i64| {
                let amount = Amount::from_ten_thousandths(cents * 100);
                rates.convert(amount, eur, usd, MARCH).expect("it fits").ten_thousandths()
            };
            let apart: i64 = parts.iter().map(|part| worth(*part)).sum();
            let together = worth(parts.iter().sum());
            let most = 50 * (i64::try_from(parts.len()).expect("few") + 1);
            prop_assert!((apart - together).abs() <= most, "{apart} {together}");
        }

        #[test]
        fn nothing_overflows(
            amount in any::<i64>(),
            one in 1..1_000_000_000_000_000_000i64,
            two in 1..1_000_000_000_000_000_000i64,
            after in 0..3i64,
        ) {
            let stated = [("EUR", "USD", one), ("USD", "VND", two), ("GBP", "USD", two)];
            let rates = Rates::new(Currency::USD, stated.map(|(base, quote, rate)| ExchangeRate {
                base: CurrencyCode(currency(base)),
                quote: CurrencyCode(currency(quote)),
                date: domain_kernel::field::Date(Some(MARCH)),
                rate: Rate::stored(rate),
            }));
            let day = MARCH.saturating_add(after.days());
            let amount = Amount::from_ten_thousandths(amount);
            for (from, to) in [("EUR", "VND"), ("VND", "EUR"), ("EUR", "GBP"), ("USD", "EUR")] {
                // Converted or refused.
                let _ = rates.convert(amount, currency(from), currency(to), day);
            }
        }
    }
}
