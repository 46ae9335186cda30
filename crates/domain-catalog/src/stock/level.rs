//! What there is of a variant: in all, by place and by lot.

use std::collections::BTreeMap;

use domain_kernel::crud::permit;
use domain_kernel::policy::Action;
use domain_kernel::{Error, Id, OpContext, Record, Result, Which};
use jiff::civil::Date;
use serde::Serialize;

use super::InventoryLot;
use crate::{Catalog, ProductVariant};

/// What there is of a variant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StockLevel {
    /// The variant.
    pub variant: Id<ProductVariant>,
    /// Whether it is in stock-keeping: it has a lot. What is not can be sold in any number.
    pub tracked: bool,
    /// Units in stock.
    pub on_hand: i64,
    /// Of those, promised to somebody.
    pub reserved: i64,
    /// Units that can still be promised today.
    pub available: i64,
    /// Units that cannot, because their lot has expired.
    pub expired: i64,
    /// The same by place, in order of its name.
    pub locations: Vec<PlaceLevel>,
    /// The same by lot: what expires first, first.
    pub lots: Vec<LotLevel>,
}

/// What there is of a variant in a place.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PlaceLevel {
    /// The place.
    pub location: String,
    /// Units there.
    pub on_hand: i64,
    /// Of those, promised to somebody.
    pub reserved: i64,
    /// Units that can still be promised today.
    pub available: i64,
}

/// What there is of a lot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LotLevel {
    /// The lot.
    pub lot: Id<InventoryLot>,
    /// Where it lies.
    pub location: String,
    /// The last day on which it is good.
    pub expires_at: Option<Date>,
    /// Units of it.
    pub on_hand: i64,
    /// Of those, promised to somebody.
    pub reserved: i64,
    /// Units that can still be promised today.
    pub available: i64,
}

impl Catalog {
    /// What there is of a variant today.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn stock_level(&self, ctx: &OpContext, id: Id<ProductVariant>) -> Result<StockLevel> {
        permit::<InventoryLot>(ctx, Action::Read)?;
        let mut work = self.store.begin_read(ctx).await?;
        let found = work.product_variants().find(&[id], Which::Live).await?.pop();
        found.ok_or(Error::NotFound)?;
        let lots = work.lots_of(&[id]).await?;
        let today = work.day_of(self.clock.now()).await?;
        work.commit().await?;
        Ok(level(id, &lots, today))
    }
}

fn level(variant: Id<ProductVariant>, lots: &[Record<InventoryLot>], today: Date) -> StockLevel {
    let mut level = StockLevel {
        variant,
        tracked: !lots.is_empty(),
        on_hand: 0,
        reserved: 0,
        available: 0,
        expired: 0,
        locations: Vec::new(),
        lots: Vec::new(),
    };
    let mut places: BTreeMap<String, PlaceLevel> = BTreeMap::new();
    for lot in lots {
        let supply = InventoryLot::supply(lot);
        let location = lot.data.location.to_string();
        let available = supply.available(today);
        let (on_hand, reserved) = (supply.on_hand, supply.reserved);
        level.on_hand += on_hand;
        level.reserved += reserved;
        level.available += available;
        level.expired += if supply.is_expired(today) { on_hand - reserved } else { 0 };
        let place = places.entry(location.clone()).or_default();
        place.location.clone_from(&location);
        place.on_hand += on_hand;
        place.reserved += reserved;
        place.available += available;
        let expires_at = supply.expires_at;
        level.lots.push(LotLevel {
            lot: lot.id,
            location,
            expires_at,
            on_hand,
            reserved,
            available,
        });
    }
    level.lots.sort_by_key(|lot| (lot.expires_at.is_none(), lot.expires_at, lot.lot));
    level.locations = places.into_values().collect();
    level
}
