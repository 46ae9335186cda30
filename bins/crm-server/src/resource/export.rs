//! Whole lists as CSV or NDJSON, streamed.

use actix_web::web::Bytes;
use domain_kernel::crud::Export;
use domain_kernel::query::ListQuery;
use domain_kernel::{Error, FieldErrors, Only, Record, Resource, Result, Shown, all_fields};
use serde_json::Value;

use super::Served;
use crate::http::caller::Caller;
use crate::http::failure::{Answer, Failure};
use crate::http::state::State;
use crate::http::stream::{self, Pieces};

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Ndjson,
}

/// The format that a request asks for; none is a page in JSON.
///
/// # Errors
/// For a format that we do not know.
pub(crate) fn format(parameters: &[(String, String)]) -> Result<Option<Format>, Failure> {
    let mut given = parameters.iter().filter(|(name, _)| name == "format");
    let message = match (given.next().map(|(_, value)| value.as_str()), given.next()) {
        (None | Some("json"), None) => return Ok(None),
        (Some("csv"), None) => return Ok(Some(Format::Csv)),
        (Some("ndjson"), None) => return Ok(Some(Format::Ndjson)),
        (_, None) => "Use json, csv or ndjson.",
        (_, Some(_)) => "This parameter was given more than once.",
    };
    Err(Error::Invalid(FieldErrors::one("format", message)).into())
}

/// Streams every row that the query's filters match.
pub(crate) async fn answer<R: Served>(
    state: &State,
    caller: Caller,
    query: ListQuery,
    only: Only,
    format: Format,
) -> Answer {
    let crud = R::crud(state.application()).clone();
    let (context, token) = (caller.context, caller.token);
    let begin = async move {
        let mut export = crud.export(&context, query)?;
        // The first rows before the status, so that an error still has one.
        let first = export.next().await?;
        Ok((export, first))
    };
    let (export, first) = state.run(begin).await?;
    let (content_type, extension) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let name = format!("{}.{extension}", R::NAME);
    let rows = Rows { export, first, only, format, begun: false };
    Ok(stream::file(state, token, content_type, &name, rows))
}

/// The rows of an export, encoded.
struct Rows<R: Resource> {
    export: Export<R>,
    /// Those that were read before the answer began.
    first: Option<Vec<Record<R>>>,
    only: Only,
    format: Format,
    begun: bool,
}

impl<R: Resource> Pieces for Rows<R> {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let heading = !std::mem::replace(&mut self.begun, true);
        let rows = if heading { self.first.take() } else { self.export.next().await? };
        if rows.is_none() && !heading {
            return Ok(None);
        }
        encode(rows.as_deref().unwrap_or_default(), &self.only, self.format, heading).map(Some)
    }
}

fn encode<R: Resource>(
    rows: &[Record<R>],
    only: &Only,
    format: Format,
    heading: bool,
) -> Result<Bytes> {
    match format {
        Format::Ndjson => {
            let mut out = Vec::new();
            for record in rows {
                serde_json::to_writer(&mut out, &Shown { record, only })
                    .map_err(Error::internal)?;
                out.push(b'\n');
            }
            Ok(out.into())
        }
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(Vec::new());
            let names: Vec<&str> =
                all_fields::<R>().map(|field| field.name).filter(|name| only.shows(name)).collect();
            if heading {
                writer.write_record(&names).map_err(Error::internal)?;
            }
            for record in rows {
                let object =
                    serde_json::to_value(Shown { record, only }).map_err(Error::internal)?;
                let cells = names.iter().map(|name| cell(&object[*name]));
                writer.write_record(cells).map_err(Error::internal)?;
            }
            writer.into_inner().map(Bytes::from).map_err(|error| Error::internal(error.to_string()))
        }
    }
}

/// A value in a cell: text as it is, nothing as nothing, all else as JSON.
///
/// Text that a spreadsheet would take for a formula gets an apostrophe before it: names come from
/// strangers, and a formula can send what is in the sheet elsewhere. Numbers and phone numbers
/// (`+1 202…`) are none.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if is_formula(text) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_formula(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let number_like = |c: char| c.is_ascii_digit() || " ().,-/".contains(c);
    match first {
        '=' | '@' | '\t' | '\r' => true,
        '+' | '-' => !text.chars().skip(1).all(number_like),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_disarmed_and_a_phone_number_is_not() {
        let shown = |text: &str| cell(&Value::from(text));
        for formula in ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\t=1"] {
            assert_eq!(shown(formula), format!("'{formula}"));
        }
        for plain in ["", "Ada", "+44 20 7946 0123", "-5", "a=b", "+1 (202) 555-0100"] {
            assert_eq!(shown(plain), plain);
        }
    }
}
