//! Jobs are claimed and held.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_jobs::{Agenda, Ask, Claimed, Progress};
use domain_kernel::{Id, JobClaim};
use jiff::Timestamp;
use serde_json::Value;

use super::table::{count, jobs, running, schedules, waiting};
use crate::columns::At;
use crate::dialect::{Db, Handle, load_unlocked};

/// When there will be something to do.
pub(super) async fn agenda(handle: &mut Handle<'_>, kinds: &[&str]) -> QueryResult<Agenda> {
    let job: Option<At> = jobs::table
        .filter(waiting())
        .filter(jobs::kind.eq_any(kinds))
        .order(jobs::run_at)
        .select(jobs::run_at)
        .first(handle)
        .await
        .optional()?;
    let lease: Option<Option<At>> = jobs::table
        .filter(running())
        .order(jobs::leased_until)
        .select(jobs::leased_until)
        .first(handle)
        .await
        .optional()?;
    let schedule: Option<At> = schedules::table
        .filter(schedules::kind.eq_any(kinds))
        .order(schedules::next_at)
        .select(schedules::next_at)
        .first(handle)
        .await
        .optional()?;
    let at = |at: Option<At>| at.map(|At(at)| at);
    Ok(Agenda { job: at(job), lease: at(lease.flatten()), schedule: at(schedule) })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Db))]
struct Due {
    id: i64,
    organization_id: i64,
    started_by: Option<i64>,
    version: i64,
    kind: String,
    payload: Value,
    attempts: i64,
    max_attempts: i64,
    claim_number: i64,
    request_id: String,
}

/// Claims the next due job: of the first workspace after the one that was served last, from the
/// beginning again when there is none. What another transaction is claiming is passed over.
pub(super) async fn claim(
    handle: &mut Handle<'_>,
    ask: &Ask<'_>,
    now: Timestamp,
) -> QueryResult<Option<Claimed>> {
    /// The first due job of some workspaces.
    macro_rules! first_of {
        ($whose:expr) => {{
            let due = jobs::table
                .filter(waiting())
                .filter($whose)
                .filter(jobs::run_at.le(At(now)))
                .filter(jobs::kind.eq_any(ask.kinds))
                .order((jobs::organization_id, jobs::priority, jobs::run_at, jobs::id))
                .limit(1)
                .select(Due::as_select());
            let found: QueryResult<Vec<Due>> = load_unlocked!(due, handle);
            found?.pop()
        }};
    }
    let due = match first_of!(jobs::organization_id.gt(ask.after)) {
        Some(due) => Some(due),
        None => first_of!(jobs::organization_id.le(ask.after)),
    };
    let Some(due) = due else { return Ok(None) };
    let until = now.checked_add(ask.lease).unwrap_or(Timestamp::MAX);
    diesel::update(jobs::table.find(due.id))
        .set((
            jobs::state.eq("running"),
            jobs::version.eq(due.version + 1),
            jobs::updated_at.eq(At(now)),
            jobs::attempts.eq(due.attempts + 1),
            jobs::claim_number.eq(due.claim_number + 1),
            jobs::worker.eq(ask.worker),
            jobs::leased_until.eq(At(until)),
            jobs::started_at.eq(At(now)),
            (jobs::progress.eq(0), jobs::progress_note.eq("")),
        ))
        .execute(handle)
        .await?;
    Ok(Some(Claimed {
        claim: JobClaim {
            job: Id::new(due.id),
            tenant: Id::new(due.organization_id),
            number: due.claim_number + 1,
        },
        kind: due.kind,
        payload: due.payload,
        attempt: count(due.attempts + 1),
        max_attempts: count(due.max_attempts),
        person: due.started_by.map(Id::new),
        request_id: due.request_id.into(),
        leased_until: until,
    }))
}

/// Prolongs a lease; whether it is still held.
pub(super) async fn beat(
    handle: &mut Handle<'_>,
    claim: JobClaim,
    (now, until): (Timestamp, Timestamp),
    progress: &Progress,
) -> QueryResult<bool> {
    let held = jobs::table
        .filter(jobs::id.eq(claim.job.raw()))
        .filter(jobs::claim_number.eq(claim.number))
        .filter(running());
    let written = diesel::update(held)
        .set((
            jobs::leased_until.eq(At(until)),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(At(now)),
            jobs::progress.eq(i64::from(progress.percent.min(100))),
            jobs::progress_note.eq(&progress.note),
        ))
        .execute(handle)
        .await?;
    Ok(written == 1)
}
