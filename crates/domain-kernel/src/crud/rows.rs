//! One row written within a unit of work: what every write of a resource consists of.
//!
//! Use cases of one's own and resources that write rows of others use these, so that no write goes
//! without its rules, its audit entry and its event. Permission, locks and the commit are the
//! caller's.

use crate::journal::{Entry, Verb};
use crate::{Error, Record, Resource, Result, Step, Work as _};

use super::{Existing, check_links};

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

/// Stores new rows together, in a number of statements that does not grow with them, each with its
/// outcome. For resources whose [`Resource::prepare`] looks at nothing but the row.
///
/// # Errors
/// Those that concern all of them.
pub async fn insert_rows<T: Resource>(
    work: &mut T::Work,
    step: &Step<'_, T>,
    rows: Vec<T>,
) -> Result<Vec<Result<Record<T>>>> {
    let mut prepared = Vec::with_capacity(rows.len());
    for mut row in rows {
        let outcome = T::prepare(work, step, &mut row).await;
        prepared.push(of_one_row(outcome)?.map(|()| row));
    }
    insert_prepared(work, step, prepared).await
}

/// Stores new rows together that are prepared already; those that could not be come as their error.
///
/// # Errors
/// Those that concern all of them.
pub async fn insert_prepared<T: Resource>(
    work: &mut T::Work,
    step: &Step<'_, T>,
    rows: Vec<Result<T>>,
) -> Result<Vec<Result<Record<T>>>> {
    let existing = Existing::load(work, rows.iter().flatten()).await?;
    let mut accepted = Vec::with_capacity(rows.len());
    let checked: Vec<Result<()>> = rows
        .into_iter()
        .map(|row| {
            let row = row?;
            existing.check_links(None, &row)?;
            accepted.push(row);
            Ok(())
        })
        .collect();
    // Where all are refused there is nothing to store: no statement, then.
    let mut stored = match accepted.is_empty() {
        true => Vec::new(),
        false => T::records(work).insert_many(accepted, step.now).await?,
    };
    for record in &mut stored {
        T::follow(work, step, record).await?;
        work.journal(Entry::of(step.ctx, step.random, step.verb, None, record)?);
    }
    let mut stored = stored.into_iter();
    let mut next = || stored.next().ok_or_else(|| Error::internal("a row was lost"));
    checked
        .into_iter()
        .map(|outcome| {
            Ok(match outcome {
                Ok(()) => Ok(next()?),
                Err(refused) => Err(refused),
            })
        })
        .collect()
}

/// An error that concerns one row as that row's outcome; others are everybody's.
///
/// # Errors
/// Those that are everybody's.
pub fn of_one_row<T>(outcome: Result<T>) -> Result<Result<T>> {
    match outcome {
        Err(error @ (Error::Internal(_) | Error::Busy)) => Err(error),
        outcome => Ok(outcome),
    }
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

/// Stores rows anew together, as [`update_row`] does one, each with its outcome: false when somebody else has
/// written it in between. A change is the row as it was found and as [`next()`] has it; `step` is that of
/// each, but for the row before it. For resources whose [`Resource::prepare`] looks at none of the others.
///
/// # Errors
/// Those that concern all of them.
pub async fn update_rows<T: Resource>(
    work: &mut T::Work,
    step: &Step<'_, T>,
    changes: Vec<(Record<T>, Record<T>)>,
) -> Result<Vec<Result<bool>>> {
    let mut prepared = Vec::with_capacity(changes.len());
    for (before, mut next) in changes {
        let outcome = T::prepare(work, &step.of(&before), &mut next.data).await;
        prepared.push(of_one_row(outcome)?.map(|()| (before, next)));
    }
    let existing =
        Existing::load(work, prepared.iter().flatten().map(|(_, next)| &next.data)).await?;
    let (mut rows_before, mut accepted) = (Vec::new(), Vec::new());
    let mut outcomes = Vec::with_capacity(prepared.len());
    for change in prepared {
        outcomes.push(change.and_then(|(before, next)| {
            existing.check_links(Some(&before.data), &next.data)?;
            rows_before.push(before);
            accepted.push(next);
            Ok(false)
        }));
    }
    let written = match accepted.is_empty() {
        true => Vec::new(),
        false => T::records(work).update_many(&accepted).await?,
    };
    let done = outcomes.iter_mut().filter_map(|outcome| outcome.as_mut().ok());
    for (((done, is_written), before), mut next) in
        done.zip(written).zip(&rows_before).zip(accepted)
    {
        if is_written {
            let step = step.of(before);
            T::follow(work, &step, &mut next).await?;
            work.journal(Entry::of(step.ctx, step.random, step.verb, step.before, &next)?);
        }
        *done = is_written;
    }
    Ok(outcomes)
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
