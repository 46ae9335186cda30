//! Attempts end, leases run out, finished jobs are forgotten.

use diesel::QueryResult;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use domain_jobs::rules::{RETENTION, after_lost_lease};
use domain_jobs::{Ending, State};
use domain_kernel::JobClaim;
use jiff::Timestamp;
use serde_json::Value;

use super::table::{count, jobs, running};
use crate::columns::At;
use crate::dialect::{Handle, load_unlocked};

/// Most leases that are taken back in one transaction.
const BATCH: i64 = 100;

/// Ends an attempt; whether the claim still held the job.
pub(super) async fn end(
    handle: &mut Handle<'_>,
    claim: JobClaim,
    ending: &Ending,
    now: Timestamp,
) -> QueryResult<bool> {
    /// Writes some columns if the claim holds the job.
    macro_rules! write {
        ($state:expr, $columns:expr) => {{
            let held = jobs::table
                .filter(jobs::id.eq(claim.job.raw()))
                .filter(jobs::claim_number.eq(claim.number))
                .filter(running());
            let state = (
                jobs::state.eq($state.code()),
                jobs::leased_until.eq(None::<At>),
                jobs::version.eq(jobs::version + 1),
                jobs::updated_at.eq(At(now)),
            );
            diesel::update(held).set((state, $columns)).execute(handle).await?
        }};
    }
    let written = match ending {
        Ending::Done(outcome) => return finish(handle, claim, outcome, now).await,
        Ending::Retry { at, error } => {
            write!(State::Waiting, (jobs::run_at.eq(At(*at)), jobs::last_error.eq(error)))
        }
        Ending::Dead { error } => {
            write!(State::Dead, (jobs::finished_at.eq(At(now)), jobs::last_error.eq(error)))
        }
        Ending::Released => write!(
            State::Waiting,
            (jobs::run_at.eq(At(now)), jobs::attempts.eq(jobs::attempts - 1))
        ),
    };
    Ok(written == 1)
}

/// Finishes a job; whether the claim still held it.
pub(crate) async fn finish(
    handle: &mut Handle<'_>,
    claim: JobClaim,
    outcome: &Value,
    now: Timestamp,
) -> QueryResult<bool> {
    let held = jobs::table
        .filter(jobs::id.eq(claim.job.raw()))
        .filter(jobs::claim_number.eq(claim.number))
        .filter(running());
    let written = diesel::update(held)
        .set((
            jobs::state.eq(State::Done.code()),
            jobs::leased_until.eq(None::<At>),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(At(now)),
            jobs::finished_at.eq(At(now)),
            jobs::outcome.eq(outcome),
            jobs::last_error.eq(""),
            jobs::progress.eq(100),
        ))
        .execute(handle)
        .await?;
    Ok(written == 1)
}

/// Takes back jobs whose leases have run out; how many.
pub(super) async fn recover(handle: &mut Handle<'_>, now: Timestamp) -> QueryResult<usize> {
    let lost = jobs::table
        .filter(running())
        .filter(jobs::leased_until.le(At(now)))
        .order(jobs::leased_until)
        .limit(BATCH)
        .select((jobs::id, jobs::attempts, jobs::max_attempts));
    let lost: QueryResult<Vec<(i64, i64, i64)>> = load_unlocked!(lost, handle);
    let lost = lost?;
    for (id, attempts, most) in &lost {
        let (state, error) = after_lost_lease(count(*attempts), count(*most));
        let finished_at = (state == State::Dead).then_some(At(now));
        diesel::update(jobs::table.find(id))
            .set((
                jobs::state.eq(state.code()),
                jobs::leased_until.eq(None::<At>),
                jobs::version.eq(jobs::version + 1),
                jobs::updated_at.eq(At(now)),
                jobs::finished_at.eq(finished_at),
                jobs::last_error.eq(error),
            ))
            .execute(handle)
            .await?;
    }
    Ok(lost.len())
}

/// Deletes the jobs that were done or cancelled long ago; how many.
pub(crate) async fn sweep(handle: &mut Handle<'_>, now: Timestamp) -> QueryResult<usize> {
    let horizon = now.checked_sub(RETENTION).unwrap_or(Timestamp::MIN);
    let old = jobs::table
        .filter(sql::<Bool>("jobs.state IN ('done', 'cancelled')"))
        .filter(jobs::finished_at.le(At(horizon)));
    diesel::delete(old).execute(handle).await
}
