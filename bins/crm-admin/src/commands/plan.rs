//! `plan`: what workspaces subscribe to.

use domain_accounts::{Plan, PlanFeatures};
use infra_runtime::config::Config;
use serde_json::json;

use crate::cli;
use crate::failure::Result;
use crate::output::Output;
use crate::session::open;

/// Does what was typed after `plan`.
pub async fn run(config: &Config, command: cli::Plan, output: &Output) -> Result<()> {
    let accounts = open(config).await?.accounts;
    if !matches!(command, cli::Plan::List) {
        return super::billing::plan(&accounts, command, output).await;
    }
    let plans = accounts.plans().await?;
    output.show(&json!({ "plans": plans }), || {
        let header = ["key", "name", "per month", "members", "deals", "calls/min", "features"];
        output.table(header, plans.iter().map(row).collect())
    })
}

fn row(PlanFeatures { plan, features }: &PlanFeatures) -> [String; 7] {
    let Plan { key, name, price_per_month, max_users, max_deals, .. } = plan;
    let features: Vec<&str> = features.iter().map(String::as_str).collect();
    [
        key.clone(),
        name.clone(),
        price_per_month.to_string(),
        max_users.to_string(),
        max_deals.to_string(),
        plan.max_api_calls_per_minute.to_string(),
        features.join(", "),
    ]
}
