//! What the commands print: a table on a terminal, aligned text in a pipe, JSON for scripts.

use std::io::{ErrorKind, IsTerminal as _, Write as _, stderr, stdout};

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use crate::failure::{Failure, Result};

/// Who reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// A script that asked for JSON.
    Script,
    /// A person at a terminal.
    Person,
    /// Another program, or a file.
    Pipe,
}

/// Where the commands print.
#[derive(Debug)]
pub struct Output {
    reader: Reader,
    terminal: bool,
}

impl Output {
    /// Output as JSON or for whoever reads.
    pub fn new(json: bool) -> Self {
        let terminal = stdout().is_terminal();
        let reader = match (json, terminal) {
            (true, _) => Reader::Script,
            (false, true) => Reader::Person,
            (false, false) => Reader::Pipe,
        };
        Self { reader, terminal }
    }

    /// Whether a script reads.
    pub fn is_json(&self) -> bool {
        self.reader == Reader::Script
    }

    /// Shows an outcome: the JSON or the text.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn show(&self, json: &Value, text: impl FnOnce() -> String) -> Result<()> {
        match self.reader {
            Reader::Script if self.terminal => self.print(&format!("{json:#}")),
            Reader::Script => self.print(&json.to_string()),
            Reader::Person | Reader::Pipe => self.print(&text()),
        }
    }

    /// Prints a text, which may have several lines.
    ///
    /// # Errors
    /// When standard output cannot be written. A reader who has seen enough is no error.
    pub fn print(&self, text: &str) -> Result<()> {
        let mut out = stdout().lock();
        match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Failure::io("standard output", &error))
            }
            _ => Ok(()),
        }
    }

    /// Tells of a failure on standard error.
    pub fn fail(&self, failure: &Failure) {
        if failure.is_shown() {
            return;
        }
        let text = if self.is_json() { failure.json().to_string() } else { clean(&failure.text()) };
        // Nobody is left to tell when that is closed.
        let _ = writeln!(stderr(), "{text}");
    }

    /// A table with a header.
    pub fn table<const N: usize>(&self, header: [&str; N], rows: Vec<[String; N]>) -> String {
        let mut table = Table::new();
        table.set_header(header.map(str::to_uppercase));
        table.add_rows(rows.into_iter().map(|row| row.map(|cell| clean(&cell))));
        match self.reader {
            Reader::Person => {
                table.load_style(presets::UTF8_HORIZONTAL_ONLY);
                if let Some(width) = terminal_width() {
                    table.set_width(width);
                    table.set_content_arrangement(ContentArrangement::Dynamic);
                }
            }
            Reader::Pipe | Reader::Script => {
                table.load_style(presets::NOTHING);
                for column in table.column_iter_mut() {
                    column.set_padding((0, 2));
                }
            }
        }
        table.trim_fmt()
    }
}

/// A text in which nothing can drive the terminal: people choose their names themselves.
pub fn clean(text: &str) -> String {
    let harmless = |c: char| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c };
    text.chars().map(harmless).collect()
}

#[cfg(unix)]
fn terminal_width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

#[cfg(not(unix))]
fn terminal_width() -> Option<u16> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(reader: Reader) -> Output {
        Output { reader, terminal: false }
    }

    #[test]
    fn a_pipe_gets_aligned_text_without_lines_or_trailing_spaces() {
        let rows = vec![
            ["acme".to_owned(), "Acme Inc.".to_owned()],
            ["northwind".to_owned(), "N".to_owned()],
        ];
        let text = output(Reader::Pipe).table(["slug", "name"], rows);
        assert_eq!(text, "SLUG       NAME\nacme       Acme Inc.\nnorthwind  N");
    }

    #[test]
    fn names_cannot_drive_the_terminal() {
        let rows = vec![["\u{1b}[31mred".to_owned()]];
        let text = output(Reader::Person).table(["name"], rows);
        assert!(!text.contains('\u{1b}') && text.contains("[31mred"), "{text}");
    }
}
