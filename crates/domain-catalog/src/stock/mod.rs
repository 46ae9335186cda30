//! Stock: lots of goods, the ledger of what moved, and promises to those who buy.
//!
//! Three layers: [`allocation`](self::allocation) and [`account`](self::account) decide, without a
//! database; [`moves`](self::moves) does it in a unit of work, for whoever sells; the resources
//! ([`InventoryLot`], [`StockMovement`]) and what people do with them show it.

mod account;
mod allocation;
mod by_hand;
mod ledger;
mod level;
mod lot;
mod movement;
mod moves;

pub use account::Account;
pub use allocation::{Allocation, Supply, allocate};
pub use by_hand::{ADJUST_FIELDS, TRANSFER_FIELDS};
pub use ledger::{Claim, Movement, MovementCode, MovementKind, NO_REFERENCE, Reference};
pub use level::{LotLevel, PlaceLevel, StockLevel};
pub use lot::{InventoryLot, InventoryLotPatch};
pub use movement::{StockMovement, StockMovementPatch};
pub use moves::{Demand, Mover, Shortage, StockWork, release, reserve, ship, take_back};
