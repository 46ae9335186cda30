//! What happens by the clock.

use domain_kernel::{Error, JobKind, NewJob, Priority, Result, TenantId};
use jiff::Timestamp;
use serde_json::Value as JsonValue;

use crate::Cron;

/// A job that is enqueued again and again.
///
/// Each time is enqueued once, by whichever worker is first; times that nobody was there for are
/// made up for by one job, not by all of them. While the job of the time before still waits or
/// runs, there is no second one.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Unique in its workspace.
    pub name: String,
    /// Whose it is; the platform's own workspace for what concerns no other.
    pub tenant: TenantId,
    /// When; see [`Cron`].
    pub cron: String,
    /// By the clock of which place.
    pub time_zone: String,
    /// The kind of the jobs.
    pub kind: String,
    /// Their payload.
    pub payload: JsonValue,
    /// Their priority.
    pub priority: Priority,
    /// How often each is tried.
    pub max_attempts: u32,
}

impl Schedule {
    /// A schedule of the platform.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the expression or the time zone makes no sense.
    pub fn of_platform<K: JobKind>(
        name: &str,
        cron: &str,
        time_zone: &str,
        payload: &K,
    ) -> Result<Self> {
        Cron::new(cron, time_zone)?;
        Ok(Self {
            name: name.to_owned(),
            tenant: TenantId::PLATFORM,
            cron: cron.to_owned(),
            time_zone: time_zone.to_owned(),
            kind: K::KIND.to_owned(),
            payload: serde_json::to_value(payload).map_err(Error::internal)?,
            priority: K::PRIORITY,
            max_attempts: K::MAX_ATTEMPTS,
        })
    }

    /// A schedule of a workspace.
    ///
    /// # Errors
    /// As [`Schedule::of_platform`].
    pub fn of_workspace<K: JobKind>(
        tenant: TenantId,
        name: &str,
        cron: &str,
        time_zone: &str,
        payload: &K,
    ) -> Result<Self> {
        let schedule = Self::of_platform(name, cron, time_zone, payload)?;
        Ok(Self { tenant, ..schedule })
    }

    /// The first time after an instant.
    ///
    /// # Errors
    /// As [`Cron::new`].
    pub fn next_after(&self, instant: Timestamp) -> Result<Timestamp> {
        Cron::new(&self.cron, &self.time_zone)?.next_after(instant)
    }

    /// The job of one time.
    pub fn job(&self, now: Timestamp) -> NewJob {
        NewJob {
            kind: self.kind.clone(),
            payload: self.payload.clone(),
            priority: self.priority,
            run_at: now,
            unique_key: Some(format!("schedule:{}", self.name)),
            max_attempts: self.max_attempts,
            tenant: self.tenant,
            person: None,
            request_id: format!("schedule-{}", self.name).into(),
        }
    }
}
