//! How much of an order is shipped.

use std::collections::BTreeMap;

use domain_kernel::{FieldErrors, Messages, Result};

use super::status::ShipmentState;
use crate::order::status::OrderState;

/// A part of an order's line in a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The line's id.
    pub line: i64,
    /// How many of it.
    pub quantity: i64,
    /// How far the shipment is.
    pub state: ShipmentState,
}

/// What was ordered and what of it is in shipments, by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    ordered: BTreeMap<i64, i64>,
    spoken_for: BTreeMap<i64, i64>,
    left: BTreeMap<i64, i64>,
}

impl Fulfilment {
    /// From an order's lines (id and quantity) and the parts of its shipments.
    pub fn new(
        lines: impl IntoIterator<Item = (i64, i64)>,
        parts: impl IntoIterator<Item = Part>,
    ) -> Self {
        let ordered = lines.into_iter().collect();
        let (mut spoken_for, mut left) = (BTreeMap::new(), BTreeMap::new());
        for Part { line, quantity, state } in parts {
            if state.counts() {
                *spoken_for.entry(line).or_insert(0) += quantity;
            }
            if state.has_left() {
                *left.entry(line).or_insert(0) += quantity;
            }
        }
        Self { ordered, spoken_for, left }
    }

    /// What is in no shipment yet, by line; lines that are done are left out.
    pub fn open(&self) -> Vec<(i64, i64)> {
        let open = self.ordered.keys().map(|line| (*line, self.open_of(*line)));
        open.filter(|(_, quantity)| *quantity > 0).collect()
    }

    /// What has not left yet, by line, whether it is in a shipment or not.
    pub fn not_left(&self) -> Vec<(i64, i64)> {
        let left = |line: &i64| self.left.get(line).copied().unwrap_or(0);
        let here = self.ordered.iter().map(|(line, ordered)| (*line, ordered - left(line)));
        here.filter(|(_, quantity)| *quantity > 0).collect()
    }

    /// What of a line is in no shipment yet; a line of another order has nothing.
    fn open_of(&self, line: i64) -> i64 {
        let of = |by_line: &BTreeMap<i64, i64>| by_line.get(&line).copied().unwrap_or(0);
        of(&self.ordered) - of(&self.spoken_for)
    }

    /// Refuses to ship more of a line than is open, and lines that are not the order's.
    ///
    /// # Errors
    /// Nested errors for `lines`, one for each part in the order given.
    pub fn check(&self, parts: &[(i64, i64)]) -> Result<()> {
        let mut taken: BTreeMap<i64, i64> = BTreeMap::new();
        let mut items = Vec::new();
        for (line, quantity) in parts {
            let mut wrong = FieldErrors::default();
            let open = self.open_of(*line) - taken.get(line).copied().unwrap_or(0);
            if !self.ordered.contains_key(line) {
                wrong.add("order_line", no_such_line(*line));
            } else if *quantity < 1 {
                wrong.add("quantity", "Ensure this value is greater than or equal to 1.");
            } else if *quantity > open {
                wrong.add("quantity", format!("Only {open} of this line are not shipped yet."));
            } else {
                *taken.entry(*line).or_insert(0) += quantity;
            }
            items.push(wrong);
        }
        if items.iter().all(FieldErrors::is_empty) {
            return Ok(());
        }
        let mut errors = FieldErrors::default();
        errors.put("lines", Messages::Items(items));
        errors.into_result()
    }

    /// The state of the order that follows.
    pub fn state(&self) -> OrderState {
        let any = self.left.values().any(|quantity| *quantity > 0);
        let all = self.ordered.iter().all(|(line, quantity)| self.left.get(line) == Some(quantity));
        OrderState::of_fulfilment(any, all && !self.ordered.is_empty())
    }
}

/// What a line of another order, or none at all, is answered.
fn no_such_line(line: i64) -> String {
    format!("Invalid pk \"{line}\" - object does not exist.")
}

#[cfg(test)]
mod tests {
    use domain_kernel::Error;
    use serde_json::json;

    use super::*;

    fn part(line: i64, quantity: i64, state: ShipmentState) -> Part {
        Part { line, quantity, state }
    }

    const ORDERED: [(i64, i64); 2] = [(1, 5), (2, 3)];

    #[test]
    fn what_is_open_is_what_nobody_ships() {
        let parts = [
            part(1, 2, ShipmentState::Pending),
            part(1, 1, ShipmentState::Returned),
            part(2, 3, ShipmentState::Delivered),
            part(1, 2, ShipmentState::Cancelled),
        ];
        let fulfilment = Fulfilment::new(ORDERED, parts);
        assert_eq!(fulfilment.open(), [(1, 2)]);
        assert_eq!(fulfilment.state(), OrderState::PartlyFulfilled);
    }

    #[test]
    fn the_order_follows_what_has_left() {
        let state = |parts: &[Part]| Fulfilment::new(ORDERED, parts.iter().copied()).state();
        assert_eq!(state(&[]), OrderState::Confirmed);
        assert_eq!(state(&[part(1, 5, ShipmentState::Pending)]), OrderState::Confirmed);
        let all = [part(1, 5, ShipmentState::Shipped), part(2, 3, ShipmentState::InTransit)];
        assert_eq!(state(&all), OrderState::Fulfilled);
        assert_eq!(state(&all[..1]), OrderState::PartlyFulfilled);
    }

    #[test]
    fn nobody_ships_more_than_is_open() {
        let fulfilment = Fulfilment::new(ORDERED, [part(1, 3, ShipmentState::Shipped)]);
        assert!(fulfilment.check(&[(1, 2), (2, 3)]).is_ok());
        let error = fulfilment.check(&[(2, 1), (1, 1), (1, 2), (9, 1), (2, 0)]);
        let Err(Error::Invalid(errors)) = error else { panic!("{error:?}") };
        assert_eq!(
            serde_json::to_value(errors).expect("JSON"),
            json!({"lines": [
                {},
                {},
                {"quantity": ["Only 1 of this line are not shipped yet."]},
                {"order_line": ["Invalid pk \"9\" - object does not exist."]},
                {"quantity": ["Ensure this value is greater than or equal to 1."]},
            ]})
        );
    }
}
