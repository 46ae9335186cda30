//! `audit`: whether the trails are as they were sealed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain_accounts::{Accounts, TrailHead, TrailReport};
use domain_kernel::TenantId;
use indicatif::ProgressBar;
use infra_runtime::config::Config;
use serde_json::{Value, json};

use crate::cli::Audit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::session::open;

/// Does what was typed after `audit`.
pub async fn run(config: &Config, command: Audit, output: &Output) -> Result<()> {
    let accounts = open(config).await?.accounts;
    match command {
        Audit::Seal => {
            let sealed = accounts.seal_trails().await?;
            output.show(&json!({ "sealed": sealed }), || format!("Sealed {sealed} entries."))
        }
        Audit::Verify { org, against } => {
            let heads = against.as_deref().map(read_heads).transpose()?.unwrap_or_default();
            verify(&accounts, org.as_deref(), &heads, output).await
        }
    }
}

/// The workspaces by id, with their slugs; of closed ones only the id is known.
async fn workspaces(accounts: &Accounts, org: Option<&str>) -> Result<Vec<(TenantId, String)>> {
    let slugs: BTreeMap<TenantId, String> =
        accounts.organizations().await?.into_iter().map(|one| (one.id, one.slug)).collect();
    let named = |id: TenantId| match slugs.get(&id) {
        Some(slug) => slug.clone(),
        None if id == TenantId::PLATFORM => "platform".to_owned(),
        None => format!("#{id}"),
    };
    let all = accounts.trails().await?;
    let mut all: Vec<_> = all.into_iter().map(|id| (id, named(id))).collect();
    if let Some(org) = org {
        all.retain(|(_, slug)| slug == org);
        if all.is_empty() {
            return Err(Failure::new("not_found", super::org::none(org)));
        }
    }
    Ok(all)
}

async fn verify(
    accounts: &Accounts,
    org: Option<&str>,
    heads: &BTreeMap<TenantId, TrailHead>,
    output: &Output,
) -> Result<()> {
    let workspaces = workspaces(accounts, org).await?;
    let progress = ProgressBar::new(workspaces.len().try_into().unwrap_or(u64::MAX));
    let mut reports = Vec::with_capacity(workspaces.len());
    for (tenant, slug) in workspaces {
        let report = accounts.verify_trail(tenant, heads.get(&tenant)).await?;
        progress.inc(1);
        reports.push((tenant, slug, report));
    }
    progress.finish_and_clear();
    let all: Vec<Value> =
        reports.iter().map(|(id, slug, report)| json(*id, slug, report)).collect();
    let is_whole = reports.iter().all(|(_, _, report)| report.faults.is_empty());
    output.show(&json!({ "ok": is_whole, "workspaces": all }), || text(&reports))?;
    if is_whole { Ok(()) } else { Err(Failure::shown()) }
}

fn json(tenant: TenantId, slug: &str, report: &TrailReport) -> Value {
    let head = report.head.as_ref();
    json!({
        "organization": tenant,
        "slug": slug,
        "sealed": report.sealed,
        "unsealed": report.unsealed,
        "head": head.map(|head| json!({ "position": head.position, "chain": head.chain })),
        "faults": report.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn text(reports: &[(TenantId, String, TrailReport)]) -> String {
    let mut lines = Vec::new();
    for (_, slug, report) in reports {
        for fault in &report.faults {
            lines.push(format!("{slug}: {fault}"));
        }
    }
    let sealed: i64 = reports.iter().map(|(_, _, report)| report.sealed).sum();
    let unsealed: i64 = reports.iter().map(|(_, _, report)| report.unsealed).sum();
    let verdict = if lines.is_empty() { "as they were sealed" } else { "NOT as they were sealed" };
    lines.push(format!(
        "{} trails, {sealed} sealed entries, {verdict}; {unsealed} entries are not sealed yet.",
        reports.len()
    ));
    lines.join("\n")
}

/// The heads that `audit verify --json` has shown before.
fn read_heads(path: &Path) -> Result<BTreeMap<TenantId, TrailHead>> {
    let text = fs::read_to_string(path).map_err(|error| Failure::io(path.display(), &error))?;
    let wrong = || {
        let message = format!("{} is not what audit verify --json has shown", path.display());
        Failure::new("usage", message)
    };
    let json: Value = serde_json::from_str(&text).map_err(|_| wrong())?;
    let mut heads = BTreeMap::new();
    for one in json["workspaces"].as_array().ok_or_else(wrong)? {
        let id = one["organization"].as_i64().ok_or_else(wrong)?;
        if one["head"].is_null() {
            continue;
        }
        let position = one["head"]["position"].as_i64().ok_or_else(wrong)?;
        let chain = one["head"]["chain"].as_str().ok_or_else(wrong)?.to_owned();
        heads.insert(TenantId::new(id), TrailHead { position, chain });
    }
    Ok(heads)
}
