//! Stock under any sequence of what can be done with it: sums are equal, and nothing is negative.
//!
//! A hundred thousand operations are tried; `PROPTEST_CASES=10000` (`just properties`) makes them a
//! million.

use std::collections::BTreeMap;

use domain_catalog::{Account, Claim, InventoryLot, MovementKind, Reference, Supply};
use domain_kernel::Id;
use jiff::civil::{Date, date};
use proptest::test_runner::Config;

const TODAY: Date = date(2026, 6, 15);
/// Lines that goods are promised to.
const LINES: u64 = 10;
/// Lots of the variant.
const LOTS: u64 = 8;

/// How many operations are tried: a hundred for each of the cases that are asked for.
fn operations() -> u64 {
    u64::from(Config::default().cases.max(1_000)) * 100
}

/// The same numbers in every run (SplitMix64), so that a failure can be looked into.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn units(&mut self) -> i64 {
        i64::try_from(self.below(20)).expect("few") + 1
    }
}

/// What the ledger says, kept beside the account that is tried: by lot what is on hand and reserved,
/// by line what is reserved and shipped.
#[derive(Default)]
struct Ledger {
    lots: BTreeMap<Id<InventoryLot>, (i64, i64)>,
    lines: BTreeMap<i64, (i64, i64)>,
}

impl Ledger {
    fn note(&mut self, lot: Id<InventoryLot>, line: i64, kind: MovementKind, quantity: i64) {
        let (on_hand, reserved) = kind.effect(quantity);
        let of_lot = self.lots.entry(lot).or_default();
        *of_lot = (of_lot.0 + on_hand, of_lot.1 + reserved);
        let of_line = self.lines.entry(line).or_default();
        match kind {
            MovementKind::Reservation => of_line.0 += quantity,
            MovementKind::Release => of_line.0 -= quantity,
            MovementKind::Shipment => *of_line = (of_line.0 - quantity, of_line.1 + quantity),
            MovementKind::Return => of_line.1 -= quantity,
            _ => {}
        }
    }

    /// Everything adds up.
    fn check(&self, account: &Account) {
        for supply in &account.supplies {
            assert_eq!(self.lots[&supply.lot], (supply.on_hand, supply.reserved), "{supply:?}");
            assert!(supply.reserved >= 0 && supply.reserved <= supply.on_hand, "{supply:?}");
            let of_lot = |claim: &&Claim| claim.lot == supply.lot;
            let claimed: i64 =
                account.claims.iter().filter(of_lot).map(|claim| claim.reserved).sum();
            assert_eq!(claimed, supply.reserved, "what is reserved is somebody's");
        }
        for claim in &account.claims {
            assert!(claim.reserved >= 0 && claim.shipped >= 0, "{claim:?}");
        }
        let total: i64 = account.supplies.iter().map(|supply| supply.on_hand).sum();
        let in_ledger: i64 = self.lots.values().map(|(on_hand, _)| on_hand).sum();
        assert_eq!(total, in_ledger);
    }
}

fn lots(numbers: &mut Numbers) -> Vec<Supply> {
    (0..LOTS)
        .map(|at| {
            let days = i64::try_from(numbers.below(60)).expect("few");
            // A third never expires; of the others some have.
            let expires_at = date(2026, 5, 25).checked_add(jiff::Span::new().days(days)).ok();
            Supply {
                lot: Id::new(i64::try_from(at).expect("few") + 1),
                on_hand: 0,
                reserved: 0,
                received_at: date(2026, 1, 1),
                expires_at: expires_at.filter(|_| at % 3 != 0),
            }
        })
        .collect()
}

#[test]
fn whatever_is_done_sums_are_equal_and_nothing_is_negative() {
    let mut numbers = Numbers(2026);
    let mut account = Account { supplies: lots(&mut numbers), claims: Vec::new() };
    let mut ledger = Ledger::default();
    for supply in &account.supplies {
        ledger.lots.insert(supply.lot, (0, 0));
    }
    let (mut done, mut refused) = ([0_u64; 6], [0_u64; 6]);
    for _ in 0..operations() {
        let (kind, quantity) = (numbers.below(6), numbers.units());
        let line = i64::try_from(numbers.below(LINES)).expect("few") + 1;
        let reference = Reference { kind: "order_line", id: line };
        let before = account.clone();
        let (moved, outcome) = match kind {
            0 | 1 => {
                // It comes, or is counted: less than is reserved it never is.
                let at = usize::try_from(numbers.below(LOTS)).expect("few");
                let supply = &mut account.supplies[at];
                // Less comes than is wanted, or nobody would be refused.
                let change = if kind == 0 {
                    quantity / 3
                } else {
                    -quantity.min(supply.on_hand - supply.reserved)
                };
                supply.apply(MovementKind::Adjustment, change);
                ledger.note(supply.lot, 0, MovementKind::Adjustment, change);
                (MovementKind::Adjustment, Ok(Vec::new()))
            }
            2 => (MovementKind::Reservation, account.reserve(reference, quantity, TODAY)),
            3 => (MovementKind::Release, account.release(reference, quantity)),
            4 => (MovementKind::Shipment, account.ship(reference, quantity)),
            _ => (MovementKind::Return, account.take_back(reference, quantity)),
        };
        let place = usize::try_from(kind).expect("few");
        match outcome {
            Ok(allocations) => {
                let units: i64 = allocations.iter().map(|one| one.quantity).sum();
                let has = |claim: &&Claim| claim.reserved != 0 || claim.shipped != 0;
                let mut own = before.claims.iter().filter(has);
                let is_known = own.any(|claim| claim.reference == reference);
                if kind > 1 && (kind == 2 || is_known) {
                    assert_eq!(units, quantity, "all that was asked for, or nothing");
                    done[place] += 1;
                }
                for one in allocations {
                    ledger.note(one.lot, line, moved, one.quantity);
                }
            }
            Err(there) => {
                assert!(there < quantity && there >= 0);
                let (reserved, shipped) = ledger.lines.get(&line).copied().unwrap_or_default();
                let expected = match kind {
                    2 => before.available(TODAY),
                    5 => shipped,
                    _ => reserved,
                };
                assert_eq!(there, expected, "a refusal says how many there are");
                assert_eq!(account, before, "and changes nothing");
                refused[place] += 1;
            }
        }
        ledger.check(&account);
    }
    assert!(done[2..].iter().all(|count| *count > 100), "each was done: {done:?}");
    assert!(refused[2..].iter().all(|count| *count > 100), "and refused: {refused:?}");
}
