//! Exchange rates.

use std::collections::BTreeSet;

use domain_kernel::field::{CurrencyCode, Date, Rate};
use domain_kernel::query::ListQuery;
use domain_kernel::{Currency, OpContext, Record, Which};
use domain_sales::ExchangeRate;
use jiff::civil::{self, date};

use super::Fixture;

const SECOND: civil::Date = date(2026, 3, 2);

fn rate((base, quote): (&str, &str), day: civil::Date, ten_billionths: i64) -> ExchangeRate {
    ExchangeRate {
        base: CurrencyCode::trusted(base),
        quote: CurrencyCode::trusted(quote),
        date: Date(Some(day)),
        rate: Rate::stored(ten_billionths),
    }
}

impl Fixture {
    async fn put_rate(&self, ctx: &OpContext, data: ExchangeRate) -> Record<ExchangeRate> {
        let mut work = self.orders.begin_write(ctx).await.expect("a unit");
        let made = work.exchange_rates().insert(data, self.now()).await.expect("it is stored");
        work.commit().await.expect("a commit");
        made
    }

    async fn listed_rates(&self, ctx: &OpContext, parameters: &[(&str, &str)]) -> Vec<i64> {
        let owned = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let owned: Vec<(String, String)> = owned.collect();
        let (query, _) = ListQuery::parse::<ExchangeRate>(&owned, &[]).expect("a query");
        let mut work = self.orders.begin_read(ctx).await.expect("a unit");
        let found = work.exchange_rates().list(&query).await.expect("a list").records;
        work.commit().await.expect("a commit");
        found.iter().map(|row| row.data.rate.ten_billionths()).collect()
    }

    async fn rates_between(&self, ctx: &OpContext, codes: &[&str], until: civil::Date) -> Vec<i64> {
        let currencies: BTreeSet<Currency> =
            codes.iter().map(|code| Currency::from_code(code).expect("a currency")).collect();
        let mut work = self.orders.begin_read(ctx).await.expect("a unit");
        let found = work.rates_between(&currencies, until).await.expect("rates");
        work.commit().await.expect("a commit");
        let mut found: Vec<_> = found.iter().map(|row| row.rate.ten_billionths()).collect();
        found.sort_unstable();
        found
    }
}

/// A rate is kept to its last digit, found by what it says, and listed with the newest first.
pub async fn a_rate_is_kept_exactly(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    const LARGEST: i64 = 999_999_999_999_999_999;
    let mut made = Vec::new();
    for (day, raw) in [(2, 1), (1, LARGEST), (3, 10_837_000_001)] {
        let row = rate(("EUR", "USD"), date(2026, 3, day), raw);
        made.push(fixture.put_rate(&ctx, row).await);
    }
    let mut work = fixture.orders.begin_read(&ctx).await.expect("a unit");
    for row in &made {
        let found = work.exchange_rates().find(&[row.id], Which::Live).await.expect("a look-up");
        assert_eq!(found, std::slice::from_ref(row));
    }
    work.commit().await.expect("a commit");
    for (parameters, expected) in [
        (&[][..], &[10_837_000_001, 1, LARGEST][..]),
        (&[("ordering", "rate")], &[1, 10_837_000_001, LARGEST]),
        (&[("rate", "99999999.9999999999")], &[LARGEST]),
        (&[("rate", "1.0837000001")], &[10_837_000_001]),
        (&[("date_after", "2026-03-02"), ("ordering", "date")], &[1, 10_837_000_001]),
        (&[("date", "2026-03-02"), ("base", "eur")], &[1]),
        (&[("base", "USD")], &[]),
    ] {
        assert_eq!(fixture.listed_rates(&ctx, parameters).await, expected, "{parameters:?}");
    }
}

/// `rates_between`: the live ones of the workspace, of the currencies alone, up to the day.
pub async fn the_rates_between_currencies_are_those_up_to_a_day(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    for (pair, day, raw) in [
        (("EUR", "USD"), date(2026, 3, 1), 1),
        (("EUR", "USD"), SECOND, 2),
        (("EUR", "USD"), date(2026, 3, 3), 4),
        (("USD", "EUR"), SECOND, 8),
        (("EUR", "GBP"), SECOND, 16),
        (("GBP", "JPY"), SECOND, 32),
    ] {
        fixture.put_rate(&ctx, rate(pair, day, raw)).await;
    }
    let gone = fixture.put_rate(&ctx, rate(("USD", "EUR"), date(2026, 3, 1), 64)).await;
    let mut work = fixture.orders.begin_write(&ctx).await.expect("a unit");
    let now = fixture.now();
    let gone = Record { deleted_at: Some(now), ..gone.rewritten(gone.data.clone(), now) };
    assert!(work.exchange_rates().update(&gone).await.expect("an update"));
    work.commit().await.expect("a commit");
    fixture.put_rate(&other, rate(("EUR", "USD"), SECOND, 128)).await;

    let found = fixture.rates_between(&ctx, &["EUR", "USD"], SECOND).await;
    assert_eq!(found, [1, 2, 8]);
    let found = fixture.rates_between(&ctx, &["EUR", "USD", "GBP"], SECOND).await;
    assert_eq!(found, [1, 2, 8, 16]);
    assert_eq!(fixture.rates_between(&ctx, &["EUR"], SECOND).await, [0i64; 0]);
    let before = date(2026, 2, 28);
    assert_eq!(fixture.rates_between(&ctx, &["EUR", "USD"], before).await, [0i64; 0]);
    assert_eq!(fixture.rates_between(&other, &["EUR", "USD"], SECOND).await, [128]);
}
