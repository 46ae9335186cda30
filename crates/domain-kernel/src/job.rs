//! Work for later: what a use case enqueues in its unit of work, and who does it afterwards.
//!
//! The queue itself (claims, retries, schedules) is `domain-jobs`; here is only what every domain
//! crate needs to enqueue: a [`JobKind`] of its own, and [`Work::enqueue`](crate::Work::enqueue).

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as JsonValue;

use crate::{Error, Id, OpContext, PersonId, Result, TenantId};

/// The id of a job.
pub type JobId = Id<NewJob>;

/// How often a job is tried unless its kind says otherwise.
pub const DEFAULT_ATTEMPTS: u32 = 10;

/// A kind of job: the type is the payload, for those who enqueue and for the one who handles.
pub trait JobKind: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Names the kind in the database: `<module>.<what is done>`. It never changes; a payload only
    /// grows, by fields with a default, because jobs of the version before may still wait.
    const KIND: &'static str;
    /// Among the jobs of the same workspace.
    const PRIORITY: Priority = Priority::Normal;
    /// How often it is tried before it is dead.
    const MAX_ATTEMPTS: u32 = DEFAULT_ATTEMPTS;
}

/// Which of a workspace's due jobs comes first; workspaces take turns whatever theirs is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    /// Somebody waits for it.
    High,
    /// Most.
    #[default]
    Normal,
    /// Upkeep, and what can wait for everything else.
    Low,
}

impl Priority {
    /// The number in the database: the smallest is first.
    pub const fn rank(self) -> i64 {
        match self {
            Self::High => 0,
            Self::Normal => 1,
            Self::Low => 2,
        }
    }

    /// The priority of a number.
    pub const fn from_rank(rank: i64) -> Self {
        match rank {
            i64::MIN..=0 => Self::High,
            1 => Self::Normal,
            _ => Self::Low,
        }
    }
}

/// A job that is enqueued.
///
/// Its payload is for its handler only; it may hold what the workspace's data holds, and never a
/// secret.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// [`JobKind::KIND`].
    pub kind: String,
    /// What the handler needs.
    pub payload: JsonValue,
    /// Before or after others.
    pub priority: Priority,
    /// Not before this instant.
    pub run_at: Timestamp,
    /// While a job of this kind and workspace with the same key waits or runs, no other is
    /// enqueued.
    pub unique_key: Option<String>,
    /// How often it is tried.
    pub max_attempts: u32,
    /// The workspace that it belongs to; the platform's own for what concerns no other.
    pub tenant: TenantId,
    /// Who started it, when a person did.
    pub person: Option<PersonId>,
    /// In which request.
    pub request_id: Arc<str>,
}

impl NewJob {
    /// A job of the workspace that is acted in, due at once.
    ///
    /// # Errors
    /// When the payload cannot be written as JSON.
    pub fn new<K: JobKind>(ctx: &OpContext, now: Timestamp, payload: &K) -> Result<Self> {
        let job = Self::of_platform(ctx.request_id.clone(), now, payload)?;
        Ok(Self { tenant: ctx.tenant, person: ctx.actor.person(), ..job })
    }

    /// A job of the platform, due at once.
    ///
    /// # Errors
    /// As [`NewJob::new`].
    pub fn of_platform<K: JobKind>(
        request_id: impl Into<Arc<str>>,
        now: Timestamp,
        payload: &K,
    ) -> Result<Self> {
        Ok(Self {
            kind: K::KIND.to_owned(),
            payload: serde_json::to_value(payload).map_err(Error::internal)?,
            priority: K::PRIORITY,
            run_at: now,
            unique_key: None,
            max_attempts: K::MAX_ATTEMPTS,
            tenant: TenantId::PLATFORM,
            person: None,
            request_id: request_id.into(),
        })
    }

    /// Not before an instant.
    #[must_use]
    pub fn at(self, run_at: Timestamp) -> Self {
        Self { run_at, ..self }
    }

    /// Not while another of its kind with this key waits or runs.
    #[must_use]
    pub fn unique(self, key: impl Into<String>) -> Self {
        Self { unique_key: Some(key.into()), ..self }
    }

    /// Before or after others.
    #[must_use]
    pub fn with_priority(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }
}

/// A worker's hold on a job: what it shows to finish it.
///
/// Every claim of a job has a number of its own, so a worker that was taken for dead cannot finish
/// what another has claimed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobClaim {
    /// The job.
    pub job: JobId,
    /// Its workspace.
    pub tenant: TenantId,
    /// Which claim of the job it is; raised by each.
    pub number: i64,
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Greet {
        name: String,
    }

    impl JobKind for Greet {
        const KIND: &'static str = "test.greet";
        const PRIORITY: Priority = Priority::High;
    }

    #[test]
    fn a_job_carries_who_asked_for_it() {
        let ctx = OpContext::system(TenantId::new(7), "request");
        let now = Timestamp::UNIX_EPOCH;
        let job = NewJob::new(&ctx, now, &Greet { name: "Ada".to_owned() }).expect("JSON");
        assert_eq!((job.kind.as_str(), job.tenant), ("test.greet", TenantId::new(7)));
        assert_eq!((job.priority, job.max_attempts), (Priority::High, DEFAULT_ATTEMPTS));
        assert_eq!(job.payload, serde_json::json!({ "name": "Ada" }));
        assert_eq!(&*job.request_id, "request");
        let payload: Greet = serde_json::from_value(job.payload).expect("the same type");
        assert_eq!(payload.name, "Ada");
    }

    #[test]
    fn priorities_keep_their_order_as_numbers() {
        let all = [Priority::High, Priority::Normal, Priority::Low];
        assert!(all.is_sorted() && all.map(Priority::rank).is_sorted());
        assert_eq!(all.map(|priority| Priority::from_rank(priority.rank())), all);
    }
}
