//! What a check found.

use serde_json::{Value, json};

use crate::failure::Result;
use crate::output::{Output, clean};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// As it should be; perhaps with a hint.
    Ok,
    /// It works, but should not stay so.
    Warning,
    /// It does not work or is not safe.
    Problem,
}

/// What a check found, and how to mend it.
#[derive(Debug)]
pub struct Check {
    status: Status,
    /// For scripts: a word that stays the same.
    name: &'static str,
    message: String,
    remedy: Option<String>,
}

impl Check {
    /// Something is as it should be.
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { status: Status::Ok, name, message: message.into(), remedy: None }
    }

    /// Something works but should be changed.
    pub fn warning(
        name: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { status: Status::Warning, ..Self::ok(name, message).hint(remedy) }
    }

    /// Something does not work or is not safe.
    pub fn problem(
        name: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { status: Status::Problem, ..Self::ok(name, message).hint(remedy) }
    }

    /// The same with what one could do.
    pub fn hint(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// Whether it does not work or is not safe.
    pub fn is_problem(&self) -> bool {
        self.status == Status::Problem
    }

    fn json(&self) -> Value {
        let Self { status, name, message, remedy } = self;
        json!({ "check": name, "status": status.code(), "message": message, "remedy": remedy })
    }

    fn text(&self) -> String {
        let line = format!("{:8} {:14} {}", self.status.code(), self.name, clean(&self.message));
        match &self.remedy {
            Some(remedy) => format!("{line}\n{:23} → {}", "", clean(remedy)),
            None => line,
        }
    }
}

impl Status {
    const fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// Shows all that was found.
///
/// # Errors
/// When standard output cannot be written.
pub fn show(checks: &[Check], output: &Output) -> Result<()> {
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let (problems, warnings) = (count(Status::Problem), count(Status::Warning));
    let found: Vec<Value> = checks.iter().map(Check::json).collect();
    output.show(&json!({ "ok": problems == 0, "checks": found }), || {
        let mut lines: Vec<String> = checks.iter().map(Check::text).collect();
        lines.push(match (problems, warnings) {
            (0, 0) => "\nAll is well.".to_owned(),
            _ => format!("\nProblems: {problems}. Warnings: {warnings}."),
        });
        lines.join("\n")
    })
}
