//! Workbooks of Excel's.

use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx};
use domain_integrations::import::SheetRow;

use crate::line::{MAX_CELLS, Rows, Stopped};

/// Largest whole number that is written as one: what a float holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads all rows of the first sheet that is visible.
///
/// Cell by cell: a sheet with a word in its first cell and one in its last is a table of billions of
/// cells, of which nothing is to be had.
///
/// # Errors
/// Those of [`Stopped`].
pub(crate) fn read<F>(file: &[u8], rows: &mut Rows<F>) -> Result<(), Stopped>
where
    F: FnMut(SheetRow) -> std::io::Result<()>,
{
    let mut book = Xlsx::new(Cursor::new(file)).map_err(Stopped::damaged)?;
    let shown = book
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .ok_or_else(|| Stopped::damaged("no sheet is visible"))?;
    let mut sheet = book.worksheet_cells_reader(&shown).map_err(Stopped::damaged)?;
    let (mut number, mut cells) = (0, Vec::new());
    while let Some(cell) = sheet.next_cell().map_err(Stopped::damaged)? {
        let (row, column) = cell.get_position();
        if row != number {
            rows.take(number.saturating_add(1), std::mem::take(&mut cells))?;
            number = row;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column < MAX_CELLS {
            cells.resize(cells.len().max(column + 1), String::new());
            cells[column] = text(cell.get_value());
        }
    }
    rows.take(number.saturating_add(1), cells)
}

/// The text of a cell; one with an error says nothing.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => plain(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(instant) => moment(instant),
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// A number as people write it: a whole one without a fraction, none with an exponent.
fn plain(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < EXACT {
        return format!("{number:.0}");
    }
    number.to_string()
}

/// A day, or an instant, as in ISO 8601.
fn moment(instant: &ExcelDateTime) -> String {
    if !instant.is_datetime() {
        return plain(instant.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = instant.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

    use super::*;
    use crate::line::collect;

    fn rows(mut book: Workbook) -> Vec<(u32, Vec<String>)> {
        let file = book.save_to_buffer().expect("a workbook");
        let rows = collect(|to| read(&file, to)).expect("it is read");
        rows.into_iter().map(|row| (row.number, row.cells)).collect()
    }

    #[test]
    fn cells_are_text_whatever_they_were() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let date = |text: &str| ExcelDateTime::parse_from_str(text).expect("a date");
        sheet.write(0, 0, "Имя").expect("a cell");
        sheet.write(0, 1, 79_161_234_567.0).expect("a cell");
        sheet.write(0, 2, 12.5).expect("a cell");
        sheet.write(0, 3, true).expect("a cell");
        sheet.write_with_format(0, 4, date("2026-03-31"), &day).expect("a cell");
        sheet.write_with_format(0, 5, date("2026-03-31T13:45:00"), &day).expect("a cell");
        sheet.write(0, 6, Formula::new("=1+1").set_result("2")).expect("a cell");
        let expected =
            ["Имя", "79161234567", "12.5", "true", "2026-03-31", "2026-03-31T13:45:00", "2"];
        assert_eq!(rows(book), [(1, expected.map(str::to_owned).to_vec())]);
    }

    #[test]
    fn numbers_are_plain() {
        for (number, text) in [(0.0, "0"), (-7.0, "-7"), (0.1, "0.1"), (1e15, "1000000000000000")] {
            assert_eq!(plain(number), text);
        }
    }

    #[test]
    fn gaps_keep_the_numbers_of_rows_and_the_places_of_cells() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "a").expect("a cell");
        sheet.write(4, 2, "b").expect("a cell");
        // Of a table with this corner nothing could be had.
        sheet.write(1_048_575, 16_383, "far").expect("a cell");
        sheet.write(1_048_575, 0, "c").expect("a cell");
        let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let expected = [(1, cells(&["a"])), (5, cells(&["", "", "b"])), (1_048_576, cells(&["c"]))];
        assert_eq!(rows(book), expected);
    }

    #[test]
    fn the_first_sheet_that_is_visible_is_read() {
        let mut book = Workbook::new();
        book.add_worksheet().set_hidden(true).write(0, 0, "hidden").expect("a cell");
        book.add_worksheet().set_active(true).write(0, 0, "shown").expect("a cell");
        book.add_worksheet().write(0, 0, "later").expect("a cell");
        assert_eq!(rows(book), [(1, vec!["shown".to_owned()])]);
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        for file in [&b""[..], b"a,b\n1,2\n", b"PK\x03\x04 and then nothing"] {
            assert!(matches!(collect(|to| read(file, to)), Err(Stopped::Damaged(_))));
        }
    }
}
