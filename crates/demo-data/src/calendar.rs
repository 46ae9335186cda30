//! The days of a history: the last months before the day on which it is loaded.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::random::Random;

/// Minutes since the midnight in which a history begins.
pub(crate) type Minute = i64;

/// Minutes of a day.
const DAY: Minute = 24 * 60;

/// From the first day of a history to the day before it is loaded. The hour of loading is left out, so
/// that a day gives one history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Calendar {
    first: Date,
    begin: Timestamp,
    days: i64,
}

impl Calendar {
    /// The last so many months before the day that an instant is in.
    pub(crate) fn before(now: Timestamp, months: usize) -> Self {
        let today = TimeZone::UTC.to_datetime(now).date();
        let months = i32::try_from(months).unwrap_or(i32::MAX);
        let first = today.saturating_sub(months.months());
        let begin = TimeZone::UTC.to_timestamp(first.at(0, 0, 0, 0)).unwrap_or(now);
        Self { first, begin, days: first.duration_until(today).as_hours() / 24 }
    }

    /// How many days it has.
    pub(crate) const fn days(&self) -> i64 {
        self.days
    }

    /// When it ends.
    pub(crate) const fn end(&self) -> Minute {
        self.days * DAY
    }

    /// The date of a day, also of one after the end.
    pub(crate) fn date(&self, day: i64) -> Date {
        self.first.saturating_add(day.days())
    }

    /// The month of a day, from 0.
    pub(crate) fn month(&self, day: i64) -> usize {
        usize::from(self.date(day).month().unsigned_abs()) - 1
    }

    /// The weekday of a day, from Monday.
    pub(crate) fn weekday(&self, day: i64) -> Weekday {
        self.date(day).weekday()
    }

    /// The day itself, or the Monday after it where it is on a weekend.
    pub(crate) fn workday(&self, day: i64) -> i64 {
        match self.weekday(day) {
            Weekday::Saturday => day + 2,
            Weekday::Sunday => day + 1,
            _ => day,
        }
    }

    /// The instant of a minute.
    pub(crate) fn at(&self, minute: Minute) -> Timestamp {
        // Nobody does things at full minutes only.
        let seconds = self.begin.as_second() + minute * 60 + (minute * 37) % 60;
        Timestamp::from_second(seconds).unwrap_or(self.begin)
    }
}

/// The day that a minute is in.
pub(crate) const fn day_of(minute: Minute) -> i64 {
    minute.div_euclid(DAY)
}

/// An hour of a day.
pub(crate) const fn hour(day: i64, hour: i64) -> Minute {
    day * DAY + hour * 60
}

/// Some minute between two hours of a day.
pub(crate) fn between(draws: &mut Random, day: i64, from: i64, until: i64) -> Minute {
    hour(day, from) + draws.up_to((until - from) * 60 - 1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn it_ends_with_the_day_before_whatever_the_hour() {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let morning = Calendar::before(at("2026-03-15T00:00:00Z"), 24);
        assert_eq!(morning, Calendar::before(at("2026-03-15T23:59:59Z"), 24));
        assert_eq!((morning.days(), morning.date(0)), (730, date(2024, 3, 15)));
        assert_eq!(morning.at(morning.end()), at("2026-03-15T00:00:00Z"));
        assert_eq!((morning.month(0), day_of(morning.end() - 1)), (2, 729));
        assert_eq!(morning.workday(1), 3, "a Saturday");
    }
}
