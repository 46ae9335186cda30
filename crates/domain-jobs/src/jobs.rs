//! What operators do with jobs, and members see of them.

use std::sync::Arc;

use domain_kernel::{Clock, Error, JobId, Random, Result};

use crate::{JobFilter, JobRecords, JobRow, JobsStore, Queue, ScheduleRow};

/// The operators' use cases, over all workspaces, and the members'.
#[derive(Clone)]
pub struct Jobs {
    /// What members do: look.
    pub records: JobRecords,
    queue: Arc<dyn Queue>,
}

impl Jobs {
    /// The use cases over a queue and the same store as members see it.
    pub fn new(
        queue: Arc<dyn Queue>,
        store: Arc<JobsStore>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { queue, records: JobRecords::new(store, clock, random) }
    }

    /// The queue, for a worker.
    pub fn queue(&self) -> Arc<dyn Queue> {
        self.queue.clone()
    }

    /// Jobs, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, filter: &JobFilter) -> Result<Vec<JobRow>> {
        self.queue.jobs(filter).await
    }

    /// One job.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn show(&self, id: JobId) -> Result<JobRow> {
        self.queue.job(id).await?.ok_or(Error::NotFound)
    }

    /// Lets a job run at once, with all its attempts again.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when it runs or is done, or another waits or runs
    /// under its unique key.
    pub async fn retry(&self, id: JobId) -> Result<JobRow> {
        let job = self.show(id).await?;
        if self.queue.replay(id).await? {
            return self.show(id).await;
        }
        Err(refused(&job, "retried"))
    }

    /// Stops a job. One that runs is stopped at its next beat, and finishes nothing any more.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when it has ended.
    pub async fn cancel(&self, id: JobId) -> Result<JobRow> {
        let job = self.show(id).await?;
        if self.queue.cancel(id).await? {
            return self.show(id).await;
        }
        Err(refused(&job, "cancelled"))
    }

    /// Every schedule.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        self.queue.schedules().await
    }
}

fn refused(job: &JobRow, what: &str) -> Error {
    Error::Conflict(format!("The job is {} and cannot be {what}.", job.state.code()))
}
