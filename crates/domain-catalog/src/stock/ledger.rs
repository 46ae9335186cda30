//! The ledger of stock: every movement, and what it does to the lot that it is of.

use domain_kernel::Id;
use domain_kernel::field::Choices;

use super::{InventoryLot, Supply};
use crate::ProductVariant;

/// What happened to goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementKind {
    /// They came.
    Receipt,
    /// They were promised to somebody.
    Reservation,
    /// They were not promised any more.
    Release,
    /// They were handed over to whom they were promised.
    Shipment,
    /// They came back.
    Return,
    /// They were counted, found or lost.
    Adjustment,
    /// They were carried elsewhere.
    Transfer,
}

impl MovementKind {
    /// All kinds.
    const ALL: [Self; 7] = [
        Self::Receipt,
        Self::Reservation,
        Self::Release,
        Self::Shipment,
        Self::Return,
        Self::Adjustment,
        Self::Transfer,
    ];

    /// The word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Reservation => "reservation",
            Self::Release => "release",
            Self::Shipment => "shipment",
            Self::Return => "return",
            Self::Adjustment => "adjustment",
            Self::Transfer => "transfer",
        }
    }

    /// The kind with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What a movement of so many units changes: what is on hand, and what is reserved.
    pub const fn effect(self, quantity: i64) -> (i64, i64) {
        match self {
            Self::Receipt | Self::Return | Self::Adjustment | Self::Transfer => (quantity, 0),
            Self::Reservation => (0, quantity),
            Self::Release => (0, -quantity),
            Self::Shipment => (-quantity, -quantity),
        }
    }
}

/// The words for kinds of movements, as a field holds them.
#[derive(Debug)]
pub enum MovementCode {}

impl Choices for MovementCode {
    const CODES: &'static [&'static str] =
        &["receipt", "reservation", "release", "shipment", "return", "adjustment", "transfer"];
}

/// What goods are reserved for, shipped for and returned from: a row of another resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// What it is: `order_line` for instance; empty for nothing.
    pub kind: &'static str,
    /// Its id; 0 for nothing.
    pub id: i64,
}

/// For a movement that is for nothing in particular.
pub const NO_REFERENCE: Reference = Reference { kind: "", id: 0 };

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Movement {
    /// The lot.
    pub lot: Id<InventoryLot>,
    /// What it is of.
    pub variant: Option<Id<ProductVariant>>,
    /// What happened.
    pub kind: MovementKind,
    /// To how many units; less than none where an adjustment or a transfer takes them away.
    pub quantity: i64,
    /// Where they lie.
    pub location: String,
    /// What for.
    pub reference: Reference,
    /// Why, in words.
    pub reason: String,
}

/// What somebody has of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The lot.
    pub lot: Id<InventoryLot>,
    /// For what.
    pub reference: Reference,
    /// How many units are reserved.
    pub reserved: i64,
    /// How many were shipped and did not come back.
    pub shipped: i64,
}

impl Claim {
    /// Takes a movement of its own in.
    pub fn apply(&mut self, kind: MovementKind, quantity: i64) {
        match kind {
            MovementKind::Reservation => self.reserved += quantity,
            MovementKind::Release => self.reserved -= quantity,
            MovementKind::Shipment => {
                self.reserved -= quantity;
                self.shipped += quantity;
            }
            MovementKind::Return => self.shipped -= quantity,
            MovementKind::Receipt | MovementKind::Adjustment | MovementKind::Transfer => {}
        }
    }
}

impl Supply {
    /// Takes a movement of its own in.
    pub fn apply(&mut self, kind: MovementKind, quantity: i64) {
        let (on_hand, reserved) = kind.effect(quantity);
        self.on_hand += on_hand;
        self.reserved += reserved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_kinds() {
        let codes: Vec<_> = MovementKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes, MovementCode::CODES);
        for kind in MovementKind::ALL {
            assert_eq!(MovementKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(MovementKind::from_code("theft"), None);
    }
}
