//! The stock of one variant, and what is done with it for others: no database, no clock.

use domain_kernel::Id;
use jiff::civil::Date;

use super::allocation::{Allocation, allocate};
use super::ledger::{Claim, MovementKind, Reference};
use super::{InventoryLot, Supply};

/// The stock of one variant: its lots, and what is promised and handed over of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// What is there, by lot.
    pub supplies: Vec<Supply>,
    /// Who has what of it, by lot.
    pub claims: Vec<Claim>,
}

impl Account {
    /// Whether the variant is in stock-keeping: it has a lot.
    pub fn is_tracked(&self) -> bool {
        !self.supplies.is_empty()
    }

    /// Promises units; of a variant that is not in stock-keeping, any number.
    ///
    /// # Errors
    /// How many there are, when those are fewer. Nothing has changed then.
    pub fn reserve(
        &mut self,
        reference: Reference,
        quantity: i64,
        today: Date,
    ) -> Result<Vec<Allocation>, i64> {
        if !self.is_tracked() {
            return Ok(Vec::new());
        }
        let taken = allocate(&self.supplies, quantity, today)?;
        self.book(MovementKind::Reservation, reference, &taken);
        Ok(taken)
    }

    /// Takes a promise back, of what expires last first. What nothing was promised for has nothing
    /// to take back.
    ///
    /// # Errors
    /// How many are promised, when those are fewer. Nothing has changed then.
    pub fn release(&mut self, reference: Reference, quantity: i64) -> Result<Vec<Allocation>, i64> {
        let mut claims = self.claims_of(reference, |claim| claim.reserved);
        claims.reverse();
        self.draw(MovementKind::Release, reference, claims, quantity)
    }

    /// Hands over what was promised, of what expires first first. What nothing was promised for (it
    /// was sold before the variant was in stock-keeping) goes without it.
    ///
    /// # Errors
    /// As [`Account::release`].
    pub fn ship(&mut self, reference: Reference, quantity: i64) -> Result<Vec<Allocation>, i64> {
        let claims = self.claims_of(reference, |claim| claim.reserved);
        self.draw(MovementKind::Shipment, reference, claims, quantity)
    }

    /// Puts back what was handed over into the lots that it came from, those first that are there. What
    /// came from a lot that is gone stays outside.
    ///
    /// # Errors
    /// How many were handed over, when those are fewer. Nothing has changed then.
    pub fn take_back(
        &mut self,
        reference: Reference,
        quantity: i64,
    ) -> Result<Vec<Allocation>, i64> {
        let mut claims = self.claims_of(reference, |claim| claim.shipped);
        claims.reverse();
        claims.sort_by_key(|claim| !self.supplies.iter().any(|supply| supply.lot == claim.lot));
        self.draw(MovementKind::Return, reference, claims, quantity)
    }

    /// What a reference has of each lot, in the order in which the lots expire.
    fn claims_of(&self, reference: Reference, share: impl Fn(&Claim) -> i64) -> Vec<Allocation> {
        let own = self.claims.iter().filter(|claim| claim.reference == reference);
        let mut own: Vec<_> = own.filter(|claim| share(claim) > 0).collect();
        own.sort_by_key(|claim| {
            let supply = self.supplies.iter().find(|supply| supply.lot == claim.lot);
            let last = supply.and_then(|supply| supply.expires_at);
            (last.is_none(), last, supply.map(|supply| supply.received_at), claim.lot)
        });
        own.into_iter().map(|claim| Allocation { lot: claim.lot, quantity: share(claim) }).collect()
    }

    /// Draws units from what somebody has.
    fn draw(
        &mut self,
        kind: MovementKind,
        reference: Reference,
        from: Vec<Allocation>,
        quantity: i64,
    ) -> Result<Vec<Allocation>, i64> {
        // What was promised and taken back altogether is as if it had never been promised.
        let has_claims = self.claims.iter().any(|claim| {
            claim.reference == reference && (claim.reserved != 0 || claim.shipped != 0)
        });
        if !has_claims {
            return Ok(Vec::new());
        }
        let there: i64 = from.iter().map(|one| one.quantity).sum();
        if there < quantity {
            return Err(there);
        }
        let mut open = quantity;
        let mut drawn = Vec::new();
        for one in from {
            let quantity = open.min(one.quantity);
            open -= quantity;
            // What is gone cannot take anything back.
            if quantity > 0 && self.supplies.iter().any(|supply| supply.lot == one.lot) {
                drawn.push(Allocation { lot: one.lot, quantity });
            }
        }
        self.book(kind, reference, &drawn);
        Ok(drawn)
    }

    fn book(&mut self, kind: MovementKind, reference: Reference, of: &[Allocation]) {
        for Allocation { lot, quantity } in of {
            if let Some(supply) = self.supplies.iter_mut().find(|supply| supply.lot == *lot) {
                supply.apply(kind, *quantity);
            }
            self.claim(*lot, reference).apply(kind, *quantity);
        }
    }

    fn claim(&mut self, lot: Id<InventoryLot>, reference: Reference) -> &mut Claim {
        let known = self.claims.iter().position(|one| one.lot == lot && one.reference == reference);
        let place = known.unwrap_or_else(|| {
            self.claims.push(Claim { lot, reference, reserved: 0, shipped: 0 });
            self.claims.len() - 1
        });
        &mut self.claims[place]
    }

    /// How many units can be promised on a day.
    pub fn available(&self, today: Date) -> i64 {
        self.supplies.iter().map(|supply| supply.available(today)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(lot: i64, reserved: i64, shipped: i64) -> Claim {
        Claim { lot: Id::new(lot), reference: reference(), reserved, shipped }
    }

    fn reference() -> Reference {
        Reference { kind: "order_line", id: 7 }
    }

    fn supply(lot: i64, expires_at: Option<Date>) -> Supply {
        let received_at = Date::constant(2026, 1, 1);
        Supply { lot: Id::new(lot), on_hand: 0, reserved: 0, received_at, expires_at }
    }

    #[test]
    fn what_comes_back_goes_to_lots_that_are_there_first() {
        let expires = Some(Date::constant(2030, 1, 1));
        // Of each of two lots three were shipped, and the first is gone.
        let claims = vec![claim(1, 0, 3), claim(2, 0, 3)];
        let mut account = Account { supplies: vec![supply(2, expires)], claims };
        let back = account.take_back(reference(), 3).expect("three come back");
        assert_eq!(back, [Allocation { lot: Id::new(2), quantity: 3 }]);
        assert_eq!(account.take_back(reference(), 3).expect("the others stay outside"), []);
    }

    #[test]
    fn what_was_promised_and_taken_back_is_not_promised() {
        let mut account = Account { supplies: Vec::new(), claims: vec![claim(1, 0, 0)] };
        assert_eq!(account.ship(reference(), 2), Ok(Vec::new()));
        let mut account = Account { supplies: Vec::new(), claims: vec![claim(1, 1, 0)] };
        assert_eq!(account.ship(reference(), 2), Err(1));
    }
}
