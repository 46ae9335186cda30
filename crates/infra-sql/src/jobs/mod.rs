//! The queue: jobs and schedules of all workspaces.
//!
//! Its own transactions serve every workspace at once, so they enter the tables without a tenant;
//! on PostgreSQL the policy `queue` lets them (`SqlStore::queue_unit`). Everything that a member
//! reaches goes through `rows::Rows` like every other table.

mod claims;
mod endings;
mod enqueue;
mod members;
mod operators;
mod schedules;
mod table;

use async_trait::async_trait;
use domain_jobs::{
    Agenda, Ask, Claimed, Ending, JobFilter, JobRow, Progress, Queue, Schedule, ScheduleRow,
};
use domain_kernel::{Error, JobClaim, JobId, Result, Work as _};
use jiff::SignedDuration;

pub(crate) use endings::{finish, sweep};
pub(crate) use enqueue::insert;
pub(crate) use members::Jobs;

use crate::SqlStore;
use crate::errors::of_query;
use crate::work::SqlWork;

#[async_trait]
impl Queue for SqlStore {
    async fn agenda(&self, kinds: &[&'static str]) -> Result<Agenda> {
        let mut work = self.queue_unit(false).await?;
        let agenda = claims::agenda(&mut work.handle().await?, kinds).await.map_err(of_query)?;
        done(work, agenda).await
    }

    async fn claim(&self, ask: &Ask<'_>) -> Result<Option<Claimed>> {
        let mut work = self.queue_unit(true).await?;
        let now = self.clock().now();
        let found = claims::claim(&mut work.handle().await?, ask, now).await.map_err(of_query)?;
        done(work, found).await
    }

    async fn beat(
        &self,
        claim: JobClaim,
        lease: SignedDuration,
        progress: &Progress,
    ) -> Result<bool> {
        let mut work = self.queue_unit(true).await?;
        let now = self.clock().now();
        let until = now.checked_add(lease).map_err(Error::internal)?;
        let mut handle = work.handle().await?;
        let held = claims::beat(&mut handle, claim, (now, until), progress).await;
        done(work, held.map_err(of_query)?).await
    }

    async fn end(&self, claim: JobClaim, ending: &Ending) -> Result<bool> {
        let mut work = self.queue_unit(true).await?;
        let now = self.clock().now();
        let held = endings::end(&mut work.handle().await?, claim, ending, now).await;
        let held = held.map_err(of_query)?;
        if matches!(ending, Ending::Released) {
            work.has_jobs();
        }
        done(work, held).await
    }

    async fn recover(&self) -> Result<usize> {
        let mut work = self.queue_unit(true).await?;
        let now = self.clock().now();
        let count = endings::recover(&mut work.handle().await?, now).await.map_err(of_query)?;
        done(work, count).await
    }

    async fn declare(&self, schedule: &Schedule) -> Result<()> {
        let mut look = self.queue_unit(false).await?;
        let known = schedules::find(&mut look.handle().await?, schedule).await.map_err(of_query)?;
        done(look, ()).await?;
        if known.as_ref() == Some(schedule) {
            return Ok(());
        }
        let next_at = schedule.next_after(self.clock().now())?;
        let mut work = self.queue_unit(true).await?;
        schedules::put(&mut work.handle().await?, schedule, next_at).await.map_err(of_query)?;
        done(work, ()).await
    }

    async fn fire(&self, kinds: &[&'static str]) -> Result<usize> {
        let mut work = self.queue_unit(true).await?;
        let now = self.clock().now();
        let fired =
            schedules::fire(&mut work.handle().await?, kinds, now).await.map_err(of_query)?;
        work.has_jobs();
        done(work, fired).await
    }

    async fn changed(&self) {
        self.bell().notified().await;
    }

    async fn jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>> {
        let mut work = self.queue_unit(false).await?;
        let rows = operators::list(&mut work.handle().await?, filter).await.map_err(of_query)?;
        done(work, rows).await
    }

    async fn job(&self, id: JobId) -> Result<Option<JobRow>> {
        let mut work = self.queue_unit(false).await?;
        let row = operators::find(&mut work.handle().await?, id).await.map_err(of_query)?;
        done(work, row).await
    }

    async fn replay(&self, id: JobId) -> Result<bool> {
        let mut work = self.queue_unit(true).await?;
        let now = self.clock().now();
        let replayed = operators::replay(&mut work.handle().await?, id, now).await;
        let replayed = replayed.map_err(|error| match of_query(error) {
            Error::Conflict(_) => {
                Error::Conflict("Another job waits or runs under its unique key.".to_owned())
            }
            other => other,
        })?;
        work.has_jobs();
        done(work, replayed).await
    }

    async fn cancel(&self, id: JobId) -> Result<bool> {
        let mut work = self.queue_unit(true).await?;
        let now = self.clock().now();
        let stopped = operators::cancel(&mut work.handle().await?, id, now).await;
        done(work, stopped.map_err(of_query)?).await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        let mut work = self.queue_unit(false).await?;
        let rows = schedules::all(&mut work.handle().await?).await.map_err(of_query)?;
        done(work, rows).await
    }
}

async fn done<T>(work: SqlWork, outcome: T) -> Result<T> {
    Box::new(work).commit().await?;
    Ok(outcome)
}
