//! The use cases that every plain resource has.
//!
//! Each begins with permission and feature, opens one unit of work, and leaves an audit entry and
//! an event with the data it commits. What a resource needs beyond them is a use case of its own.

mod bulk;
mod export;
mod rows;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as JsonValue;

pub use bulk::{BulkItem, BulkOutcome, BulkResult, MAX_BULK_ITEMS};
pub use export::Export;
pub use rows::{
    insert_prepared, insert_row, insert_rows, next, of_one_row, update_row, update_rows,
};

use crate::journal::Verb;
use crate::policy::Action;
use crate::query::{ListQuery, Listing, Window};
use crate::resource::links;
use crate::{
    Clock, Error, FieldErrors, Fields, Id, OpContext, Random, Record, Resource, Result, Step,
    Store, Which, Work, replayed,
};

/// How often a change is tried again when somebody else wrote the row in between.
const ATTEMPTS: usize = 8;

/// The use cases of a plain resource.
pub struct Crud<T: Resource> {
    store: Arc<dyn Store<T::Work>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    committed: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl<T: Resource> Clone for Crud<T> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            committed: self.committed.clone(),
        }
    }
}

/// What a row is after a change.
fn changed<T: Fields>(current: &T, patch: &T::Patch) -> T {
    let mut data = current.clone();
    data.apply(patch.clone());
    data
}

/// What a write gave: a record, or what the same request gave before.
#[derive(Debug, Clone)]
pub enum Reply<T> {
    /// Done now.
    Fresh(Record<T>),
    /// Done before, under the same idempotency key: the object as it was shown then.
    Replayed(JsonValue),
}

impl<T: Fields> Reply<T> {
    /// The object as the API shows it.
    ///
    /// # Errors
    /// As [`Record::json`].
    pub fn json(&self) -> Result<JsonValue> {
        match self {
            Self::Fresh(record) => record.json(),
            Self::Replayed(json) => Ok(json.clone()),
        }
    }
}

/// What kind of write it is.
#[derive(Clone, Copy)]
struct WriteKind {
    verb: Verb,
    /// What takes over what the row held.
    move_to: Option<i64>,
}

impl From<Verb> for WriteKind {
    fn from(verb: Verb) -> Self {
        Self { verb, move_to: None }
    }
}

impl<T: Resource> Crud<T> {
    /// The use cases over a store.
    pub fn new(
        store: Arc<dyn Store<T::Work>>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { store, clock, random, committed: None }
    }

    /// The same, with something that is done after every write: forgetting what it made untrue.
    pub fn after_each_write(mut self, committed: impl Fn() + Send + Sync + 'static) -> Self {
        self.committed = Some(Arc::new(committed));
        self
    }

    /// A part of the list.
    ///
    /// # Errors
    /// [`Error::InvalidPage`] for a page past the end.
    pub async fn list(&self, ctx: &OpContext, query: &ListQuery) -> Result<Listing<Record<T>>> {
        permit::<T>(ctx, Action::Read)?;
        let mut work = self.store.begin_read(ctx).await?;
        let listing = T::records(&mut work).list(&own::<T>(ctx, query)).await?;
        work.commit().await?;
        match (&query.window, listing.records.is_empty()) {
            (Window::Page { number, .. }, true) if *number > 1 => Err(Error::InvalidPage),
            _ => Ok(listing),
        }
    }

    /// One row; a deleted one only when asked for.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn retrieve(&self, ctx: &OpContext, id: Id<T>, which: Which) -> Result<Record<T>> {
        permit::<T>(ctx, Action::Read)?;
        let mut work = self.store.begin_read(ctx).await?;
        let found = T::records(&mut work).find(&[id], which).await?.pop();
        work.commit().await?;
        let is_own = |record: &Record<T>| {
            T::own(ctx).is_none_or(|own| record.value(own.field.name) == Some(own.value))
        };
        found.filter(is_own).ok_or(Error::NotFound)
    }

    /// Creates a row.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a relation to a row that is not there; [`Error::Conflict`].
    pub async fn create(&self, ctx: &OpContext, data: T) -> Result<Reply<T>> {
        permit::<T>(ctx, Action::Create)?;
        let unrepeatable = OpContext { idempotency: None, ..ctx.clone() };
        let ctx = if T::HAS_SECRET { &unrepeatable } else { ctx };
        let mut work = self.store.begin_write(ctx).await?;
        if let Some(outcome) = replayed(ctx, &mut *work).await? {
            return Ok(Reply::Replayed(outcome));
        }
        T::lock(&mut work).await?;
        if let Some(first) = T::made_before(&mut work, &data).await? {
            return self.finish(ctx, work, first).await;
        }
        let step = self.step(ctx, Verb::Created, None, self.clock.now());
        let record = insert_row(&mut *work, &step, data).await?;
        self.finish(ctx, work, record).await
    }

    /// Changes a row; `expected` is the version that the caller has read, if it says so.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::VersionMismatch`], and those of [`Crud::create`].
    pub async fn update(
        &self,
        ctx: &OpContext,
        id: Id<T>,
        patch: T::Patch,
        expected: Option<i64>,
    ) -> Result<Reply<T>> {
        permit::<T>(ctx, Action::Update)?;
        let change = |current: &Record<T>, _| Ok(changed(&current.data, &patch));
        self.write(ctx, id, expected, Verb::Updated.into(), change).await
    }

    /// Changes a row by a rule of its own, which is told the time: what is done with it beside
    /// writing its fields.
    ///
    /// # Errors
    /// Those of the rule and of [`Crud::update`].
    pub async fn act(
        &self,
        ctx: &OpContext,
        id: Id<T>,
        expected: Option<i64>,
        rule: impl Fn(&Record<T>, Timestamp) -> Result<T> + Send + Sync,
    ) -> Result<Reply<T>> {
        permit::<T>(ctx, Action::Update)?;
        self.write(ctx, id, expected, Verb::Updated.into(), rule).await
    }

    /// Marks a row as deleted.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::VersionMismatch`].
    pub async fn delete(&self, ctx: &OpContext, id: Id<T>, expected: Option<i64>) -> Result<()> {
        self.delete_moving(ctx, id, expected, None).await
    }

    /// Marks a row as deleted; the row of [`Resource::MOVES_TO`] that is named takes over what it
    /// held.
    ///
    /// # Errors
    /// Those of [`Crud::delete`]; [`Error::Invalid`] when there is no such row.
    pub async fn delete_moving(
        &self,
        ctx: &OpContext,
        id: Id<T>,
        expected: Option<i64>,
        move_to: Option<i64>,
    ) -> Result<()> {
        permit::<T>(ctx, Action::Delete)?;
        let kind = WriteKind { verb: Verb::Deleted, move_to };
        self.write(ctx, id, expected, kind, |current, _| Ok(current.data.clone())).await?;
        Ok(())
    }

    /// Brings a deleted row back; one that is not deleted stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when a constraint forbids it now.
    pub async fn restore(&self, ctx: &OpContext, id: Id<T>) -> Result<Reply<T>> {
        permit::<T>(ctx, Action::Delete)?;
        let same = |current: &Record<T>, _| Ok(current.data.clone());
        self.write(ctx, id, None, Verb::Restored.into(), same).await
    }

    /// Writes a row anew, again when somebody else was faster and the caller named no version.
    async fn write(
        &self,
        ctx: &OpContext,
        id: Id<T>,
        expected: Option<i64>,
        WriteKind { verb, move_to }: WriteKind,
        data: impl Fn(&Record<T>, Timestamp) -> Result<T> + Send + Sync,
    ) -> Result<Reply<T>> {
        let which = if verb == Verb::Restored { Which::Any } else { Which::Live };
        for _ in 0..ATTEMPTS {
            let mut work = self.store.begin_write(ctx).await?;
            if let Some(outcome) = replayed(ctx, &mut *work).await? {
                return Ok(Reply::Replayed(outcome));
            }
            T::lock(&mut work).await?;
            let current = get::<T>(&mut work, id, which).await?;
            check_version(&current, expected)?;
            if let (Some(heir), Some(resource)) = (move_to, T::MOVES_TO)
                && work.existing(resource, &[heir]).await?.is_empty()
            {
                return Err(Error::field("move_to", crate::field::no_such_row(heir)));
            }
            let now = self.clock.now();
            let data = data(&current, now)?;
            let step = self.step(ctx, verb, Some(&current), now);
            let step = Step { move_to, ..step };
            let Some(next) = next(&step, &current, data) else {
                return self.finish(ctx, work, current).await;
            };
            if let Some(next) = update_row(&mut *work, &step, next).await? {
                return self.finish(ctx, work, next).await;
            }
            if expected.is_some() {
                // The row was written between our reading and our writing.
                let current = get::<T>(&mut work, id, which).await?.version;
                return Err(Error::VersionMismatch { current });
            }
        }
        Err(Error::Busy)
    }

    fn step<'s>(
        &'s self,
        ctx: &'s OpContext,
        verb: Verb,
        before: Option<&'s Record<T>>,
        now: Timestamp,
    ) -> Step<'s, T> {
        Step { ctx, verb, before, now, move_to: None, random: &*self.random }
    }

    /// Commits, and remembers the outcome where the request can be repeated.
    async fn finish(
        &self,
        ctx: &OpContext,
        mut work: Box<T::Work>,
        record: Record<T>,
    ) -> Result<Reply<T>> {
        if ctx.idempotency.is_some() {
            work.remember(record.json()?);
        }
        self.commit(work).await?;
        Ok(Reply::Fresh(record))
    }

    async fn commit(&self, work: Box<T::Work>) -> Result<()> {
        work.commit().await?;
        if let Some(committed) = &self.committed {
            committed();
        }
        Ok(())
    }
}

/// Permission first, then the plan's feature. Every use case asks; an edge may ask before it reads
/// the input, so that who may not write is not told what is wrong with it.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::FeatureMissing`].
pub fn permit<T: Resource>(ctx: &OpContext, action: Action) -> Result<()> {
    ctx.require(T::AREA, action)?;
    T::FEATURE.map_or(Ok(()), |code| ctx.require_feature(code))
}

/// A query for the rows that the caller sees.
fn own<'q, T: Resource>(ctx: &OpContext, query: &'q ListQuery) -> Cow<'q, ListQuery> {
    match T::own(ctx) {
        None => Cow::Borrowed(query),
        Some(own) => {
            let mut query = query.clone();
            query.conditions.push(own);
            Cow::Owned(query)
        }
    }
}

/// The row that must exist.
async fn get<T: Resource>(work: &mut T::Work, id: Id<T>, which: Which) -> Result<Record<T>> {
    T::records(work).find(&[id], which).await?.pop().ok_or(Error::NotFound)
}

/// Refuses a write to another version than the caller has read.
fn check_version<T>(current: &Record<T>, expected: Option<i64>) -> Result<()> {
    match expected {
        Some(version) if version != current.version => {
            Err(Error::VersionMismatch { current: current.version })
        }
        _ => Ok(()),
    }
}

/// Refuses relations to rows that are not there; those that stay as they were are not asked for.
async fn check_links<T: Fields, W: Work + ?Sized>(
    work: &mut W,
    before: Option<&T>,
    after: &T,
) -> Result<()> {
    let mut errors = FieldErrors::default();
    for (field, resource, id) in links(after) {
        if before.is_some_and(|old| old.value(field.name) == after.value(field.name)) {
            continue;
        }
        if work.existing(resource, &[id]).await?.is_empty() {
            errors.add(field.name, crate::field::no_such_row(id));
        }
    }
    errors.into_result()
}

/// The rows that others link to and that are there, by resource.
#[derive(Default)]
struct Existing(BTreeMap<&'static str, BTreeSet<i64>>);

impl Existing {
    /// Looks up what many rows link to, in one statement for each resource.
    async fn load<'r, T: Fields, W: Work + ?Sized>(
        work: &mut W,
        rows: impl Iterator<Item = &'r T>,
    ) -> Result<Self> {
        let mut ids: BTreeMap<&'static str, BTreeSet<i64>> = BTreeMap::new();
        for (_, resource, id) in rows.flat_map(links) {
            ids.entry(resource).or_default().insert(id);
        }
        let mut existing = BTreeMap::new();
        for (resource, ids) in ids {
            let ids: Vec<i64> = ids.into_iter().collect();
            existing.insert(resource, work.existing(resource, &ids).await?);
        }
        Ok(Self(existing))
    }

    /// Refuses relations to rows that are not there; those that stay as they were are not asked for.
    fn check_links<T: Fields>(&self, before: Option<&T>, after: &T) -> Result<()> {
        let mut errors = FieldErrors::default();
        for (field, resource, id) in links(after) {
            let kept = before.is_some_and(|old| old.value(field.name) == after.value(field.name));
            if !kept && !self.0.get(resource).is_some_and(|ids| ids.contains(&id)) {
                errors.add(field.name, crate::field::no_such_row(id));
            }
        }
        errors.into_result()
    }
}
