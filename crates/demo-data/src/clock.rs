//! A clock that shows the time of what is being played.

use std::sync::atomic::{AtomicI64, Ordering};

use domain_kernel::Clock;
use jiff::Timestamp;

/// It stands still until it is set, also back.
#[derive(Debug)]
pub(crate) struct HistoryClock(AtomicI64);

impl HistoryClock {
    /// A clock that shows an instant.
    pub(crate) fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.as_microsecond()))
    }

    /// Shows another instant from now on.
    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.as_microsecond(), Ordering::SeqCst);
    }
}

impl Clock for HistoryClock {
    fn now(&self) -> Timestamp {
        // It was an instant when it came.
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}
