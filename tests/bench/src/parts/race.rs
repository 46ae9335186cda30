//! Contenders that take turns, so that what disturbs the machine disturbs all of them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Result;
use crate::args::Plan;
use crate::load::Turn;
use crate::process::Process;
use crate::stats::{Spread, median};

/// Somebody who answers requests.
pub(crate) struct Contender<'a> {
    name: &'static str,
    run: Box<dyn Fn(Duration) -> Result<Turn> + 'a>,
    process: Option<&'a Process>,
    turns: Vec<Turn>,
    /// Microseconds of processor time for each request.
    spent: Vec<f64>,
}

impl<'a> Contender<'a> {
    /// Named, with what one turn does, and the process that works (if it is one).
    pub(crate) fn new(
        name: &'static str,
        process: Option<&'a Process>,
        run: impl Fn(Duration) -> Result<Turn> + 'a,
    ) -> Self {
        Self { name, run: Box::new(run), process, turns: Vec::new(), spent: Vec::new() }
    }

    fn take_turn(&mut self, time: Duration) -> Result<()> {
        let spent = || self.process.map(Process::processor_time).transpose();
        let before = spent()?;
        let turn = (self.run)(time)?;
        if let (Some(before), Some(after)) = (before, spent()?) {
            let requests = turn.rate * time.as_secs_f64();
            self.spent.push((after - before) * 1_000_000.0 / requests);
        }
        self.turns.push(turn);
        Ok(())
    }

    /// Requests a second.
    pub(crate) fn rate(&self) -> Spread {
        Spread::of(self.turns.iter().map(|turn| turn.rate))
    }

    /// Its rate over another's, turn by turn.
    pub(crate) fn against(&self, other: &Self) -> Spread {
        Spread::of(self.turns.iter().zip(&other.turns).map(|(one, two)| one.rate / two.rate))
    }

    /// A line of the table: [`HEADER`].
    pub(crate) fn row(&self) -> Result<Vec<String>> {
        let shown = |value: f64, decimals: usize| {
            if value.is_nan() { String::new() } else { format!("{value:.decimals$}") }
        };
        let memory = self.process.map(Process::resident).transpose()?;
        Ok(vec![
            self.name.to_owned(),
            format!("{:.0}", self.rate()),
            shown(median(self.turns.iter().map(|turn| turn.p50)), 2),
            shown(median(self.turns.iter().filter_map(|turn| turn.p99)), 2),
            shown(median(self.spent.iter().copied()), 0),
            memory.map_or_else(String::new, |memory| format!("{memory:.1}")),
        ])
    }

    pub(crate) fn json(&self) -> Value {
        let turns: Vec<Value> = self
            .turns
            .iter()
            .map(|turn| json!({ "rate": turn.rate, "p50_ms": turn.p50, "p99_ms": turn.p99 }))
            .collect();
        json!({ "name": self.name, "turns": turns, "processor_us": self.spent })
    }
}

/// The head of a table of contenders.
pub(crate) const HEADER: [&str; 6] =
    ["", "requests/s (min – median – max)", "p50 ms", "p99 ms", "CPU µs/request", "RSS MiB"];

/// Lets them take turns.
pub(crate) fn race(contenders: &mut [Contender<'_>], plan: Plan) -> Result<()> {
    for contender in &mut *contenders {
        (contender.run)(plan.warm_up)?;
    }
    for _ in 0..plan.rounds {
        for contender in &mut *contenders {
            contender.take_turn(plan.turn)?;
        }
    }
    Ok(())
}
