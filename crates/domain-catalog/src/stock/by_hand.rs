//! What people do with lots by hand: they count them, and carry them elsewhere.

use domain_kernel::crud::permit;
use domain_kernel::field::{COUNT_MAX, Count, LongText, ShortText, Whole};
use domain_kernel::journal::{Entry, Verb};
use domain_kernel::policy::Action;
use domain_kernel::{
    Error, Field, FieldType as _, Id, Input, OpContext, Record, Result, Value, replayed,
};
use serde_json::{Value as JsonValue, json};

use super::InventoryLot;
use super::ledger::{Movement, MovementKind, NO_REFERENCE};
use super::moves::{Mover, write_lot};
use crate::ask::{all, is};
use crate::{Catalog, CatalogWork};

/// What adjusting a lot takes.
pub const ADJUST_FIELDS: [Field; 2] = [
    Field::new("change", "How many units more, or less.", Whole::KIND, false).required(),
    Field::new("reason", "Why.", LongText::KIND, false),
];

/// What carrying a lot elsewhere takes.
pub const TRANSFER_FIELDS: [Field; 3] = [
    Field::new("location", "Where to.", <ShortText<255>>::KIND, false).required(),
    Field::new("quantity", "How many units; all of the lot unless given.", <Count<0>>::KIND, false),
    Field::new("reason", "Why.", LongText::KIND, false),
];

/// What was asked of a lot.
struct Asked {
    lot: Record<InventoryLot>,
    work: Box<dyn CatalogWork>,
}

impl Catalog {
    /// Adds units to a lot or takes some away, with the reason in the ledger. The lot as it is then.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `change` when nothing changes, when that many are not there, or are
    /// reserved; [`Error::NotFound`].
    pub async fn adjust_lot(
        &self,
        ctx: &OpContext,
        id: Id<InventoryLot>,
        json: JsonValue,
    ) -> Result<JsonValue> {
        permit::<InventoryLot>(ctx, Action::Update)?;
        let mut input = Input::new(json)?;
        let [change, reason] = &ADJUST_FIELDS;
        let (change, reason) = (input.take::<Whole>(change), input.take::<LongText>(reason));
        input.finish()?;
        let (Some(Whole(change)), Some(reason)) = (change, reason) else {
            return Err(Error::internal("a field was lost without a message"));
        };
        let Asked { lot, mut work } = match self.asked(ctx, id).await? {
            Ok(asked) => asked,
            Err(outcome) => return Ok(outcome),
        };
        let (quantity, reserved) = (lot.data.quantity.0, lot.data.reserved.0);
        let refused = |message: String| Err(Error::field("change", message));
        let after = quantity.saturating_add(change);
        if change == 0 {
            return refused("Say how many units more, or less.".to_owned());
        }
        if after > COUNT_MAX {
            return refused(format!("A lot has no more than {COUNT_MAX} units."));
        }
        if after < reserved {
            let free = quantity - reserved;
            return refused(format!("Only {free} can be taken: {reserved} are reserved."));
        }
        let data = InventoryLot { quantity: Count(after), ..lot.data.clone() };
        let now = self.clock.now();
        let by = Mover { ctx, now, random: &*self.random };
        let next = write_lot(&mut *work, &by, &lot, data).await?;
        let moved = moved(&next, MovementKind::Adjustment, change, &reason);
        work.record_movements(&[moved], ctx.actor.person(), now).await?;
        self.answered(ctx, work, next.json()?).await
    }

    /// Carries units of a lot to another place: `{"from": lot, "to": lot}`. All of a lot moves as it
    /// is; of a part a lot is made there, or joined that is alike but for its place.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `location` when they lie there, on `quantity` when that many are not
    /// there or are reserved; [`Error::NotFound`].
    pub async fn transfer_lot(
        &self,
        ctx: &OpContext,
        id: Id<InventoryLot>,
        json: JsonValue,
    ) -> Result<JsonValue> {
        permit::<InventoryLot>(ctx, Action::Update)?;
        let is_part = json.get("quantity").is_some();
        let mut input = Input::new(json)?;
        let [location, quantity, reason] = &TRANSFER_FIELDS;
        let location = input.take::<ShortText<255>>(location);
        let quantity = input.take::<Count<0>>(quantity);
        let reason = input.take::<LongText>(reason);
        input.finish()?;
        let (Some(location), Some(quantity), Some(reason)) = (location, quantity, reason) else {
            return Err(Error::internal("a field was lost without a message"));
        };
        let Asked { lot, mut work } = match self.asked(ctx, id).await? {
            Ok(asked) => asked,
            Err(outcome) => return Ok(outcome),
        };
        if lot.data.location == location {
            return Err(Error::field("location", "It lies there already."));
        }
        let (on_hand, reserved) = (lot.data.quantity.0, lot.data.reserved.0);
        let part = if is_part { quantity.0 } else { on_hand };
        let is_whole = part == on_hand;
        if part == 0 || (!is_whole && part > on_hand - reserved) {
            let free = on_hand - reserved;
            let message = format!("Between 1 and {free} units can be carried away, or all of it.");
            return Err(Error::field("quantity", message));
        }
        let now = self.clock.now();
        let by = Mover { ctx, now, random: &*self.random };
        let (from, to) = if is_whole {
            let data = InventoryLot { location, ..lot.data.clone() };
            let next = write_lot(&mut *work, &by, &lot, data).await?;
            (next.clone(), next)
        } else {
            carry(&mut *work, &by, &lot, part, location).await?
        };
        let movements = [
            moved(&lot, MovementKind::Transfer, -part, &reason),
            moved(&to, MovementKind::Transfer, part, &reason),
        ];
        work.record_movements(&movements, ctx.actor.person(), now).await?;
        self.answered(ctx, work, json!({ "from": from.json()?, "to": to.json()? })).await
    }

    /// The lot that something is asked of, locked with all of its variant; or what the same request
    /// gave before.
    async fn asked(
        &self,
        ctx: &OpContext,
        id: Id<InventoryLot>,
    ) -> Result<std::result::Result<Asked, JsonValue>> {
        let mut work = self.store.begin_write(ctx).await?;
        if let Some(outcome) = replayed(ctx, &mut *work).await? {
            return Ok(Err(outcome));
        }
        work.lock_catalog().await?;
        // Looked up without a lock of its row: which variant it is of never changes, and the locks are
        // taken of all its lots in their order.
        let seen =
            all::<InventoryLot>(&mut *work, is::<InventoryLot>("id", Value::Integer(id.raw())))
                .await?;
        let variant = seen.first().and_then(|lot| lot.data.variant.kept());
        let lots = work.lots_of(&[variant.ok_or(Error::NotFound)?]).await?;
        let lot = lots.into_iter().find(|lot| lot.id == id).ok_or(Error::NotFound)?;
        Ok(Ok(Asked { lot, work }))
    }

    async fn answered(
        &self,
        ctx: &OpContext,
        mut work: Box<dyn CatalogWork>,
        answer: JsonValue,
    ) -> Result<JsonValue> {
        if ctx.idempotency.is_some() {
            work.remember(answer.clone());
        }
        work.commit().await?;
        Ok(answer)
    }
}

/// A movement of a lot, by hand.
fn moved(
    lot: &Record<InventoryLot>,
    kind: MovementKind,
    quantity: i64,
    reason: &LongText,
) -> Movement {
    Movement {
        lot: lot.id,
        variant: lot.data.variant.kept(),
        kind,
        quantity,
        location: lot.data.location.to_string(),
        reference: NO_REFERENCE,
        reason: reason.to_string(),
    }
}

/// Takes a part of a lot to a place: both lots as they are then.
async fn carry(
    work: &mut (dyn CatalogWork + 'static),
    by: &Mover<'_>,
    lot: &Record<InventoryLot>,
    part: i64,
    location: ShortText<255>,
) -> Result<(Record<InventoryLot>, Record<InventoryLot>)> {
    let less = Count(lot.data.quantity.0 - part);
    let rest = InventoryLot { quantity: less, ..lot.data.clone() };
    let from = write_lot(work, by, lot, rest).await?;
    let there =
        InventoryLot { quantity: Count(part), reserved: Count(0), location, ..lot.data.clone() };
    let variants: Vec<_> = lot.data.variant.kept().into_iter().collect();
    let lots = work.lots_of(&variants).await?;
    let is_alike = |other: &&Record<InventoryLot>| {
        let data = InventoryLot {
            quantity: there.quantity,
            reserved: there.reserved,
            ..other.data.clone()
        };
        data == there && other.data.quantity.0 + part <= COUNT_MAX
    };
    if let Some(other) = lots.iter().find(is_alike) {
        let more = Count(other.data.quantity.0 + part);
        let data = InventoryLot { quantity: more, ..other.data.clone() };
        return Ok((from, write_lot(work, by, other, data).await?));
    }
    let made = work.inventory_lots().insert(there, by.now).await?;
    work.journal(Entry::of(by.ctx, by.random, Verb::Created, None, &made)?);
    Ok((from, made))
}
