//! Which lots goods are taken from: first expired, first out.

use domain_kernel::Id;
use jiff::civil::Date;

use super::InventoryLot;

/// What is there of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// The lot.
    pub lot: Id<InventoryLot>,
    /// How many units of it lie in stock.
    pub on_hand: i64,
    /// How many of those are promised to somebody.
    pub reserved: i64,
    /// When it came.
    pub received_at: Date,
    /// The last day on which it is good, if it has one.
    pub expires_at: Option<Date>,
}

impl Supply {
    /// How many units can be promised on a day: none of a lot that has expired.
    pub fn available(&self, today: Date) -> i64 {
        if self.is_expired(today) { 0 } else { self.on_hand - self.reserved }
    }

    /// Whether its last day is over.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires_at.is_some_and(|last| last < today)
    }
}

/// Some units of one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation {
    /// The lot.
    pub lot: Id<InventoryLot>,
    /// How many units; at least one.
    pub quantity: i64,
}

/// Takes so many units from the lots of a variant: from the one that expires first, among those that
/// expire together (or never) from the one that came first. Expired lots are left alone.
///
/// # Errors
/// How many there are, when those are fewer than wanted.
pub fn allocate(supplies: &[Supply], wanted: i64, today: Date) -> Result<Vec<Allocation>, i64> {
    let available = supplies.iter().map(|supply| supply.available(today)).sum();
    if available < wanted {
        return Err(available);
    }
    let mut in_order: Vec<&Supply> = supplies.iter().collect();
    in_order.sort_by_key(|supply| {
        (supply.expires_at.is_none(), supply.expires_at, supply.received_at, supply.lot)
    });
    let mut open = wanted;
    let mut taken = Vec::new();
    for supply in in_order {
        let quantity = open.min(supply.available(today));
        if quantity > 0 {
            taken.push(Allocation { lot: supply.lot, quantity });
            open -= quantity;
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 6, 15);

    fn supply(lot: i64, on_hand: i64, reserved: i64, expires_at: Option<Date>) -> Supply {
        let received_at = date(2026, 1, 1);
        Supply { lot: Id::new(lot), on_hand, reserved, received_at, expires_at }
    }

    fn taken(supplies: &[Supply], wanted: i64) -> Result<Vec<(i64, i64)>, i64> {
        let allocations = allocate(supplies, wanted, TODAY)?;
        Ok(allocations.iter().map(|one| (one.lot.raw(), one.quantity)).collect())
    }

    #[test]
    fn what_expires_first_goes_first() {
        let lots = [
            supply(1, 5, 0, None),
            supply(2, 5, 2, Some(date(2026, 12, 31))),
            supply(3, 5, 0, Some(date(2026, 6, 15))),
            supply(4, 5, 0, Some(date(2026, 6, 14))),
        ];
        assert_eq!(taken(&lots, 4), Ok(vec![(3, 4)]), "its last day is not over");
        assert_eq!(taken(&lots, 9), Ok(vec![(3, 5), (2, 3), (1, 1)]));
        assert_eq!(taken(&lots, 13), Ok(vec![(3, 5), (2, 3), (1, 5)]));
        assert_eq!(taken(&lots, 14), Err(13), "what has expired is not there");
        assert_eq!(taken(&[], 1), Err(0));
    }

    #[test]
    fn of_those_that_expire_together_the_oldest_goes_first() {
        let newer = Supply { received_at: date(2026, 3, 1), ..supply(1, 5, 0, None) };
        let older = supply(2, 5, 0, None);
        assert_eq!(taken(&[newer, older], 6), Ok(vec![(2, 5), (1, 1)]));
    }

    fn supplies() -> impl Strategy<Value = Vec<Supply>> {
        let expires = prop::option::of(0..60_i64);
        let lot = (0..20_i64, 0..20_i64, 0..5_i64, expires);
        prop::collection::vec(lot, 0..8).prop_map(|lots| {
            let made =
                lots.into_iter().enumerate().map(|(at, (on_hand, reserved, age, expires))| {
                    let expires_at = expires.and_then(|days| {
                        date(2026, 5, 20).checked_add(jiff::Span::new().days(days)).ok()
                    });
                    Supply {
                        lot: Id::new(i64::try_from(at).expect("few") + 1),
                        on_hand,
                        reserved: reserved.min(on_hand),
                        received_at: date(2026, 1, 1 + i8::try_from(age).expect("few")),
                        expires_at,
                    }
                });
            made.collect()
        })
    }

    proptest! {
        /// As many as wanted, from each lot no more than it has, and none that expires later than one
        /// that was left.
        #[test]
        fn an_allocation_adds_up(supplies in supplies(), wanted in 1..60_i64) {
            let available: i64 = supplies.iter().map(|supply| supply.available(TODAY)).sum();
            match allocate(&supplies, wanted, TODAY) {
                Err(there) => prop_assert!(there == available && there < wanted),
                Ok(allocations) => {
                    prop_assert_eq!(allocations.iter().map(|one| one.quantity).sum::<i64>(), wanted);
                    let of = |lot| supplies.iter().find(|supply| supply.lot == lot);
                    for one in &allocations {
                        let supply = of(one.lot).expect("a lot of ours");
                        prop_assert!(one.quantity > 0 && one.quantity <= supply.available(TODAY));
                        prop_assert!(!supply.is_expired(TODAY));
                        for left in supplies.iter().filter(|left| left.available(TODAY) > 0) {
                            let used = allocations.iter().find(|other| other.lot == left.lot);
                            let rest = left.available(TODAY) - used.map_or(0, |used| used.quantity);
                            let last = |supply: &Supply| supply.expires_at.unwrap_or(Date::MAX);
                            prop_assert!(rest == 0 || last(left) >= last(supply));
                        }
                    }
                }
            }
        }
    }
}
