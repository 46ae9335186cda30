//! Many writes in one request.

use std::collections::BTreeMap;

use serde_json::Value as JsonValue;

use crate::journal::{Entry, Verb};
use crate::policy::Action;
use crate::{Error, Id, OpContext, Record, Resource, Result, Which, Work as _, replayed};

use super::{Crud, Existing, changed, check_version, get, next, of_one_row, permit};

/// Most items in one request.
pub const MAX_BULK_ITEMS: usize = 1_000;

/// One write among many.
#[derive(Debug, Clone)]
pub enum BulkItem<T: Resource> {
    /// A new row.
    Create(T),
    /// A change; with the version that the caller has read, if it says so.
    Update(Id<T>, T::Patch, Option<i64>),
    /// A deletion; with the version likewise.
    Delete(Id<T>, Option<i64>),
}

/// What one write gave.
#[derive(Debug)]
pub enum BulkResult<T> {
    /// A row is new.
    Created(Record<T>),
    /// A row is changed (or was so already).
    Updated(Record<T>),
    /// A row is deleted.
    Deleted(Id<T>),
    /// It was not done, and why.
    Failed(Error),
    /// It could have been done, but another item failed and all stand or fall together.
    RolledBack,
}

/// What all writes gave, in the order in which they were asked for.
#[derive(Debug)]
pub enum BulkOutcome<T> {
    /// Done now.
    Fresh {
        /// Whether anything was written.
        committed: bool,
        /// One for each item.
        results: Vec<BulkResult<T>>,
    },
    /// Done before, under the same idempotency key: what was answered then.
    Replayed(JsonValue),
}

impl<T: Resource> Crud<T> {
    /// Does up to [`MAX_BULK_ITEMS`] writes in one unit of work.
    ///
    /// `items` that could not be read come as their error. Atomic, all are done or none;
    /// otherwise each that can be done is. `show` turns the results into what is remembered for a
    /// repeated request.
    ///
    /// # Errors
    /// Those that concern the whole request; an item's error is in its result.
    pub async fn bulk(
        &self,
        ctx: &OpContext,
        items: Vec<Result<BulkItem<T>>>,
        atomic: bool,
        show: impl Fn(&[BulkResult<T>]) -> Result<JsonValue> + Send + Sync,
    ) -> Result<BulkOutcome<T>> {
        permit::<T>(ctx, Action::Bulk)?;
        for action in items.iter().flatten().map(BulkItem::action) {
            permit::<T>(ctx, action)?;
        }
        if items.is_empty() || items.len() > MAX_BULK_ITEMS {
            let message = format!("Send between 1 and {MAX_BULK_ITEMS} operations.");
            return Err(Error::field("operations", message));
        }
        let mut work = self.store.begin_write(ctx).await?;
        if let Some(outcome) = replayed(ctx, &mut *work).await? {
            return Ok(BulkOutcome::Replayed(outcome));
        }
        T::lock(&mut work).await?;
        let mut batch = Batch::load(&mut *work, &items).await?;
        let mut results = Vec::with_capacity(items.len());
        for item in items {
            // One that fails half-way leaves nothing of its half.
            if !atomic {
                work.mark().await?;
            }
            let done = match item {
                Ok(item) => self.bulk_one(ctx, &mut work, &mut batch, item).await,
                Err(error) => Err(error),
            };
            results.push(match of_one_row(done)? {
                Ok(result) => result,
                Err(error) => {
                    if !atomic {
                        work.rewind().await?;
                    }
                    BulkResult::Failed(error)
                }
            });
        }
        let failed = results.iter().any(|result| matches!(result, BulkResult::Failed(_)));
        if atomic && failed {
            for result in &mut results {
                if !matches!(result, BulkResult::Failed(_)) {
                    *result = BulkResult::RolledBack;
                }
            }
            return Ok(BulkOutcome::Fresh { committed: false, results });
        }
        if ctx.idempotency.is_some() {
            work.remember(show(&results)?);
        }
        self.commit(work).await?;
        Ok(BulkOutcome::Fresh { committed: true, results })
    }

    async fn bulk_one(
        &self,
        ctx: &OpContext,
        work: &mut T::Work,
        batch: &mut Batch<T>,
        item: BulkItem<T>,
    ) -> Result<BulkResult<T>> {
        let (id, expected, verb) = match &item {
            BulkItem::Create(data) => {
                let (mut data, now) = (data.clone(), self.clock.now());
                let step = self.step(ctx, Verb::Created, None, now);
                T::prepare(work, &step, &mut data).await?;
                batch.existing.check_links(None, &data)?;
                let mut record = T::records(work).insert(data, now).await?;
                T::follow(work, &step, &mut record).await?;
                work.journal(Entry::of(ctx, &*self.random, Verb::Created, None, &record)?);
                return Ok(BulkResult::Created(record));
            }
            BulkItem::Update(id, _, expected) => (*id, *expected, Verb::Updated),
            BulkItem::Delete(id, expected) => (*id, *expected, Verb::Deleted),
        };
        let current = batch.records.get(&id).cloned().ok_or(Error::NotFound)?;
        check_version(&current, expected)?;
        if let Some(done) = self.rewrite(ctx, work, batch, (&current, &item, verb)).await? {
            return Ok(done);
        }
        // Not as the request found it: the rules of an item before this one have written it, too.
        let current = get::<T>(work, id, Which::Live).await?;
        let version = current.version;
        let done = self.rewrite(ctx, work, batch, (&current, &item, verb)).await?;
        done.ok_or(Error::VersionMismatch { current: version })
    }

    /// Changes or deletes a row; none when the stored one has another version.
    async fn rewrite(
        &self,
        ctx: &OpContext,
        work: &mut T::Work,
        batch: &mut Batch<T>,
        (current, item, verb): (&Record<T>, &BulkItem<T>, Verb),
    ) -> Result<Option<BulkResult<T>>> {
        let data = match item {
            BulkItem::Update(_, patch, _) => changed(&current.data, patch),
            _ => current.data.clone(),
        };
        let step = self.step(ctx, verb, Some(current), self.clock.now());
        let Some(mut next) = next(&step, current, data) else {
            return Ok(Some(BulkResult::Updated(current.clone())));
        };
        T::prepare(work, &step, &mut next.data).await?;
        batch.existing.check_links(Some(&current.data), &next.data)?;
        if !T::records(work).update(&next).await? {
            return Ok(None);
        }
        T::follow(work, &step, &mut next).await?;
        work.journal(Entry::of(ctx, &*self.random, verb, Some(current), &next)?);
        if verb == Verb::Deleted {
            batch.records.remove(&next.id);
            return Ok(Some(BulkResult::Deleted(next.id)));
        }
        batch.records.insert(next.id, next.clone());
        Ok(Some(BulkResult::Updated(next)))
    }
}

impl<T: Resource> BulkItem<T> {
    fn action(&self) -> Action {
        match self {
            Self::Create(_) => Action::Create,
            Self::Update(..) => Action::Update,
            Self::Delete(..) => Action::Delete,
        }
    }

    fn target(&self) -> Option<Id<T>> {
        match self {
            Self::Create(_) => None,
            Self::Update(id, ..) | Self::Delete(id, _) => Some(*id),
        }
    }
}

/// What the items of one request need, read in as few statements as there are resources.
struct Batch<T> {
    records: BTreeMap<Id<T>, Record<T>>,
    existing: Existing,
}

impl<T: Resource> Batch<T> {
    async fn load(work: &mut T::Work, items: &[Result<BulkItem<T>>]) -> Result<Self> {
        let ids: Vec<Id<T>> = items.iter().flatten().filter_map(BulkItem::target).collect();
        let mut records = BTreeMap::new();
        if !ids.is_empty() {
            let found = T::records(work).find(&ids, Which::Live).await?;
            records.extend(found.into_iter().map(|record| (record.id, record)));
        }
        let written: Vec<T> = items
            .iter()
            .flatten()
            .filter_map(|item| match item {
                BulkItem::Create(data) => Some(data.clone()),
                BulkItem::Update(id, patch, _) => {
                    let current = &records.get(id)?.data;
                    Some(changed(current, patch))
                }
                BulkItem::Delete(..) => None,
            })
            .collect();
        let existing = Existing::load(work, written.iter()).await?;
        Ok(Self { records, existing })
    }
}
