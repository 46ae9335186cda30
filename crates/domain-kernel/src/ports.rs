//! What the domain needs from outside, and what an adapter must promise.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use crate::journal::Entry;
use crate::query::{ListQuery, Listing};
use crate::{Id, JobClaim, JobId, NewJob, OpContext, Record, Remembered, Resource, Result};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, cut to microseconds: what both databases keep.
    fn now(&self) -> Timestamp;
}

/// Cuts an instant to the microseconds that both databases keep.
pub(crate) fn to_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// The instants that requests may name: the years 1 to 9999, which both databases hold.
pub(crate) fn in_range(instant: Timestamp) -> Option<Timestamp> {
    const FIRST: i64 = -62_135_596_800;
    const LAST: i64 = 253_402_300_799;
    (FIRST..=LAST).contains(&instant.as_second()).then_some(instant)
}

/// Gives random bytes.
pub trait Random: Send + Sync {
    /// Fills a buffer with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

/// A UUID of version 7 (RFC 9562): its order is that of time.
pub fn uuid_v7(now: Timestamp, random: &dyn Random) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// Opens units of work for one workspace; `W` is what a domain crate reaches through one.
///
/// An adapter promises: a unit sees and changes rows of `ctx.tenant` only; what it wrote is seen
/// by others after `commit` and never otherwise; a unit that is dropped leaves no trace and no
/// lock.
#[async_trait]
pub trait Store<W: ?Sized + Work>: Send + Sync {
    /// A unit for reading: it sees one state throughout.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy) when no connection is free in time.
    async fn begin_read(&self, ctx: &OpContext) -> Result<Box<W>>;

    /// A unit for writing.
    ///
    /// # Errors
    /// As [`Store::begin_read`]; [`Error::IdempotencyInProgress`](crate::Error) while another unit
    /// with the context's idempotency key is open.
    async fn begin_write(&self, ctx: &OpContext) -> Result<Box<W>>;
}

/// One unit of work: a short transaction.
#[async_trait]
pub trait Work: Send {
    /// Which of the ids are live rows of a resource in this workspace.
    async fn existing(&mut self, resource: &str, ids: &[i64]) -> Result<BTreeSet<i64>>;

    /// Adds to what is written with the commit: an audit entry and an event.
    fn journal(&mut self, entry: Entry);

    /// Enqueues a job: it comes with the commit, or not at all. A workspace's job is enqueued from
    /// a unit in that workspace, one of the platform's from any. The id is the job's, or that of
    /// the one that waits or runs under its unique key already.
    async fn enqueue(&mut self, job: NewJob) -> Result<JobId>;

    /// Finishes a job with the commit, so that its effects come once: the commit fails with
    /// [`Error::LeaseLost`](crate::Error::LeaseLost), and nothing of the unit happens, when the
    /// claim does not hold the job any more. The outcome is shown to who may see the job.
    fn complete(&mut self, claim: JobClaim, outcome: serde_json::Value);

    /// Marks a place in the unit, instead of the mark before it: what is done from then on can be
    /// undone alone, by [`Work::rewind`].
    async fn mark(&mut self) -> Result<()>;

    /// Undoes what was done since the mark: rows, locks, entries and jobs. The mark stays.
    async fn rewind(&mut self) -> Result<()>;

    /// What is remembered under the context's idempotency key, if it is younger than its lifetime.
    /// Only units for writing, opened for a person, have a key.
    async fn remembered(&mut self) -> Result<Option<Remembered>>;

    /// Remembers an outcome under the context's idempotency key, with the commit.
    fn remember(&mut self, outcome: serde_json::Value);

    /// Makes everything durable at once.
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// Which rows a look-up considers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are not deleted.
    Live,
    /// Deleted or not.
    Any,
}

/// The repository of a resource within a unit of work.
#[async_trait]
pub trait Records<T: Resource>: Send {
    /// The rows with these ids that exist, in no particular order.
    async fn find(&mut self, ids: &[Id<T>], which: Which) -> Result<Vec<Record<T>>>;

    /// A part of a list. Conditions, search and order mean what [`ListQuery`] says, the same in
    /// every adapter: filters compare text as it is written, search and order compare the folded
    /// form where the field's kind has one.
    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<T>>>;

    /// Stores a new row, version 1, and gives it its id.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when a unique constraint forbids it; the unit
    /// of work stays usable.
    async fn insert(&mut self, data: T, now: Timestamp) -> Result<Record<T>>;

    /// Stores new rows one after the other as [`Records::insert`] does; an adapter whose database has
    /// a statement for it takes few. The records are in the order of the rows.
    ///
    /// # Errors
    /// As [`Records::insert`]; some of the rows may be stored by then, so the unit is given up.
    async fn insert_many(&mut self, rows: Vec<T>, now: Timestamp) -> Result<Vec<Record<T>>>
    where
        T: 'async_trait,
    {
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(self.insert(row, now).await?);
        }
        Ok(records)
    }

    /// Stores a row anew, with its mark of deletion, if the stored version is one less than the
    /// record's. `false` when it is not: somebody else was faster.
    ///
    /// # Errors
    /// As [`Records::insert`].
    async fn update(&mut self, record: &Record<T>) -> Result<bool>;

    /// Stores rows anew as [`Records::update`] does, each with its answer; an adapter whose database can
    /// takes the next before it has done with the first.
    ///
    /// # Errors
    /// As [`Records::insert_many`].
    async fn update_many(&mut self, records: &[Record<T>]) -> Result<Vec<bool>> {
        let mut written = Vec::with_capacity(records.len());
        for record in records {
            written.push(self.update(record).await?);
        }
        Ok(written)
    }
}
