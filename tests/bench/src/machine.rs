//! What it ran on.

use std::process::Command;

use crate::Result;
use crate::place::Place;
use crate::process::output;

/// Names and values for the head of the report.
pub(crate) fn describe(place: &Place) -> Result<Vec<(&'static str, String)>> {
    let cpus = std::thread::available_parallelism()?;
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    // wrk prints its version and its usage, and fails.
    let wrk = Command::new("wrk").arg("--version").output()?.stdout;
    let wrk = String::from_utf8_lossy(&wrk);
    let wrk = wrk.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let rust = output(Command::new("rustc").arg("--version"))?.trim().to_owned();
    Ok(vec![
        ("sources", place.revision.clone()),
        ("processors", format!("{cpus} × {}", processor()?)),
        ("load before", load),
        ("PostgreSQL", place.postgres.version()?),
        ("wrk", wrk),
        ("Rust", rust),
        ("connections", place.plan.connections.to_string()),
        ("rounds", format!("{} of {} s", place.plan.rounds, place.plan.turn.as_secs())),
    ])
}

fn processor() -> Result<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo")?;
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, name)| name);
    Ok(name.to_owned())
}
