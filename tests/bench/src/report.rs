//! What was found: printed as it comes, and kept as Markdown and as JSON.

use std::fmt::Write as _;
use std::path::Path;

use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::Result;

/// Everything that was found.
pub(crate) struct Report {
    about: Vec<(&'static str, String)>,
    text: String,
    sections: Vec<Value>,
    targets: Vec<Target>,
}

/// A table with a title.
pub(crate) struct Section {
    /// Its name in the JSON.
    pub(crate) key: &'static str,
    pub(crate) title: String,
    pub(crate) header: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) notes: Vec<String>,
    /// The same for machines.
    pub(crate) data: Value,
}

/// Something that was promised.
struct Target {
    what: String,
    wanted: String,
    found: String,
    met: bool,
}

impl Report {
    pub(crate) fn new(about: Vec<(&'static str, String)>) -> Self {
        let mut report = Self { about, text: String::new(), sections: vec![], targets: vec![] };
        report.say("# Benchmark\n");
        for (name, value) in report.about.clone() {
            report.say(&format!("- {name}: {value}"));
        }
        report
    }

    /// Adds a table.
    pub(crate) fn add(&mut self, section: Section) {
        let Section { key, title, header, rows, notes, data } = section;
        self.say(&format!("\n## {title}\n\n{}", table(&header, rows)));
        for note in &notes {
            self.say(&format!("\n{note}"));
        }
        self.sections.push(json!({ "key": key, "title": title, "notes": notes, "data": data }));
    }

    /// Adds a promise: `found` must be at least (or at most) what is wanted.
    pub(crate) fn at_least(&mut self, what: &str, found: f64, wanted: f64) {
        self.promise(what, format!("≥ {wanted}"), format!("{found:.2}"), found >= wanted);
    }

    /// As [`Report::at_least`].
    pub(crate) fn at_most(&mut self, what: &str, found: f64, wanted: f64) {
        self.promise(what, format!("≤ {wanted}"), format!("{found:.2}"), found <= wanted);
    }

    fn promise(&mut self, what: &str, wanted: String, found: String, met: bool) {
        self.targets.push(Target { what: what.to_owned(), wanted, found, met });
    }

    /// Prints the verdicts and keeps everything in a directory; how many targets were missed.
    pub(crate) fn finish(mut self, folder: &Path) -> Result<usize> {
        let verdict = |met: bool| if met { "met" } else { "MISSED" };
        let rows = self.targets.iter().map(|Target { what, wanted, found, met }| {
            vec![what.clone(), wanted.clone(), found.clone(), verdict(*met).to_owned()]
        });
        let rows = table(&["target", "wanted", "found", "verdict"], rows.collect());
        self.say(&format!("\n## Targets\n\n{rows}"));
        let targets: Vec<Value> = self
            .targets
            .iter()
            .map(|Target { what, wanted, found, met }| {
                json!({ "what": what, "wanted": wanted, "found": found, "met": met })
            })
            .collect();
        let about = self.about.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        let about: serde_json::Map<_, _> = about.collect();
        let json = json!({ "about": about, "sections": self.sections, "targets": targets });
        std::fs::write(folder.join("report.md"), &self.text)?;
        std::fs::write(folder.join("report.json"), format!("{json:#}\n"))?;
        Ok(self.targets.iter().filter(|target| !target.met).count())
    }

    fn say(&mut self, text: &str) {
        println!("{text}");
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{text}");
    }
}

fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(header.to_vec());
    table.add_rows(rows);
    table.to_string()
}
