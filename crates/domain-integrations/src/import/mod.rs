//! Contacts and products from a spreadsheet.
//!
//! All of a file is read and checked before anything is written. What is sound is written then, some
//! rows at a time, each time in a short unit of work; what is not is told with its number and its
//! reason. A row is of what is stored already where it has the same key, so the same file again
//! changes nothing, and one that broke off is simply imported again.

mod cells;
mod columns;
mod contacts;
mod kept;
mod line;
mod named;
mod products;
mod report;
mod sheet;

use std::sync::Arc;

use domain_catalog::{CatalogStore, Category, Product};
use domain_kernel::crud::{of_one_row, permit};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Action;
use domain_kernel::{
    Clock, Error, OpContext, Random, Record, Resource, Result, Step, Store, Work as _, replayed,
};
use domain_sales::{Company, Contact, SalesStore};
use jiff::Timestamp;
use serde_json::Value as JsonValue;

pub use columns::Column;
pub use contacts::COLUMNS as CONTACT_COLUMNS;
pub use products::COLUMNS as PRODUCT_COLUMNS;
pub use report::{Outcome, Report, RowError};
pub use sheet::{MAX_CELL, MAX_ROWS, SheetFormat, SheetReader, SheetRow, TakeRow, Unreadable};

use columns::Columns;
use kept::Imported;
use report::Tally;

/// Rows that are written in one unit of work: enough to be fast, few enough that others who write
/// hardly wait.
const BATCH: usize = 1_000;
/// How often a batch is tried again for which there was no capacity.
const ATTEMPTS: usize = 4;

/// What a spreadsheet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Contacts, with their companies.
    Contacts,
    /// Products, with their categories.
    Products,
}

impl Target {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Contacts, Self::Products];

    /// Its name in requests and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contacts => Contact::NAME,
            Self::Products => Product::NAME,
        }
    }

    /// The one that is called so.
    pub fn called(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Refuses who may not write all that comes of an import, many at a time. An edge may ask before
    /// it reads the file.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn permit(self, ctx: &OpContext) -> Result<()> {
        fn writes<T: Resource, U: Resource>(ctx: &OpContext) -> Result<()> {
            permit::<T>(ctx, Action::Bulk)?;
            permit::<T>(ctx, Action::Create)?;
            permit::<T>(ctx, Action::Update)?;
            permit::<U>(ctx, Action::Create)
        }
        match self {
            Self::Contacts => writes::<Contact, Company>(ctx),
            Self::Products => writes::<Product, Category>(ctx),
        }
    }
}

/// The use case of importing.
#[derive(Clone)]
pub struct Imports {
    sales: Arc<SalesStore>,
    catalog: Arc<CatalogStore>,
    sheets: Arc<dyn SheetReader>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// One batch of an import: who imports, when, and with what randomness.
struct Under<'i> {
    ctx: &'i OpContext,
    now: Timestamp,
    random: &'i dyn Random,
}

impl<'i> Under<'i> {
    /// The step of one of its writes.
    fn step<'s, T>(&'s self, verb: Verb, before: Option<&'s Record<T>>) -> Step<'s, T> {
        let Under { ctx, now, random } = *self;
        Step { ctx, verb, before, now, move_to: None, random }
    }
}

impl Imports {
    /// The use case over its stores and what reads spreadsheets.
    pub fn new(
        sales: Arc<SalesStore>,
        catalog: Arc<CatalogStore>,
        sheets: Arc<dyn SheetReader>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { sales, catalog, sheets, clock, random }
    }

    /// Imports a spreadsheet.
    ///
    /// A repeated request gets what the first gave, once that has ended; until then, and should it
    /// not end, it does what the first has left to do.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] on `file` when it cannot be read or lacks a column
    /// that must be there. An error of the store leaves what was written before.
    pub async fn import(
        &self,
        ctx: &OpContext,
        target: Target,
        format: SheetFormat,
        file: Vec<u8>,
    ) -> Result<Outcome> {
        target.permit(ctx)?;
        if let Some(outcome) = self.outcome_before(ctx).await? {
            return Ok(Outcome::Replayed(outcome));
        }
        let once = OpContext { idempotency: None, ..ctx.clone() };
        let mut report = Report::new(target);
        let file = (format, file);
        match target {
            Target::Contacts => {
                self.rows::<Contact>(&*self.sales, &once, file, &mut report).await?;
            }
            Target::Products => {
                self.rows::<Product>(&*self.catalog, &once, file, &mut report).await?;
            }
        }
        report.errors.sort_by_key(|error| error.row);
        self.remember(ctx, &report).await?;
        Ok(Outcome::Fresh(report))
    }

    /// Reads and checks all rows, then writes those that are sound, some at a time.
    async fn rows<T: Imported>(
        &self,
        store: &dyn Store<T::Work>,
        ctx: &OpContext,
        (format, file): (SheetFormat, Vec<u8>),
        report: &mut Report,
    ) -> Result<()> {
        let (mut columns, mut lines) = (None, Vec::new());
        let mut take = |row: SheetRow| {
            let Some(columns) = &columns else {
                columns = Some(Columns::of(T::COLUMNS, &row)?);
                return Ok(());
            };
            match of_one_row(T::line(columns, &row))? {
                Ok(line) => lines.push(line),
                Err(error) => report.refuse(row.number, &error),
            }
            Ok(())
        };
        self.sheets.read(format, file, &mut take).await?;
        // A file in which nothing is written lacks what its first row must name.
        columns.map_or_else(|| Columns::of(T::COLUMNS, &SheetRow::default()), Ok)?;
        for lines in lines.chunks(BATCH) {
            report.add(self.batch::<T>(store, ctx, lines).await?);
        }
        Ok(())
    }

    /// Writes some rows in one unit of work, again when there was no capacity for it.
    async fn batch<T: Imported>(
        &self,
        store: &dyn Store<T::Work>,
        ctx: &OpContext,
        lines: &[T::Line],
    ) -> Result<Tally> {
        for _ in 1..ATTEMPTS {
            match self.try_batch::<T>(store, ctx, lines).await {
                Err(Error::Busy) => {}
                done => return done,
            }
        }
        self.try_batch::<T>(store, ctx, lines).await
    }

    async fn try_batch<T: Imported>(
        &self,
        store: &dyn Store<T::Work>,
        ctx: &OpContext,
        lines: &[T::Line],
    ) -> Result<Tally> {
        let mut work = store.begin_write(ctx).await?;
        let under = Under { ctx, now: self.clock.now(), random: &*self.random };
        let kept = T::of_lines(&mut *work, &under, lines).await?;
        let tally = kept::write(&mut *work, &under, kept).await?;
        work.commit().await?;
        Ok(tally)
    }

    /// What the same request gave before.
    async fn outcome_before(&self, ctx: &OpContext) -> Result<Option<JsonValue>> {
        if ctx.idempotency.is_none() {
            return Ok(None);
        }
        let mut work = self.sales.begin_write(ctx).await?;
        let outcome = replayed(ctx, &mut *work).await?;
        work.commit().await?;
        Ok(outcome)
    }

    /// Remembers what a request gave. It is a unit of its own: should it not come to it, the request
    /// is done again and finds everything there.
    async fn remember(&self, ctx: &OpContext, report: &Report) -> Result<()> {
        if ctx.idempotency.is_none() {
            return Ok(());
        }
        let mut work = self.sales.begin_write(ctx).await?;
        work.remember(serde_json::to_value(report).map_err(Error::internal)?);
        work.commit().await
    }
}
