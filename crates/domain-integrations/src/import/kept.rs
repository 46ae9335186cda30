//! The records that the rows of a batch are of, stored or new, and how they are written.

use async_trait::async_trait;
use domain_kernel::crud::{next, update_rows};
use domain_kernel::journal::Verb;
use domain_kernel::{Error, Record, Resource, Result, Step};

use super::columns::{Column, Columns};
use super::report::{Done, RowError, Tally, reason};
use super::{SheetRow, Under};

/// A resource whose rows come from spreadsheets.
#[async_trait]
pub(super) trait Imported: Resource + Default {
    /// A row of a spreadsheet that was read.
    type Line: Send + Sync;

    /// The columns of such a spreadsheet.
    const COLUMNS: &'static [Column];

    /// Reads a row by where the columns are.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the messages of every field.
    fn line(columns: &Columns, row: &SheetRow) -> Result<Self::Line>;

    /// The records that rows are of, stored or new, as the rows want them. Before it looks for them it
    /// takes the lock under which nobody else makes the same.
    ///
    /// # Errors
    /// Those that concern all of them.
    async fn of_lines(
        work: &mut Self::Work,
        under: &Under<'_>,
        lines: &[Self::Line],
    ) -> Result<Vec<Kept<Self>>>;

    /// Stores new rows together, each with its outcome.
    ///
    /// # Errors
    /// Those that concern all of them.
    async fn insert(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        rows: Vec<Self>,
    ) -> Result<Vec<Result<Record<Self>>>>;
}

/// A record that rows of a spreadsheet are of.
pub(super) struct Kept<T> {
    /// As it is stored, if it is.
    before: Option<Record<T>>,
    /// As the rows so far want it.
    pub(super) after: T,
    /// The rows, and what they do to it.
    rows: Vec<(u32, Done)>,
}

impl<T: Imported> Kept<T> {
    /// One that is stored.
    pub(super) fn stored(record: Record<T>) -> Self {
        let after = record.data.clone();
        Self { before: Some(record), after, rows: Vec::new() }
    }

    /// One that a row makes.
    pub(super) fn made(row: u32, patch: T::Patch) -> Self {
        let mut after = T::default();
        after.apply(patch);
        Self { before: None, after, rows: vec![(row, Done::Created)] }
    }

    /// Lets another row have its say.
    pub(super) fn take(&mut self, row: u32, patch: T::Patch) {
        let mut after = self.after.clone();
        after.apply(patch);
        let done = if after == self.after { Done::Skipped } else { Done::Updated };
        self.after = after;
        self.rows.push((row, done));
    }
}

/// Writes what the rows want: what is new together, then together what changes.
///
/// # Errors
/// Those that concern all of them; that of one record is the error of its rows.
pub(super) async fn write<T: Imported>(
    work: &mut T::Work,
    under: &Under<'_>,
    all: Vec<Kept<T>>,
) -> Result<Tally> {
    let (stored, made): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.before.is_some());
    let mut tally = Tally::default();
    let (rows, made): (Vec<_>, Vec<_>) = made.into_iter().map(|one| (one.rows, one.after)).unzip();
    if !made.is_empty() {
        let outcomes = T::insert(work, &under.step(Verb::Created, None), made).await?;
        for (rows, outcome) in rows.into_iter().zip(outcomes) {
            tally.note(rows, outcome.err());
        }
    }
    let step = under.step(Verb::Updated, None);
    let (mut changed, mut changes) = (Vec::new(), Vec::new());
    for Kept { before, after, rows } in stored {
        let Some(before) = before else { continue };
        match next(&step, &before, after) {
            None => tally.note(rows, None),
            Some(next) => {
                changed.push(rows);
                changes.push((before, next));
            }
        }
    }
    let outcomes = update_rows(work, &step, changes).await?;
    for (rows, outcome) in changed.into_iter().zip(outcomes) {
        // Somebody has written it since it was found.
        if let Ok(false) = outcome {
            return Err(Error::Busy);
        }
        tally.note(rows, outcome.err());
    }
    Ok(tally)
}

impl Tally {
    fn note(&mut self, rows: Vec<(u32, Done)>, error: Option<Error>) {
        match error {
            None => self.done.extend(rows.into_iter().map(|(_, done)| done)),
            Some(error) => {
                let reason = reason(&error);
                let refused =
                    rows.into_iter().map(|(row, _)| RowError { row, reason: reason.clone() });
                self.errors.extend(refused);
            }
        }
    }
}
