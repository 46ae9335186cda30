//! How many calls are allowed in a period, as Django REST Framework writes it: `10/min`.

use std::time::Duration;

use domain_kernel::limit::Rule;

use super::value::Value;

/// So many calls in so long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls, at least one.
    pub count: u32,
    /// A second, a minute, an hour or a day.
    pub period: Duration,
}

/// Seconds in a period and the words for it; the first word is the one shown.
const PERIODS: [(u64, &[&str]); 4] = [
    (1, &["sec", "s", "second"]),
    (60, &["min", "m", "minute"]),
    (3600, &["hour", "h"]),
    (86_400, &["day", "d"]),
];

impl From<Rate> for Rule {
    fn from(Rate { count, period }: Rate) -> Self {
        Self { limit: count, window: period, penalty: None }
    }
}

impl Rate {
    fn parse(text: &str) -> Option<Self> {
        let (count, word) = text.split_once('/')?;
        let count = count.trim().parse().ok().filter(|count| *count > 0)?;
        // Django REST Framework looks at the first letter only, so that a `month` is a minute.
        let word = word.trim().to_ascii_lowercase();
        let (seconds, _) = PERIODS.iter().find(|(_, words)| words.contains(&word.as_str()))?;
        Some(Self { count, period: Duration::from_secs(*seconds) })
    }
}

/// Words for no limit; the first is the one shown.
const OFF: [&str; 2] = ["off", "none"];

/// No rate is no limit; it is written `off`, so that it can overrule a default.
impl Value for Option<Rate> {
    fn expects(&self) -> String {
        "COUNT/PERIOD such as 10/min (sec, min, hour, day), or off".to_owned()
    }
    fn set(&mut self, text: &str) -> bool {
        *self = Rate::parse(text);
        self.is_some() || text.is_empty() || OFF.iter().any(|off| text.eq_ignore_ascii_case(off))
    }
    fn show(&self) -> Option<toml::Value> {
        let Some(rate) = self else {
            return Some(OFF[0].into());
        };
        let period = PERIODS.iter().find(|(seconds, _)| *seconds == rate.period.as_secs());
        let word = period.map_or("sec", |(_, words)| words[0]);
        Some(format!("{}/{word}", rate.count).into())
    }
}
