//! `bench`: how fast the server is, beside what it stands on.
//!
//! Started by `tests/bench/run`, which brings Postgres and the tools. It makes a workspace of
//! 100,000 contacts on each database, and for some parts one of a million ([`trade`]), measures, and
//! says which target is met. All traffic stays on the loopback address. To add a measurement: a file in `parts` with a function that takes the
//! [`Place`], adds a section to the [`Report`], and is named by a [`Part`].

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
mod trade;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser as _, ValueEnum as _};

use args::{Cli, Command, Options, Part, Plan};
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

fn measure(part: Part, place: &Place, report: &mut Report) -> Result<()> {
    match part {
        Part::Lists => {
            parts::lists::on_postgres(place, report)?;
            parts::lists::on_sqlite(place, report)
        }
        Part::Pages => parts::pages::measure(place, report),
        Part::Creates => parts::creates::measure(place, report),
        Part::SignIns => parts::sign_ins::measure(place, report),
        Part::Start => parts::start::measure(place, report),
        Part::Interrupted => parts::interrupted::measure(place, report),
        Part::Filters => parts::filters::measure(place, report),
        Part::Orders => parts::orders::measure(place, report),
        Part::Overview => parts::overview::measure(place, report),
        Part::Exports => parts::exports::measure(place, report),
        Part::Imports => parts::imports::measure(place, report),
    }
}

fn run(options: &Options) -> Result<()> {
    let plan = Plan::of(options.quick);
    let place = Place::prepare(options, plan)?;
    let mut report = Report::new(machine::describe(&place)?);
    for part in Part::value_variants() {
        if options.only.is_empty() || options.only.contains(part) {
            measure(*part, &place, &mut report)?;
        }
    }
    let missed = report.finish(&options.out)?;
    // One that only tries measures too little to judge by.
    if missed > 0 && !plan.is_quick {
        return Err(format!("{missed} targets were missed").into());
    }
    Ok(())
}
