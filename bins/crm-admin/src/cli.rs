//! What can be typed: commands, flags and their help.

mod billing;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use domain_jobs::State;
use domain_kernel::policy::Role;
use infra_runtime::config::ConfigArgs;

pub use billing::{Decision, Feature, FeatureSet, Override, OverrideSet, Plan, PlanSet};

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
    /// Companies, contacts and three members in a workspace named "demo". One that exists is
    /// left alone, so the command can be repeated. Everybody knows the members' password: do not
    /// load them where real data is. Outside of development the command asks first.
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

/// Names of a person.
#[derive(Debug, Args)]
pub struct PersonArgs {
    /// E-mail address, which one can sign in with
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Another name to sign in with [default: the e-mail address]
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// First name
    #[arg(long, value_name = "NAME")]
    pub first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "NAME")]
    pub last_name: Option<String>,
    /// Position, such as "Head of Sales"
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
}

/// Where a new password comes from; none of them is the terminal. Never a flag's value: other
/// users of the machine see those.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct PasswordArgs {
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// Make up a password and print it once
    #[arg(long)]
    pub generate_password: bool,
}

/// `createsuperuser`.
#[derive(Debug, Args)]
pub struct CreateSuperuser {
    /// Who it is.
    #[command(flatten)]
    pub person: PersonArgs,
    /// Their password.
    #[command(flatten)]
    pub password: PasswordArgs,
}

/// `user`.
#[derive(Debug, Subcommand)]
pub enum User {
    /// List people with their workspaces and roles
    #[command(after_help = "\
Examples:
  crm-admin user list
  crm-admin user list --org acme --json")]
    List {
        /// Only the members of this workspace
        #[arg(long, value_name = "SLUG")]
        org: Option<String>,
    },
    /// Register a person as a member of a workspace
    ///
    /// On a terminal, what is missing is asked for.
    #[command(after_help = "\
Examples:
  crm-admin user create --email ann@example.com --org acme --role manager
  crm-admin user create --email bob@example.com --org acme --role analyst --role marketer \\
      --first-name Bob --generate-password")]
    Create(CreateUser),
    /// Give a person another password
    ///
    /// Whatever they were signed in with ends.
    #[command(
        name = "set-password",
        after_help = "\
Examples:
  crm-admin user set-password ann@example.com
  crm-admin user set-password ann --generate-password"
    )]
    SetPassword {
        /// Who it is
        #[arg(value_name = "USERNAME|EMAIL")]
        login: String,
        /// The new password.
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Keep a person out
    ///
    /// Whatever they were signed in with ends; their data stays, and "enable" lets them in again.
    #[command(after_help = "\
Examples:
  crm-admin user disable ann@example.com")]
    Disable {
        /// Who it is
        #[arg(value_name = "USERNAME|EMAIL")]
        login: String,
    },
    /// Let a disabled person in again
    #[command(after_help = "\
Examples:
  crm-admin user enable ann@example.com")]
    Enable {
        /// Who it is
        #[arg(value_name = "USERNAME|EMAIL")]
        login: String,
    },
    /// Let a person be signed in again after too many failed attempts
    ///
    /// Lifts the lock of each of their names, at every address. Too many failures of one address
    /// with all kinds of names lock the address; that passes by itself.
    #[command(after_help = "\
Examples:
  crm-admin user unlock ann@example.com")]
    Unlock {
        /// Who it is
        #[arg(value_name = "USERNAME|EMAIL")]
        login: String,
    },
    /// Take a person's second factor away
    ///
    /// For who has lost the authenticator app and all recovery codes. Make sure that it is them.
    #[command(
        name = "reset-second-factor",
        after_help = "\
Examples:
  crm-admin user reset-second-factor ann@example.com"
    )]
    ResetSecondFactor {
        /// Who it is
        #[arg(value_name = "USERNAME|EMAIL")]
        login: String,
    },
}

/// `user create`.
#[derive(Debug, Args)]
pub struct CreateUser {
    /// Who it is.
    #[command(flatten)]
    pub person: PersonArgs,
    /// The workspace to join
    #[arg(long, value_name = "SLUG")]
    pub org: Option<String>,
    /// What they may do there; repeatable, roles unite [default: none, which is all but to
    /// delete, export and write in bulk]
    #[arg(long = "role", value_name = "ROLE", value_parser = role())]
    pub roles: Vec<Role>,
    /// Their password.
    #[command(flatten)]
    pub password: PasswordArgs,
}

/// `org`.
#[derive(Debug, Subcommand)]
pub enum Org {
    /// List the workspaces
    #[command(after_help = "\
Examples:
  crm-admin org list
  crm-admin org list --json | jq -r '.organizations[].slug'")]
    List,
    /// Found a workspace, on the free plan and without members
    #[command(after_help = "\
Examples:
  crm-admin org create \"Acme Inc.\"
  crm-admin org create \"Acme Inc.\" --slug acme")]
    Create {
        /// What people call it
        name: String,
        /// Its name in addresses [default: made from the name]
        #[arg(long, value_name = "SLUG")]
        slug: Option<String>,
    },
    /// Show a workspace, its plan and its members
    #[command(after_help = "\
Examples:
  crm-admin org show acme")]
    Show {
        /// Its name in addresses
        slug: String,
    },
    /// Put a workspace on another plan from today
    #[command(
        name = "set-plan",
        after_help = "\
Examples:
  crm-admin org set-plan acme pro
  crm-admin plan list"
    )]
    SetPlan {
        /// The workspace's name in addresses
        slug: String,
        /// The plan's key
        plan: String,
    },
    /// Write everything in a workspace into one zip: JSON lines for each resource, and a manifest
    #[command(after_help = "\
Examples:
  crm-admin org export acme
  crm-admin org export acme --output acme-2026.zip")]
    Export {
        /// The workspace's name in addresses
        slug: String,
        /// Where to [default: the slug with .zip]; a file that exists is left alone
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Delete a workspace for good, and print the proof of what was removed
    ///
    /// People who belong to no other workspace go with it. Nothing brings it back: export it first.
    #[command(after_help = "\
Examples:
  crm-admin org delete acme
  crm-admin org delete acme --yes --json > acme-erasure.json")]
    Delete {
        /// The workspace's name in addresses
        slug: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Say whether a workspace requires a second factor
    ///
    /// Members who have a password and no second factor can then only set one up.
    #[command(
        name = "require-second-factor",
        after_help = "\
Examples:
  crm-admin org require-second-factor acme true
  crm-admin org require-second-factor acme false"
    )]
    RequireSecondFactor {
        /// The workspace's name in addresses
        slug: String,
        /// Whether it does
        #[arg(action = clap::ArgAction::Set)]
        required: bool,
    },
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

/// `demo-data`.
#[derive(Debug, Args)]
pub struct DemoData {
    /// Make little: enough for a test, in a second
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

/// Reads a state by its code; help and errors list the codes.
fn state() -> impl TypedValueParser<Value = State> {
    PossibleValuesParser::new(State::ALL.map(State::code))
        .try_map(|code| State::from_code(&code).ok_or("no such state"))
}

/// Reads a role by its code; help and errors list the codes.
fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::code))
        .try_map(|code| Role::from_code(&code).ok_or("no such role"))
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
