//! What members see: the jobs of their workspace, to be read.

use domain_jobs::{Job, JobRow};
use domain_kernel::Error;

use super::table::{Seen, jobs};
use crate::records::prelude::*;

const TABLE: &str = "jobs";

/// The jobs of one workspace.
pub(crate) struct Jobs<'w>(pub(crate) Scope<'w>);

fn record((seen, version, updated_at): (Seen, i64, At)) -> Record<Job> {
    JobRow::from(seen).record(version, updated_at.0)
}

impl Jobs<'_> {
    async fn find(&mut self, ids: &[Id<Job>], which: Which) -> Result<Vec<Record<Job>>> {
        let rows = Rows::seen_by(Some(self.0.tenant()?), TABLE, which);
        let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
        let query = jobs::table.filter(rows).filter(jobs::id.eq_any(ids));
        let query = query.select((Seen::as_select(), jobs::version, jobs::updated_at));
        let found: Vec<(Seen, i64, At)> =
            query.load(&mut self.0.lease.handle().await?).await.map_err(of_query)?;
        Ok(found.into_iter().map(record).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Job>>> {
        let rows = Rows::listed(Some(self.0.tenant()?), TABLE, query);
        let filter = Filter::new(TABLE, Job::FIELDS, query);
        let (skip, take) = filter::extent(query);
        let count =
            filter::counts(query).then(|| jobs::table.filter(rows).filter(filter.clone()).count());
        let page = jobs::table
            .filter(rows)
            .filter(filter.within(query))
            .order(Sort::new(TABLE, query))
            .offset(skip)
            .limit(take)
            .select((Seen::as_select(), jobs::version, jobs::updated_at));
        let found = page_and_count!(self.0.lease, page, count);
        let (found, total): (Vec<(Seen, i64, At)>, _) = found.map_err(of_query)?;
        Ok(filter::listing(query, found.into_iter().map(record).collect(), total))
    }
}

/// Jobs come in by [`Work::enqueue`](domain_kernel::Work), and the queue writes them.
fn only_read() -> Error {
    Error::internal("members only read jobs")
}

#[async_trait]
impl Records<Job> for Jobs<'_> {
    async fn find(&mut self, ids: &[Id<Job>], which: Which) -> Result<Vec<Record<Job>>> {
        Jobs::find(self, ids, which).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Job>>> {
        Jobs::list(self, query).await
    }

    async fn insert(&mut self, _: Job, _: Timestamp) -> Result<Record<Job>> {
        Err(only_read())
    }

    async fn update(&mut self, _: &Record<Job>) -> Result<bool> {
        Err(only_read())
    }
}
