//! What can be typed: commands, flags and their help.

mod billing;
mod jobs;
mod org;
mod people;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use infra_runtime::config::ConfigArgs;

pub use billing::{Decision, Feature, FeatureSet, Override, OverrideSet, Plan, PlanSet};
pub use jobs::Jobs;
pub use org::Org;
pub use people::{CreateSuperuser, CreateUser, PasswordArgs, PersonArgs, User};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the operation failed, or doctor found a problem
  2  wrong usage: an unknown flag, a missing value, a refused configuration

With --json the outcome is one JSON document on standard output, and an error is
{\"error\": {\"code\", \"message\", …}} on standard error. Log lines also go to standard
error: warnings only, unless log_level is set.

Examples:
  crm-admin migrate
  crm-admin createsuperuser --email ops@example.com
  crm-admin --config /etc/simplycrm.toml doctor";

/// SimplyCRM's command line for operators.
///
/// It works on the same database and reads the same configuration as the server.
#[derive(Debug, Parser)]
#[command(name = "crm-admin", version, after_help = EXIT_CODES)]
#[command(arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// Print one JSON document instead of text for people
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// What the configuration is read from.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the migrations that are missing
    ///
    /// On PostgreSQL they run as the role of CRM_DATABASE_OWNER_URL, which owns the tables. The
    /// role of CRM_DATABASE_URL, which the server connects as, is made if it is missing and is
    /// allowed to use the tables. On SQLite the file is made if it is missing; there every other
    /// command runs missing migrations too, as the server does.
    #[command(after_help = "\
Examples:
  crm-admin migrate
  CRM_DATABASE_OWNER_URL=postgres://owner:…@db/crm \\
  CRM_DATABASE_URL=postgres://crm_app:…@db/crm crm-admin migrate")]
    Migrate,

    /// Register a member of the platform's staff
    ///
    /// Superusers belong to the platform's own workspace. On a terminal, what is missing is asked for.
    #[command(after_help = "\
Examples:
  crm-admin createsuperuser
  crm-admin createsuperuser --email ops@example.com --generate-password
  crm-admin createsuperuser --email ops@example.com --password-stdin < password.txt")]
    Createsuperuser(CreateSuperuser),

    /// People: list, register, let in and keep out
    #[command(subcommand)]
    User(User),

    /// Workspaces: list, found, show, put on a plan
    #[command(subcommand)]
    Org(Org),

    /// Plans: list, change, decide who gets another one
    #[command(subcommand)]
    Plan(Plan),

    /// Features: list, add, change which plans include them
    #[command(subcommand)]
    Feature(Feature),

    /// What a workspace has otherwise than its plan says: features, limits
    #[command(subcommand)]
    Override(Override),

    /// The audit trails: seal them, look whether anything was changed
    #[command(subcommand)]
    Audit(Audit),

    /// Background jobs: list, show, try again, stop; what happens by the clock
    #[command(subcommand)]
    Jobs(Jobs),

    /// Mail: try the mail server
    #[command(subcommand)]
    Mail(Mail),

    /// Make the workspace for demonstrations, and print who can sign in
    ///
    /// Three members, companies and contacts, and the two years until yesterday of a business that
    /// sells for garden, camping and winter: products with promotions and stock, leads, deals, orders,
    /// shipments, invoices and payments, in a workspace named "demo". That takes a minute or so. One
    /// that exists is left alone, so the command can be repeated; one that was interrupted is not
    /// completed: delete it with `org delete demo` first. Everybody knows the members' password: do
    /// not load them where real data is. Outside of development the command asks first.
    #[command(after_help = "\
Examples:
  crm-admin demo-data
  crm-admin demo-data --small --yes --json")]
    DemoData(DemoData),

    /// Print the OpenAPI document of the API
    #[command(after_help = "\
Examples:
  crm-admin openapi > openapi.json
  crm-admin openapi --format yaml --output openapi.yaml")]
    Openapi(Openapi),

    /// Check configuration, files, Redis, mail server and database, and say how to mend them
    ///
    /// Changes nothing: missing migrations are reported, not run. Exits with 1 when there is a
    /// problem; warnings and hints leave it at 0.
    #[command(after_help = "\
Examples:
  crm-admin doctor
  crm-admin doctor --json | jq '.checks[] | select(.status != \"ok\")'")]
    Doctor,

    /// Print a shell's completion script
    #[command(after_help = "\
Examples:
  crm-admin completions bash > /etc/bash_completion.d/crm-admin
  crm-admin completions zsh > ~/.zfunc/_crm-admin
  crm-admin completions fish > ~/.config/fish/completions/crm-admin.fish")]
    Completions(Completions),
}

/// The audit trails.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Look whether every entry is as it was sealed, and name those that are not
    ///
    /// Exits with 1 when something was changed. With --json it shows the heads of the chains: kept
    /// elsewhere, they prove later that not even the seals were made anew (--against).
    #[command(after_help = "\
Examples:
  crm-admin audit verify
  crm-admin audit verify --org acme
  crm-admin audit verify --json > heads.json
  crm-admin audit verify --against heads.json")]
    Verify {
        /// Only this workspace, by its name in addresses
        #[arg(long, value_name = "SLUG")]
        org: Option<String>,
        /// What `audit verify --json` has shown before
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Seal what was committed, without waiting for the server's next turn
    #[command(after_help = "\
Examples:
  crm-admin audit seal")]
    Seal,
}

/// `mail`.
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Send one message now, and say what became of it
    #[command(after_help = "\
Examples:
  crm-admin mail test ops@example.com")]
    Test {
        /// Where it goes
        #[arg(value_name = "ADDRESS")]
        address: String,
    },
}

/// `demo-data`.
#[derive(Debug, Args)]
pub struct DemoData {
    /// Make little, of two months: enough for a test, in a second
    #[arg(long)]
    pub small: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// `openapi`.
#[derive(Debug, Args)]
pub struct Openapi {
    /// How the document is written
    #[arg(long, value_enum, default_value_t)]
    pub format: DocumentFormat,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum DocumentFormat {
    /// JSON.
    #[default]
    Json,
    /// YAML.
    Yaml,
}

/// `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_contradict_nothing() {
        Cli::command().debug_assert();
    }
}
