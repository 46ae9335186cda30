//! The life of an order, and the words that clients have for it.
//!
//! An order is in one of six states. Clients write and read *words*; each belongs to a state, and
//! an order shows the word that was written last, so that who writes `delivered` reads `delivered`.

use domain_kernel::field::Choices;

use crate::state::State;

/// A state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderState {
    /// Being put together: its lines may change, nothing is promised.
    Draft,
    /// Agreed upon: its lines stay, stock is reserved.
    Confirmed,
    /// Part of it was shipped.
    PartlyFulfilled,
    /// All of it was shipped.
    Fulfilled,
    /// Done with; what was not shipped will not be.
    Closed,
    /// Called off before anything was shipped.
    Cancelled,
}

use OrderState::{Cancelled, Closed, Confirmed, Draft, Fulfilled, PartlyFulfilled};

/// The words and their states: the one table. A state's own word comes first.
const WORDS: [(&str, OrderState); 11] = [
    ("draft", Draft),
    ("pending", Draft),
    ("confirmed", Confirmed),
    ("processing", Confirmed),
    ("partly_fulfilled", PartlyFulfilled),
    ("fulfilled", Fulfilled),
    ("shipped", Fulfilled),
    ("delivered", Fulfilled),
    ("completed", Fulfilled),
    ("closed", Closed),
    ("cancelled", Cancelled),
];

impl OrderState {
    /// All states, in the order of an order's life.
    pub const ALL: [Self; 6] = [Draft, Confirmed, PartlyFulfilled, Fulfilled, Closed, Cancelled];

    /// The state that a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, state)| *state)
    }

    /// Whether lines may be added, changed and removed.
    pub const fn is_open_to_changes(self) -> bool {
        matches!(self, Draft)
    }

    /// Whether goods are reserved for what of it has not left.
    pub const fn holds_stock(self) -> bool {
        matches!(self, Confirmed | PartlyFulfilled)
    }

    /// Whether there may be shipments for it. A draft is confirmed by one; of an order that is fulfilled
    /// they tell how its goods have left.
    pub const fn takes_shipments(self) -> bool {
        !matches!(self, Closed | Cancelled)
    }

    /// Whether it may be invoiced; before it is agreed upon, too, because some ask for money first.
    pub const fn takes_invoices(self) -> bool {
        !matches!(self, Cancelled)
    }

    /// The state that follows from what was shipped, for an order that is on its way.
    pub const fn of_fulfilment(any: bool, all: bool) -> Self {
        match (any, all) {
            (_, true) => Fulfilled,
            (true, false) => PartlyFulfilled,
            (false, false) => Confirmed,
        }
    }
}

impl State for OrderState {
    const DOCUMENT: &'static str = "order";

    fn code(self) -> &'static str {
        match self {
            Draft => "draft",
            Confirmed => "confirmed",
            PartlyFulfilled => "partly_fulfilled",
            Fulfilled => "fulfilled",
            Closed => "closed",
            Cancelled => "cancelled",
        }
    }

    /// Steps may be skipped: an order that is fulfilled at once was confirmed by it, and ships what
    /// is open without a shipment. How much of it was shipped is what shipments say.
    fn next(self) -> &'static [Self] {
        match self {
            Draft => &[Confirmed, Fulfilled, Cancelled],
            Confirmed => &[Draft, Fulfilled, Closed, Cancelled],
            PartlyFulfilled => &[Fulfilled, Closed],
            Fulfilled => &[Closed],
            Closed | Cancelled => &[],
        }
    }
}

/// The words that an order's `status` takes.
#[derive(Debug)]
pub enum OrderWords {}

impl Choices for OrderWords {
    const CODES: &'static [&'static str] = &{
        let mut codes = [""; WORDS.len()];
        let mut at = 0;
        while at < WORDS.len() {
            codes[at] = WORDS[at].0;
            at += 1;
        }
        codes
    };
}

/// The states that an order's `state` shows.
#[derive(Debug)]
pub enum OrderStates {}

impl Choices for OrderStates {
    const CODES: &'static [&'static str] =
        &["draft", "confirmed", "partly_fulfilled", "fulfilled", "closed", "cancelled"];
}

#[cfg(test)]
mod tests {
    use domain_kernel::Error;

    use super::*;

    #[test]
    fn each_state_has_its_own_word() {
        let codes: Vec<&str> = OrderState::ALL.into_iter().map(State::code).collect();
        assert_eq!(codes, OrderStates::CODES);
        for state in OrderState::ALL {
            assert_eq!(OrderState::from_word(state.code()), Some(state));
        }
        assert_eq!(OrderState::from_word("lost"), None);
    }

    #[test]
    fn the_words_of_old_mean_what_they_say() {
        for (word, state) in [
            ("pending", Draft),
            ("processing", Confirmed),
            ("shipped", Fulfilled),
            ("delivered", Fulfilled),
            ("completed", Fulfilled),
            ("cancelled", Cancelled),
        ] {
            assert_eq!(OrderState::from_word(word), Some(state), "{word}");
        }
    }

    #[test]
    fn every_move_is_allowed_or_refused_with_the_legal_ones() {
        let legal = [
            (Draft, vec![Draft, Confirmed, Fulfilled, Cancelled]),
            (Confirmed, vec![Draft, Confirmed, Fulfilled, Closed, Cancelled]),
            (PartlyFulfilled, vec![PartlyFulfilled, Fulfilled, Closed]),
            (Fulfilled, vec![Fulfilled, Closed]),
            (Closed, vec![Closed]),
            (Cancelled, vec![Cancelled]),
        ];
        for (from, legal) in legal {
            for to in OrderState::ALL {
                match from.move_to(to) {
                    Ok(()) => assert!(legal.contains(&to), "{from:?} to {to:?}"),
                    Err(Error::Conflict(_)) => assert!(!legal.contains(&to), "{from:?} to {to:?}"),
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
        let message = Fulfilled.move_to(Cancelled).expect_err("refused").to_string();
        assert_eq!(message, "The order is fulfilled: it can become closed, not cancelled.");
        let message = Cancelled.move_to(Draft).expect_err("refused").to_string();
        assert_eq!(message, "The order is cancelled: it stays so, not draft.");
    }

    #[test]
    fn what_was_shipped_says_how_far_it_is() {
        assert_eq!(OrderState::of_fulfilment(false, false), Confirmed);
        assert_eq!(OrderState::of_fulfilment(true, false), PartlyFulfilled);
        assert_eq!(OrderState::of_fulfilment(true, true), Fulfilled);
    }
}
