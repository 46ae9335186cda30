//! The commands, one file each.

mod audit;
mod billing;
mod completions;
mod createsuperuser;
mod demo_data;
mod doctor;
mod jobs;
mod leaving;
mod mail;
mod migrate;
mod openapi;
mod org;
mod plan;
mod user;

use crate::cli::{Cli, Command};
use crate::failure::Result;
use crate::output::Output;
use crate::session::configure;

/// Does what was typed.
///
/// # Errors
/// When it could not be done.
pub async fn run(cli: Cli, output: &Output) -> Result<()> {
    let config = || configure(&cli.config);
    match cli.command {
        Command::Migrate => migrate::run(&config()?, output).await,
        Command::Createsuperuser(args) => createsuperuser::run(&config()?, args, output).await,
        Command::User(command) => user::run(&config()?, command, output).await,
        Command::Org(command) => org::run(&config()?, command, output).await,
        Command::Plan(command) => plan::run(&config()?, command, output).await,
        Command::Audit(command) => audit::run(&config()?, command, output).await,
        Command::Feature(command) => billing::feature(&config()?, command, output).await,
        Command::Override(command) => billing::exception(&config()?, command, output).await,
        Command::Jobs(command) => jobs::run(&config()?, command, output).await,
        Command::Mail(command) => mail::run(&config()?, command, output).await,
        Command::DemoData(args) => demo_data::run(&config()?, args, output).await,
        // Nothing of these depends on the configuration, so that a broken one does not matter.
        Command::Openapi(args) => openapi::run(&args, output),
        Command::Completions(args) => completions::run(&args, output),
        // Whether there is one is its first question.
        Command::Doctor => doctor::run(config(), output).await,
    }
}
