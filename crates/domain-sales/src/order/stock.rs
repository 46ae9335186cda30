//! What an order does to stock: a confirmed one holds what it has not handed over yet.

use domain_catalog::{Demand, Mover, Reference, Shortage, release, reserve, ship, take_back};
use domain_kernel::{Error, Record, Result, Step};

use super::status::OrderState;
use super::{Order, OrderLine, lines};
use crate::trade::Unit;

/// Lines of an order, by id, and how many of each.
pub(crate) type Quantities = [(i64, i64)];

/// The unit that moves stock in a step of a document.
pub(crate) fn mover<'s, T>(step: &Step<'s, T>) -> Mover<'s> {
    Mover { ctx: step.ctx, now: step.now, random: step.random }
}

/// Does to stock what an order's move from a state to another means for the quantities that are `open`:
/// those that have not left yet.
///
/// # Errors
/// [`Error::Conflict`] when there is less than the order wants, saying of what.
pub(super) async fn follow(
    work: &mut Unit,
    by: &Mover<'_>,
    order: &Order,
    (from, to): (OrderState, OrderState),
    open: &Quantities,
) -> Result<()> {
    let leaves = to == OrderState::Fulfilled && from != OrderState::Fulfilled;
    if !from.holds_stock() && (to.holds_stock() || leaves) {
        hold(work, by, order, open).await?;
    }
    if leaves {
        return hand_over(work, by, order, open).await;
    }
    if from.holds_stock() && !to.holds_stock() {
        release(work, by, &demands(order, open)).await?;
    }
    Ok(())
}

/// Reserves what an order wants, all of it or nothing.
///
/// # Errors
/// [`Error::Conflict`] when there is less, saying of what.
pub(crate) async fn hold(
    work: &mut Unit,
    by: &Mover<'_>,
    order: &Order,
    wanted: &Quantities,
) -> Result<()> {
    let demands = demands(order, wanted);
    let Err(short) = reserve(work, by, &demands).await? else { return Ok(()) };
    let named = short.iter().filter_map(|shortage| describe(order, &demands, shortage));
    let named = named.collect::<Vec<_>>().join(", ");
    Err(Error::Conflict(format!("There is not enough in stock: {named}.")))
}

/// Hands over what an order holds.
///
/// # Errors
/// Those of the store.
pub(crate) async fn hand_over(
    work: &mut Unit,
    by: &Mover<'_>,
    order: &Order,
    what: &Quantities,
) -> Result<()> {
    ship(work, by, &demands(order, what)).await
}

/// Puts back what came back.
///
/// # Errors
/// Those of the store.
pub(crate) async fn put_back(
    work: &mut Unit,
    by: &Mover<'_>,
    order: &Order,
    what: &Quantities,
) -> Result<()> {
    take_back(work, by, &demands(order, what)).await
}

/// All that an order is of.
pub(crate) fn all_of(order: &Order) -> Vec<(i64, i64)> {
    let lines = lines::stored(&order.lines).iter();
    lines.map(|line| (line.id.raw(), line.data.quantity.0)).collect()
}

/// What quantities of lines mean in stock; lines without a variant have none.
fn demands(order: &Order, quantities: &Quantities) -> Vec<Demand> {
    let demand = |(id, quantity): &(i64, i64)| {
        let variant = line_of(order, *id)?.data.product_variant.kept()?;
        let reference = Reference { kind: "order_line", id: *id };
        Some(Demand { variant, quantity: *quantity, reference })
    };
    quantities.iter().filter_map(demand).filter(|demand| demand.quantity > 0).collect()
}

fn line_of(order: &Order, id: i64) -> Option<&Record<OrderLine>> {
    lines::stored(&order.lines).iter().find(|line| line.id.raw() == id)
}

/// Such as `3 of RED-S are available, 5 are wanted`.
fn describe(order: &Order, demands: &[Demand], shortage: &Shortage) -> Option<String> {
    let demand = demands.get(shortage.demand)?;
    let line = line_of(order, demand.reference.id)?;
    let (sku, there, wanted) = (&line.data.variant_sku, shortage.available, demand.quantity);
    Some(format!("{there} of {} are available, {wanted} are wanted", &**sku))
}
