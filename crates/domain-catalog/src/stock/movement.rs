//! Movements of stock as people read them.

use domain_kernel::field::{Choice, DoneBy, Link, LongText, RowId, Whole, Word};
use domain_kernel::policy::Area;
use domain_kernel::{ENTRY_FIELDS, Operations, Records, Resource};

use super::InventoryLot;
use super::ledger::MovementCode;
use crate::{CatalogWork, ProductVariant};

domain_kernel::resource! {
    /// A line of the ledger of stock. It is written once and stays.
    pub struct StockMovement, patch StockMovementPatch, beside ENTRY_FIELDS {
        /// What happened: goods came (`receipt`), were promised (`reservation`) or not any more
        /// (`release`), were handed over (`shipment`), came back (`return`), were counted otherwise
        /// (`adjustment`) or carried elsewhere (`transfer`).
        kind: Choice<MovementCode> [read_only],
        /// The lot.
        lot: Link<InventoryLot> [read_only],
        /// What it is of.
        variant: Link<ProductVariant> [read_only],
        /// Where it lay.
        location: Word<255> [read_only],
        /// How many units; less than none where an adjustment or a transfer took them away.
        quantity: Whole [read_only],
        /// Why, in words.
        reason: LongText [read_only],
        /// What it was for: a resource, singular, such as `order_line`; empty for nothing.
        reference_type: Word<64> [read_only],
        /// Which one of those.
        reference_id: RowId [read_only],
        /// Who did it.
        created_by: DoneBy [read_only],
    }
}

impl Resource for StockMovement {
    const NAME: &'static str = "stock-movements";
    const SINGULAR: &'static str = "stock_movement";
    const MODULE: &'static str = "catalog";
    const DESCRIPTION: &'static str = "Everything that came into stock, was promised, and went.";
    const AREA: Area = Area::Catalog;
    const FEATURE: Option<&'static str> = Some("inventory.advanced_tracking");
    const OPERATIONS: Operations = Operations::ReadOnly;
    const ORDER: &'static [&'static str] = &["-created_at", "-id"];
    type Work = dyn CatalogWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.stock_movements()
    }
}
