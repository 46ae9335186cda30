//! The lines of an order as a whole: what a write makes of them, and what they come to.

use std::collections::BTreeSet;

use domain_catalog::ProductVariant;
use domain_kernel::crud::{next, update_row};
use domain_kernel::field::{Money, Nested, NestedRow};
use domain_kernel::journal::Verb;
use domain_kernel::query::{Condition, ListQuery, Test, Window};
use domain_kernel::{
    Amount, Error, FieldErrors, Fields as _, Id, Messages, Record, Result, Step, Value, Which,
};
use jiff::Timestamp;

use super::line::STAYS;
use super::totals::{Line, TotalsError, totals};
use super::{Order, OrderLine};
use crate::trade::Unit;

/// The id of a line that is not stored yet.
const NEW: Id<OrderLine> = Id::new(0);
/// The id of an order that is not stored yet.
const NO_ORDER: Id<Order> = Id::new(0);

/// Works out what an order's lines are after a write, and what they come to. They stand in the order
/// as they will be stored; those that are new have no id yet.
///
/// # Errors
/// [`Error::Invalid`] with the errors of each line where the lines stand; [`Error::Conflict`] when the
/// order is no draft any more.
pub(super) async fn settle(
    work: &mut Unit,
    step: &Step<'_, Order>,
    order: &mut Order,
) -> Result<()> {
    let places = order.currency.0.price_places();
    order
        .discount_amount
        .in_places(places)
        .map_err(|message| Error::field("discount_amount", message))?;
    let before = step.before.map(|before| &before.data);
    let stored = before.map_or(&[][..], |before| stored(&before.lines));
    let mut lines = match std::mem::take(&mut order.lines) {
        Nested::Wanted(rows) => resolve(work, step, order, stored, rows).await?,
        _ => stored.to_vec(),
    };
    if let Some(before) = before {
        let agreed = |order: &Order| (order.currency, order.discount_amount);
        if agreed(before) != agreed(order) || lines != stored {
            before.require_changeable()?;
        }
        let kept = lines.iter().any(|line| line.id != NEW);
        if kept && before.currency != order.currency {
            let message = "Its lines are priced in another currency.";
            return Err(Error::field("currency", message));
        }
        let own = step.before.map_or(NO_ORDER, |before| before.id);
        if before.currency != order.currency
            && work.invoiced(own, None).await?.all() > Amount::default()
        {
            let message = "Invoices ask for it in the currency that it has.";
            return Err(Error::field("currency", message));
        }
    }
    sum_up(order, &mut lines).map_err(|error| match error {
        TotalsError::Discount { .. } => Error::field("discount_amount", error.to_string()),
        error => Error::field("non_field_errors", error.to_string()),
    })?;
    order.lines = Nested::Stored(lines);
    Ok(())
}

/// Whether there are no lines.
pub(super) fn is_empty(lines: &Nested<OrderLine>) -> bool {
    stored(lines).is_empty()
}

/// The lines as they are, or will be, stored.
pub(super) fn stored(lines: &Nested<OrderLine>) -> &[Record<OrderLine>] {
    match lines {
        Nested::Stored(lines) => lines,
        _ => &[],
    }
}

/// The lines that a request wants.
async fn resolve(
    work: &mut Unit,
    step: &Step<'_, Order>,
    order: &Order,
    stored: &[Record<OrderLine>],
    rows: Vec<NestedRow<OrderLine>>,
) -> Result<Vec<Record<OrderLine>>> {
    let mut lines = Vec::new();
    let mut errors = vec![FieldErrors::default(); rows.len()];
    for (row, error) in rows.into_iter().zip(&mut errors) {
        lines.push(match row {
            NestedRow::New(data) => Record::new(NEW, step.ctx.tenant, data, step.now),
            NestedRow::Change(id, patch) => match stored.iter().find(|line| line.id == id) {
                Some(line) => {
                    let its = line.data.order.clone();
                    let mut line = line.clone();
                    line.data.apply(patch);
                    if line.data.order.kept().is_some_and(|order| Some(order) != its.kept()) {
                        error.add("order", STAYS);
                    }
                    line.data.order = its;
                    line
                }
                None => {
                    error.add("id", super::no_such_row(id));
                    continue;
                }
            },
        });
    }
    refuse(&errors)?;
    let before = |id| stored.iter().find(|line| line.id == id).map(|line| &line.data);
    let renamed = lines.iter().filter(|line| line.data.names_another(before(line.id)));
    let variants = variants(work, renamed.map(|line| &line.data)).await?;
    for (line, error) in lines.iter_mut().zip(&mut errors) {
        *error = line.data.complete(before(line.id), order, &variants);
    }
    refuse(&errors)?;
    Ok(lines)
}

/// The errors of lines, where they stand in the list.
fn refuse(errors: &[FieldErrors]) -> Result<()> {
    if errors.iter().all(FieldErrors::is_empty) {
        return Ok(());
    }
    let mut all = FieldErrors::default();
    all.put("lines", Messages::Items(errors.to_vec()));
    Err(Error::Invalid(all))
}

/// The variants that lines name, in two statements for any number. Nobody writes the catalog until the
/// unit ends: the lock of the orders comes first, the catalog's after it.
pub(super) async fn variants(
    work: &mut Unit,
    lines: impl IntoIterator<Item = &OrderLine>,
) -> Result<Vec<Record<ProductVariant>>> {
    let named = lines.into_iter().filter_map(|line| line.product_variant.kept());
    let ids: BTreeSet<Id<ProductVariant>> = named.collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    work.lock_catalog().await?;
    let ids: Vec<_> = ids.into_iter().collect();
    work.product_variants().find(&ids, Which::Live).await
}

/// Writes into an order and its lines what they come to.
fn sum_up(order: &mut Order, lines: &mut [Record<OrderLine>]) -> Result<(), TotalsError> {
    let made_of: Vec<Line> = lines.iter().map(|line| line.data.line()).collect();
    let totals = totals(&made_of, order.discount_amount.0, order.currency.0.places())?;
    for (line, totals) in lines.iter_mut().zip(totals.lines) {
        line.data.total_price = Money(totals.net);
        line.data.discount_share = Money(totals.discount_share);
        line.data.tax_amount = Money(totals.tax);
    }
    // Rounded as the currency has it, so that what is shown adds up.
    order.discount_amount = Money(totals.discount);
    order.subtotal_amount = Money(totals.subtotal);
    order.tax_amount = Money(totals.tax);
    order.total_amount = Money(totals.total);
    Ok(())
}

/// Sums an order up again after one of its lines was written by itself, and shows the line its shares.
///
/// # Errors
/// [`Error::Invalid`] when the order's discount is more than its lines come to now, or they come to
/// more than can be shown.
pub(super) async fn sum_up_again(
    work: &mut Unit,
    step: &Step<'_, OrderLine>,
    order: Id<Order>,
    line: &mut Record<OrderLine>,
) -> Result<()> {
    let Some(current) = work.orders().find(&[order], Which::Live).await?.pop() else {
        return Err(Error::internal("the order of a line is not there"));
    };
    let mut data = current.data.clone();
    let mut lines = stored(&data.lines).to_vec();
    sum_up(&mut data, &mut lines)
        .map_err(|error| Error::field("non_field_errors", format!("Of the order: {error}")))?;
    if let Some(own) = lines.iter().find(|own| own.id == line.id) {
        line.data.discount_share = own.data.discount_share;
        line.data.tax_amount = own.data.tax_amount;
    }
    data.lines = Nested::Stored(lines);
    let step = Step {
        ctx: step.ctx,
        verb: Verb::Updated,
        before: Some(&current),
        now: step.now,
        move_to: None,
        random: step.random,
    };
    match next(&step, &current, data) {
        None => Ok(()),
        Some(next) => update_row(work, &step, next).await?.map(drop).ok_or(Error::Busy),
    }
}

/// Stores what an order's write makes of its lines. The order's entry in the journal tells of them.
pub(super) async fn store(
    work: &mut Unit,
    step: &Step<'_, Order>,
    order: &mut Record<Order>,
) -> Result<()> {
    match step.verb {
        Verb::Deleted => work.delete_lines(order.id, step.now).await,
        Verb::Restored => {
            let gone_at = step.before.and_then(|before| before.deleted_at).unwrap_or(step.now);
            work.restore_lines(order.id, gone_at, step.now).await?;
            order.data.lines = Nested::Stored(of_order(work, order.id).await?);
            Ok(())
        }
        Verb::Created | Verb::Updated => {
            let before = step.before.map_or(&[][..], |before| stored(&before.data.lines));
            let id = order.id;
            if let Nested::Stored(lines) = &mut order.data.lines {
                write(work, id, before, lines, step.now).await?;
            }
            Ok(())
        }
    }
}

/// The live lines of an order, in order of id.
async fn of_order(work: &mut Unit, order: Id<Order>) -> Result<Vec<Record<OrderLine>>> {
    let field = OrderLine::FIELDS.iter().find(|field| field.name == "order");
    let value = Value::Integer(order.raw());
    let is_its = field.map(|field| Condition { field, test: Test::Equal, value });
    let window = Window::Keyset { from: None, size: i64::from(i32::MAX) };
    let conditions = is_its.into_iter().collect();
    let query = ListQuery { conditions, window, ..ListQuery::all::<OrderLine>() };
    Ok(work.order_lines().list(&query).await?.records)
}

/// Stores lines that differ from what is stored: new ones together, and of those whose shares alone
/// differ only these.
async fn write(
    work: &mut Unit,
    order: Id<Order>,
    before: &[Record<OrderLine>],
    lines: &mut [Record<OrderLine>],
    now: Timestamp,
) -> Result<()> {
    for gone in before.iter().filter(|old| !lines.iter().any(|line| line.id == old.id)) {
        let gone = Record { deleted_at: Some(now), ..gone.rewritten(gone.data.clone(), now) };
        update(work, &gone).await?;
    }
    let mut shares = Vec::new();
    for line in lines.iter_mut() {
        let Some(old) = before.iter().find(|old| old.id == line.id) else { continue };
        if old.data == line.data {
            continue;
        }
        let (discount_share, tax_amount) = (old.data.discount_share, old.data.tax_amount);
        if (OrderLine { discount_share, tax_amount, ..line.data.clone() }) == old.data {
            shares.push(line.clone());
            continue;
        }
        *line = old.rewritten(line.data.clone(), now);
        update(work, line).await?;
    }
    work.set_shares(&shares).await?;
    let is_new = |line: &&mut Record<OrderLine>| line.id == NEW;
    let new = lines.iter_mut().filter(is_new).map(|line| {
        line.data.order = domain_kernel::field::Link::to(Some(order));
        line.data.clone()
    });
    let new: Vec<OrderLine> = new.collect();
    if new.is_empty() {
        return Ok(());
    }
    let stored = work.insert_lines(new, now).await?;
    for (line, stored) in lines.iter_mut().filter(is_new).zip(stored) {
        *line = stored;
    }
    lines.sort_by_key(|line| line.id);
    Ok(())
}

async fn update(work: &mut Unit, line: &Record<OrderLine>) -> Result<()> {
    if work.order_lines().update(line).await? { Ok(()) } else { Err(Error::Busy) }
}
