//! Processes that are killed in the middle of jobs, with the default lease.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use system_tests::interrupted::{Report as Found, Trial};

use crate::Result;
use crate::place::Place;
use crate::report::{Report, Section};

/// Within this an interrupted job runs again.
const RESUMES_WITHIN: Duration = Duration::from_secs(30);

/// A database, and the processes that are killed on it.
struct Killed<'a> {
    name: &'static str,
    url: &'a str,
    arguments: &'static [&'static str],
    processes: usize,
}

/// Kills workers on Postgres and the server on SQLite.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let all = [
        Killed {
            name: "Postgres, three workers",
            url: place.postgres_url(),
            arguments: &["worker"],
            processes: 3,
        },
        Killed {
            name: "SQLite, the server",
            url: place.sqlite_url(),
            arguments: &[],
            processes: 1,
        },
    ];
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for killed in all {
        let folder = place.scratch(if killed.processes == 1 { "killed-1" } else { "killed-3" });
        std::fs::create_dir_all(&folder)?;
        let found = killed.run(place, &folder)?;
        let resume = found.slowest_resume.as_secs_f64();
        report.at_most(&format!("{}: jobs lost", killed.name), count(found.lost), 0.0);
        report.at_most(&format!("{}: jobs done twice", killed.name), count(found.repeated), 0.0);
        report.at_most(
            &format!("{}: slowest resume, s", killed.name),
            resume,
            RESUMES_WITHIN.as_secs_f64(),
        );
        let Found { jobs, kills, interrupted, lost, repeated, .. } = found;
        let mut row = vec![killed.name.to_owned()];
        row.extend([jobs, kills, interrupted, lost, repeated].map(|number| number.to_string()));
        row.push(format!("{resume:.1}"));
        rows.push(row);
        data.push(json!({
            "name": killed.name, "jobs": jobs, "kills": kills, "interrupted": interrupted,
            "lost": lost, "repeated": repeated, "slowest_resume_seconds": resume,
        }));
    }
    report.add(Section {
        key: "interrupted",
        title: "Processes killed (SIGKILL) in the middle of jobs, lease of 15 s".to_owned(),
        header: vec!["", "jobs", "kills", "interrupted", "lost", "done twice", "slowest resume, s"],
        rows,
        notes: Vec::new(),
        data: Value::from(data),
    });
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
fn count(number: usize) -> f64 {
    number as f64
}

impl Killed<'_> {
    fn run(&self, place: &Place, folder: &Path) -> Result<Found> {
        let set = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let environment = vec![
            set("CRM_DATABASE_URL", self.url),
            set("CRM_DATA_DIR", &folder.display().to_string()),
            set("CRM_LISTEN", "127.0.0.1:0"),
        ];
        let trial = Trial {
            program: place.counting_server(),
            arguments: self.arguments,
            environment,
            processes: self.processes,
            kills: place.plan.kills,
            folder,
        };
        Ok(tokio::runtime::Runtime::new()?.block_on(trial.run()))
    }
}
