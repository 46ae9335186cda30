//! `completions`: a shell's completion script.

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions};
use crate::failure::{Failure, Result};
use crate::output::Output;

/// Prints the script; it is no JSON, whatever the flags say.
pub fn run(args: &Completions, output: &Output) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "crm-admin", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| Failure::new("internal", format!("the script is not text: {error}")))?;
    output.print(&script)
}
