//! The rules of the queue: states, delays, ends.

use domain_kernel::Random;
use jiff::SignedDuration;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It will run when it is due and a worker is free; also between two attempts.
    Waiting,
    /// A worker holds it.
    Running,
    /// It succeeded.
    Done,
    /// It was given up; an operator can replay it.
    Dead,
    /// An operator stopped it.
    Cancelled,
}

impl State {
    /// All states, in the order of a job's life.
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    /// The word in the database, the API and the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// How long done and cancelled jobs are kept; dead ones stay until somebody decides.
pub const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The delay after the first failure.
const FIRST_DELAY: SignedDuration = SignedDuration::from_secs(10);
/// The longest delay.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_hours(1);
/// A delay is shortened by up to this part of itself, so that what failed together does not come
/// back together.
const JITTER: f64 = 0.25;

/// How long to wait after the failure of an attempt (from 1): doubling, up to an hour.
pub fn retry_delay(attempt: u32, random: &dyn Random) -> SignedDuration {
    let doublings = attempt.saturating_sub(1).min(16);
    let full = FIRST_DELAY.checked_mul(1 << doublings).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY);
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    let fraction = f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX);
    full - full.mul_f64(JITTER * fraction)
}

/// Whether a job is dead after a failure of its last attempt.
pub const fn is_spent(attempts: u32, max_attempts: u32) -> bool {
    attempts >= max_attempts
}

/// What becomes of a job whose worker let the lease run out, and what is said about it. It waits
/// for no delay: the worker was killed more likely than the job failed. A job that kills every
/// worker is dead after its attempts all the same.
pub const fn after_lost_lease(attempts: u32, max_attempts: u32) -> (State, &'static str) {
    if is_spent(attempts, max_attempts) {
        (State::Dead, "The worker stopped in the middle of the last attempt.")
    } else {
        (State::Waiting, "The worker stopped in the middle of the attempt.")
    }
}

/// The longest message or note that is kept, in characters.
const LONGEST_TEXT: usize = 500;

/// A message or note as it is kept: a part of a long one, without what databases cannot hold.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same byte always.
    struct Always(u8);

    impl Random for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn delays_double_up_to_an_hour() {
        let seconds: Vec<i64> =
            (1..=12).map(|attempt| retry_delay(attempt, &Always(0)).as_secs()).collect();
        assert_eq!(seconds[..6], [10, 20, 40, 80, 160, 320]);
        assert_eq!(seconds[9..], [3600, 3600, 3600]);
        assert_eq!(retry_delay(u32::MAX, &Always(0)), LONGEST_DELAY);
    }

    #[test]
    fn delays_are_spread() {
        assert_eq!(retry_delay(1, &Always(255)).as_millis(), 7_500);
        let middle = retry_delay(3, &Always(128)).as_millis();
        assert!((34_900..35_100).contains(&middle), "{middle}");
    }

    #[test]
    fn a_job_that_kills_its_workers_is_dead_in_the_end() {
        assert_eq!(after_lost_lease(2, 3).0, State::Waiting);
        assert_eq!(after_lost_lease(3, 3).0, State::Dead);
    }

    #[test]
    fn messages_are_kept_within_limits() {
        assert_eq!(shown("a\0b"), "ab");
        assert_eq!(shown(&"ü".repeat(2_000)).chars().count(), LONGEST_TEXT);
    }

    #[test]
    fn states_have_one_word_each() {
        assert!(State::ALL.iter().all(|state| State::from_code(state.code()) == Some(*state)));
        assert_eq!(State::from_code("gone"), None);
    }
}
