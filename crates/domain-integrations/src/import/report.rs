//! What an import has done.

use domain_kernel::{Error, FieldErrors, Messages};
use serde::Serialize;
use serde_json::Value as JsonValue;

use super::Target;

/// What an import has done. Each row that something is written in is counted once or has an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was imported.
    pub resource: &'static str,
    /// Rows that something new came of.
    pub created: usize,
    /// Rows that changed what was there.
    pub updated: usize,
    /// Rows that say what was there already.
    pub skipped: usize,
    /// Rows that were left out, in order.
    pub errors: Vec<RowError>,
}

/// Why a row was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Its number in the spreadsheet, where the headers are row 1.
    pub row: u32,
    /// The messages of its fields.
    pub reason: String,
}

/// What a request to import gave.
#[derive(Debug)]
pub enum Outcome {
    /// Done now.
    Fresh(Report),
    /// Done before, under the same idempotency key: the report as it was shown then.
    Replayed(JsonValue),
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    Created,
    Updated,
    Skipped,
}

/// What became of some rows.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) done: Vec<Done>,
    pub(super) errors: Vec<RowError>,
}

impl Report {
    pub(super) fn new(target: Target) -> Self {
        let resource = target.name();
        Self { resource, created: 0, updated: 0, skipped: 0, errors: Vec::new() }
    }

    /// Leaves a row out.
    pub(super) fn refuse(&mut self, row: u32, error: &Error) {
        self.errors.push(RowError { row, reason: reason(error) });
    }

    /// Counts rows that were written.
    pub(super) fn add(&mut self, tally: Tally) {
        for done in tally.done {
            match done {
                Done::Created => self.created += 1,
                Done::Updated => self.updated += 1,
                Done::Skipped => self.skipped += 1,
            }
        }
        self.errors.extend(tally.errors);
    }
}

/// An error in one line: `email: Enter a valid email address.`
pub(super) fn reason(error: &Error) -> String {
    match error {
        Error::Invalid(errors) => {
            let mut told = Vec::new();
            tell(errors, "", &mut told);
            told.join(" ")
        }
        other => other.to_string(),
    }
}

fn tell(errors: &FieldErrors, within: &str, told: &mut Vec<String>) {
    for (field, messages) in &errors.0 {
        let field = format!("{within}{field}");
        match messages {
            Messages::List(messages) => told.push(format!("{field}: {}", messages.join(" "))),
            Messages::Nested(errors) => tell(errors, &format!("{field}."), told),
            Messages::Items(items) => {
                items.iter().for_each(|errors| tell(errors, &format!("{field}."), told));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_in_one_line() {
        let mut errors = FieldErrors::one("first_name", "This field is required.");
        errors.add("email", "Enter a valid email address.");
        errors.nest("company", FieldErrors::one("name", "Too long."));
        assert_eq!(
            reason(&Error::Invalid(errors)),
            "company.name: Too long. email: Enter a valid email address. \
             first_name: This field is required."
        );
        assert_eq!(reason(&Error::Conflict("It is taken.".to_owned())), "It is taken.");
    }
}
