//! Cron expressions in a time zone.
//!
//! `croner` finds the wall clock times and knows what daylight saving does to them; this file lets
//! it work with the project's own version of jiff.

use std::cmp::Ordering;

use croner::errors::CronError;
use croner::parser::{CronParser, Seconds};
use croner::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use domain_kernel::{Error, Result};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

/// When something happens, by the wall clock of a place.
///
/// Five fields: minute, hour, day of the month, month, day of the week. What names one minute of
/// one hour (`30 2 * * *`) happens once on every such day: at the first moment after the gap when
/// clocks go forward over it, at the first of the two when they go back. What comes more often than
/// that (`*/15 * * * *`, `0 * * * *`) follows the wall clock as it is: in an hour that comes twice it
/// happens in both, in one that does not come it does not.
#[derive(Debug, Clone)]
pub struct Cron {
    expression: croner::Cron,
    zone: TimeZone,
}

impl Cron {
    /// Reads an expression for a place such as `Europe/Paris` or `UTC`.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `cron` or `time_zone`, also for an expression that never comes true.
    pub fn new(expression: &str, time_zone: &str) -> Result<Self> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
        let expression = parser
            .parse(expression)
            .map_err(|error| Error::field("cron", format!("{expression:?}: {error}.")))?;
        let zone = TimeZone::get(time_zone).map_err(|_| {
            let message = format!("There is no time zone {time_zone:?}.");
            Error::field("time_zone", message)
        })?;
        let cron = Self { expression, zone };
        cron.next_after(Timestamp::UNIX_EPOCH)?;
        Ok(cron)
    }

    /// The first time after an instant.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `cron` when there is none.
    pub fn next_after(&self, instant: Timestamp) -> Result<Timestamp> {
        let never = |error: CronError| Error::field("cron", format!("It never happens: {error}."));
        let second = Timestamp::from_second(instant.as_second()).map_err(Error::internal)?;
        let from = Local(second.to_zoned_datetime(self.zone.clone()));
        let next = self.expression.find_next_occurrence(&from, false).map_err(never)?;
        Ok(next.0.timestamp())
    }
}

/// An instant with its wall clock, as the parser's library wants to see it.
#[derive(Debug, Clone)]
struct Local(ZonedDateTime);

impl CronDateTime for Local {
    fn to_civil(&self) -> CivilDateTime {
        let at = self.0.datetime();
        let part = |number: i8| u32::from(number.unsigned_abs());
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(at.year().into(), part(at.month()), part(at.day())),
            CivilTime::from_parts_unchecked(part(at.hour()), part(at.minute()), part(at.second())),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        let days = self.0.weekday().to_sunday_zero_offset();
        Weekday::from_days_from_sunday(u32::from(days.unsigned_abs()))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let found = self.0.time_zone().to_ambiguous_zoned_datetime(datetime(civil)?);
        let bad = |_| CronError::InvalidTime;
        Ok(match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => {
                Resolution::Single(Self(found.unambiguous().map_err(bad)?))
            }
            AmbiguousOffset::Fold { .. } => {
                let earlier = found.clone().earlier().map_err(bad)?;
                Resolution::Ambiguous(Self(earlier), Self(found.later().map_err(bad)?))
            }
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

fn datetime(civil: CivilDateTime) -> Result<jiff::civil::DateTime, CronError> {
    let part = |number: u32| i8::try_from(number).map_err(|_| CronError::InvalidDate);
    let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
    let (month, day) = (part(civil.month())?, part(civil.day())?);
    let (hour, minute, second) =
        (part(civil.hour())?, part(civil.minute())?, part(civil.second())?);
    jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0)
        .map_err(|_| CronError::InvalidDate)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next times after an instant, as the wall clock shows them there.
    fn next(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let cron = Cron::new(expression, zone).expect("valid");
        let mut at: Timestamp = after.parse().expect("an instant");
        let mut shown = Vec::new();
        for _ in 0..count {
            at = cron.next_after(at).expect("a next time");
            let local = at.to_zoned_datetime(TimeZone::get(zone).expect("a zone"));
            shown.push(local.strftime("%m-%d %H:%M %:z").to_string());
        }
        shown
    }

    #[test]
    fn it_follows_the_wall_clock_of_the_place() {
        let paris = next("30 9 * * 1-5", "Europe/Paris", "2026-07-03T12:00:00Z", 2);
        assert_eq!(paris, ["07-06 09:30 +02:00", "07-07 09:30 +02:00"]);
        let half = next("0 0 1 * *", "Asia/Kolkata", "2026-01-15T00:00:00Z", 1);
        assert_eq!(half, ["02-01 00:00 +05:30"]);
    }

    #[test]
    fn an_instant_itself_is_not_after_itself_whatever_its_fraction() {
        let hourly = next("0 * * * *", "UTC", "2026-01-15T12:00:00Z", 1);
        assert_eq!(hourly, ["01-15 13:00 +00:00"]);
        let cron = Cron::new("0 * * * *", "UTC").expect("valid");
        let at: Timestamp = "2026-01-15T11:59:59.999999Z".parse().expect("an instant");
        assert_eq!(cron.next_after(at).expect("next").to_string(), "2026-01-15T12:00:00Z");
    }

    #[test]
    fn a_fixed_time_in_the_gap_comes_right_after_it() {
        // On 2026-03-29 Berlin goes from 02:00 to 03:00.
        let daily = next("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3);
        assert_eq!(daily, ["03-28 02:30 +01:00", "03-29 03:00 +02:00", "03-30 02:30 +02:00"]);
    }

    #[test]
    fn a_fixed_time_in_the_hour_that_comes_twice_comes_once() {
        // On 2026-10-25 Berlin goes from 03:00 back to 02:00.
        let daily = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
        assert_eq!(daily, ["10-25 02:30 +02:00", "10-26 02:30 +01:00"]);
    }

    #[test]
    fn what_repeats_follows_the_time_that_passes() {
        let forward = next("0 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2);
        assert_eq!(forward, ["03-29 03:00 +02:00", "03-29 04:00 +02:00"]);
        let back = next("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 3);
        assert_eq!(back, ["10-25 02:00 +02:00", "10-25 02:00 +01:00", "10-25 03:00 +01:00"]);
        let quarters = next("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:15:00Z", 4);
        assert_eq!(
            quarters,
            [
                "10-25 02:30 +02:00",
                "10-25 02:00 +01:00",
                "10-25 02:30 +01:00",
                "10-25 03:00 +01:00"
            ]
        );
    }

    #[test]
    fn a_year_of_hours_is_a_year_of_hours_everywhere() {
        for zone in ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"] {
            let cron = Cron::new("15 * * * *", zone).expect("valid");
            let (mut at, end): (Timestamp, Timestamp) = (
                "2026-01-01T00:00:00Z".parse().expect("an instant"),
                "2027-01-01T00:00:00Z".parse().expect("an instant"),
            );
            let mut count = 0;
            while at < end {
                let next = cron.next_after(at).expect("next");
                assert!(next > at, "{zone}: time goes on");
                (at, count) = (next, count + 1);
            }
            // A shift by half an hour (Lord Howe) hides or doubles a quarter past.
            assert!((8_758..=8_762).contains(&count), "{zone}: {count}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_field() {
        for (expression, zone, field) in [
            ("every hour", "UTC", "cron"),
            ("0 0 30 2 *", "UTC", "cron"),
            ("61 * * * *", "UTC", "cron"),
            ("0 0 0 * * *", "UTC", "cron"),
            ("0 * * * *", "Mars/Olympus", "time_zone"),
        ] {
            match Cron::new(expression, zone) {
                Err(Error::Invalid(errors)) => {
                    assert!(errors.0.contains_key(field), "{expression} {zone}: {errors:?}");
                }
                other => panic!("{expression} {zone}: {other:?}"),
            }
        }
    }
}
