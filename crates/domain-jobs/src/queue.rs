//! The port: where jobs are kept, and what such a store promises.

use std::sync::Arc;

use async_trait::async_trait;
use domain_kernel::{JobClaim, JobId, PersonId, Priority, Result, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as JsonValue;

use crate::{Schedule, State};

/// When there is something to do; none is never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agenda {
    /// When the first waiting job is due.
    pub job: Option<Timestamp>,
    /// When the first lease ends.
    pub lease: Option<Timestamp>,
    /// When the first schedule is due.
    pub schedule: Option<Timestamp>,
}

impl Agenda {
    /// The first of them.
    pub fn first(&self) -> Option<Timestamp> {
        [self.job, self.lease, self.schedule].into_iter().flatten().min()
    }
}

/// What a worker asks for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The kinds that it can do.
    pub kinds: &'a [&'static str],
    /// Whose job it did last: [`Claimed::turn`], 0 at first. Workspaces
    /// (the platform's is one of them) take turns in the order of their ids.
    pub after: i64,
    /// How long it holds the job unless it says more.
    pub lease: SignedDuration,
    /// The worker's name, for people.
    pub worker: &'a str,
}

/// A job that a worker holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// What proves that.
    pub claim: JobClaim,
    /// Its kind.
    pub kind: String,
    /// What the handler needs.
    pub payload: JsonValue,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// After how many it is dead.
    pub max_attempts: u32,
    /// Who started it, when a person did.
    pub person: Option<PersonId>,
    /// In which request.
    pub request_id: Arc<str>,
    /// When the lease ends.
    pub leased_until: Timestamp,
}

impl Claimed {
    /// Whose turn it was, for [`Ask::after`].
    pub fn turn(&self) -> i64 {
        self.claim.tenant.raw()
    }
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// 0 to 100.
    pub percent: u8,
    /// A word to people; may be empty.
    pub note: String,
}

/// How an attempt ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It succeeded, with what is shown of it.
    Done(JsonValue),
    /// It failed and is tried again.
    Retry {
        /// Not before this.
        at: Timestamp,
        /// What went wrong, for people.
        error: String,
    },
    /// It failed for good.
    Dead {
        /// What went wrong, for people.
        error: String,
    },
    /// The worker stops: the attempt does not count, and another worker takes over at once.
    Released,
}

/// Which jobs an operator wants to see.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// In this state.
    pub state: Option<State>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this workspace.
    pub tenant: Option<TenantId>,
    /// At most so many, the newest first.
    pub limit: i64,
}

/// A job as operators see it: all but its payload.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// Its workspace.
    pub tenant: TenantId,
    /// Who started it, when a person did.
    pub person: Option<PersonId>,
    /// Its kind.
    pub kind: String,
    /// Where it stands.
    pub state: State,
    /// Before or after others of its workspace.
    pub priority: Priority,
    /// How far it is.
    pub progress: Progress,
    /// How often it was tried.
    pub attempts: u32,
    /// After how many it is dead.
    pub max_attempts: u32,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it is due, or was.
    pub run_at: Timestamp,
    /// When its last attempt began.
    pub started_at: Option<Timestamp>,
    /// When it was done, dead or cancelled.
    pub finished_at: Option<Timestamp>,
    /// Until when a worker holds it.
    pub leased_until: Option<Timestamp>,
    /// The worker that holds it, or did last.
    pub worker: String,
    /// What it gave.
    pub outcome: Option<JsonValue>,
    /// What went wrong last, for people; may be empty.
    pub last_error: String,
    /// In which request it was enqueued.
    pub request_id: String,
}

/// A schedule as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRow {
    /// What happens when.
    pub schedule: Schedule,
    /// When it happens next.
    pub next_at: Timestamp,
    /// When it happened last.
    pub last_at: Option<Timestamp>,
}

/// Where jobs are kept. They come in with units of work ([`Work::enqueue`](domain_kernel::Work)),
/// and can go out with them ([`Work::complete`](domain_kernel::Work)).
///
/// A store promises, over all workers of all servers:
/// - a job is claimed by one worker at a time, and a claim that ran out or was taken back finishes
///   nothing: `beat`, `end` and a commit with `complete` say so;
/// - workspaces take turns: among those with a due job, the next after [`Ask::after`] in the order
///   of ids, however many jobs each has; within a workspace the order is priority, due time, id;
/// - looking (`agenda`) writes nothing.
#[async_trait]
pub trait Queue: Send + Sync {
    /// When there will be something to do for workers of these kinds.
    async fn agenda(&self, kinds: &[&'static str]) -> Result<Agenda>;

    /// Claims the next due job, if there is one.
    async fn claim(&self, ask: &Ask<'_>) -> Result<Option<Claimed>>;

    /// Prolongs a lease from now on, and notes how far the job is. `false`: it is not held any more.
    async fn beat(
        &self,
        claim: JobClaim,
        lease: SignedDuration,
        progress: &Progress,
    ) -> Result<bool>;

    /// Ends an attempt. `false`: the claim did not hold the job any more, and nothing happened.
    async fn end(&self, claim: JobClaim, ending: &Ending) -> Result<bool>;

    /// Takes back the jobs whose leases have run out, by
    /// [`after_lost_lease`](crate::rules::after_lost_lease); how many there were.
    async fn recover(&self) -> Result<usize>;

    /// Stores a schedule, or what has changed of it; one that is as it was costs a look. Another
    /// expression or time zone counts from now.
    async fn declare(&self, schedule: &Schedule) -> Result<()>;

    /// Enqueues the jobs of the schedules that are due and moves these on, each once; how many.
    async fn fire(&self, kinds: &[&'static str]) -> Result<usize>;

    /// Waits until a unit of this process has committed a job, now or since the last wait.
    async fn changed(&self);

    /// Jobs of all workspaces.
    async fn jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>>;

    /// A job of any workspace.
    async fn job(&self, id: JobId) -> Result<Option<JobRow>>;

    /// Lets a dead or cancelled job, or one that waits for its next attempt, run at once, with all
    /// its attempts again; `false` when it is none of these.
    ///
    /// # Errors
    /// [`Error::Conflict`](domain_kernel::Error::Conflict) when another waits or runs under its
    /// unique key.
    async fn replay(&self, id: JobId) -> Result<bool>;

    /// Stops a job that waits or runs, or lets go of a dead one, which is then deleted in its time;
    /// `false` when it is none of these.
    async fn cancel(&self, id: JobId) -> Result<bool>;

    /// Every schedule, in the order of workspaces and names.
    async fn schedules(&self) -> Result<Vec<ScheduleRow>>;
}
