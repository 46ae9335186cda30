//! `org`: workspaces.

use domain_accounts::Accounts;
use infra_runtime::config::Config;
use serde_json::{Value, json};

use crate::cli::Org;
use crate::failure::{Failure, Result};
use crate::output::{Output, clean};
use crate::present;
use crate::session::{open, open_or_make};

/// Does what was typed after `org`.
pub async fn run(config: &Config, command: Org, output: &Output) -> Result<()> {
    let application = match &command {
        Org::Create { .. } => open_or_make(config).await?,
        _ => open(config).await?,
    };
    let accounts = application.accounts.clone();
    match command {
        Org::List => list(&accounts, output).await,
        Org::Create { name, slug } => {
            let made = accounts.create_organization(&name, slug.as_deref()).await?;
            output.show(&json!({ "organization": present::organization(&made) }), || {
                format!("Founded {} under the slug {}.", clean(&made.name), made.slug)
            })
        }
        Org::Show { slug } => show(&accounts, &slug, output).await,
        Org::Export { slug, output: file } => {
            super::leaving::export(&application, &slug, file, output).await
        }
        Org::Delete { slug, yes } => super::leaving::delete(&application, &slug, yes, output).await,
        Org::SetPlan { slug, plan } => {
            let changed = accounts.set_plan(&slug, &plan).await;
            let changed = changed.map_err(Failure::missing(none(&slug)))?;
            let json = json!({ "organization": present::organization(&changed), "plan": plan });
            output.show(&json, || format!("{slug} is on the plan {plan} from today."))
        }
        Org::RequireSecondFactor { slug, required } => {
            let changed = accounts.require_second_factor(&slug, required).await;
            let changed = changed.map_err(Failure::missing(none(&slug)))?;
            let mut json = present::organization(&changed);
            json["require_second_factor"] = json!(required);
            output.show(&json!({ "organization": json }), || match required {
                true => format!("{slug} requires a second factor of its members."),
                false => format!("{slug} leaves the second factor to its members."),
            })
        }
    }
}

/// What is said of a workspace that does not exist.
pub fn none(slug: &str) -> String {
    format!("there is no workspace with the slug \"{slug}\"")
}

async fn list(accounts: &Accounts, output: &Output) -> Result<()> {
    let all = accounts.organizations().await?;
    let json: Vec<Value> = all.iter().map(present::organization).collect();
    output.show(&json!({ "organizations": json }), || {
        if all.is_empty() {
            return "There is no workspace.".to_owned();
        }
        let rows = all.iter().map(|one| {
            let (id, since) = (one.id.to_string(), one.created_at.strftime("%F").to_string());
            [
                id,
                one.slug.clone(),
                one.name.clone(),
                one.currency.clone(),
                one.timezone.clone(),
                since,
            ]
        });
        let header = ["id", "slug", "name", "currency", "time zone", "founded"];
        output.table(header, rows.collect())
    })
}

async fn show(accounts: &Accounts, slug: &str, output: &Output) -> Result<()> {
    let found = accounts.organization(slug).await;
    let (organization, members, entitlements) = found.map_err(Failure::missing(none(slug)))?;
    let mut json = present::organization(&organization);
    json["plan"] = json!(entitlements.plan);
    json["features"] = json!(entitlements.enabled());
    json["members"] = members
        .iter()
        .map(|(person, roles)| {
            let mut json = present::person(person);
            json["roles"] = present::roles(*roles);
            json
        })
        .collect();
    output.show(&json!({ "organization": json }), || {
        let plan = &entitlements.plan;
        let features: Vec<String> = entitlements.enabled().into_iter().collect();
        let facts = format!(
            "{} ({})\n  currency   {}\n  time zone  {}\n  founded    {}\n  plan       {} ({})\n  features   {}\n  members    {}",
            clean(&organization.name),
            organization.slug,
            organization.currency,
            organization.timezone,
            organization.created_at.strftime("%F"),
            plan.name,
            present::limits(plan),
            if features.is_empty() { "none".to_owned() } else { features.join(", ") },
            members.len(),
        );
        if members.is_empty() {
            return facts;
        }
        let rows = members.iter().map(|(person, roles)| {
            let draft = &person.draft;
            let state = if person.is_active { "active" } else { "disabled" };
            let roles = present::role_names(*roles);
            [draft.username.clone(), present::full_name(person), roles, state.to_owned()]
        });
        let table = output.table(["username", "name", "roles", "state"], rows.collect());
        format!("{facts}\n\n{table}")
    })
}
