//! The life of a shipment.

use domain_kernel::field::Choices;

use crate::state::State;

/// A state of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShipmentState {
    /// Being packed: its goods are still here.
    Pending,
    /// It has left.
    Shipped,
    /// The carrier has it.
    InTransit,
    /// The customer has it.
    Delivered,
    /// It came back.
    Returned,
    /// Called off before it left.
    Cancelled,
}

use ShipmentState::{Cancelled, Delivered, InTransit, Pending, Returned, Shipped};

impl ShipmentState {
    /// All states, in the order of a shipment's life.
    pub const ALL: [Self; 6] = [Pending, Shipped, InTransit, Delivered, Returned, Cancelled];

    /// The state with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether its goods have left the house. What came back had left, too: the order's promise was
    /// kept, and who wants the goods again orders again.
    pub const fn has_left(self) -> bool {
        matches!(self, Shipped | InTransit | Delivered | Returned)
    }

    /// Whether its goods are spoken for: nobody else ships them.
    pub const fn counts(self) -> bool {
        !matches!(self, Cancelled)
    }
}

impl State for ShipmentState {
    const DOCUMENT: &'static str = "shipment";

    fn code(self) -> &'static str {
        match self {
            Pending => "pending",
            Shipped => "shipped",
            InTransit => "in_transit",
            Delivered => "delivered",
            Returned => "returned",
            Cancelled => "cancelled",
        }
    }

    fn next(self) -> &'static [Self] {
        match self {
            Pending => &[Shipped, InTransit, Delivered, Cancelled],
            Shipped => &[InTransit, Delivered, Returned],
            InTransit => &[Delivered, Returned],
            Delivered => &[Returned],
            Returned | Cancelled => &[],
        }
    }
}

/// The words for a shipment's state.
#[derive(Debug)]
pub enum ShipmentStates {}

impl Choices for ShipmentStates {
    const CODES: &'static [&'static str] =
        &["pending", "shipped", "in_transit", "delivered", "returned", "cancelled"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_states_agree() {
        let codes: Vec<&str> = ShipmentState::ALL.into_iter().map(State::code).collect();
        assert_eq!(codes, ShipmentStates::CODES);
        for state in ShipmentState::ALL {
            assert_eq!(ShipmentState::from_code(state.code()), Some(state));
        }
    }

    #[test]
    fn it_goes_forward_only() {
        assert!(Pending.move_to(Delivered).is_ok());
        assert!(Delivered.move_to(Returned).is_ok());
        let message = Shipped.move_to(Cancelled).expect_err("refused").to_string();
        assert_eq!(
            message,
            "The shipment is shipped: it can become in_transit, delivered, returned, not cancelled."
        );
        assert!(InTransit.move_to(Pending).is_err());
        assert!(Cancelled.move_to(Shipped).is_err());
    }

    #[test]
    fn what_left_has_left_also_when_it_came_back() {
        let left: Vec<_> = ShipmentState::ALL.into_iter().filter(|s| s.has_left()).collect();
        assert_eq!(left, [Shipped, InTransit, Delivered, Returned]);
    }
}
