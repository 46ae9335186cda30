//! How a deal ends: it is won or lost, and may be opened again.

use domain_kernel::field::{Choice, Choices, LongText};
use domain_kernel::{Error, Result};

use super::Opportunity;

/// Whether a deal is still worked on, or how it ended. Its stage says how far it came.
#[derive(Debug)]
pub enum DealStatus {}

impl DealStatus {
    /// It is worked on.
    pub const OPEN: &'static str = "open";
    /// The customer has agreed.
    pub const WON: &'static str = "won";
    /// Nothing came of it.
    pub const LOST: &'static str = "lost";
}

impl Choices for DealStatus {
    const CODES: &'static [&'static str] = &[Self::OPEN, Self::WON, Self::LOST];
}

/// What ends a deal or opens it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is won, and why.
    Win(LongText),
    /// It is lost, and why.
    Lose(LongText),
    /// It is worked on again.
    Reopen,
}

impl Outcome {
    /// The deal after it.
    ///
    /// # Errors
    /// [`Error::Conflict`], naming what is possible, when the deal is in another state.
    pub fn of(self, deal: &Opportunity) -> Result<Opportunity> {
        let is_open = &*deal.status == DealStatus::OPEN;
        let none = LongText::default;
        let (status, won_reason, lost_reason) = match self {
            Self::Win(reason) if is_open => (DealStatus::WON, reason, none()),
            Self::Lose(reason) if is_open => (DealStatus::LOST, none(), reason),
            Self::Reopen if !is_open => (DealStatus::OPEN, none(), none()),
            _ => return Err(Error::Conflict(possible(&deal.status))),
        };
        let status = Choice::trusted(status);
        Ok(Opportunity { status, won_reason, lost_reason, ..deal.clone() })
    }
}

/// What can be done with a deal in a state.
pub(super) fn possible(status: &str) -> String {
    match status {
        DealStatus::OPEN => "This deal is open: it can be won (win) or lost (lose).".to_owned(),
        ended => format!("This deal is {ended}: it can be opened again (reopen)."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal(status: &str) -> Opportunity {
        Opportunity { status: Choice::trusted(status), ..Opportunity::default() }
    }

    #[test]
    fn an_open_deal_ends_once_and_opens_again() {
        let because = || LongText::trusted("Too dear.");
        let fits = || LongText::trusted("It fits.");
        let reasons = |deal: &Opportunity| (deal.won_reason.clone(), deal.lost_reason.clone());
        let none = LongText::default;
        let won = Outcome::Win(fits()).of(&deal("open")).expect("legal");
        assert_eq!((&*won.status, reasons(&won)), ("won", (fits(), none())));
        let lost = Outcome::Lose(because()).of(&deal("open")).expect("legal");
        assert_eq!((&*lost.status, reasons(&lost)), ("lost", (none(), because())));
        for ended in [won, lost] {
            let reopened = Outcome::Reopen.of(&ended).expect("legal");
            assert_eq!((&*reopened.status, reasons(&reopened)), ("open", (none(), none())));
        }
        for (status, outcome, possible) in [
            ("won", Outcome::Win(fits()), "reopen"),
            ("won", Outcome::Lose(because()), "reopen"),
            ("lost", Outcome::Win(none()), "reopen"),
            ("lost", Outcome::Lose(because()), "reopen"),
            ("open", Outcome::Reopen, "lose"),
        ] {
            let refused = outcome.clone().of(&deal(status));
            let Err(Error::Conflict(message)) = refused else { panic!("{outcome:?}: {refused:?}") };
            assert!(message.contains(status) && message.contains(possible), "{message}");
        }
    }
}
