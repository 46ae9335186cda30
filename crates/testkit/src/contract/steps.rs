//! The steps of which the promises' tests are made; each that touches rows is a unit of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use domain_kernel::journal::{Change, Entry, Verb};
use domain_kernel::policy::RoleSet;
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Clock as _, Id, OpContext, Record, Resource, Result, Which};
use domain_sales::{Company, Contact, Lead, SalesWork};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as JsonValue};

use super::{Fixture, Ground, Sampled};
use crate::builders::{self, Member, company, contact, lead, pipeline, stage};

/// How long something may take that ought to happen at once.
const SOON: Duration = Duration::from_secs(10);

/// The query that a request with these parameters makes.
///
/// # Panics
/// When the parameters are not valid.
pub fn asked<T: Resource>(parameters: &[(&str, &str)]) -> ListQuery {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    let parameters: Vec<_> = parameters.iter().map(own).collect();
    ListQuery::parse::<T>(&parameters, &[]).expect("a valid question").0
}

/// The same query, with the first 200 rows on one page.
pub(super) fn whole(query: ListQuery) -> ListQuery {
    let window = domain_kernel::query::Window::Page { number: 1, size: 200 };
    ListQuery { window, ..query }
}

/// The ids of rows, in their order.
pub(super) fn ids<T>(records: &[Record<T>]) -> Vec<i64> {
    records.iter().map(|record| record.id.raw()).collect()
}

/// Waits for what ought to happen at once, and fails when it does not.
pub(super) async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, happens).await.unwrap_or_else(|_| panic!("it does not end: {what}"))
}

impl Fixture {
    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock on by a second, so that what follows is later.
    pub fn later(&self) -> Timestamp {
        self.clock.advance(SignedDuration::from_secs(1));
        self.now()
    }

    /// A name that nothing else in the database has.
    pub fn name(&self, stem: &str) -> String {
        format!("{stem}-{:016x}", self.random.number())
    }

    /// A new workspace with its admin.
    ///
    /// # Panics
    /// When the store refuses it, as every step here.
    pub async fn member(&self) -> Member {
        let name = self.name("member");
        let made = builders::found(&*self.accounts, &name, self.now()).await;
        made.expect("a workspace is founded")
    }

    /// Another member of somebody's workspace.
    pub async fn colleague(&self, of: &Member, roles: RoleSet) -> Member {
        let name = self.name("colleague");
        let made = builders::join(&*self.accounts, &of.organization, &name, roles, self.now());
        made.await.expect("a colleague joins")
    }

    /// A unit of work for reading.
    pub async fn reading(&self, ctx: &OpContext) -> Box<dyn SalesWork> {
        soon("beginning to read", self.sales.begin_read(ctx)).await.expect("a unit for reading")
    }

    /// A unit of work for writing.
    pub async fn writing(&self, ctx: &OpContext) -> Box<dyn SalesWork> {
        soon("beginning to write", self.sales.begin_write(ctx)).await.expect("a unit for writing")
    }

    /// Stores a new row.
    pub async fn insert<T: Sampled>(&self, ctx: &OpContext, data: T) -> Record<T> {
        let mut work = self.writing(ctx).await;
        let record = insert(&mut *work, data, self.now()).await;
        work.commit().await.expect("a commit");
        record
    }

    /// Stores a row anew; none when its version is not the stored one any more.
    pub async fn rewrite<T: Sampled>(
        &self,
        ctx: &OpContext,
        current: &Record<T>,
        data: T,
    ) -> Option<Record<T>> {
        let next = current.rewritten(data, self.now());
        self.replace(ctx, &next).await.then_some(next)
    }

    /// Marks a row as deleted.
    pub async fn delete<T: Sampled>(&self, ctx: &OpContext, current: &Record<T>) -> Record<T> {
        let deleted_at = Some(self.now());
        let next = current.rewritten(current.data.clone(), self.now());
        let next = Record { deleted_at, ..next };
        assert!(self.replace(ctx, &next).await, "a live row can be deleted");
        next
    }

    /// Brings a deleted row back.
    pub async fn restore<T: Sampled>(&self, ctx: &OpContext, current: &Record<T>) -> Record<T> {
        let next = current.rewritten(current.data.clone(), self.now());
        let next = Record { deleted_at: None, ..next };
        assert!(self.replace(ctx, &next).await, "a deleted row can be restored");
        next
    }

    /// Stores a record; whether it was its turn.
    pub async fn replace<T: Sampled>(&self, ctx: &OpContext, record: &Record<T>) -> bool {
        let mut work = self.writing(ctx).await;
        let done = T::records(&mut *work).update(record).await.expect("an update");
        work.commit().await.expect("a commit");
        done
    }

    /// The live row with an id.
    pub async fn find<T: Sampled>(&self, ctx: &OpContext, id: Id<T>) -> Option<Record<T>> {
        self.find_all(ctx, &[id], Which::Live).await.pop()
    }

    /// The rows with these ids, in order of id.
    pub async fn find_all<T: Sampled>(
        &self,
        ctx: &OpContext,
        ids: &[Id<T>],
        which: Which,
    ) -> Vec<Record<T>> {
        let mut work = self.reading(ctx).await;
        let mut found = T::records(&mut *work).find(ids, which).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found.sort_by_key(|record| record.id);
        found
    }

    /// A part of a list.
    pub async fn list<T: Sampled>(&self, ctx: &OpContext, query: &ListQuery) -> Listing<Record<T>> {
        let mut work = self.reading(ctx).await;
        let listing = T::records(&mut *work).list(query).await.expect("a list");
        work.commit().await.expect("a commit");
        listing
    }

    /// The ids of the first 200 rows of the list that a request with these parameters gets.
    pub async fn listed<T: Sampled>(
        &self,
        ctx: &OpContext,
        parameters: &[(&str, &str)],
    ) -> Vec<Id<T>> {
        let listing = self.list::<T>(ctx, &whole(asked::<T>(parameters))).await;
        listing.records.iter().map(|record| record.id).collect()
    }

    /// Which ids are live rows of a resource.
    pub async fn existing(&self, ctx: &OpContext, resource: &str, ids: &[i64]) -> BTreeSet<i64> {
        let mut work = self.reading(ctx).await;
        let found = work.existing(resource, ids).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
    }

    /// A journal entry about a row.
    pub fn entry<T: Resource>(&self, ctx: &OpContext, verb: Verb, row: &Record<T>) -> Entry {
        let data = row.json().expect("records can be shown");
        self.entry_of(ctx, verb, (T::NAME, T::SINGULAR), (row.id.raw(), row.version), data)
    }

    /// A journal entry about anything: its names, its id and version, what it is now.
    pub fn entry_of(
        &self,
        ctx: &OpContext,
        verb: Verb,
        (entity, singular): (&'static str, &'static str),
        (id, version): (i64, i64),
        data: JsonValue,
    ) -> Entry {
        let changed = Change::difference(&JsonValue::Object(Map::new()), &data);
        let change = Change { entity, singular, id, version, verb, data, changed };
        Entry::new(ctx, self.now(), &self.random, change)
    }

    /// Fills a workspace with samples of a resource: duplicates and empty values, several
    /// instants, rows that were written again, deleted, restored, and links to deleted rows.
    /// Gives all of them, the deleted ones too, in order of id.
    pub async fn populate<T: Sampled>(&self, ctx: &OpContext) -> Vec<Record<T>> {
        let mut work = self.writing(ctx).await;
        let (ground, gone) = self.ground(&mut *work).await;
        let mut rows: Vec<Record<T>> = Vec::new();
        for (place, data) in T::samples(&ground).into_iter().enumerate() {
            if place % 3 == 0 {
                self.clock.advance(SignedDuration::from_micros(1));
            }
            let row = insert(&mut *work, data, self.now()).await;
            rows.push(row);
        }
        for (place, row) in rows.iter_mut().enumerate() {
            let now = self.now();
            let deleted = |at| {
                move |row: &Record<T>| Record {
                    deleted_at: at,
                    ..row.rewritten(row.data.clone(), now)
                }
            };
            if place % 4 == 1 || place % 3 == 2 {
                self.clock.advance(SignedDuration::from_micros(i64::from(place % 2 == 0)));
                *row = write(&mut *work, deleted((place % 3 == 2).then_some(now))(row)).await;
            }
            if place % 6 == 5 {
                *row = write(&mut *work, deleted(None)(row)).await;
            }
        }
        let (company, contact, lead) = gone;
        write(&mut *work, self.gone(&company)).await;
        write(&mut *work, self.gone(&contact)).await;
        write(&mut *work, self.gone(&lead)).await;
        work.commit().await.expect("a commit");
        let mut ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        ids.extend(ground.of::<T>());
        self.find_all(ctx, &ids, Which::Any).await
    }

    /// What samples link to, and what of it is to be deleted.
    async fn ground(
        &self,
        work: &mut (dyn SalesWork + 'static),
    ) -> (Ground, (Record<Company>, Record<Contact>, Record<Lead>)) {
        let (mut ground, now) = (Ground::default(), self.now());
        let (mut companies, mut contacts, mut leads) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["Zeta", "alpha", "Gone"] {
            companies.push(insert(work, company(name), now).await);
        }
        for name in ["Ada", "Gone"] {
            contacts.push(insert(work, contact(name, ""), now).await);
            leads.push(insert(work, lead(name), now).await);
        }
        for name in ["Inbound", "outbound"] {
            let pipeline = insert(work, pipeline(name), now).await.id;
            ground.pipelines.push(pipeline);
            for name in ["first", "Second"] {
                ground.stages.push(insert(work, stage(name, pipeline), now).await.id);
            }
        }
        ground.companies = companies.iter().map(|row| row.id).collect();
        ground.contacts = contacts.iter().map(|row| row.id).collect();
        ground.leads = leads.iter().map(|row| row.id).collect();
        (ground, (companies.remove(2), contacts.remove(1), leads.remove(1)))
    }

    /// A row as it is once it is deleted.
    fn gone<T: Sampled>(&self, row: &Record<T>) -> Record<T> {
        let now = self.now();
        Record { deleted_at: Some(now), ..row.rewritten(row.data.clone(), now) }
    }
}

/// Stores a new row within a unit of work.
pub(super) async fn insert<T: Sampled>(
    work: &mut (dyn SalesWork + 'static),
    data: T,
    now: Timestamp,
) -> Record<T> {
    T::records(work).insert(data, now).await.expect("a row can be inserted")
}

/// Stores a row anew within a unit of work.
pub(super) async fn write<T: Sampled>(
    work: &mut (dyn SalesWork + 'static),
    record: Record<T>,
) -> Record<T> {
    let done: Result<bool> = T::records(work).update(&record).await;
    assert!(done.expect("an update"), "an update of the stored version succeeds");
    record
}
