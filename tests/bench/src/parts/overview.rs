//! How long the dashboard takes.

use serde_json::json;

use crate::Result;
use crate::place::Place;
use crate::report::{Report, Section};
use crate::stats::{median, milliseconds, quantile};

const PATH: &str = "/api/dashboard/overview/";
/// What it stays below, in milliseconds.
const WANTED: f64 = 100.0;

/// Asks for it on both databases, in turns with its statements alone.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let trade = place.trade()?;
    let statements = trade.record(place, |recorder| {
        recorder.statements_of(|client| client.get(PATH)?.expect(200).map(drop))
    })?;
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for (side, mut direct) in trade.both(place).into_iter().zip(trade.directly()?) {
        let server = side.launch.start()?;
        let mut client = server.client(&side.member.token)?;
        let (mut served, mut alone) = (Vec::new(), Vec::new());
        for _ in 0..place.plan.samples {
            let answer = client.get(PATH)?;
            answer.expect(200)?;
            served.push(milliseconds(answer.took));
            alone.push(milliseconds(direct.run(&statements)?.took));
        }
        let both =
            |took: &[f64]| (median(took.iter().copied()), quantile(took.iter().copied(), 0.95));
        let ((p50, p95), (limit, limit_p95)) = (both(&served), both(&alone));
        report.at_most(&format!("overview on {}: p95, ms", side.name), p95, WANTED);
        let mut row = vec![side.name.to_owned()];
        row.extend([p50, p95, limit, limit_p95].map(|number| format!("{number:.2}")));
        rows.push(row);
        data.push(json!({
            "database": side.name, "median_ms": p50, "p95_ms": p95,
            "statements_alone_median_ms": limit, "statements_alone_p95_ms": limit_p95,
        }));
    }
    report.add(Section {
        key: "overview",
        title: "The dashboard, one request after the other".to_owned(),
        header: vec!["", "median ms", "p95 ms", "its statements alone, median ms", "p95 ms"],
        rows,
        notes: vec![format!("Over {}; {} statements.", trade.described(), statements.len() - 2)],
        data: json!(data),
    });
    Ok(())
}
