//! The table of exchange rates.

use std::collections::BTreeSet;

use domain_kernel::Currency;
use domain_kernel::field::{CurrencyCode, Date, Rate};
use domain_sales::ExchangeRate;

use crate::columns::Day;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    exchange_rates (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        base -> Text,
        quote -> Text,
        date -> Day,
        rate -> BigInt,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = exchange_rates, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    base: String,
    quote: String,
    date: Day,
    rate: i64,
}

impl From<&ExchangeRate> for Columns {
    fn from(row: &ExchangeRate) -> Self {
        let ExchangeRate { base, quote, date, rate } = row;
        Self {
            base: base.0.code().to_owned(),
            quote: quote.0.code().to_owned(),
            // Required, so it is there.
            date: Day(date.0.unwrap_or_default()),
            rate: rate.ten_billionths(),
        }
    }
}

impl From<Columns> for ExchangeRate {
    fn from(row: Columns) -> Self {
        Self {
            base: CurrencyCode::trusted(&row.base),
            quote: CurrencyCode::trusted(&row.quote),
            date: Date(Some(row.date.0)),
            rate: Rate::stored(row.rate),
        }
    }
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<ExchangeRate> {
    stamp.record(columns.into())
}

reads! {
    /// The exchange rates of one workspace.
    ExchangeRates of ExchangeRate in exchange_rates,
    rows (Stamp, Columns), selected by (stamp!(exchange_rates), Columns::as_select())
}
inserts! { ExchangeRates of ExchangeRate in exchange_rates }
updates! { ExchangeRates of ExchangeRate in exchange_rates }
port! { ExchangeRates of ExchangeRate }

impl ExchangeRates<'_> {
    /// The live rates between some currencies, to a day.
    pub(super) async fn between(
        &mut self,
        currencies: &BTreeSet<Currency>,
        until: jiff::civil::Date,
    ) -> Result<Vec<ExchangeRate>> {
        let codes: Vec<&str> = currencies.iter().map(|currency| currency.code()).collect();
        let found: Vec<Columns> = exchange_rates::table
            .filter(Rows::live(self.0.tenant()?, TABLE))
            .filter(exchange_rates::base.eq_any(&codes))
            .filter(exchange_rates::quote.eq_any(&codes))
            .filter(exchange_rates::date.le(Day(until)))
            .select(Columns::as_select())
            .load(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(found.into_iter().map(ExchangeRate::from).collect())
    }
}
