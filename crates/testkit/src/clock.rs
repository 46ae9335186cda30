//! A clock that stands still until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};

use domain_kernel::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct FixedClock {
    /// Since 1970; whole microseconds are what a clock promises.
    microseconds: AtomicI64,
}

/// 2026-01-15 at noon, with a fraction that only whole microseconds keep.
impl Default for FixedClock {
    fn default() -> Self {
        Self { microseconds: AtomicI64::new(1_768_478_400_123_456) }
    }
}

impl FixedClock {
    /// A clock that stands at an instant.
    pub fn new(at: Timestamp) -> Self {
        Self { microseconds: AtomicI64::new(at.as_microsecond()) }
    }

    /// Moves it to an instant, which may be earlier.
    pub fn set(&self, at: Timestamp) {
        self.microseconds.store(at.as_microsecond(), Ordering::SeqCst);
    }

    /// Moves it on (by a negative duration: back).
    pub fn advance(&self, by: SignedDuration) {
        let by = i64::try_from(by.as_micros()).expect("tests stay within a few centuries");
        self.microseconds.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        let microseconds = self.microseconds.load(Ordering::SeqCst);
        Timestamp::from_microsecond(microseconds).expect("tests stay within the calendar")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_still_until_moved() {
        let clock = FixedClock::default();
        assert_eq!(clock.now().to_string(), "2026-01-15T12:00:00.123456Z");
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_hours(24));
        assert_eq!(clock.now().to_string(), "2026-01-16T12:00:00.123456Z");
        clock.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
