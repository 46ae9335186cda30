//! Shipments: what leaves for a customer, and what comes back.

pub mod fulfilment;
mod parts;
pub mod status;

use async_trait::async_trait;
use domain_kernel::crud::{next, permit, update_row};
use domain_kernel::field::{Choice, Link, Moment, ShortText};
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Action, Area};
use domain_kernel::{Error, Operations, Record, Records, Resource, Result, Step, Which};
pub use parts::{ShippedPart, ShippedParts};

use self::status::{ShipmentState, ShipmentStates};
use crate::order::status::OrderState;
use crate::order::{fulfilment, stock};
use crate::state::State as _;
use crate::trade::Unit;
use crate::{Order, OrderWork};

/// The feature that gates shipments.
const FEATURE: &str = "logistics.shipments";

domain_kernel::resource! {
    /// What leaves for a customer.
    pub struct Shipment, patch ShipmentPatch {
        /// The order; a shipment stays with it.
        order: Link<Order> [required],
        /// Who carries it.
        carrier: ShortText<64> [required, searched],
        /// The carrier's name for it.
        tracking_number: ShortText<128> [searched],
        /// When it left; filled in then, unless given.
        shipped_at: Moment,
        /// When the customer had it; filled in then, unless given.
        delivered_at: Moment,
        /// How far it is; `pending` where a create leaves it out.
        status: Choice<ShipmentStates>,
        /// What is in it, of which lines of the order; all that is in no other shipment where a create
        /// leaves it out. It stays as it is.
        lines: ShippedParts,
    }
}

#[async_trait]
impl Resource for Shipment {
    const NAME: &'static str = "shipments";
    const SINGULAR: &'static str = "shipment";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "What leaves for customers.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn OrderWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.shipments()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_orders().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let before = step.before.map(|before| &before.data);
        if step.verb == Verb::Deleted {
            return data.require_deletable();
        }
        let from = before.map_or(ShipmentState::Pending, Self::state);
        let to = ShipmentState::from_code(&data.status).unwrap_or(from);
        from.move_to(to)?;
        data.status = Choice::trusted(to.code());
        if to.has_left() && data.shipped_at.0.is_none() {
            let known = before.and_then(|before| before.shipped_at.0);
            data.shipped_at = Moment(known.or(Some(step.now)));
        }
        if to == ShipmentState::Delivered && data.delivered_at.0.is_none() {
            let known = before.and_then(|before| before.delivered_at.0);
            data.delivered_at = Moment(known.or(Some(step.now)));
        }
        if let Some(before) = before {
            data.keep_what_stays(before)?;
            let moves = step.verb == Verb::Restored || from != to;
            if moves && data.order.shown().is_none() {
                let message = "Its order is deleted. Restore that first.";
                return Err(Error::Conflict(message.to_owned()));
            }
        }
        if before.is_none() || (step.verb == Verb::Restored && to.counts()) {
            pack(work, step, data).await?;
        }
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        if step.verb == Verb::Created {
            work.insert_parts(record.id, record.data.lines.parts()).await?;
        }
        let Some(order) = record.data.order.kept() else { return Ok(()) };
        let Some(order) = work.orders().find(&[order], Which::Live).await?.pop() else {
            return Ok(());
        };
        move_goods(work, step, &record.data, &order.data).await?;
        let from = order.data.its_state();
        let to = fulfilment(work, &order).await?.state();
        if !from.holds_stock() || from == to {
            return Ok(());
        }
        move_order(work, step, &order, |order| order.carried_to(to)).await
    }
}

impl Shipment {
    /// Its state.
    pub fn state(&self) -> ShipmentState {
        ShipmentState::from_code(&self.status).unwrap_or(ShipmentState::Pending)
    }

    /// Moves it to a state.
    pub fn moved_to(mut self, state: ShipmentState) -> Self {
        self.status = Choice::trusted(state.code());
        self
    }

    /// Refuses to delete what has left.
    fn require_deletable(&self) -> Result<()> {
        match self.state() {
            ShipmentState::Pending | ShipmentState::Cancelled => Ok(()),
            state => Err(Error::Conflict(format!(
                "The shipment is {}: only those that have not left can be deleted.",
                state.code()
            ))),
        }
    }

    /// Refuses another order and another content than before.
    fn keep_what_stays(&mut self, before: &Self) -> Result<()> {
        if self.order.kept() != before.order.kept() {
            return Err(Error::field("order", "A shipment stays with its order."));
        }
        if self.lines.is_given() && self.lines.parts() != before.lines.parts() {
            let message = "What is in a shipment stays as it is. Cancel it and make another.";
            return Err(Error::Conflict(message.to_owned()));
        }
        self.lines = before.lines.clone();
        Ok(())
    }
}

/// Finds what goes into a shipment, and whether the order has so much open. A draft is confirmed by it,
/// so that its goods are reserved.
async fn pack(work: &mut Unit, step: &Step<'_, Shipment>, data: &mut Shipment) -> Result<()> {
    let Some(id) = data.order.kept() else { return Ok(()) };
    // That there is no such order is said with the other links.
    let Some(order) = work.orders().find(&[id], Which::Live).await?.pop() else { return Ok(()) };
    let state = order.data.its_state();
    let fulfilment = fulfilment(work, &order).await?;
    let is_done = state == OrderState::Fulfilled && fulfilment.open().is_empty();
    if is_done || !state.takes_shipments() {
        let message = format!("The order is {}: nothing more is shipped.", state.code());
        return Err(Error::Conflict(message));
    }
    if data.lines.is_given() {
        fulfilment.check(data.lines.parts()).map_err(|error| match step.verb {
            Verb::Restored => Error::Conflict("Other shipments have taken its place.".to_owned()),
            _ => error,
        })?;
    } else {
        let open = fulfilment.open();
        if open.is_empty() {
            let message = "All of the order is in shipments already.";
            return Err(Error::field("lines", message));
        }
        data.lines = ShippedParts::stored(open);
    }
    if state == OrderState::Draft && data.state().counts() {
        permit::<Order>(step.ctx, Action::Update)?;
        move_order(work, step, &order, |order| order.moved_to(OrderState::Confirmed)).await?;
    }
    Ok(())
}

/// Takes out of stock what leaves with a shipment, and puts back what comes back with it.
async fn move_goods(
    work: &mut Unit,
    step: &Step<'_, Shipment>,
    shipment: &Shipment,
    order: &Order,
) -> Result<()> {
    let by = stock::mover(step);
    let from = step.before.map_or(ShipmentState::Pending, |before| before.data.state());
    let (to, parts) = (shipment.state(), shipment.lines.parts());
    // An order that was fulfilled without shipments has handed over all that was open then.
    let is_here = order.its_state() != OrderState::Fulfilled;
    if is_here && to.has_left() && !from.has_left() {
        stock::hand_over(work, &by, order, parts).await?;
    }
    if to == ShipmentState::Returned && from != ShipmentState::Returned {
        stock::put_back(work, &by, order, parts).await?;
    }
    Ok(())
}

/// Moves the order of a shipment.
async fn move_order(
    work: &mut Unit,
    step: &Step<'_, Shipment>,
    current: &Record<Order>,
    to: impl FnOnce(Order) -> Order,
) -> Result<()> {
    let data = to(current.data.clone());
    let Step { ctx, now, random, .. } = *step;
    let step = Step { ctx, verb: Verb::Updated, before: Some(current), now, move_to: None, random };
    match next(&step, current, data) {
        None => Ok(()),
        Some(next) => update_row(work, &step, next).await?.map(drop).ok_or(Error::Busy),
    }
}
