//! What sums over several currencies come to in one.

use std::collections::BTreeSet;

use domain_kernel::{Amount, Currency, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{DailySums, DaySums, Figures, OpenDeals, Sums};
use crate::OrderWork;
use crate::exchange::{Rates, too_large};

/// What sums come to in the overview's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// What the open deals would bring.
    pub pipeline: Amount,
    /// What the orders come to.
    pub orders: Amount,
    /// What is owed.
    pub owed: Amount,
    /// What was paid this month.
    pub payments: Amount,
}

/// How sums are brought into one currency.
pub(super) enum Measure {
    /// What is in that currency counts, and nothing else.
    Part(Currency),
    /// All counts, converted.
    Whole(Box<Conversion>),
}

/// What it takes to convert.
pub(super) struct Conversion {
    into: Currency,
    rates: Rates,
    /// What is converted by the rates of each day.
    days: DailySums,
    /// The day whose rates count for what has no day yet.
    today: Date,
}

impl Measure {
    /// All, converted: `own` is the workspace's currency. The rates that it takes are read at once.
    pub(super) async fn whole(
        work: &mut dyn OrderWork,
        (own, into): (Currency, Currency),
        figures: &Figures,
        days: DailySums,
        now: Timestamp,
    ) -> Result<Self> {
        let today = TimeZone::UTC.to_datetime(now).date();
        let dated = || days.orders.keys().chain(days.owed.keys()).chain(days.payments.keys());
        let mut currencies: BTreeSet<Currency> = dated().map(|(currency, _)| *currency).collect();
        currencies.extend(figures.open_deals.iter().map(|deals| deals.currency));
        currencies.extend([own, into]);
        let last = dated().map(|(_, day)| *day).fold(today, Date::max);
        let rates = match currencies.len() {
            1 => Vec::new(),
            _ => work.rates_between(&currencies, last).await?,
        };
        let rates = Rates::new(own, rates);
        Ok(Self::Whole(Box::new(Conversion { into, rates, days, today })))
    }

    /// The currency of what it gives.
    pub(super) const fn currency(&self) -> Currency {
        match self {
            Self::Part(currency) => *currency,
            Self::Whole(conversion) => conversion.into,
        }
    }

    /// What the figures come to.
    pub(super) fn totals(&self, figures: &Figures) -> Result<Totals> {
        let pipeline = self.of_deals(figures.open_deals.iter())?;
        Ok(match self {
            Self::Part(currency) => {
                let part = |sums: &Sums| sums.get(currency).copied().unwrap_or_default();
                Totals {
                    pipeline,
                    orders: part(&figures.orders),
                    owed: part(&figures.owed),
                    payments: part(&figures.payments),
                }
            }
            Self::Whole(conversion) => Totals {
                pipeline,
                orders: conversion.of_days(&conversion.days.orders)?,
                owed: conversion.of_days(&conversion.days.owed)?,
                payments: conversion.of_days(&conversion.days.payments)?,
            },
        })
    }

    /// What open deals would bring.
    pub(super) fn of_deals<'d>(
        &self,
        deals: impl Iterator<Item = &'d OpenDeals>,
    ) -> Result<Amount> {
        match self {
            Self::Part(currency) => {
                let part = deals.filter(|deals| deals.currency == *currency);
                Ok(part.fold(Amount::default(), |sum, deals| sum.saturating_add(deals.value)))
            }
            Self::Whole(conversion) => {
                conversion.sum(deals.map(|deals| (deals.value, deals.currency, conversion.today)))
            }
        }
    }
}

impl Conversion {
    fn of_days(&self, sums: &DaySums) -> Result<Amount> {
        self.sum(sums.iter().map(|((currency, day), amount)| (*amount, *currency, *day)))
    }

    /// Each is converted by itself and then added, so that whoever adds the parts up gets the same.
    fn sum(&self, amounts: impl Iterator<Item = (Amount, Currency, Date)>) -> Result<Amount> {
        let mut sum = Amount::default();
        for (amount, currency, day) in amounts {
            let converted = self.rates.convert(amount, currency, self.into, day)?;
            sum = sum.checked_add(converted).ok_or_else(|| too_large(self.into))?;
        }
        Ok(sum)
    }
}
