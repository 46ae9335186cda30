//! What the server needs before anybody asks it for anything: time to start, memory at rest.

use serde_json::json;

use crate::Result;
use crate::place::Place;
use crate::process::pause;
use crate::report::{Report, Section};
use crate::stats::Spread;

/// Starts it on SQLite several times; then reads its memory.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let mut seconds = Vec::new();
    for _ in 1..place.plan.starts {
        seconds.push(place.server_on_sqlite().start()?.ready_after.as_secs_f64());
    }
    let server = place.server_on_sqlite().start()?;
    seconds.push(server.ready_after.as_secs_f64());
    pause(place.plan.rest);
    let (memory, start) = (server.process.resident()?, Spread::of(seconds));
    report.at_most("start on SQLite to first good answer, s", start.median, 1.0);
    report.at_most("memory at rest on SQLite, MiB", memory, 40.0);
    report.add(Section {
        key: "start",
        title: "Starting on the existing SQLite database".to_owned(),
        header: vec!["start to first good answer, s (min – median – max)", "RSS at rest, MiB"],
        rows: vec![vec![format!("{start:.3}"), format!("{memory:.1}")]],
        notes: Vec::new(),
        data: json!({ "seconds": start.json(), "memory_mib": memory }),
    });
    Ok(())
}
