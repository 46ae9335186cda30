//! `bench`: how fast the server is, beside what it stands on.
//!
//! Started by `tests/bench/run`, which brings Postgres and the tools. It makes a workspace of
//! 100,000 contacts on each database, measures, and says which target is met. All traffic stays on
//! the loopback address. To add a measurement: a file in `parts` with a function that takes the
//! [`Place`], adds a section to the [`Report`], and is called below.

mod args;
mod bare;
mod data;
mod fragment;
mod http;
mod load;
mod machine;
mod parts;
mod place;
mod postgres;
mod process;
mod report;
mod row;
mod server;
mod sqlite;
mod statements;
mod stats;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command, Options, Plan};
use place::Place;
use report::Report;

/// What can fail here ends the run; the message is for whoever started it.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(options) => run(&options),
        Command::Bare => bare::serve(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let plan = Plan::of(options.quick);
    let place = Place::prepare(options, plan)?;
    let mut report = Report::new(machine::describe(&place)?);
    parts::lists::on_postgres(&place, &mut report)?;
    parts::lists::on_sqlite(&place, &mut report)?;
    parts::pages::measure(&place, &mut report)?;
    parts::creates::measure(&place, &mut report)?;
    parts::sign_ins::measure(&place, &mut report)?;
    parts::start::measure(&place, &mut report)?;
    parts::interrupted::measure(&place, &mut report)?;
    report.finish(&options.out)
}
