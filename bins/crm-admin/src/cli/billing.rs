//! What can be typed about plans, features and what a workspace has otherwise.

use clap::{ArgGroup, Args, Subcommand};

/// Plans.
#[derive(Debug, Subcommand)]
pub enum Plan {
    /// List the plans with their limits and features
    #[command(after_help = "\
Examples:
  crm-admin plan list
  crm-admin plan list --json | jq '.plans[].features'")]
    List,
    /// Change a plan; every server follows within five seconds
    #[command(after_help = "\
Examples:
  crm-admin plan set free --max-users 3
  crm-admin plan set pro --price 6900 --self-service true")]
    Set(PlanSet),
    /// List the workspaces that wait for another plan
    #[command(after_help = "\
Examples:
  crm-admin plan requests
  crm-admin plan requests --all --json")]
    Requests {
        /// Those that were decided, too
        #[arg(long)]
        all: bool,
    },
    /// Approve a request: the workspace is on the plan at once
    #[command(after_help = "\
Examples:
  crm-admin plan approve 7
  crm-admin plan approve 7 --note \"Welcome.\"")]
    Approve(Decision),
    /// Refuse a request
    #[command(after_help = "\
Examples:
  crm-admin plan refuse 7 --note \"Please call us first.\"")]
    Refuse(Decision),
}

/// What of a plan is another one.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true)))]
pub struct PlanSet {
    /// The plan's key
    pub key: String,
    /// What people call it
    #[arg(long, value_name = "TEXT", group = "change")]
    pub name: Option<String>,
    /// For whom it is
    #[arg(long, value_name = "TEXT", group = "change")]
    pub description: Option<String>,
    /// What it costs in a month
    #[arg(long, value_name = "AMOUNT", group = "change")]
    pub price: Option<String>,
    /// Most active members
    #[arg(long, value_name = "NUMBER", group = "change")]
    pub max_users: Option<i64>,
    /// Most opportunities
    #[arg(long, value_name = "NUMBER", group = "change")]
    pub max_deals: Option<i64>,
    /// Most calls in a minute
    #[arg(long, value_name = "NUMBER", group = "change")]
    pub max_calls: Option<i64>,
    /// Whether the admins of workspaces switch to it without asking
    #[arg(long, value_name = "TRUE|FALSE", group = "change")]
    pub self_service: Option<bool>,
}

/// What becomes of a request.
#[derive(Debug, Args)]
pub struct Decision {
    /// The request's id
    pub id: i64,
    /// What the workspace is told
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Features.
#[derive(Debug, Subcommand)]
pub enum Feature {
    /// List the features and the plans that include them
    #[command(after_help = "\
Examples:
  crm-admin feature list
  crm-admin feature list --json | jq -r '.features[].code'")]
    List,
    /// Add a feature
    #[command(after_help = "\
Examples:
  crm-admin feature create beta.maps --name Maps --plans pro,enterprise")]
    Create(FeatureSet),
    /// Change a feature; every server follows within five seconds
    #[command(after_help = "\
Examples:
  crm-admin feature set compliance.audit_logs --plans pro,enterprise
  crm-admin feature set beta.maps --plans \"\"")]
    Set(FeatureSet),
    /// Delete a feature: no workspace has it any more
    #[command(after_help = "\
Examples:
  crm-admin feature delete beta.maps")]
    Delete {
        /// The feature's code
        code: String,
    },
}

/// A feature, or what of it is another one.
#[derive(Debug, Args)]
pub struct FeatureSet {
    /// What programs ask for
    pub code: String,
    /// What people call it
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// What it gives
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// The keys of the plans that include it, separated by commas
    #[arg(long, value_name = "KEYS")]
    pub plans: Option<String>,
}

/// What a workspace has otherwise than its plan says.
#[derive(Debug, Subcommand)]
pub enum Override {
    /// List what a workspace has otherwise
    #[command(after_help = "\
Examples:
  crm-admin override list acme")]
    List {
        /// The workspace's name in addresses
        org: String,
    },
    /// Give or take a feature, or set another limit
    #[command(after_help = "\
Examples:
  crm-admin override set acme --feature analytics.insights --until 2027-01-31
  crm-admin override set acme --feature assistant.chat --off
  crm-admin override set acme --limit max_users --value 40 --reason \"Contract 17\"")]
    Set(OverrideSet),
    /// Let the plan count again
    #[command(after_help = "\
Examples:
  crm-admin override delete acme 12")]
    Delete {
        /// The workspace's name in addresses
        org: String,
        /// The id that `override list` shows
        id: i64,
    },
}

/// What is otherwise.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["feature", "limit"])))]
pub struct OverrideSet {
    /// The workspace's name in addresses
    pub org: String,
    /// The feature's code
    #[arg(long, value_name = "CODE")]
    pub feature: Option<String>,
    /// Take the feature away instead of giving it
    #[arg(long, requires = "feature")]
    pub off: bool,
    /// max_users, max_deals or max_api_calls_per_minute
    #[arg(long, value_name = "NAME", requires = "value")]
    pub limit: Option<String>,
    /// The limit's value
    #[arg(long, value_name = "NUMBER", requires = "limit")]
    pub value: Option<i64>,
    /// The last day [default: for good]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}
