//! Workspaces: `org`.

use std::path::PathBuf;

use clap::Subcommand;

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
