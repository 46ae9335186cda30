//! `createsuperuser`: registers a member of the platform's staff.

use infra_runtime::OsRandom;
use infra_runtime::config::Config;

use crate::cli::CreateSuperuser;
use crate::commands::user::{draft, show_new};
use crate::failure::Result;
use crate::output::Output;
use crate::password::NewPassword;
use crate::session::open_or_make;

/// Registers them.
pub async fn run(config: &Config, args: CreateSuperuser, output: &Output) -> Result<()> {
    let person = draft(args.person)?;
    let password = NewPassword::obtain(&args.password, &OsRandom)?;
    let application = open_or_make(config).await?;
    let person = application.accounts.create_superuser(person, &password.text).await?;
    show_new(output, &person, "Registered the superuser", &password)
}
