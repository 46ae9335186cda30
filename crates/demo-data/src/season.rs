//! When things are bought.

use jiff::civil::Weekday;

use crate::calendar::Calendar;

/// The time of the year in which something is bought most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Season {
    /// For the garden.
    Spring,
    /// For holidays outdoors.
    Summer,
    /// For snow and ice.
    Winter,
    /// For all year, and for presents.
    Always,
}

use Season::{Always, Spring, Summer, Winter};

impl Season {
    /// How much is bought in a month, from January as 0; 100 is the average of the year.
    #[rustfmt::skip] // a table
    pub(crate) const fn demand(self, month: usize) -> i64 {
        let year: [i64; 12] = match self {
            Spring => [ 30,  70, 190, 260, 230, 130,  60,  50,  70,  60,  30,  20],
            Summer => [ 25,  30,  55, 100, 170, 240, 240, 160,  75,  35,  30,  40],
            Winter => [190, 130,  65,  25,  15,  10,  10,  25,  80, 150, 220, 280],
            Always => [ 80,  75,  90,  95, 100, 100,  90,  85,  95, 100, 120, 170],
        };
        year[month]
    }
}

/// How much is ordered on a day, whatever it is: by the month, the weekday, and how far the business
/// has grown by then. Only the proportions of days count.
pub(crate) fn demand(calendar: &Calendar, day: i64) -> i64 {
    let month = calendar.month(day);
    let month: i64 =
        [Spring, Summer, Winter, Always].iter().map(|season| season.demand(month)).sum();
    month * weekday(calendar.weekday(day)) * growth(calendar, day)
}

/// Companies order on workdays.
const fn weekday(day: Weekday) -> i64 {
    match day {
        Weekday::Monday => 12,
        Weekday::Tuesday | Weekday::Thursday => 11,
        Weekday::Wednesday | Weekday::Friday => 10,
        Weekday::Saturday => 5,
        Weekday::Sunday => 4,
    }
}

/// From 100 to 160 percent in the course of the history.
pub(crate) const fn growth(calendar: &Calendar, day: i64) -> i64 {
    100 + 60 * day / calendar.days()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_season_has_its_peak_and_an_average_of_100() {
        for (season, peak) in [(Spring, 3), (Summer, 5), (Winter, 11), (Always, 11)] {
            let year: Vec<i64> = (0..12).map(|month| season.demand(month)).collect();
            assert_eq!(year.iter().sum::<i64>(), 1_200, "{season:?}");
            assert_eq!(year.iter().max(), Some(&year[peak]), "{season:?}");
        }
    }
}
