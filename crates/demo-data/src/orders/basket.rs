//! Who buys, and what is in the basket.

use super::LinePlan;
use crate::calendar::Calendar;
use crate::deals::Market;
use crate::goods::prices;
use crate::random::Random;

/// Days before a product is taken out of the range in which nobody orders it any more.
const SELL_OFF: i64 = 7;

/// The shop: who comes to it, and what there is.
pub(super) struct Shop<'m> {
    market: &'m Market<'m>,
    /// How often each contact buys, relative to others.
    loyalty: Vec<i64>,
}

impl<'m> Shop<'m> {
    /// Most people never buy; a few come every week.
    pub(super) fn plan(draws: &mut Random, market: &'m Market<'m>) -> Self {
        let loyalty = market.people.contacts.iter().map(|_| match draws.below(100) {
            0..2 => 25,
            2..8 => 6,
            8..35 => 1,
            _ => 0,
        });
        Self { market, loyalty: loyalty.collect() }
    }

    pub(super) fn calendar(&self) -> &Calendar {
        self.market.calendar
    }

    /// Somebody who buys on a day.
    pub(super) fn customer(&self, draws: &mut Random, day: i64) -> Option<usize> {
        let contacts = self.market.people.contacts.iter().zip(&self.loyalty);
        let weights = contacts.map(|((since, _), weight)| if *since <= day { *weight } else { 0 });
        let weights: Vec<i64> = weights.collect();
        let customers = weights.iter().sum::<i64>() > 0;
        customers.then(|| draws.share(&weights))
    }

    /// What somebody buys on a day: of the season, and rather what is cheaper now.
    pub(super) fn lines(&self, draws: &mut Random, contact: usize, day: i64) -> Vec<LinePlan> {
        let (goods, calendar) = (self.market.goods, self.market.calendar);
        let (month, date) = (calendar.month(day), calendar.date(day));
        let by_good = goods.goods.iter().map(|good| {
            let is_sold =
                good.launched < day.max(1) && good.ended.is_none_or(|ended| day < ended - SELL_OFF);
            let cheaper = if prices::promotion(good, date) > 0 { 2 } else { 1 };
            let wanted = good.article.weight * good.department.season.demand(month) * cheaper;
            if is_sold { wanted } else { 0 }
        });
        let by_good: Vec<i64> = by_good.collect();
        let weights: Vec<i64> = goods.forms.iter().map(|form| by_good[form.good]).collect();
        let is_trade = self.market.people.employer(contact).is_some();
        let mut chosen: Vec<usize> = Vec::new();
        for _ in 0..draws.pick(&[1, 1, 1, 2, 2, 2, 3, 3, 4, 5]) {
            let form = draws.share(&weights);
            if !chosen.contains(&form) {
                chosen.push(form);
            }
        }
        let bought = chosen.into_iter().map(|form| {
            let most = goods.good(form).article.most;
            let most = if is_trade { most } else { most.min(4) };
            // The least of two draws: few of a thing is common.
            (form, 1 + draws.up_to(most - 1).min(draws.up_to(most - 1)))
        });
        let bought: Vec<_> = bought.collect();
        bought.into_iter().map(|one| self.line(one, 5 * i64::from(one.1 >= 8), day)).collect()
    }

    /// What a deal was about, as lines, with what was agreed upon taken off.
    pub(super) fn of_deal(
        &self,
        draws: &mut Random,
        basket: &[(usize, i64)],
        day: i64,
    ) -> Vec<LinePlan> {
        let percent = draws.pick(&[0, 0, 3, 5, 8]);
        basket.iter().map(|one| self.line(*one, percent, day)).collect()
    }

    fn line(&self, (form, quantity): (usize, i64), percent: i64, day: i64) -> LinePlan {
        let discount = self.price(form, day) * quantity * percent / 100;
        let tax = self.market.goods.good(form).department.tax;
        LinePlan { form, quantity, discount, tax }
    }

    /// What is taken off an order: some companies have a discount on everything.
    pub(super) fn discount(
        &self,
        draws: &mut Random,
        contact: usize,
        lines: &[LinePlan],
        day: i64,
    ) -> i64 {
        if self.market.people.employer(contact).is_none() || !draws.percent(25) {
            return 0;
        }
        let net = |line: &LinePlan| self.price(line.form, day) * line.quantity - line.discount;
        lines.iter().map(net).sum::<i64>() * draws.pick(&[3, 5, 5, 10]) / 100
    }

    fn price(&self, form: usize, day: i64) -> i64 {
        prices::on(self.market.goods, form, self.market.calendar, day)
    }
}
