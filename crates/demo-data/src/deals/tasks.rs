//! What is to be done about deals.

use super::words::TASKS;
use super::{DealStep, Deals};
use crate::calendar::{Calendar, Minute, between, day_of};
use crate::random::Random;

/// Something that is to be done about a deal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Task {
    /// The deal.
    pub(crate) deal: usize,
    /// What kind of thing.
    pub(crate) kind: &'static str,
    /// What.
    pub(crate) subject: &'static str,
    /// Until when.
    pub(crate) due: Minute,
}

impl Deals {
    /// Plans what is done about a deal while it is in a stage. What is not done when the history ends is
    /// to come, or late.
    pub(super) fn work_on(
        &mut self,
        draws: &mut Random,
        calendar: &Calendar,
        (deal, stage): (usize, usize),
        (entered, left): (Minute, Minute),
    ) {
        let is_last = left >= calendar.end() && entered < calendar.end();
        if !is_last && !draws.percent(60) {
            return;
        }
        let (kind, subject) = match stage {
            0 => TASKS[0],
            _ => draws.pick(&TASKS[1..]),
        };
        let planned = entered + 10;
        let stay = (day_of(left) - day_of(entered)).max(1);
        let day = calendar.workday(day_of(entered) + draws.up_to(stay - 1));
        let due = between(draws, day, 10, 17).max(planned + 60);
        self.tasks.push(Task { deal, kind, subject, due });
        let task = self.tasks.len() - 1;
        self.happens(planned, DealStep::Task(task));
        // Nobody forgets what a deal needs to move on.
        if is_last && draws.percent(30) {
            return;
        }
        let done = match draws.percent(80) {
            true => due - draws.up_to(50),
            false => due + draws.up_to(2_000),
        };
        self.happens(done.min(left - 1).max(planned + 1), DealStep::Done(task));
    }
}
