//! `plan`, `feature` and `override`: what is sold, and what a workspace has otherwise. Each is what
//! the platform's staff do over the API, done by the operator.

use std::collections::BTreeMap;

use domain_accounts::{
    Accounts, FeatureFlag, PlanOverride, PlanRequest, SubscriptionPlan, Workspace,
};
use domain_kernel::crud::Crud;
use domain_kernel::query::ListQuery;
use domain_kernel::{Fields, Id, OpContext, Record, Resource, TenantId};
use infra_runtime::config::Config;
use serde_json::{Map, Value, json};

use crate::cli::{self, Decision, FeatureSet, OverrideSet, PlanSet};
use crate::failure::{Failure, Result};
use crate::output::{Output, clean};
use crate::session::open;

/// Does what was typed after `plan`, but for `plan list`.
pub async fn plan(accounts: &Accounts, command: cli::Plan, output: &Output) -> Result<()> {
    match command {
        cli::Plan::List => Ok(()),
        cli::Plan::Set(set) => set_plan(accounts, set, output).await,
        cli::Plan::Requests { all } => requests(accounts, all, output).await,
        cli::Plan::Approve(decision) => decide(accounts, "approved", decision, output).await,
        cli::Plan::Refuse(decision) => decide(accounts, "refused", decision, output).await,
    }
}

/// Does what was typed after `feature`.
pub async fn feature(config: &Config, command: cli::Feature, output: &Output) -> Result<()> {
    let accounts = open(config).await?.accounts;
    match command {
        cli::Feature::List => features(&accounts, output).await,
        cli::Feature::Create(set) => {
            let data = FeatureFlag::read(feature_json(&accounts, set).await?)?;
            let made = accounts.feature_flags.create(&platform(), data).await?.json()?;
            said(output, "feature", &made, "Added the feature", "code")
        }
        cli::Feature::Set(set) => {
            let flag = flag(&accounts, &set.code).await?;
            let patch = FeatureFlag::read_patch(feature_json(&accounts, set).await?)?;
            let changed = change(&accounts.feature_flags, &platform(), flag.id, patch).await?;
            said(output, "feature", &changed, "Changed the feature", "code")
        }
        cli::Feature::Delete { code } => {
            let flag = flag(&accounts, &code).await?;
            accounts.feature_flags.delete(&platform(), flag.id, None).await?;
            said(output, "feature", &flag.json()?, "Deleted the feature", "code")
        }
    }
}

/// Does what was typed after `override`.
pub async fn exception(config: &Config, command: cli::Override, output: &Output) -> Result<()> {
    let accounts = open(config).await?.accounts;
    match command {
        cli::Override::List { org } => {
            let ctx = inside(&accounts, &org).await?;
            overrides(&accounts, &ctx, output).await
        }
        cli::Override::Set(set) => {
            let ctx = inside(&accounts, &set.org).await?;
            let data = PlanOverride::read(override_json(&accounts, set).await?)?;
            let made = accounts.plan_overrides.create(&ctx, data).await?.json()?;
            said(output, "override", &made, "Set the override", "id")
        }
        cli::Override::Delete { org, id } => {
            let ctx = inside(&accounts, &org).await?;
            let deleted = accounts.plan_overrides.delete(&ctx, Id::new(id), None).await;
            deleted.map_err(Failure::missing(format!("{org} has no override {id}")))?;
            said(output, "override", &json!({ "id": id }), "Deleted the override", "id")
        }
    }
}

/// The operator, on the platform's own.
fn platform() -> OpContext {
    OpContext::system(TenantId::PLATFORM, "crm-admin")
}

/// The operator, in a workspace.
async fn inside(accounts: &Accounts, slug: &str) -> Result<OpContext> {
    let found = accounts.organization(slug).await;
    let (organization, ..) = found.map_err(Failure::missing(super::org::none(slug)))?;
    Ok(OpContext::system(organization.id, "crm-admin"))
}

/// Says what was done to a row.
fn said(output: &Output, kind: &str, row: &Value, done: &str, name: &str) -> Result<()> {
    let mut json = Map::new();
    json.insert(kind.to_owned(), row.clone());
    let name = match &row[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    output.show(&Value::Object(json), || format!("{done} {}.", clean(&name)))
}

/// The fields that were given.
fn given<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect())
}

/// Every row of a resource.
async fn all<T: Resource>(crud: &Crud<T>, ctx: &OpContext) -> Result<Vec<Record<T>>> {
    Ok(crud.list(ctx, &ListQuery::every::<T>()).await?.records)
}

async fn change<T: Resource>(
    crud: &Crud<T>,
    ctx: &OpContext,
    id: Id<T>,
    patch: T::Patch,
) -> Result<Value> {
    Ok(crud.update(ctx, id, patch, None).await?.json()?)
}

async fn set_plan(accounts: &Accounts, set: PlanSet, output: &Output) -> Result<()> {
    let plans = all(&accounts.subscription_plans, &platform()).await?;
    let plan = plans.into_iter().find(|plan| *plan.data.key == *set.key);
    let none = || Failure::new("not_found", format!("there is no plan \"{}\"", set.key));
    let plan = plan.ok_or_else(none)?;
    let patch = SubscriptionPlan::read_patch(given([
        ("name", set.name.map(Value::from)),
        ("description", set.description.map(Value::from)),
        ("price_per_month", set.price.map(Value::from)),
        ("max_users", set.max_users.map(Value::from)),
        ("max_deals", set.max_deals.map(Value::from)),
        ("max_api_calls_per_minute", set.max_calls.map(Value::from)),
        ("is_self_service", set.self_service.map(Value::from)),
    ]))?;
    let changed = change(&accounts.subscription_plans, &platform(), plan.id, patch).await?;
    said(output, "plan", &changed, "Changed the plan", "key")
}

/// The keys of the plans by id.
async fn keys(accounts: &Accounts) -> Result<BTreeMap<i64, String>> {
    let plans = all(&accounts.subscription_plans, &platform()).await?;
    Ok(plans.iter().map(|plan| (plan.id.raw(), plan.data.key.to_string())).collect())
}

async fn requests(accounts: &Accounts, decided: bool, output: &Output) -> Result<()> {
    let mut rows = all(&accounts.plan_requests, &platform()).await?;
    rows.retain(|row| decided || &*row.data.status == "pending");
    let keys = keys(accounts).await?;
    let workspaces: Vec<Record<Workspace>> = all(&accounts.workspaces, &platform()).await?;
    let slug = |id: Option<i64>| {
        let found = workspaces.iter().find(|one| Some(one.id.raw()) == id);
        found.map(|one| one.data.slug.to_string()).unwrap_or_default()
    };
    let key = |id: Option<i64>| id.and_then(|id| keys.get(&id).cloned()).unwrap_or_default();
    let json: Vec<Value> = rows
        .iter()
        .map(|row: &Record<PlanRequest>| {
            let mut json = row.json()?;
            json["organization_slug"] = json!(slug(row.data.workspace.id()));
            json["plan_key"] = json!(key(row.data.plan.id()));
            Ok(json)
        })
        .collect::<Result<_>>()?;
    output.show(&json!({ "requests": json }), || {
        if rows.is_empty() {
            return "Nobody waits for another plan.".to_owned();
        }
        let cells = rows.iter().map(|row| {
            [
                row.id.to_string(),
                slug(row.data.workspace.id()),
                key(row.data.plan.id()),
                row.data.status.to_string(),
                row.created_at.strftime("%F").to_string(),
                row.data.note.to_string(),
            ]
        });
        let header = ["id", "workspace", "plan", "status", "since", "note"];
        output.table(header, cells.collect())
    })
}

async fn decide(
    accounts: &Accounts,
    status: &str,
    Decision { id, note }: Decision,
    output: &Output,
) -> Result<()> {
    let patch = PlanRequest::read_patch(given([
        ("status", Some(status.into())),
        ("note", note.map(Value::from)),
    ]))?;
    let decided = accounts.plan_requests.update(&platform(), Id::new(id), patch, None).await;
    let none = Failure::missing(format!("there is no request {id}"));
    let decided = decided.map_err(none)?.json()?;
    output.show(&json!({ "request": decided }), || format!("Request {id} is {status}."))
}

async fn flag(accounts: &Accounts, code: &str) -> Result<Record<FeatureFlag>> {
    let flags = all(&accounts.feature_flags, &platform()).await?;
    let found = flags.into_iter().find(|flag| *flag.data.code == *code);
    found.ok_or_else(|| Failure::new("not_found", format!("there is no feature \"{code}\"")))
}

async fn features(accounts: &Accounts, output: &Output) -> Result<()> {
    let flags = all(&accounts.feature_flags, &platform()).await?;
    let keys = keys(accounts).await?;
    let included = |flag: &Record<FeatureFlag>| -> Vec<String> {
        flag.data.plans.ids().filter_map(|id| keys.get(&id).cloned()).collect()
    };
    let json: Vec<Value> = flags
        .iter()
        .map(|flag| {
            let mut json = flag.json()?;
            json["plans"] = json!(included(flag));
            Ok(json)
        })
        .collect::<Result<_>>()?;
    output.show(&json!({ "features": json }), || {
        let cells = flags.iter().map(|flag| {
            [flag.data.code.to_string(), flag.data.name.to_string(), included(flag).join(", ")]
        });
        output.table(["code", "name", "plans"], cells.collect())
    })
}

async fn feature_json(accounts: &Accounts, set: FeatureSet) -> Result<Value> {
    let plans = match set.plans {
        None => None,
        Some(text) => {
            let keys = keys(accounts).await?;
            let wanted = text.split(',').map(str::trim).filter(|key| !key.is_empty());
            let id = |key: &str| {
                let found = keys.iter().find(|(_, known)| *known == key).map(|(id, _)| *id);
                found
                    .ok_or_else(|| Failure::new("not_found", format!("there is no plan \"{key}\"")))
            };
            Some(json!(wanted.map(id).collect::<Result<Vec<i64>>>()?))
        }
    };
    Ok(given([
        ("code", Some(set.code.into())),
        ("name", set.name.map(Value::from)),
        ("description", set.description.map(Value::from)),
        ("plans", plans),
    ]))
}

async fn override_json(accounts: &Accounts, set: OverrideSet) -> Result<Value> {
    let feature = match &set.feature {
        Some(code) => Some(json!(flag(accounts, code).await?.id)),
        None => None,
    };
    Ok(given([
        ("feature", feature),
        ("enabled", Some((!set.off).into())),
        ("limit", set.limit.map(Value::from)),
        ("value", set.value.map(Value::from)),
        ("expires_at", set.until.map(Value::from)),
        ("reason", set.reason.map(Value::from)),
    ]))
}

async fn overrides(accounts: &Accounts, ctx: &OpContext, output: &Output) -> Result<()> {
    let rows = all(&accounts.plan_overrides, ctx).await?;
    let flags = all(&accounts.feature_flags, &platform()).await?;
    let what = |row: &PlanOverride| match row.feature.id() {
        Some(id) => {
            let flag = flags.iter().find(|flag| flag.id.raw() == id);
            let code = flag.map(|flag| flag.data.code.to_string()).unwrap_or_default();
            (code, if row.enabled.0 { "on" } else { "off" }.to_owned())
        }
        None => (row.limit.to_string(), row.value.0.to_string()),
    };
    let json: Vec<Value> = rows.iter().map(|row| Ok(row.json()?)).collect::<Result<_>>()?;
    output.show(&json!({ "overrides": json }), || {
        if rows.is_empty() {
            return "The workspace has what its plan says.".to_owned();
        }
        let cells = rows.iter().map(|row| {
            let (name, value) = what(&row.data);
            let until = row.data.expires_at.0.map(|day| day.to_string()).unwrap_or_default();
            [row.id.to_string(), name, value, until, row.data.reason.to_string()]
        });
        output.table(["id", "feature or limit", "value", "until", "reason"], cells.collect())
    })
}
