//! `jobs`: what is done in the background.

use std::collections::BTreeMap;

use domain_jobs::{JobFilter, JobRow, ScheduleRow};
use domain_kernel::{Id, TenantId};
use infra_runtime::Application;
use infra_runtime::config::Config;
use serde_json::{Value, json};

use crate::cli;
use crate::failure::{Failure, Result};
use crate::output::{Output, clean};
use crate::session::open;

/// Does what was typed after `jobs`.
pub async fn run(config: &Config, command: cli::Jobs, output: &Output) -> Result<()> {
    let application = open(config).await?;
    let jobs = &application.jobs;
    let none = |id| Failure::missing(format!("there is no job {id}"));
    match command {
        cli::Jobs::List { state, kind, org, limit } => {
            let slugs = Slugs::read(&application).await?;
            let tenant = org.map(|slug| slugs.id(&slug)).transpose()?;
            let rows = jobs.list(&JobFilter { state, kind, tenant, limit }).await?;
            list(&rows, &slugs, output)
        }
        cli::Jobs::Show { id } => {
            let job = jobs.show(Id::new(id)).await.map_err(none(id))?;
            let slugs = Slugs::read(&application).await?;
            output.show(&json!({ "job": present(&job, &slugs) }), || facts(&job, &slugs))
        }
        cli::Jobs::Retry { id } => {
            let job = jobs.retry(Id::new(id)).await.map_err(none(id))?;
            let slugs = Slugs::read(&application).await?;
            output.show(&json!({ "job": present(&job, &slugs) }), || {
                format!("Job {id} ({}) runs as soon as a worker is free.", clean(&job.kind))
            })
        }
        cli::Jobs::Cancel { id } => {
            let job = jobs.cancel(Id::new(id)).await.map_err(none(id))?;
            let slugs = Slugs::read(&application).await?;
            output.show(&json!({ "job": present(&job, &slugs) }), || {
                format!("Cancelled job {id} ({}).", clean(&job.kind))
            })
        }
        cli::Jobs::Schedules => {
            let slugs = Slugs::read(&application).await?;
            schedules(&jobs.schedules().await?, &slugs, output)
        }
    }
}

/// The workspaces' slugs by id.
struct Slugs(BTreeMap<TenantId, String>);

impl Slugs {
    async fn read(application: &Application) -> Result<Self> {
        let all = application.accounts.organizations().await?;
        Ok(Self(all.into_iter().map(|one| (one.id, one.slug)).collect()))
    }

    /// The slug of a workspace; operators' lists leave the platform's own out.
    fn of(&self, tenant: TenantId) -> &str {
        self.0.get(&tenant).map_or("platform", String::as_str)
    }

    fn id(&self, slug: &str) -> Result<TenantId> {
        let found = self.0.iter().find(|(_, known)| *known == slug).map(|(id, _)| *id);
        let found = found.or_else(|| (slug == "platform").then_some(TenantId::PLATFORM));
        found.ok_or_else(|| Failure::new("not_found", super::org::none(slug)))
    }
}

/// A job for scripts.
fn present(job: &JobRow, slugs: &Slugs) -> Value {
    json!({
        "id": job.id,
        "organization": slugs.of(job.tenant),
        "started_by": job.person,
        "kind": job.kind,
        "state": job.state.code(),
        "progress": job.progress.percent,
        "progress_note": job.progress.note,
        "attempts": job.attempts,
        "max_attempts": job.max_attempts,
        "created_at": job.created_at.to_string(),
        "run_at": job.run_at.to_string(),
        "started_at": job.started_at.map(|at| at.to_string()),
        "finished_at": job.finished_at.map(|at| at.to_string()),
        "leased_until": job.leased_until.map(|at| at.to_string()),
        "worker": job.worker,
        "outcome": job.outcome,
        "last_error": job.last_error,
        "request_id": job.request_id,
    })
}

fn list(rows: &[JobRow], slugs: &Slugs, output: &Output) -> Result<()> {
    let json: Vec<Value> = rows.iter().map(|job| present(job, slugs)).collect();
    output.show(&json!({ "jobs": json }), || {
        if rows.is_empty() {
            return "There is no such job.".to_owned();
        }
        let header = ["id", "workspace", "kind", "state", "attempts", "due", "last error"];
        let rows = rows.iter().map(|job| {
            let percent = job.progress.percent;
            let state = match job.state {
                domain_jobs::State::Running => format!("running {percent} %"),
                other => other.code().to_owned(),
            };
            [
                job.id.to_string(),
                slugs.of(job.tenant).to_owned(),
                job.kind.clone(),
                state,
                format!("{} of {}", job.attempts, job.max_attempts),
                job.run_at.strftime("%F %T").to_string(),
                job.last_error.clone(),
            ]
        });
        output.table(header, rows.collect())
    })
}

/// A job for people.
fn facts(job: &JobRow, slugs: &Slugs) -> String {
    let shown = |at: Option<jiff::Timestamp>| {
        at.map_or_else(|| "not yet".to_owned(), |at| at.strftime("%F %T UTC").to_string())
    };
    let mut lines = vec![
        format!("Job {}: {}", job.id, clean(&job.kind)),
        format!("  workspace  {}", slugs.of(job.tenant)),
        format!("  state      {}", job.state.code()),
        format!("  progress   {} % {}", job.progress.percent, clean(&job.progress.note)),
        format!("  attempts   {} of {}", job.attempts, job.max_attempts),
        format!("  enqueued   {}, request {}", shown(Some(job.created_at)), clean(&job.request_id)),
        format!("  due        {}", shown(Some(job.run_at))),
        format!("  began      {}", shown(job.started_at)),
        format!("  ended      {}", shown(job.finished_at)),
    ];
    if !job.worker.is_empty() {
        lines.push(format!("  worker     {}", clean(&job.worker)));
    }
    if let Some(outcome) = &job.outcome {
        lines.push(format!("  outcome    {}", clean(&outcome.to_string())));
    }
    if !job.last_error.is_empty() {
        lines.push(format!("  last error {}", clean(&job.last_error)));
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn schedules(rows: &[ScheduleRow], slugs: &Slugs, output: &Output) -> Result<()> {
    let json: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "organization": slugs.of(row.schedule.tenant),
                "name": row.schedule.name,
                "kind": row.schedule.kind,
                "cron": row.schedule.cron,
                "time_zone": row.schedule.time_zone,
                "next_at": row.next_at.to_string(),
                "last_at": row.last_at.map(|at| at.to_string()),
            })
        })
        .collect();
    output.show(&json!({ "schedules": json }), || {
        if rows.is_empty() {
            return "There is no schedule: the first worker stores them.".to_owned();
        }
        let header = ["workspace", "name", "kind", "cron", "time zone", "last", "next"];
        let shown = |at: jiff::Timestamp| at.strftime("%F %T").to_string();
        let rows = rows.iter().map(|row| {
            let schedule = &row.schedule;
            [
                slugs.of(schedule.tenant).to_owned(),
                schedule.name.clone(),
                schedule.kind.clone(),
                schedule.cron.clone(),
                schedule.time_zone.clone(),
                row.last_at.map_or_else(String::new, shown),
                shown(row.next_at),
            ]
        });
        output.table(header, rows.collect())
    })
}
