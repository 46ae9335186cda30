//! Exchange rates: what a currency is worth in another, day by day.

mod rates;

use async_trait::async_trait;
use domain_kernel::field::{CurrencyCode, Date, Rate};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::query::{Condition, ListQuery, Window};
use domain_kernel::{Error, FieldType, Records, Resource, Result, Step};

pub use self::rates::Rates;
pub(crate) use self::rates::too_large;
use crate::OrderWork;

domain_kernel::resource! {
    /// What one unit of a currency is worth in another, from a day on until the next rate of the two.
    pub struct ExchangeRate, patch ExchangeRatePatch {
        /// The currency of which one unit is priced.
        base: CurrencyCode [required],
        /// The currency that it is priced in.
        quote: CurrencyCode [required],
        /// The day from which the rate counts, until the next one of the same two currencies.
        date: Date [required],
        /// How much of `quote` one unit of `base` is.
        rate: Rate [required],
    }
}

#[async_trait]
impl Resource for ExchangeRate {
    const NAME: &'static str = "exchange-rates";
    const SINGULAR: &'static str = "exchange_rate";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str =
        "What currencies are worth in each other, day by day: what sums are converted at.";
    const AREA: Area = Area::Sales;
    const ORDER: &'static [&'static str] = &["-date"];
    type Work = dyn OrderWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.exchange_rates()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_orders().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if step.verb == Verb::Deleted {
            return Ok(());
        }
        if data.base == data.quote {
            return Err(Error::field("quote", "It must be another currency than the base."));
        }
        let is_same = step.before.is_some_and(|before| before.data.place() == data.place());
        if (is_same && step.verb == Verb::Updated) || !is_taken(work, data).await? {
            return Ok(());
        }
        Err(match step.verb {
            Verb::Restored => Error::Conflict("There is another rate of that day.".to_owned()),
            _ => {
                let message = "The fields base, quote, date must make a unique set.";
                Error::field("non_field_errors", message)
            }
        })
    }
}

impl ExchangeRate {
    /// What there is one live rate of.
    fn place(&self) -> (CurrencyCode, CurrencyCode, Date) {
        (self.base, self.quote, self.date)
    }
}

/// Whether there is a rate of the same two currencies from the same day on.
async fn is_taken(work: &mut (dyn OrderWork + 'static), data: &ExchangeRate) -> Result<bool> {
    let window = Window::Keyset { from: None, size: 1 };
    let mut query = ListQuery { window, ..ListQuery::all::<ExchangeRate>() };
    let place = [("base", data.base.value()), ("quote", data.quote.value())];
    for (field, value) in place.into_iter().chain([("date", data.date.value())]) {
        query = query.and(Condition::equal::<ExchangeRate>(field, value)?);
    }
    Ok(!work.exchange_rates().list(&query).await?.records.is_empty())
}
