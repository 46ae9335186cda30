//! The operators' command line: migrations, people, workspaces, demo data, checks.
//!
//! It holds no rule of business: a command gathers its input, calls a use case of the domain and
//! shows the outcome. It may depend on everything that the server may. To add a command: its flags
//! in `cli.rs`, a file in `commands/`, a line in [`commands::run`], and a step in the story that
//! `tests/` tells.

mod ask;
mod cli;
mod commands;
mod failure;
mod output;
mod password;
mod present;
mod session;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::output::Output;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    let output = Output::new(cli.json);
    match commands::run(cli, &output).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.fail(&failure);
            failure.exit_code()
        }
    }
}

/// Help and the version are asked for in the same way as nonsense: by an error of the parser.
fn not_understood(error: &clap::Error) -> ExitCode {
    // The flags were not understood as a whole, so look for this one by hand.
    let json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && json {
        let failure = Failure::usage(error.render().to_string().trim_end());
        Output::new(true).fail(&failure);
        return failure.exit_code();
    }
    // Nobody is left to tell when the output is closed.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
