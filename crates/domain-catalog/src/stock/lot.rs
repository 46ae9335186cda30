//! Lots: goods that came together, and lie in one place.

use async_trait::async_trait;
use domain_kernel::field::{Count, Date, Link, ShortText};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::query::{NamedFilter, Test};
use domain_kernel::{Error, Record, Records, Resource, Result, Step};

use super::ledger::{Movement, MovementKind};
use super::{NO_REFERENCE, Supply};
use crate::{CatalogWork, ProductVariant, Supplier};

domain_kernel::resource! {
    /// Goods of a variant that came together and lie in one place.
    pub struct InventoryLot, patch InventoryLotPatch {
        /// What it is; a lot stays with its variant.
        variant: Link<ProductVariant> [required],
        /// From whom it came.
        supplier: Link<Supplier>,
        /// How many units lie in stock. A change of it is an adjustment.
        quantity: Count<0> [required],
        /// How many of those are promised to somebody.
        reserved: Count<0> [read_only],
        /// When it came.
        received_at: Date [required],
        /// The last day on which it is good; then it is promised to nobody any more.
        expires_at: Date,
        /// Where it lies.
        location: ShortText<255>,
    }
}

#[async_trait]
impl Resource for InventoryLot {
    const NAME: &'static str = "inventory-lots";
    const SINGULAR: &'static str = "inventory_lot";
    const MODULE: &'static str = "catalog";
    const DESCRIPTION: &'static str = "What lies in stock, by lot.";
    const AREA: Area = Area::Catalog;
    const FEATURE: Option<&'static str> = Some("inventory.advanced_tracking");
    const FILTERS: &'static [NamedFilter] = &[
        NamedFilter { name: "received_from", field: "received_at", test: Test::From },
        NamedFilter { name: "received_to", field: "received_at", test: Test::Until },
    ];
    const ORDER: &'static [&'static str] = &["-received_at"];
    type Work = dyn CatalogWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.inventory_lots()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_catalog().await
    }

    async fn prepare(_: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if let Some(before) = step.before {
            if step.verb == Verb::Deleted && before.data.reserved.0 > 0 {
                let reserved = before.data.reserved.0;
                let message = format!("{reserved} of it are reserved. Release those first.");
                return Err(Error::Conflict(message));
            }
            if data.variant.kept() != before.data.variant.kept() {
                return Err(Error::field("variant", "A lot stays with its variant."));
            }
        }
        if data.quantity.0 < data.reserved.0 {
            let message =
                format!("Ensure this is not less than the {} that are reserved.", data.reserved.0);
            return Err(Error::field("quantity", message));
        }
        if data.expires_at.0.is_some_and(|last| Some(last) < data.received_at.0) {
            return Err(Error::field("expires_at", "It cannot have expired before it came."));
        }
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        let movements = written(step, record);
        work.record_movements(&movements, step.ctx.actor.person(), step.now).await
    }
}

/// What a write of a lot moved.
fn written(step: &Step<'_, InventoryLot>, record: &Record<InventoryLot>) -> Vec<Movement> {
    let moved = |kind, quantity, location: &str, reason: &str| Movement {
        lot: record.id,
        variant: record.data.variant.kept(),
        kind,
        quantity,
        location: location.to_owned(),
        reference: NO_REFERENCE,
        reason: reason.to_owned(),
    };
    let (after, here) = (record.data.quantity.0, &*record.data.location);
    let all = match (step.verb, step.before.map(|before| &before.data)) {
        (Verb::Created, _) | (_, None) => vec![moved(MovementKind::Receipt, after, here, "")],
        (Verb::Deleted, _) => vec![moved(MovementKind::Adjustment, -after, here, "deleted")],
        (Verb::Restored, _) => vec![moved(MovementKind::Adjustment, after, here, "restored")],
        (Verb::Updated, Some(before)) => {
            let (was, there) = (before.quantity.0, &*before.location);
            let mut all = vec![moved(MovementKind::Adjustment, after - was, there, "")];
            if there != here {
                all.push(moved(MovementKind::Transfer, -after, there, ""));
                all.push(moved(MovementKind::Transfer, after, here, ""));
            }
            all
        }
    };
    all.into_iter().filter(|movement| movement.quantity != 0).collect()
}

impl InventoryLot {
    /// What is there of a lot, for those who take from it.
    pub(super) fn supply(record: &Record<Self>) -> Supply {
        let data = &record.data;
        Supply {
            lot: record.id,
            on_hand: data.quantity.0,
            reserved: data.reserved.0,
            // Required, so it is there.
            received_at: data.received_at.0.unwrap_or_default(),
            expires_at: data.expires_at.0,
        }
    }
}
