//! Stock as those who sell reach it, in their own unit of work.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain_kernel::field::Count;
use domain_kernel::journal::{Entry, Verb};
use domain_kernel::{Error, Id, OpContext, PersonId, Random, Record, Records, Result, Work};
use jiff::Timestamp;
use jiff::civil::Date;

use super::account::Account;
use super::allocation::Allocation;
use super::ledger::{Claim, Movement, MovementKind, Reference};
use super::{InventoryLot, StockMovement};
use crate::ProductVariant;

/// What a unit of work reaches of stock.
#[async_trait]
pub trait StockWork: Work {
    /// The lots of the workspace.
    fn inventory_lots(&mut self) -> Box<dyn Records<InventoryLot> + '_>;
    /// The ledger of the workspace. It is added to by [`StockWork::record_movements`] only.
    fn stock_movements(&mut self) -> Box<dyn Records<StockMovement> + '_>;

    /// The live lots of variants, in order of id. In a unit for writing they are locked in that order
    /// until it ends, so that who takes from the same lots takes turns and no two wait for each other:
    /// a unit asks once, for all the variants that it is going to move.
    async fn lots_of(
        &mut self,
        variants: &[Id<ProductVariant>],
    ) -> Result<Vec<Record<InventoryLot>>>;

    /// What is reserved and shipped under references, as the ledger has it, for each of their lots.
    async fn claims(&mut self, references: &[Reference]) -> Result<Vec<Claim>>;

    /// Adds lines to the ledger.
    async fn record_movements(
        &mut self,
        movements: &[Movement],
        by: Option<PersonId>,
        now: Timestamp,
    ) -> Result<()>;

    /// The day that an instant is in, where the workspace is.
    async fn day_of(&mut self, now: Timestamp) -> Result<Date>;
}

/// Who moves stock, and when.
pub struct Mover<'m> {
    /// Who, and where.
    pub ctx: &'m OpContext,
    /// When.
    pub now: Timestamp,
    /// What ids of events are made from.
    pub random: &'m dyn Random,
}

/// Units of a variant for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// What.
    pub variant: Id<ProductVariant>,
    /// How many; at least one.
    pub quantity: i64,
    /// What for.
    pub reference: Reference,
}

/// That fewer units are there than wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    /// The demand, by its place in the request.
    pub demand: usize,
    /// How many there are for it, after what the demands before it take.
    pub available: i64,
}

/// Promises units to each demand, or none of them: first expired, first out, never of an expired
/// lot. Variants that are not in stock-keeping are left alone.
///
/// Racing units of work take turns, so that no unit is promised twice.
///
/// # Errors
/// Those of the store. What is not there is no error: the shortages, and nothing has changed.
pub async fn reserve(
    work: &mut dyn StockWork,
    by: &Mover<'_>,
    demands: &[Demand],
) -> Result<std::result::Result<(), Vec<Shortage>>> {
    let mut open = Open::of(work, demands).await?;
    let today = work.day_of(by.now).await?;
    let mut shortages = Vec::new();
    for (place, demand) in demands.iter().enumerate() {
        let account = open.account(demand.variant);
        match account.reserve(demand.reference, demand.quantity, today) {
            Ok(taken) => open.note(MovementKind::Reservation, demand, &taken),
            Err(available) => shortages.push(Shortage { demand: place, available }),
        }
    }
    if !shortages.is_empty() {
        return Ok(Err(shortages));
    }
    open.store(work, by).await.map(Ok)
}

/// Takes promises back.
///
/// # Errors
/// [`Error::Conflict`] when fewer units are reserved.
pub async fn release(work: &mut dyn StockWork, by: &Mover<'_>, demands: &[Demand]) -> Result<()> {
    draw(work, by, demands, MovementKind::Release).await
}

/// Hands over what was promised.
///
/// # Errors
/// As [`release`].
pub async fn ship(work: &mut dyn StockWork, by: &Mover<'_>, demands: &[Demand]) -> Result<()> {
    draw(work, by, demands, MovementKind::Shipment).await
}

/// Takes back what was handed over.
///
/// # Errors
/// [`Error::Conflict`] when fewer units were shipped.
pub async fn take_back(work: &mut dyn StockWork, by: &Mover<'_>, demands: &[Demand]) -> Result<()> {
    draw(work, by, demands, MovementKind::Return).await
}

async fn draw(
    work: &mut dyn StockWork,
    by: &Mover<'_>,
    demands: &[Demand],
    kind: MovementKind,
) -> Result<()> {
    let mut open = Open::of(work, demands).await?;
    for demand in demands {
        let account = open.account(demand.variant);
        let (drawn, what) = match kind {
            MovementKind::Release => {
                (account.release(demand.reference, demand.quantity), "reserved")
            }
            MovementKind::Shipment => (account.ship(demand.reference, demand.quantity), "reserved"),
            _ => (account.take_back(demand.reference, demand.quantity), "shipped"),
        };
        let refused = |there| Error::Conflict(format!("Only {there} of it are {what}."));
        open.note(kind, demand, &drawn.map_err(refused)?);
    }
    open.store(work, by).await
}

/// The stock that is being moved.
struct Open {
    lots: BTreeMap<Id<InventoryLot>, Record<InventoryLot>>,
    accounts: BTreeMap<Id<ProductVariant>, Account>,
    movements: Vec<Movement>,
}

impl Open {
    async fn of(work: &mut dyn StockWork, demands: &[Demand]) -> Result<Self> {
        let variants: BTreeSet<_> = demands.iter().map(|demand| demand.variant).collect();
        let variants: Vec<_> = variants.into_iter().collect();
        let lots = work.lots_of(&variants).await?;
        let references: BTreeSet<_> = demands.iter().map(|demand| demand.reference).collect();
        let references: Vec<_> = references.into_iter().collect();
        let claims = work.claims(&references).await?;
        let accounts = variants.into_iter().map(|variant| {
            let is_its = |lot: &&Record<InventoryLot>| lot.data.variant.kept() == Some(variant);
            let supplies = lots.iter().filter(is_its).map(InventoryLot::supply).collect();
            let of_it = |claim: &&Claim| {
                let for_it = |demand: &Demand| {
                    demand.variant == variant && demand.reference == claim.reference
                };
                demands.iter().any(for_it)
            };
            let claims = claims.iter().filter(of_it).copied().collect();
            (variant, Account { supplies, claims })
        });
        Ok(Self {
            accounts: accounts.collect(),
            lots: lots.iter().map(|lot| (lot.id, lot.clone())).collect(),
            movements: Vec::new(),
        })
    }

    fn account(&mut self, variant: Id<ProductVariant>) -> &mut Account {
        self.accounts.entry(variant).or_default()
    }

    fn note(&mut self, kind: MovementKind, demand: &Demand, taken: &[Allocation]) {
        self.movements.extend(taken.iter().map(|one| {
            let lot = self.lots.get(&one.lot);
            Movement {
                lot: one.lot,
                variant: Some(demand.variant),
                kind,
                quantity: one.quantity,
                location: lot.map(|lot| lot.data.location.to_string()).unwrap_or_default(),
                reference: demand.reference,
                reason: String::new(),
            }
        }));
    }

    /// Stores the lots that have changed, and the lines of the ledger.
    async fn store(self, work: &mut dyn StockWork, by: &Mover<'_>) -> Result<()> {
        for supply in self.accounts.values().flat_map(|account| &account.supplies) {
            let Some(lot) = self.lots.get(&supply.lot) else { continue };
            let data = InventoryLot {
                quantity: Count(supply.on_hand),
                reserved: Count(supply.reserved),
                ..lot.data.clone()
            };
            if data != lot.data {
                write_lot(work, by, lot, data).await?;
            }
        }
        work.record_movements(&self.movements, by.ctx.actor.person(), by.now).await
    }
}

/// Stores a lot anew, with its entry; what moved is the caller's to record.
pub(super) async fn write_lot(
    work: &mut dyn StockWork,
    by: &Mover<'_>,
    lot: &Record<InventoryLot>,
    data: InventoryLot,
) -> Result<Record<InventoryLot>> {
    let next = lot.rewritten(data, by.now);
    if !work.inventory_lots().update(&next).await? {
        return Err(Error::Busy);
    }
    work.journal(Entry::of(by.ctx, by.random, Verb::Updated, Some(lot), &next)?);
    Ok(next)
}
