//! Jobs come in.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_kernel::NewJob;
use jiff::Timestamp;

use super::table::{jobs, live};
use crate::columns::At;
use crate::dialect::Handle;

/// How often it is looked for the job under a unique key, should it end between two looks.
const LOOKS: usize = 5;

/// Stores a job, unless one lives under its unique key; the id of either.
pub(crate) async fn insert(
    handle: &mut Handle<'_>,
    job: &NewJob,
    now: Timestamp,
) -> QueryResult<i64> {
    for _ in 0..LOOKS {
        let made = diesel::insert_into(jobs::table)
            .values((
                jobs::organization_id.eq(job.tenant.raw()),
                (jobs::version.eq(1), jobs::created_at.eq(At(now)), jobs::updated_at.eq(At(now))),
                jobs::started_by.eq(job.person.map(|person| person.raw())),
                jobs::kind.eq(&job.kind),
                jobs::payload.eq(&job.payload),
                jobs::priority.eq(job.priority.rank()),
                jobs::state.eq("waiting"),
                jobs::run_at.eq(At(job.run_at)),
                jobs::unique_key.eq(job.unique_key.as_deref()),
                (jobs::attempts.eq(0), jobs::max_attempts.eq(i64::from(job.max_attempts))),
                (jobs::claim_number.eq(0), jobs::worker.eq("")),
                (jobs::progress.eq(0), jobs::progress_note.eq("")),
                (jobs::last_error.eq(""), jobs::request_id.eq(&*job.request_id)),
            ))
            .on_conflict_do_nothing()
            .returning(jobs::id)
            .get_result(handle)
            .await
            .optional()?;
        let known = match made {
            Some(id) => Some(id),
            None => jobs::table
                .filter(live())
                .filter(jobs::organization_id.eq(job.tenant.raw()))
                .filter(jobs::kind.eq(&job.kind))
                .filter(jobs::unique_key.eq(job.unique_key.as_deref()))
                .select(jobs::id)
                .first(handle)
                .await
                .optional()?,
        };
        if let Some(id) = known {
            return Ok(id);
        }
    }
    Err(diesel::result::Error::NotFound)
}
