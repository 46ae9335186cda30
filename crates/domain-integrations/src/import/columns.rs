//! Which column of a spreadsheet is which field.

use domain_kernel::{Error, Result};

use super::SheetRow;

/// A field with the headers that its column may have.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The field.
    pub field: &'static str,
    /// The headers, the preferred first; what they are compared by is said at [`Columns::of`].
    pub headers: &'static [&'static str],
    /// Whether a file without it is none.
    pub required: bool,
}

/// Where the columns of a spreadsheet are.
pub(super) struct Columns(Vec<(&'static str, usize)>);

impl Columns {
    /// Finds the known columns by the headers. Only letters and digits count of them, whatever their
    /// case: `First name`, `first_name` and `FIRST-NAME` are one. Other columns are nobody's.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `file` naming what is missing, and what may be there.
    pub(super) fn of(known: &[Column], header: &SheetRow) -> Result<Self> {
        let header: Vec<String> = header.cells.iter().map(|cell| bare(cell)).collect();
        let place = |column: &Column| {
            let mut names = column.headers.iter().map(|name| bare(name));
            names.find_map(|name| header.iter().position(|cell| *cell == name))
        };
        let missing: Vec<&str> = known
            .iter()
            .filter(|column| column.required && place(column).is_none())
            .map(|column| column.headers[0])
            .collect();
        if missing.is_empty() {
            let found = known.iter().filter_map(|column| Some((column.field, place(column)?)));
            return Ok(Self(found.collect()));
        }
        let expected: Vec<String> = known.iter().map(|column| column.headers.join(" | ")).collect();
        let message = format!(
            "The first row must name the columns; missing: {}. Expected headers: {}.",
            missing.join(", "),
            expected.join(", ")
        );
        Err(Error::field("file", message))
    }

    /// What a row says of a field; none where its cell is empty.
    pub(super) fn cell<'r>(&self, row: &'r SheetRow, field: &str) -> Option<&'r str> {
        let (_, place) = self.0.iter().find(|(known, _)| *known == field)?;
        row.cells.get(*place).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }
}

/// The letters and digits of a header, in small letters.
fn bare(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Column] = &[
        Column { field: "name", headers: &["first_name", "имя", "name"], required: true },
        Column { field: "mail", headers: &["email", "e-mail"], required: false },
    ];

    fn row(cells: &[&str]) -> SheetRow {
        SheetRow { number: 1, cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }
    }

    #[test]
    fn headers_are_known_in_any_case_and_by_any_of_their_names() {
        for header in ["first_name", "First name", "ИМЯ", " Name* ", "FIRST-NAME"] {
            let columns = Columns::of(KNOWN, &row(&["id", header, "E-Mail"])).expect(header);
            let line = row(&["7", " Ada ", "  "]);
            assert_eq!(columns.cell(&line, "name"), Some("Ada"), "{header}");
            assert_eq!(columns.cell(&line, "mail"), None, "an empty cell says nothing");
            assert_eq!(columns.cell(&row(&["7"]), "name"), None, "nor does one that is not there");
        }
    }

    #[test]
    fn the_preferred_header_counts_where_several_are_there() {
        let columns = Columns::of(KNOWN, &row(&["name", "first name"])).expect("columns");
        assert_eq!(columns.cell(&row(&["Ada Lovelace", "Ada"]), "name"), Some("Ada"));
    }

    #[test]
    fn a_file_without_a_column_that_must_be_there_is_told_what_is_expected() {
        for header in [SheetRow::default(), row(&["email", "phone"])] {
            let Err(Error::Invalid(errors)) = Columns::of(KNOWN, &header) else { panic!("found") };
            let told = serde_json::to_string(&errors).expect("JSON");
            assert!(told.contains("missing: first_name."), "{told}");
            assert!(told.contains("first_name | имя | name, email | e-mail"), "{told}");
        }
    }
}
