//! What operators see and do.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_jobs::{JobFilter, JobRow, State};
use domain_kernel::JobId;
use jiff::Timestamp;

use super::table::{Seen, jobs};
use crate::columns::At;
use crate::dialect::{Db, Handle};

/// The newest jobs that a filter lets through.
pub(super) async fn list(handle: &mut Handle<'_>, filter: &JobFilter) -> QueryResult<Vec<JobRow>> {
    let mut query = jobs::table.select(Seen::as_select()).into_boxed::<Db>();
    if let Some(state) = filter.state {
        query = query.filter(jobs::state.eq(state.code()));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(jobs::kind.eq(kind));
    }
    if let Some(tenant) = filter.tenant {
        query = query.filter(jobs::organization_id.eq(tenant.raw()));
    }
    let rows: Vec<Seen> = query.order(jobs::id.desc()).limit(filter.limit).load(handle).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn find(handle: &mut Handle<'_>, id: JobId) -> QueryResult<Option<JobRow>> {
    let query = jobs::table.find(id.raw()).select(Seen::as_select());
    Ok(query.first::<Seen>(handle).await.optional()?.map(Into::into))
}

/// Lets a job that does not run and is not done run at once; whether it was such a one.
pub(super) async fn replay(
    handle: &mut Handle<'_>,
    id: JobId,
    now: Timestamp,
) -> QueryResult<bool> {
    let again = [State::Waiting, State::Dead, State::Cancelled].map(State::code);
    let row = jobs::table.filter(jobs::id.eq(id.raw())).filter(jobs::state.eq_any(again));
    let written = diesel::update(row)
        .set((
            jobs::state.eq(State::Waiting.code()),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(At(now)),
            jobs::run_at.eq(At(now)),
            jobs::attempts.eq(0),
            jobs::finished_at.eq(None::<At>),
            (jobs::progress.eq(0), jobs::progress_note.eq("")),
        ))
        .execute(handle)
        .await?;
    Ok(written == 1)
}

/// Stops a job that is neither done nor cancelled; whether it was such a one.
pub(super) async fn cancel(
    handle: &mut Handle<'_>,
    id: JobId,
    now: Timestamp,
) -> QueryResult<bool> {
    let open = [State::Waiting, State::Running, State::Dead].map(State::code);
    let row = jobs::table.filter(jobs::id.eq(id.raw())).filter(jobs::state.eq_any(open));
    let written = diesel::update(row)
        .set((
            jobs::state.eq(State::Cancelled.code()),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(At(now)),
            jobs::leased_until.eq(None::<At>),
            jobs::finished_at.eq(At(now)),
        ))
        .execute(handle)
        .await?;
    Ok(written == 1)
}
