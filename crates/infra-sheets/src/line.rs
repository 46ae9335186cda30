//! What the process that reads tells the one that asked: a line of JSON for each.

use domain_integrations::import::{MAX_CELL, MAX_ROWS, SheetRow};
use serde::{Deserialize, Serialize};

/// Most cells of a row; what stands further right is nobody's.
pub(crate) const MAX_CELLS: usize = 256;

/// A line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Line {
    /// A row: its number and its cells.
    Row(u32, Vec<String>),
    /// There were more rows than are read.
    TooManyRows,
    /// That was all. What does not end so has broken off.
    End,
}

/// Why reading ended before the file did.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stopped {
    /// The file is not what it says it is.
    #[error("{0}")]
    Damaged(String),
    /// It has too many rows.
    #[error("too many rows")]
    TooManyRows,
    /// Nobody listens.
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

impl Stopped {
    /// A file that its reader does not take.
    pub(crate) fn damaged(error: impl std::fmt::Display) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// Takes rows and hands on those that something is written in, within the limits.
pub(crate) struct Rows<F> {
    hand_on: F,
    count: usize,
}

impl<F: FnMut(SheetRow) -> std::io::Result<()>> Rows<F> {
    /// Hands them on to a function.
    pub(crate) fn new(hand_on: F) -> Self {
        Self { hand_on, count: 0 }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// When there were enough, or nobody takes them.
    pub(crate) fn take(&mut self, number: u32, mut cells: Vec<String>) -> Result<(), Stopped> {
        cells.truncate(MAX_CELLS);
        for cell in &mut cells {
            cell.truncate(cell.floor_char_boundary(MAX_CELL));
        }
        while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        // The first names the columns and is not counted.
        if self.count > MAX_ROWS {
            return Err(Stopped::TooManyRows);
        }
        self.count += 1;
        Ok((self.hand_on)(SheetRow { number, cells })?)
    }
}

/// All rows that a reader gives, for tests.
#[cfg(test)]
pub(crate) fn collect(
    read: impl FnOnce(&mut Rows<&mut dyn FnMut(SheetRow) -> std::io::Result<()>>) -> Result<(), Stopped>,
) -> Result<Vec<SheetRow>, Stopped> {
    let mut rows = Vec::new();
    let mut keep = |row| {
        rows.push(row);
        Ok(())
    };
    read(&mut Rows::new(&mut keep as &mut dyn FnMut(SheetRow) -> std::io::Result<()>))?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rows: Vec<Vec<String>>) -> Result<Vec<SheetRow>, Stopped> {
        collect(|to| (1..).zip(rows).try_for_each(|(number, cells)| to.take(number, cells)))
    }

    #[test]
    fn rows_without_a_word_are_left_out_and_the_rest_keep_their_numbers() {
        let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows = vec![cells(&["a", "", ""]), cells(&["", " "]), cells(&[]), cells(&["", "b"])];
        let rows = taken(rows).expect("few rows");
        let expected = [(1, cells(&["a"])), (4, cells(&["", "b"]))];
        assert_eq!(rows, expected.map(|(number, cells)| SheetRow { number, cells }));
    }

    #[test]
    fn no_more_rows_are_taken_than_there_may_be() {
        let rows = |count| vec![vec!["x".to_owned()]; count];
        assert_eq!(taken(rows(MAX_ROWS + 1)).expect("just enough").len(), MAX_ROWS + 1);
        let Err(Stopped::TooManyRows) = taken(rows(MAX_ROWS + 2)) else { panic!("taken") };
    }

    #[test]
    fn cells_are_cut_where_no_field_takes_more() {
        let long = vec!["ü".repeat(MAX_CELL); 2 * MAX_CELLS];
        let rows = taken(vec![long]).expect("one row");
        assert_eq!(rows[0].cells.len(), MAX_CELLS);
        assert!(rows[0].cells.iter().all(|cell| cell.len() <= MAX_CELL && !cell.is_empty()));
    }
}
