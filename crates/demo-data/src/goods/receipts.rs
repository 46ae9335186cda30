//! Goods that come in: as many as will be sold until the next delivery, and some more.

use super::Goods;
use crate::calendar::Calendar;

/// Days between two deliveries.
const PERIOD: i64 = 42;

/// Goods of one variant that come in together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Receipt {
    /// The variant.
    pub(crate) form: usize,
    /// How many.
    pub(crate) quantity: i64,
}

/// What comes in on which day, so that a history never sells what is not there. `sold` says on which
/// day how many of which variant are promised to somebody.
pub(crate) fn plan(
    goods: &Goods,
    calendar: &Calendar,
    sold: &[(i64, usize, i64)],
) -> Vec<(i64, Vec<Receipt>)> {
    let mut by_form = vec![Vec::new(); goods.forms.len()];
    for (day, form, quantity) in sold {
        by_form[*form].push((*day, *quantity));
    }
    let mut deliveries = std::collections::BTreeMap::<i64, Vec<Receipt>>::new();
    for (form, sold) in by_form.iter().enumerate() {
        let good = goods.good(form);
        let mut left = 0;
        let mut day = good.launched;
        while day < calendar.days() && good.ended.is_none_or(|ended| day < ended) {
            let next = (day / PERIOD + 1) * PERIOD;
            let wanted = sold.iter().filter(|(on, _)| (day..next).contains(on));
            let wanted: i64 = wanted.map(|(_, quantity)| quantity).sum();
            let is_last = next >= calendar.days();
            // The last delivery is for what comes after the history, too.
            let aim = wanted + wanted / if is_last { 1 } else { 8 } + 2;
            if left < wanted || (is_last && left < aim) {
                let quantity = aim - left;
                deliveries.entry(day).or_default().push(Receipt { form, quantity });
                left += quantity;
            }
            left -= wanted;
            // What does not keep is not counted upon later.
            if good.article.keeps > 0 {
                left = 0;
            }
            day = next;
        }
    }
    deliveries.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn there_always_is_what_is_sold() {
        let calendar = Calendar::before(Timestamp::UNIX_EPOCH, 6);
        let goods = Goods::plan(64, &calendar);
        let sold: Vec<_> = (0..calendar.days()).step_by(3).map(|day| (day, 1, day % 7)).collect();
        let (mut there, mut sold) = (0, sold.into_iter().peekable());
        let deliveries = plan(&goods, &calendar, &sold.clone().collect::<Vec<_>>());
        for day in 0..calendar.days() {
            let today = deliveries.iter().filter(|(on, _)| *on == day).flat_map(|(_, all)| all);
            there += today.filter(|one| one.form == 1).map(|one| one.quantity).sum::<i64>();
            while let Some((_, _, quantity)) = sold.next_if(|(on, ..)| *on == day) {
                there -= quantity;
            }
            assert!(there >= 0, "day {day}: {there}");
        }
        assert!(there > 0, "something is left to sell");
    }
}
