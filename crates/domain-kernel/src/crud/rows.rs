//! One row written within a unit of work: what every write of a resource consists of.
//!
//! Use cases of one's own and resources that write rows of others use these, so that no write goes
//! without its rules, its audit entry and its event. Permission, locks and the commit are the
//! caller's.

use crate::journal::{Entry, Verb};
use crate::{Record, Resource, Result, Step, Work as _};

use super::check_links;

/// Stores a new row: its rules, its links, what follows, and its entry.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid), [`Error::Conflict`](crate::Error::Conflict).
pub async fn insert_row<T: Resource>(
    work: &mut T::Work,
    step: &Step<'_, T>,
    mut data: T,
) -> Result<Record<T>> {
    T::prepare(work, step, &mut data).await?;
    check_links(work, None, &data).await?;
    let mut record = T::records(work).insert(data, step.now).await?;
    T::follow(work, step, &mut record).await?;
    work.journal(Entry::of(step.ctx, step.random, step.verb, None, &record)?);
    Ok(record)
}

/// Stores a row anew, as [`insert_row`] does; `next` comes from [`next()`]. None when somebody else
/// has written it in between.
///
/// # Errors
/// As [`insert_row`].
pub async fn update_row<T: Resource>(
    work: &mut T::Work,
    step: &Step<'_, T>,
    mut next: Record<T>,
) -> Result<Option<Record<T>>> {
    T::prepare(work, step, &mut next.data).await?;
    check_links(work, step.before.map(|before| &before.data), &next.data).await?;
    if !T::records(work).update(&next).await? {
        return Ok(None);
    }
    T::follow(work, step, &mut next).await?;
    work.journal(Entry::of(step.ctx, step.random, step.verb, step.before, &next)?);
    Ok(Some(next))
}

/// The record after a write; none when the write would change nothing.
pub fn next<T: Resource>(step: &Step<'_, T>, current: &Record<T>, data: T) -> Option<Record<T>> {
    let deleted_at = match step.verb {
        Verb::Deleted => Some(step.now),
        Verb::Restored => None,
        Verb::Created | Verb::Updated => current.deleted_at,
    };
    let unchanged = data == current.data && deleted_at == current.deleted_at;
    (!unchanged).then(|| Record { deleted_at, ..current.rewritten(data, step.now) })
}
