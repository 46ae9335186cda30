//! Background work: `jobs`.

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use domain_jobs::State;

/// `jobs`.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// List jobs of all workspaces, the newest first
    #[command(after_help = "\
Examples:
  crm-admin jobs list --state dead
  crm-admin jobs list --org acme --kind mail.send --json")]
    List {
        /// Only those in this state
        #[arg(long, value_name = "STATE", value_parser = state())]
        state: Option<State>,
        /// Only those of this kind
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Only those of this workspace
        #[arg(long, value_name = "SLUG")]
        org: Option<String>,
        /// At most so many
        #[arg(long, value_name = "NUMBER", default_value_t = 50,
            value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// Show a job: how far it is, what it gave, what went wrong
    #[command(after_help = "\
Examples:
  crm-admin jobs show 4711")]
    Show {
        /// The job
        id: i64,
    },
    /// Let a dead, cancelled or waiting job run at once, with all its attempts again
    #[command(after_help = "\
Examples:
  crm-admin jobs retry 4711
  crm-admin jobs list --state dead --json | jq '.jobs[].id' | xargs -n 1 crm-admin jobs retry")]
    Retry {
        /// The job
        id: i64,
    },
    /// Stop a job that waits or runs, or let go of a dead one
    ///
    /// One that runs is stopped at its next sign of life, and changes nothing any more.
    #[command(after_help = "\
Examples:
  crm-admin jobs cancel 4711")]
    Cancel {
        /// The job
        id: i64,
    },
    /// List what happens by the clock, when it did last and will next
    #[command(after_help = "\
Examples:
  crm-admin jobs schedules")]
    Schedules,
}

/// Reads a state by its code; help and errors list the codes.
fn state() -> impl TypedValueParser<Value = State> {
    PossibleValuesParser::new(State::ALL.map(State::code))
        .try_map(|code| State::from_code(&code).ok_or("no such state"))
}
