//! What a refused configuration tells its author: which key, given where, and why.

use std::fmt;
use std::path::PathBuf;

/// The configuration was refused; every problem found in one load is listed.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {}", list(.problems))]
pub struct ConfigError {
    /// At least one problem, in the order they were found.
    pub problems: Vec<Problem>,
}

/// One refused or unknown setting. The text never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting's key, or the unknown name as it was written.
    pub key: String,
    /// Where the refused value came from.
    pub source: Source,
    /// What is wrong and what would be right, without the key.
    pub message: String,
}

/// Where a setting's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Built in, or derived from other settings.
    Default,
    /// A configuration file.
    File {
        /// The path as it was given.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The environment variable of this name.
    Env(String),
    /// The command-line flag of this name, with its dashes.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(out, "default"),
            Self::File { path, line } => write!(out, "{}:{line}", path.display()),
            Self::Env(name) => write!(out, "environment {name}"),
            Self::Flag(name) => write!(out, "flag {name}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({}): {}", self.key, self.source, self.message)
    }
}

fn list(problems: &[Problem]) -> String {
    let count = match problems.len() {
        1 => "a problem".to_owned(),
        many => format!("{many} problems"),
    };
    problems.iter().fold(format!("{count}:"), |text, problem| format!("{text}\n  {problem}"))
}
