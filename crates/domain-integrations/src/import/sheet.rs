//! Spreadsheets, as what reads them gives them.

use async_trait::async_trait;
use domain_kernel::{Error, Result};

/// Most rows of a spreadsheet, that of the headers and empty ones not counted.
pub const MAX_ROWS: usize = 100_000;
/// Most bytes of a cell: more than any field takes.
pub const MAX_CELL: usize = 128 * 1024;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    /// Text with a separator.
    Csv,
    /// A workbook of Excel's.
    Xlsx,
}

impl SheetFormat {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Xlsx];

    /// How the names of such files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The form of a file with this name.
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, end) = name.rsplit_once('.')?;
        Self::ALL.into_iter().find(|format| end.eq_ignore_ascii_case(format.extension()))
    }
}

/// A row of a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetRow {
    /// Its number as a person sees it, from 1.
    pub number: u32,
    /// Its cells as text, from the first column on. Numbers are written plainly (`79161234567`),
    /// days and instants as in ISO 8601, yes and no as `true` and `false`.
    pub cells: Vec<String>,
}

/// Why a file gives no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not what its name says, damaged, or made to harm who reads it.
    Damaged,
    /// It has more rows than [`MAX_ROWS`].
    TooManyRows,
    /// Its rows hold more text than is read.
    TooLong,
}

impl From<Unreadable> for Error {
    fn from(why: Unreadable) -> Self {
        Self::field(
            "file",
            match why {
                Unreadable::Damaged => {
                    "The file could not be read. Send a sound .csv or .xlsx file.".to_owned()
                }
                Unreadable::TooManyRows => {
                    format!("The file has more than {MAX_ROWS} rows. Send it in parts.")
                }
                Unreadable::TooLong => "The file holds too much text. Send it in parts.".to_owned(),
            },
        )
    }
}

/// Who takes the rows of a spreadsheet.
pub type TakeRow<'t> = &'t mut (dyn FnMut(SheetRow) -> Result<()> + Send);

/// Reads spreadsheets.
///
/// An adapter promises: whatever is in the file, it costs no more than a limited time and a limited
/// memory, and harms nobody else. Of a workbook it reads the first sheet that is visible.
#[async_trait]
pub trait SheetReader: Send + Sync {
    /// Hands over the rows that something is written in, one after the other from the first on; no
    /// more than [`MAX_ROWS`] and that of the headers. It ends where they are not taken any more.
    ///
    /// # Errors
    /// Those of [`Unreadable`], after some of the rows perhaps; [`Error::Busy`] while too many others
    /// are read; that of who takes the rows.
    async fn read(&self, format: SheetFormat, file: Vec<u8>, take: TakeRow<'_>) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_file_is_told_by_the_end_of_its_name() {
        for (name, format) in [
            ("contacts.csv", Some(SheetFormat::Csv)),
            ("Контакты 2026.XLSX", Some(SheetFormat::Xlsx)),
            ("contacts.csv.xlsx", Some(SheetFormat::Xlsx)),
            ("contacts.xls", None),
            ("csv", None),
            ("", None),
        ] {
            assert_eq!(SheetFormat::of_file(name), format, "{name}");
        }
    }
}
