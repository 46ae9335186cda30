//! How often something may be done: windows that begin with their first use.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::Result;

/// So many in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Most in a window.
    pub limit: u32,
    /// How long a window lasts from its first use.
    pub window: Duration,
    /// How long one who asked for more is refused from then on; without it, until the window ends.
    pub penalty: Option<Duration>,
}

/// Something that is to be counted: under which key, by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// What is counted together. It holds no secret and nothing of unlimited length: text that
    /// people type goes in as a digest.
    pub key: String,
    /// By which rule.
    pub rule: Rule,
}

/// What came of one demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Whether it may be done.
    pub granted: bool,
    /// Most in a window.
    pub limit: u32,
    /// How many are left in this window.
    pub remaining: u32,
    /// When the window, or the penalty, ends.
    pub reset: Duration,
}

impl Count {
    /// The seconds until the window ends, rounded up: nobody is told to come too early.
    pub fn reset_seconds(&self) -> u64 {
        seconds(self.reset)
    }
}

/// A duration in seconds, rounded up.
pub fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Counts, and refuses what is too much.
///
/// An adapter promises: demands are met one after the other in their order, each in one step that
/// nobody comes between, so that of any number at the same time exactly the limit is granted. The
/// first refusal ends it: what stands behind is neither counted nor answered. A refused demand uses
/// nothing up.
#[async_trait]
pub trait Limiter: Send + Sync {
    /// Counts one for each demand, up to the first that is refused.
    async fn take(&self, demands: &[Demand]) -> Result<Vec<Count>>;
}

/// How much of a window is used, for adapters that keep it themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many were granted; one more than the limit stands for a penalty that runs.
    pub used: u32,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl Rule {
    /// What one more demand makes of a window (of none, when it is the first), and its answer.
    pub fn take(&self, window: Option<Window>, now: Timestamp) -> (Window, Count) {
        let fresh = Window { used: 0, ends_at: after(now, self.window) };
        let mut window = window.filter(|window| window.ends_at > now).unwrap_or(fresh);
        let granted = window.used < self.limit;
        if granted {
            window.used += 1;
        } else if let (Some(penalty), true) = (self.penalty, window.used == self.limit) {
            window = Window { used: window.used.saturating_add(1), ends_at: after(now, penalty) };
        }
        let remaining = self.limit.saturating_sub(window.used);
        let reset = until(now, window.ends_at);
        (window, Count { granted, limit: self.limit, remaining, reset })
    }
}

/// The instant that comes a duration later.
pub fn after(now: Timestamp, duration: Duration) -> Timestamp {
    now.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// How long it is until an instant.
pub fn until(now: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(later)).unwrap_or_default()
}

/// Where a client is, as far as counting goes: an IPv4 address, or the /64 of an IPv6 address, all
/// of which one customer has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientAddress(String);

impl ClientAddress {
    /// The one that an address counts as.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const RULE: Rule = Rule { limit: 2, window: Duration::from_secs(10), penalty: None };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("in range")
    }

    /// What a rule answers at each of some moments: granted, remaining, reset.
    fn answers(rule: Rule, moments: &[i64]) -> Vec<(bool, u32, u64)> {
        let mut window = None;
        let answer = |second: &i64| {
            let (next, count) = rule.take(window, at(*second));
            window = Some(next);
            (count.granted, count.remaining, count.reset.as_secs())
        };
        moments.iter().map(answer).collect()
    }

    #[test]
    fn a_window_begins_with_its_first_use_and_grants_no_more_than_the_limit() {
        assert_eq!(
            answers(RULE, &[0, 4, 5, 9, 10, 19]),
            [
                (true, 1, 10),
                (true, 0, 6),
                (false, 0, 5),
                (false, 0, 1),
                (true, 1, 10),
                (true, 0, 1)
            ]
        );
    }

    #[test]
    fn a_penalty_begins_with_the_first_refusal_and_does_not_grow() {
        let rule = Rule { penalty: Some(60 * SECOND), ..RULE };
        assert_eq!(
            answers(rule, &[0, 1, 2, 30, 61, 62]),
            [
                (true, 1, 10),
                (true, 0, 9),
                (false, 0, 60),
                (false, 0, 32),
                (false, 0, 1),
                (true, 1, 10)
            ]
        );
    }

    #[test]
    fn a_limit_of_nothing_grants_nothing_and_a_lower_one_holds_at_once() {
        assert_eq!(answers(Rule { limit: 0, ..RULE }, &[0, 20]), [(false, 0, 10); 2]);
        let (window, _) = Rule { limit: 9, ..RULE }.take(None, at(0));
        let window = Window { used: 7, ..window };
        assert!(!RULE.take(Some(window), at(1)).1.granted);
    }

    #[test]
    fn one_is_told_whole_seconds_that_are_enough() {
        assert_eq!(seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(seconds(2 * SECOND), 2);
        assert_eq!(seconds(Duration::ZERO), 0);
    }

    #[test]
    fn an_address_counts_as_what_one_customer_has() {
        let of = |text: &str| ClientAddress::of(text.parse().expect("an address"));
        assert_eq!(of("192.0.2.7").as_str(), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6").as_str(), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
