//! Text with separators, as programs for spreadsheets save it.

use std::borrow::Cow;

use domain_integrations::import::SheetRow;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1251};

use crate::line::{Rows, Stopped};

/// What may stand between cells; where a header has several, the one that it has most of counts.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Reads all rows.
///
/// # Errors
/// Those of [`Stopped`].
pub(crate) fn read<F>(file: &[u8], rows: &mut Rows<F>) -> Result<(), Stopped>
where
    F: FnMut(SheetRow) -> std::io::Result<()>,
{
    let text = decoded(file);
    // What is no text is no table of it.
    if text.contains('\0') {
        return Err(Stopped::damaged("the file holds NUL"));
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(&text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // Rows are told by their numbers in a spreadsheet. The reader counts lines, leaves out empty ones,
    // and a row may be of several lines.
    let (mut number, mut line) = (0, reader.position().line());
    while reader.read_record(&mut record).map_err(Stopped::damaged)? {
        let read = reader.position().line() - line;
        line += read;
        let within: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
        let empty = read.saturating_sub(1 + within as u64);
        number += 1 + u32::try_from(empty).unwrap_or(u32::MAX / 2);
        rows.take(number, record.iter().map(str::to_owned).collect())?;
    }
    Ok(())
}

/// The text of a file: as its mark says; without one it is UTF-8, or else what programs wrote before
/// that in Russian.
fn decoded(file: &[u8]) -> Cow<'_, str> {
    if let Some((marked, _)) = Encoding::for_bom(file) {
        return marked.decode(file).0;
    }
    let (text, _, broken) = UTF_8.decode(file);
    if broken { WINDOWS_1251.decode(file).0 } else { text }
}

/// The separator of a table, by its first line that is not empty.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let bare = header.bytes().filter(|byte| {
        quoted ^= *byte == b'"';
        !quoted
    });
    let bare: Vec<u8> = bare.collect();
    let count = |separator: &u8| bare.iter().filter(|byte| *byte == separator).count();
    // Of several with as many the last would count: the first is asked last.
    SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::collect;

    fn rows(file: &[u8]) -> Vec<(u32, Vec<String>)> {
        let rows = collect(|to| read(file, to)).expect("a table");
        rows.into_iter().map(|row| (row.number, row.cells)).collect()
    }

    fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn every_separator_is_known() {
        for separator in [",", ";", "\t"] {
            let file = format!("a{separator}b\r\n1{separator}\"x{separator}y\"\r\n");
            let cell = format!("x{separator}y");
            assert_eq!(rows(file.as_bytes()), [row(1, &["a", "b"]), row(2, &["1", &cell])]);
        }
        assert_eq!(separator("\"a;b;c\",d"), b',', "what is quoted separates nothing");
        assert_eq!(separator("name"), b',');
    }

    #[test]
    fn text_is_read_in_the_encodings_that_programs_save_it_in() {
        let text = "Имя;Телефон\nАнна;7\n";
        let expected = [row(1, &["Имя", "Телефон"]), row(2, &["Анна", "7"])];
        let utf_16: Vec<u8> = "\u{FEFF}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        for file in [
            text.as_bytes().to_vec(),
            format!("\u{FEFF}{text}").into_bytes(),
            WINDOWS_1251.encode(text).0.into_owned(),
            utf_16,
        ] {
            assert_eq!(rows(&file), expected);
        }
    }

    #[test]
    fn rows_have_the_numbers_that_a_spreadsheet_shows() {
        let file = "a,b\n\n\n1,\"two\nlines\"\n2,x\n,\n3,y";
        let expected = [
            row(1, &["a", "b"]),
            row(4, &["1", "two\nlines"]),
            row(5, &["2", "x"]),
            row(7, &["3", "y"]),
        ];
        assert_eq!(rows(file.as_bytes()), expected);
        let windows = file.replace('\n', "\r\n");
        let numbers: Vec<u32> =
            rows(windows.as_bytes()).iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 4, 5, 7]);
        assert_eq!(rows(b"\n\na\nb"), [row(3, &["a"]), row(4, &["b"])]);
    }

    #[test]
    fn rows_may_be_of_different_lengths_and_a_quote_may_stay_open() {
        assert_eq!(rows(b"a,b\n1\n1,2,3\n").len(), 3);
        assert_eq!(rows(b"a,b\n\"open,2\n3,4\n").len(), 2);
        assert_eq!(rows(b""), []);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let zip = b"PK\x03\x04\x14\0\x08\0";
        assert!(matches!(collect(|to| read(zip, to)), Err(Stopped::Damaged(_))));
    }
}
