//! What goods cost on which day: they are raised every March, and fall for promotions.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Good, Goods};
use crate::calendar::Calendar;
use crate::season::Season::{self, Always, Spring, Summer, Winter};

/// Some weeks of every year in which goods are cheaper.
struct Promotion {
    /// Month and day of its beginning.
    begins: (i8, i8),
    /// How many days it goes on. None goes on into the next year.
    days: i64,
    /// How much is taken off, in percent.
    percent: i64,
    /// The goods of which seasons take part: two of three of them.
    seasons: &'static [Season],
}

/// The promotions. Seasons are opened and cleared by them.
#[rustfmt::skip] // a table
static PROMOTIONS: [Promotion; 5] = [
    Promotion { begins: (2, 1), days: 21, percent: 30, seasons: &[Winter] },
    Promotion { begins: (4, 5), days: 16, percent: 15, seasons: &[Spring] },
    Promotion { begins: (6, 10), days: 14, percent: 10, seasons: &[Summer] },
    Promotion { begins: (9, 1), days: 21, percent: 25, seasons: &[Spring, Summer] },
    Promotion { begins: (11, 20), days: 11, percent: 20, seasons: &[Winter, Always] },
];

/// What is taken off a product on a day, in percent.
pub(crate) fn promotion(good: &Good, date: Date) -> i64 {
    let applies = |(at, promotion): (i64, &Promotion)| {
        let (month, day) = promotion.begins;
        let begins = Date::new(date.year(), month, day).ok()?;
        let runs = begins <= date && date < begins.saturating_add(promotion.days.days());
        let joins =
            promotion.seasons.contains(&good.department.season) && (good.number + at) % 3 != 0;
        (runs && joins).then_some(promotion.percent)
    };
    (0..).zip(&PROMOTIONS).find_map(applies).unwrap_or(0)
}

/// What a variant is listed at when the history begins, in cents.
pub(crate) fn listed(goods: &Goods, form: usize) -> i64 {
    let article = goods.good(form).article;
    article.price + article.step * goods.forms[form].place
}

/// What a variant costs on a day, in cents.
pub(crate) fn on(goods: &Goods, form: usize, calendar: &Calendar, day: i64) -> i64 {
    let (good, date, first) = (goods.good(form), calendar.date(day), calendar.date(0));
    let mut price = listed(goods, form);
    for year in first.year()..=date.year() {
        let raised = Date::new(year, 3, 1).is_ok_and(|raise| first < raise && raise <= date);
        if raised {
            let percent = 2 + good.number % 4;
            price = rounded(price + price * percent / 100);
        }
    }
    match promotion(good, date) {
        0 => price,
        percent => rounded(price - price * percent / 100),
    }
}

/// As prices are written: to 9 cents, and from ten on to 95.
fn rounded(price: i64) -> i64 {
    match price {
        ..1_000 => (price / 10 * 10) + 9,
        _ => (price / 100 * 100) + 95,
    }
}

/// The variants whose prices change in the morning of a day, with the new ones.
pub(crate) fn changes(goods: &Goods, calendar: &Calendar, day: i64) -> Vec<(usize, i64)> {
    let sold = |form: &usize| {
        let good = goods.good(*form);
        good.launched < day && good.ended.is_none_or(|ended| day < ended)
    };
    let changed = |form| {
        let price = on(goods, form, calendar, day);
        (price != on(goods, form, calendar, day - 1)).then_some((form, price))
    };
    (0..goods.forms.len()).filter(sold).filter_map(changed).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn prices_fall_for_a_promotion_and_come_back() {
        let now = "2026-03-15T12:00:00Z".parse().expect("an instant");
        let calendar = Calendar::before(now, 24);
        let goods = Goods::plan(64, &calendar);
        let day = |date: Date| calendar.date(0).duration_until(date).as_hours() / 24;
        let before = day(date(2024, 8, 31));
        let all = |day| -> Vec<i64> {
            (0..goods.forms.len()).map(|form| on(&goods, form, &calendar, day)).collect()
        };
        let (list, sale) = (all(before), all(before + 1));
        let after = all(day(date(2024, 9, 22)));
        assert_eq!(list, after);
        let cheaper = list.iter().zip(&sale).filter(|(list, sale)| sale < list).count();
        assert!((40..100).contains(&cheaper), "{cheaper}");
        assert!(list.iter().zip(&sale).all(|(list, sale)| sale <= list && *sale > 0));
        let next_year = all(day(date(2025, 3, 2)));
        assert!(list.iter().zip(&next_year).all(|(list, raised)| raised > list), "raised in March");
    }
}
