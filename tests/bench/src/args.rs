//! What the program is told, and how long it measures.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures the server.
#[derive(Parser)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to be.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Measures everything.
    Run(Options),
    /// Serves lists without anything around them; told what by a JSON document on its input.
    Bare,
}

/// Where everything is.
#[derive(Args)]
pub(crate) struct Options {
    /// The program to measure.
    #[arg(long)]
    pub(crate) server: PathBuf,
    /// The same with a kind of job that can be interrupted.
    #[arg(long)]
    pub(crate) counting_server: PathBuf,
    /// The running Postgres cluster: a directory with its password, port and log.
    #[arg(long)]
    pub(crate) cluster: PathBuf,
    /// The directory of Postgres's programs.
    #[arg(long)]
    pub(crate) programs: PathBuf,
    /// A directory for the SQLite database and scratch files.
    #[arg(long)]
    pub(crate) work: PathBuf,
    /// Where the report goes.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Which sources were built, for the report.
    #[arg(long, default_value = "")]
    pub(crate) revision: String,
    /// Only tries whether everything works; the figures mean nothing.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only these parts; repeatable.
    #[arg(long, value_enum)]
    pub(crate) only: Vec<Part>,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Lists, beside the database and a bare handler.
    Lists,
    /// Pages near the end of a list.
    Pages,
    /// Creating rows.
    Creates,
    /// Signing in, beside Argon2id alone and beside other requests.
    SignIns,
    /// Starting, and memory at rest.
    Start,
    /// Processes that are killed in the middle of jobs.
    Interrupted,
    /// Lists of a million contacts and what they buy, by every filter that an index serves.
    Filters,
    /// Orders with their lines: how many statements reading and making them takes.
    Orders,
    /// The dashboard.
    Overview,
    /// A million contacts in one answer.
    Exports,
    /// Contacts from a spreadsheet.
    Imports,
}

/// How long and how often.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Whether it only tries.
    pub(crate) is_quick: bool,
    /// Connections to the server, and from it to Postgres.
    pub(crate) connections: usize,
    /// How often the contenders take turns.
    pub(crate) rounds: usize,
    /// One turn.
    pub(crate) turn: Duration,
    /// A turn that is not counted, before the first.
    pub(crate) warm_up: Duration,
    /// Requests one after the other, for each page.
    pub(crate) samples: usize,
    /// The same, for each list by a filter.
    pub(crate) filter_samples: usize,
    /// Rows of a spreadsheet.
    pub(crate) imported: usize,
    /// Rows that are created one after the other.
    pub(crate) creates: usize,
    /// How often the server is started.
    pub(crate) starts: usize,
    /// How often a process is killed in the middle of a job, on each database.
    pub(crate) kills: usize,
    /// How long it rests before its memory is read.
    pub(crate) rest: Duration,
}

impl Plan {
    pub(crate) const fn of(quick: bool) -> Self {
        let (turn, warm_up, rest) = if quick { (1, 1, 1) } else { (5, 2, 5) };
        Self {
            is_quick: quick,
            connections: 8,
            rounds: if quick { 1 } else { 3 },
            turn: Duration::from_secs(turn),
            warm_up: Duration::from_secs(warm_up),
            samples: if quick { 20 } else { 200 },
            filter_samples: if quick { 5 } else { 40 },
            imported: if quick { 1_000 } else { 100_000 },
            creates: if quick { 20 } else { 300 },
            starts: if quick { 1 } else { 5 },
            kills: if quick { 5 } else { 200 },
            rest: Duration::from_secs(rest),
        }
    }
}
