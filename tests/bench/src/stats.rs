//! Of many numbers, a few.

use std::fmt;
use std::time::Duration;

/// The middle of some measurements, and how far they go either way.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let sorted = sorted(values);
        Self {
            least: sorted.first().copied().unwrap_or(f64::NAN),
            median: at(&sorted, 0.5),
            most: sorted.last().copied().unwrap_or(f64::NAN),
        }
    }

    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::json!({ "min": self.least, "median": self.median, "max": self.most })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, median, most } = self;
        let decimals = f.precision().unwrap_or(2);
        write!(f, "{least:.decimals$} – {median:.decimals$} – {most:.decimals$}")
    }
}

/// The value below which a part of all values lies.
pub(crate) fn quantile(values: impl IntoIterator<Item = f64>, part: f64) -> f64 {
    at(&sorted(values), part)
}

/// The middle of all values.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

/// A duration in milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "a million at most")]
pub(crate) fn per_second(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a list of a few hundred"
)]
fn at(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1) as f64 * part).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
