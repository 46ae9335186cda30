//! Reading a row: what it says of the record, and what it names beside it.

use domain_kernel::{Error, FieldErrors, Result};
use serde_json::{Map, Value, json};

use super::SheetRow;
use super::columns::Columns;
use super::kept::Imported;
use super::named::Named;

/// A row of a spreadsheet that was read.
pub(super) struct Line<P> {
    /// Its number.
    pub(super) row: u32,
    /// What it says of the record, but for what it names.
    pub(super) patch: P,
    /// What it names, as it is written.
    pub(super) named: Option<String>,
}

impl<P> Line<P> {
    /// Reads a row of records `T` that name an `N` in the column `column`. `object` is what the other
    /// cells say, as JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the messages of every field.
    pub(super) fn read<T: Imported<Patch = P>, N: Named>(
        columns: &Columns,
        row: &SheetRow,
        object: Map<String, Value>,
        column: &str,
    ) -> Result<Self> {
        let mut errors = FieldErrors::default();
        let named = columns.cell(row, column);
        if let Some(Err(Error::Invalid(mut wrong))) =
            named.map(|name| N::read(json!({ "name": name })))
        {
            errors.0.extend(wrong.0.remove("name").map(|messages| (column.to_owned(), messages)));
        }
        for required in T::COLUMNS.iter().filter(|column| column.required) {
            if columns.cell(row, required.field).is_none() {
                errors.add(required.field, "This field is required.");
            }
        }
        match T::read_patch(Value::Object(object)) {
            Ok(patch) => {
                errors.into_result()?;
                Ok(Self { row: row.number, patch, named: named.map(str::to_owned) })
            }
            Err(Error::Invalid(more)) => {
                errors.0.extend(more.0);
                Err(Error::Invalid(errors))
            }
            Err(error) => Err(error),
        }
    }
}

/// The cells of some fields as texts, where they say something.
pub(super) fn texts(columns: &Columns, row: &SheetRow, fields: &[&str]) -> Map<String, Value> {
    let said = fields.iter().filter_map(|field| Some((*field, columns.cell(row, field)?)));
    said.map(|(field, text)| (field.to_owned(), json!(text))).collect()
}
