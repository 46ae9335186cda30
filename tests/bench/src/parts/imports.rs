//! Contacts from a spreadsheet, beside inserting as many without a server.

use std::fmt::Write as _;

use serde_json::json;

use crate::Result;
use crate::place::Place;
use crate::report::{Report, Section};
use crate::stats::per_second;
use crate::trade::Dialect;

/// Rows a second at least.
const WANTED: f64 = 5_000.0;
/// What a spreadsheet may have, in bytes.
const LARGEST: usize = 10_000_000;
/// Rows of one bare statement.
const ROWS: usize = 500;
const BOUNDARY: &str = "between-two-parts-of-the-bench";

/// Imports on both databases.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let trade = place.trade()?;
    let count = place.plan.imported;
    let body = body(count)?;
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for (side, mut direct) in trade.both(place).into_iter().zip(trade.directly()?) {
        let bare = bare_inserts(side.member.workspace, count, side.dialect);
        let limit = per_second(count, direct.write(side.member.workspace, &bare)?);
        let server = side.launch.start()?;
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let answer = server.client(&side.member.token)?.post_as(
            "/api/data-import/",
            &kind,
            body.as_bytes(),
        )?;
        let outcome = answer.expect(200)?;
        if outcome["created"] != count {
            return Err(format!("of {count} contacts came: {outcome}").into());
        }
        let rate = per_second(count, answer.took);
        report.at_least(&format!("import on {}: rows/s", side.name), rate, WANTED);
        rows.push(vec![
            side.name.to_owned(),
            format!("{rate:.0}"),
            format!("{limit:.0}"),
            format!("{:.2}", rate / limit),
        ]);
        data.push(json!({
            "database": side.name, "rows_per_second": rate, "bare_inserts_per_second": limit,
        }));
    }
    report.add(Section {
        key: "imports",
        title: format!("Import of {count} contacts, beside {}", trade.described()),
        header: vec!["", "rows/s", "bare inserts, rows/s", "ratio"],
        rows,
        notes: vec![format!(
            "Bare inserts are statements of {ROWS} rows in one transaction: no look-ups, no audit \
             entries, no events."
        )],
        data: json!(data),
    });
    Ok(())
}

/// The form with the spreadsheet.
fn body(count: usize) -> Result<String> {
    let mut sheet = "first_name,last_name,email,phone_number\r\n".to_owned();
    for row in 0..count {
        write!(
            sheet,
            "Rosalind,Importer{row},importer{row}@harbour.example,+1 555 0199 {row}\r\n"
        )?;
    }
    if sheet.len() > LARGEST {
        return Err(format!("the spreadsheet has {} bytes", sheet.len()).into());
    }
    Ok(format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"resource\"\r\n\r\ncontacts\r\n\
        --{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"contacts.csv\"\r\n\
        content-type: text/csv\r\n\r\n{sheet}\r\n--{BOUNDARY}--\r\n"
    ))
}

/// The same contacts under other names, as statements of many rows.
fn bare_inserts(workspace: i64, count: usize, dialect: Dialect) -> Vec<String> {
    let moment = dialect.moment("1767225600");
    let row = |row: usize| {
        let (last, email) = (format!("Inserted{row}"), format!("inserted{row}@harbour.example"));
        format!(
            "({workspace}, 1, {moment}, {moment}, 'Rosalind', 'rosalind', '{last}', '{}', \
            '{email}', '{email}', '+1 555 0198 {row}', '+1 555 0198 {row}', '[]')",
            last.to_lowercase()
        )
    };
    let all: Vec<String> = (0..count).map(row).collect();
    let insert = |rows: &[String]| {
        format!(
            "INSERT INTO contacts (organization_id, version, created_at, updated_at, first_name, \
            first_name_folded, last_name, last_name_folded, email, email_folded, phone_number, \
            phone_number_folded, tags) VALUES {}",
            rows.join(", ")
        )
    };
    all.chunks(ROWS).map(insert).collect()
}
