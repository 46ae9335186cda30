//! The variants that a product is written with.

use std::collections::BTreeSet;

use domain_kernel::crud::{insert_row, next, update_row};
use domain_kernel::field::{Choice, Flag, Link, Nested, NestedRow};
use domain_kernel::journal::Verb;
use domain_kernel::query::{ListQuery, Window};
use domain_kernel::{
    Error, FieldErrors, Fields as _, Id, Messages, Record, Resource as _, Result, Step, Value,
    Which,
};

use super::status::ARCHIVED;
use super::variant::{of_product, stocked};
use super::{Product, ProductVariant};
use crate::Unit;
use crate::ask::{all, is};

/// Stores what a product's write means for its variants, and shows them with it.
pub(super) async fn store(
    work: &mut Unit,
    step: &Step<'_, Product>,
    record: &mut Record<Product>,
) -> Result<()> {
    let before = match step.before.map(|before| &before.data.variants) {
        Some(Nested::Stored(variants)) => variants.as_slice(),
        _ => &[],
    };
    let wanted = std::mem::take(&mut record.data.variants);
    let variants = match (step.verb, wanted) {
        (Verb::Deleted, _) => {
            for variant in before {
                write(work, step, Verb::Deleted, variant, variant.data.clone()).await?;
            }
            Vec::new()
        }
        (Verb::Restored, _) => {
            bring_back(work, step, record.id).await?;
            all::<ProductVariant>(work, of_product(record.id)).await?
        }
        (_, Nested::Wanted(rows)) => {
            change(work, step, record.id, before, rows).await?;
            all::<ProductVariant>(work, of_product(record.id)).await?
        }
        _ => before.to_vec(),
    };
    record.data.variants = Nested::Stored(variants);
    Ok(())
}

/// Makes the variants those that are wanted: what is left out goes first and frees its names. What was
/// sold, or lies in stock, stays as it is and is archived.
async fn change(
    work: &mut Unit,
    step: &Step<'_, Product>,
    product: Id<Product>,
    before: &[Record<ProductVariant>],
    rows: Vec<NestedRow<ProductVariant>>,
) -> Result<()> {
    let is_kept = |variant: &&Record<ProductVariant>| {
        rows.iter().any(|row| matches!(row, NestedRow::Change(id, _) if *id == variant.id))
    };
    let mut gone: Vec<_> = before.iter().filter(|variant| !is_kept(variant)).collect();
    // The default last: it is passed on to one that stays.
    gone.sort_by_key(|variant| variant.data.is_default.0);
    let ids: Vec<_> = gone.iter().map(|variant| variant.id).collect();
    let mut kept = BTreeSet::new();
    if !ids.is_empty() {
        kept.extend(work.sold(&ids).await?);
        kept.extend(stocked(work, &ids).await?);
    }
    let (kept, gone): (Vec<_>, Vec<_>) =
        gone.into_iter().partition(|variant| kept.contains(&variant.id));
    for variant in gone {
        write(work, step, Verb::Deleted, variant, variant.data.clone()).await?;
    }
    let mut errors = Vec::new();
    for row in rows {
        match write_row(work, step, product, row).await {
            Ok(()) => errors.push(FieldErrors::default()),
            Err(Error::Invalid(error)) => errors.push(error),
            Err(other) => return Err(other),
        }
    }
    if errors.iter().all(FieldErrors::is_empty) {
        return archive(work, step, &kept).await;
    }
    let mut all = FieldErrors::default();
    all.put("variants", Messages::Items(errors));
    Err(Error::Invalid(all))
}

/// Takes variants off sale; the product's default is another one then, if there is one.
async fn archive(
    work: &mut Unit,
    step: &Step<'_, Product>,
    variants: &[&Record<ProductVariant>],
) -> Result<()> {
    for variant in variants {
        // As it is now: a sibling's write may have taken its place as the default.
        let current = work.product_variants().find(&[variant.id], Which::Live).await?.pop();
        let Some(current) = current else { continue };
        let (status, is_default) = (Choice::trusted(ARCHIVED), Flag(false));
        let data = ProductVariant { status, is_default, ..current.data.clone() };
        write(work, step, Verb::Updated, &current, data).await?;
    }
    Ok(())
}

async fn write_row(
    work: &mut Unit,
    step: &Step<'_, Product>,
    product: Id<Product>,
    row: NestedRow<ProductVariant>,
) -> Result<()> {
    match row {
        NestedRow::New(mut data) => {
            data.product = Link::to(Some(product));
            let (ctx, now, random) = (step.ctx, step.now, step.random);
            let step = Step { ctx, verb: Verb::Created, before: None, now, random, move_to: None };
            insert_row(work, &step, data).await.map(drop)
        }
        NestedRow::Change(id, patch) => {
            // As it is now: a sibling's write may have taken its place as the default.
            let found = work.product_variants().find(&[id], Which::Live).await?.pop();
            let found = found.filter(|row| row.data.product.shown() == Some(product));
            let Some(current) = found else {
                let message = format!("Invalid pk \"{id}\" - object does not exist.");
                return Err(Error::field("id", message));
            };
            let mut data = current.data.clone();
            data.apply(patch);
            data.product = Link::to(Some(product));
            write(work, step, Verb::Updated, &current, data).await
        }
    }
}

/// Restores the variants that went with their product.
async fn bring_back(work: &mut Unit, step: &Step<'_, Product>, product: Id<Product>) -> Result<()> {
    let Some(gone_at) = step.before.and_then(|before| before.deleted_at) else { return Ok(()) };
    let mut conditions = of_product(product);
    conditions.extend(is::<ProductVariant>("deleted_at", Value::Timestamp(gone_at)));
    let window = Window::Keyset { from: None, size: i64::from(i32::MAX) };
    let query =
        ListQuery { conditions, deleted: true, window, ..ListQuery::all::<ProductVariant>() };
    let mut gone = ProductVariant::records(work).list(&query).await?.records;
    // The default first, so that it is that again.
    gone.sort_by_key(|variant| (!variant.data.is_default.0, variant.id));
    for variant in gone {
        write(work, step, Verb::Restored, &variant, variant.data.clone()).await?;
    }
    Ok(())
}

async fn write(
    work: &mut Unit,
    step: &Step<'_, Product>,
    verb: Verb,
    current: &Record<ProductVariant>,
    data: ProductVariant,
) -> Result<()> {
    let (ctx, now, random) = (step.ctx, step.now, step.random);
    let step = Step { ctx, verb, before: Some(current), now, random, move_to: None };
    match next(&step, current, data) {
        None => Ok(()),
        Some(next) => update_row(work, &step, next).await?.map(drop).ok_or(Error::Busy),
    }
}
