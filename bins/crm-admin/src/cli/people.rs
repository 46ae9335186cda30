//! People: `createsuperuser` and `user`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use domain_kernel::policy::Role;

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

/// Reads a role by its code; help and errors list the codes.
fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::code))
        .try_map(|code| Role::from_code(&code).ok_or("no such role"))
}
