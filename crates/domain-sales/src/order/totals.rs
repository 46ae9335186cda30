//! What an order comes to: lines, discounts, taxes and sums that add up to the cent.
//!
//! - A line is `quantity × unit price − its discount`.
//! - A discount on the whole order is shared among the lines by what they come to.
//! - Tax is computed once for each rate, on the sum of what is taxed at it, as EN 16931 (the European
//!   standard for electronic invoices, rule BR-CO-17) wants it; each line shows its share.
//!
//! Each result is rounded half-even to the currency's places before anything is added, and shares are
//! given out by the largest remainder, so every sum is the sum of what is shown.

use std::collections::BTreeMap;

use domain_kernel::Amount;

/// What one line is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// How many.
    pub quantity: i64,
    /// What one costs.
    pub unit_price: Amount,
    /// What is taken off the line.
    pub discount: Amount,
    /// The rate of tax, in percent.
    pub tax_rate: Amount,
}

/// What one line comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineTotals {
    /// After the line's own discount, before tax.
    pub net: Amount,
    /// Its share of the order's discount.
    pub discount_share: Amount,
    /// Its share of the tax at its rate.
    pub tax: Amount,
}

/// What an order comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Each line, in the order given.
    pub lines: Vec<LineTotals>,
    /// The lines' sum before the order's discount and tax.
    pub subtotal: Amount,
    /// What is taken off the whole order.
    pub discount: Amount,
    /// All taxes.
    pub tax: Amount,
    /// What is to be paid: `subtotal − discount + tax`.
    pub total: Amount,
}

/// Why an order cannot be summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TotalsError {
    /// A line, by its place from 0, comes to more than twelve digits hold.
    #[error("The line comes to more than {LARGEST}.")]
    LineTooLarge {
        /// Its place.
        line: usize,
    },
    /// The order comes to more than twelve digits hold.
    #[error("The order comes to more than {LARGEST}.")]
    TooLarge,
    /// More is taken off a line, by its place from 0, than it costs.
    #[error("Ensure this value is less than or equal to {most}, what the line costs.")]
    LineDiscount {
        /// Its place.
        line: usize,
        /// What it costs.
        most: Amount,
    },
    /// More is taken off the order than its lines come to.
    #[error("Ensure this value is less than or equal to {most}, what the lines come to.")]
    Discount {
        /// What they come to.
        most: Amount,
    },
}

/// The largest amount of a document: twelve digits, two of them after the point.
pub const LARGEST: Amount = Amount::from_ten_thousandths(99_999_999_999_900);

/// Ten-thousandths of a percent in the whole.
const WHOLE: i128 = 1_000_000;

/// Sums an order up in a currency with so many decimal places.
///
/// `discount` is taken off the whole order. Quantities, prices, discounts and rates are not negative.
///
/// # Errors
/// [`TotalsError`] for the first thing that is wrong.
pub fn totals(lines: &[Line], discount: Amount, places: u32) -> Result<Totals, TotalsError> {
    let mut summed: Vec<LineTotals> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            net(at, line, places).map(|net| LineTotals { net, ..LineTotals::default() })
        })
        .collect::<Result<_, _>>()?;
    let subtotal = sum(summed.iter().map(|line| line.net))?;
    let discount = discount.rounded(places).filter(|discount| *discount <= subtotal);
    let discount = discount.ok_or(TotalsError::Discount { most: subtotal })?;
    let nets: Vec<Amount> = summed.iter().map(|line| line.net).collect();
    for (line, share) in summed.iter_mut().zip(shares(discount, &nets, places)) {
        line.discount_share = share;
    }
    tax(lines, &mut summed, places)?;
    let tax = sum(summed.iter().map(|line| line.tax))?;
    let total = subtotal.checked_sub(discount).and_then(|net| net.checked_add(tax));
    let total = total.filter(|total| *total <= LARGEST).ok_or(TotalsError::TooLarge)?;
    Ok(Totals { lines: summed, subtotal, discount, tax, total })
}

/// What a line comes to before the order's discount and tax.
fn net(at: usize, line: &Line, places: u32) -> Result<Amount, TotalsError> {
    let too_large = TotalsError::LineTooLarge { line: at };
    let gross = i128::from(line.quantity) * i128::from(line.unit_price.ten_thousandths());
    let rounded = |raw: i128| {
        Amount::of_fraction(raw, 1, places).filter(|amount| *amount <= LARGEST).ok_or(too_large)
    };
    let discount = i128::from(line.discount.ten_thousandths());
    if discount > gross {
        return Err(TotalsError::LineDiscount { line: at, most: rounded(gross)? });
    }
    rounded(gross - discount)
}

/// Gives each line its share of the tax at its rate.
fn tax(lines: &[Line], summed: &mut [LineTotals], places: u32) -> Result<(), TotalsError> {
    let mut by_rate: BTreeMap<Amount, Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        by_rate.entry(line.tax_rate).or_default().push(at);
    }
    for (rate, at) in by_rate {
        let taxed = |line: &LineTotals| line.net.checked_sub(line.discount_share);
        let bases: Option<Vec<Amount>> = at.iter().map(|at| taxed(&summed[*at])).collect();
        let bases = bases.ok_or(TotalsError::TooLarge)?;
        let base = i128::from(sum(bases.iter().copied())?.ten_thousandths());
        let tax = Amount::of_fraction(base * i128::from(rate.ten_thousandths()), WHOLE, places);
        let tax = tax.ok_or(TotalsError::TooLarge)?;
        for (at, share) in at.into_iter().zip(shares(tax, &bases, places)) {
            summed[at].tax = share;
        }
    }
    Ok(())
}

/// Shares an amount among parts by their weights, in whole steps of the currency: each gets the whole
/// steps that are its due, and those with the largest remainders, the first of equals, one more.
///
/// The shares' sum is the amount (unless nothing has any weight: then nobody gets anything). No share
/// of an amount that is at most the weights' sum is more than its weight.
pub fn shares(amount: Amount, weights: &[Amount], places: u32) -> Vec<Amount> {
    let step = i128::from(Amount::step(places));
    let steps = i128::from(amount.ten_thousandths()) / step;
    let weight = |weight: &Amount| i128::from(weight.ten_thousandths());
    let sum: i128 = weights.iter().map(weight).sum();
    if sum == 0 {
        return vec![Amount::default(); weights.len()];
    }
    let mut given: Vec<i128> = weights.iter().map(|w| steps * weight(w) / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // A stable sort: of equal remainders the first part comes first.
    order.sort_by_key(|at| std::cmp::Reverse(steps * weight(&weights[*at]) % sum));
    let left = steps - given.iter().sum::<i128>();
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        given[at] += 1;
    }
    let raw = given.into_iter().map(|steps| i64::try_from(steps * step).unwrap_or(i64::MAX));
    raw.map(Amount::from_ten_thousandths).collect()
}

/// A sum that a document can show.
fn sum(amounts: impl Iterator<Item = Amount>) -> Result<Amount, TotalsError> {
    let mut sum = Amount::default();
    for amount in amounts {
        let more = sum.checked_add(amount).filter(|sum| *sum <= LARGEST);
        sum = more.ok_or(TotalsError::TooLarge)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().expect("an amount")
    }

    fn line(quantity: i64, price: &str, discount: &str, rate: &str) -> Line {
        Line {
            quantity,
            unit_price: amount(price),
            discount: amount(discount),
            tax_rate: amount(rate),
        }
    }

    fn shown(totals: &Totals) -> [String; 4] {
        [totals.subtotal, totals.discount, totals.tax, totals.total].map(|a| a.to_string())
    }

    #[test]
    fn an_order_adds_up() {
        let lines = [line(3, "19.99", "5.00", "20"), line(1, "100.00", "0", "5")];
        let totals = totals(&lines, amount("10.00"), 2).expect("sums");
        // 54.97 and 100.00, less 3.55 and 6.45; 20 % of 51.42, 5 % of 93.55.
        assert_eq!(shown(&totals), ["154.97", "10.00", "14.96", "159.93"]);
        assert_eq!(totals.lines[0].discount_share, amount("3.55"));
        assert_eq!(totals.lines[0].tax, amount("10.28"));
        assert_eq!(totals.lines[1].tax, amount("4.68"));
    }

    #[test]
    fn tax_is_rounded_once_for_each_rate() {
        // Line by line it would be 3 × 0.02; of 0.30 together it is 5.499 cents.
        let lines = [line(1, "0.10", "0", "18.33"); 3];
        let totals = totals(&lines, Amount::default(), 2).expect("sums");
        assert_eq!(totals.tax, amount("0.05"));
        let taxes: Vec<String> = totals.lines.iter().map(|line| line.tax.to_string()).collect();
        assert_eq!(taxes, ["0.02", "0.02", "0.01"]);
    }

    #[test]
    fn currencies_have_their_own_places() {
        let lines = [line(3, "0.50", "0", "10")];
        let yen = totals(&lines, Amount::default(), 0).expect("sums");
        assert_eq!(shown(&yen), ["2.00", "0.00", "0.00", "2.00"]);
        let dinar = totals(&[line(1, "0.25", "0", "19")], Amount::default(), 3).expect("sums");
        assert_eq!(dinar.tax, amount("0.048"));
    }

    #[test]
    fn nothing_is_an_order_of_nothing() {
        assert_eq!(totals(&[], Amount::default(), 2), Ok(Totals::default()));
        let free = totals(&[line(5, "0", "0", "20")], Amount::default(), 2).expect("sums");
        assert_eq!(free.total, Amount::default());
    }

    #[test]
    fn what_is_too_much_is_an_error() {
        let dear = line(i64::from(i32::MAX), "99999999.99", "0", "0");
        assert_eq!(
            totals(&[line(1, "1", "0", "0"), dear], Amount::default(), 2),
            Err(TotalsError::LineTooLarge { line: 1 })
        );
        let large = line(1, "9999999999.99", "0", "0");
        assert_eq!(totals(&[large, large], Amount::default(), 2), Err(TotalsError::TooLarge));
        let taxed = line(1, "9999999999.99", "0", "20");
        assert_eq!(totals(&[taxed], Amount::default(), 2), Err(TotalsError::TooLarge));
        assert_eq!(
            totals(&[line(2, "1.50", "3.01", "0")], Amount::default(), 2),
            Err(TotalsError::LineDiscount { line: 0, most: amount("3.00") })
        );
        assert_eq!(
            totals(&[line(2, "1.50", "3", "0")], amount("0.01"), 2),
            Err(TotalsError::Discount { most: Amount::default() })
        );
    }

    fn lines() -> impl Strategy<Value = Vec<Line>> {
        let line = (0..1_000i64, 0..10_000_000i64, 0..=100i64, 0..=4usize).prop_map(
            |(quantity, cents, off, rate)| {
                let gross = quantity * cents;
                Line {
                    quantity,
                    unit_price: Amount::from_ten_thousandths(cents * 100),
                    discount: Amount::from_ten_thousandths(gross * off / 100 * 100),
                    tax_rate: amount(["0", "5.5", "7.77", "20", "100"][rate]),
                }
            },
        );
        prop::collection::vec(line, 0..20)
    }

    proptest! {
        #[test]
        fn every_sum_is_the_sum_of_what_is_shown(
            lines in lines(),
            off in 0..=100i128,
            places in 0..=4u32,
        ) {
            let before = totals(&lines, Amount::default(), places).expect("sums");
            let off = i128::from(before.subtotal.ten_thousandths()) * off;
            let off = Amount::of_fraction(off, 100, places).expect("fits");
            let totals = totals(&lines, off, places).expect("sums");
            let sum = |part: fn(&LineTotals) -> Amount| -> i64 {
                totals.lines.iter().map(|line| part(line).ten_thousandths()).sum()
            };
            prop_assert_eq!(sum(|line| line.net), totals.subtotal.ten_thousandths());
            prop_assert_eq!(sum(|line| line.discount_share), totals.discount.ten_thousandths());
            prop_assert_eq!(sum(|line| line.tax), totals.tax.ten_thousandths());
            prop_assert_eq!(
                totals.total.ten_thousandths(),
                totals.subtotal.ten_thousandths() - totals.discount.ten_thousandths()
                    + totals.tax.ten_thousandths()
            );
            for line in &totals.lines {
                prop_assert!(line.discount_share <= line.net);
                for part in [line.net, line.discount_share, line.tax] {
                    prop_assert!(part >= Amount::default());
                    prop_assert_eq!(part.ten_thousandths() % Amount::step(places), 0);
                }
            }
        }

        #[test]
        fn a_share_is_within_a_step_of_its_due(
            weights in prop::collection::vec(0..1_000_000i64, 1..30),
            part in 0..=1_000i64,
        ) {
            let step = Amount::step(2);
            let sum: i64 = weights.iter().sum();
            let amount = Amount::from_ten_thousandths(sum * part / 1_000 * step);
            let weights: Vec<Amount> =
                weights.into_iter().map(|w| Amount::from_ten_thousandths(w * step)).collect();
            let shares = shares(amount, &weights, 2);
            let given: i64 = shares.iter().map(|share| share.ten_thousandths()).sum();
            prop_assert_eq!(given, amount.ten_thousandths());
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!(share <= weight);
                let due = i128::from(amount.ten_thousandths())
                    * i128::from(weight.ten_thousandths());
                let off = i128::from(share.ten_thousandths()) * i128::from(sum * step) - due;
                prop_assert!(off.abs() < i128::from(step) * i128::from(sum * step).max(1));
            }
        }
    }
}
