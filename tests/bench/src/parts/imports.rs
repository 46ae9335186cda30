//! Contacts from a spreadsheet, beside inserting as many without a server.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use crate::Result;
use crate::place::Place;
use crate::report::{Report, Section};
use crate::server::{Member, Server};
use crate::stats::per_second;
use crate::trade::Dialect;

/// Rows a second at least.
const WANTED: f64 = 5_000.0;
/// What a spreadsheet may have, in bytes.
const LARGEST: usize = 10_000_000;
/// Rows of one bare statement.
const ROWS: usize = 500;
/// Companies that the rows name.
const COMPANIES: usize = 500;
const BOUNDARY: &str = "between-two-parts-of-the-bench";

/// Imports on both databases: into the workspace that trades, and into a new one, of which the database has no
/// statistics; there the same file comes again, so that each row finds its contact, and then one that changes
/// each.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let trade = place.trade()?;
    let count = place.plan.imported;
    let (body, changed) = (body(count, "0199")?, body(count, "0200")?);
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for (side, mut direct) in trade.both(place).into_iter().zip(trade.directly()?) {
        let bare = bare_inserts(side.member.workspace, count, side.dialect);
        let limit = per_second(count, direct.write(side.member.workspace, &bare)?);
        let server = side.launch.start()?;
        let newcomer = server.register("newcomer")?;
        for (into, member, body, outcome) in [
            ("the workspace", side.member, &body, "created"),
            ("a new workspace", &newcomer, &body, "created"),
            ("it, the same again", &newcomer, &body, "skipped"),
            ("it, with other numbers", &newcomer, &changed, "updated"),
        ] {
            let rate = per_second(count, import(&server, member, body, (outcome, count))?);
            report.at_least(&format!("import into {into} on {}: rows/s", side.name), rate, WANTED);
            rows.push(vec![
                side.name.to_owned(),
                into.to_owned(),
                format!("{rate:.0}"),
                format!("{limit:.0}"),
                format!("{:.2}", rate / limit),
            ]);
            data.push(json!({
                "database": side.name, "into": into, "rows_per_second": rate,
                "bare_inserts_per_second": limit,
            }));
        }
    }
    report.add(Section {
        key: "imports",
        title: format!("Import of {count} contacts, beside {}", trade.described()),
        header: vec!["", "into", "rows/s", "bare inserts, rows/s", "ratio"],
        rows,
        notes: vec![format!(
            "Each contact has one of {COMPANIES} companies. Bare inserts are statements of {ROWS} \
             rows in one transaction: no look-ups, no audit entries, no events."
        )],
        data: json!(data),
    });
    Ok(())
}

/// Sends the form; how long it took until all rows had their outcome.
fn import(
    server: &Server,
    member: &Member,
    body: &str,
    (outcome, count): (&str, usize),
) -> Result<Duration> {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let path = "/api/data-import/";
    let answer = server.client(&member.token)?.post_as(path, &kind, body.as_bytes())?;
    let found = answer.expect(200)?;
    if found[outcome] != count {
        return Err(format!("of {count} contacts these were {outcome}: {found}").into());
    }
    Ok(answer.took)
}

/// The form with the spreadsheet; the contacts have telephones of an exchange.
fn body(count: usize, exchange: &str) -> Result<String> {
    let mut sheet = "first_name,last_name,email,phone_number,company,tags\r\n".to_owned();
    for row in 0..count {
        write!(
            sheet,
            "Rosalind,Importer{row},importer{row}@harbour.example,+1 555 {exchange} {row},\
             Harbour Works {},customer\r\n",
            row % COMPANIES
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
