//! Every contact in one answer: how fast, and what it costs in memory.

use serde_json::json;

use crate::Result;
use crate::http::Client;
use crate::place::Place;
use crate::report::{Report, Section};
use crate::statements::{Literal, Statement};
use crate::stats::per_second;
use crate::trade::direct::{Direct, Run};

/// What the server's memory may grow by, in MiB.
const WANTED: f64 = 100.0;

const FORMATS: [&str; 2] = ["ndjson", "csv"];

/// Exports on both databases, beside reading the same rows in one statement.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let trade = place.trade()?;
    let ask = |client: &mut Client| {
        client.get("/api/contacts/?page_size=20&cursor=")?.expect(200).map(drop)
    };
    let all = without_end(trade.record(place, |recorder| recorder.statements_of(ask))?);
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for (side, mut direct) in trade.both(place).into_iter().zip(trade.directly()?) {
        let limit = limit(&mut direct, &all)?;
        for format in FORMATS {
            let server = side.launch.start()?;
            ask(&mut server.client(&side.member.token)?)?;
            let before = server.process.resident()?;
            server.process.forget_peak()?;
            let mut found = 0;
            let took = server
                .client(&side.member.token)?
                .stream(&format!("/api/contacts/?format={format}"), |piece| {
                    found += piece.iter().filter(|byte| **byte == b'\n').count()
                })?;
            // In CSV the names of the columns are a line.
            found -= usize::from(format == "csv");
            if i64::try_from(found)? != trade.size.contacts {
                return Err(format!("{found} of {} contacts came", trade.size.contacts).into());
            }
            let grown = server.process.peak()? - before;
            let rate = per_second(found, took);
            let name = format!("{}, {format}", side.name);
            report.at_most(&format!("export on {name}: memory grows by, MiB"), grown, WANTED);
            rows.push(vec![
                name,
                format!("{rate:.0}"),
                format!("{limit:.0}"),
                format!("{:.2}", rate / limit),
                format!("{before:.1}"),
                format!("{grown:.1}"),
            ]);
            data.push(json!({
                "database": side.name, "format": format, "rows_per_second": rate,
                "statement_alone_rows_per_second": limit, "memory_before_mib": before,
                "memory_grows_by_mib": grown,
            }));
        }
    }
    report.add(Section {
        key: "exports",
        title: format!("Export of {} contacts in one answer", trade.size.contacts),
        header: vec![
            "",
            "rows/s",
            "one statement alone, rows/s",
            "ratio",
            "RSS before, MiB",
            "grows by",
        ],
        rows,
        notes: vec!["Growth is that of the peak (VmHWM) over what was held before.".to_owned()],
        data: json!(data),
    });
    Ok(())
}

/// Rows a second that the database gives.
fn limit(direct: &mut Direct<'_>, all: &[Statement]) -> Result<f64> {
    let Run { took, rows } = direct.run(all)?;
    Ok(per_second(rows, took))
}

/// The statements of a page, for all rows.
fn without_end(statements: Vec<Statement>) -> Vec<Statement> {
    let without = |statement| match statement {
        Statement::Prepared(sql, values) => {
            // One more than 20, which tells that there are more.
            let all = values.into_iter().map(|value| match value {
                Literal::Integer(21) => Literal::Integer(i64::MAX),
                other => other,
            });
            Statement::Prepared(sql, all.collect())
        }
        plain @ Statement::Plain(_) => plain,
    };
    statements.into_iter().map(without).collect()
}
