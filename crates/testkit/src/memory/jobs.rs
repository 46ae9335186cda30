//! The queue.

use async_trait::async_trait;
use domain_jobs::rules::{RETENTION, after_lost_lease};
use domain_jobs::{
    Agenda, Ask, Claimed, Ending, Job as Shown, JobFilter, JobRow, Progress, Queue, Schedule,
    ScheduleRow, State,
};
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Error, Id, JobClaim, JobId, NewJob, Record, Records, Result, TenantId, Which};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as JsonValue;
use std::collections::BTreeMap;

use super::MemoryStore;
use super::list::list;
use super::work::MemoryWork;

/// Jobs and schedules.
#[derive(Clone, Default)]
pub(super) struct JobsState {
    jobs: BTreeMap<i64, Job>,
    last_id: i64,
    schedules: BTreeMap<(i64, String), ScheduleRow>,
}

/// A job as it is kept.
#[derive(Clone)]
struct Job {
    row: JobRow,
    payload: JsonValue,
    unique_key: Option<String>,
    claims: i64,
}

impl Job {
    fn turn(&self) -> i64 {
        self.row.tenant.raw()
    }

    fn is_live(&self) -> bool {
        matches!(self.row.state, State::Waiting | State::Running)
    }

    /// Moves to a state; only running jobs have a lease, only ended ones an end.
    fn become_now(&mut self, state: State, now: Timestamp) {
        self.row.state = state;
        self.row.leased_until = None;
        self.row.finished_at = (!self.is_live()).then_some(now);
    }
}

impl JobsState {
    /// Forgets a workspace's jobs and schedules; how many of each.
    pub(super) fn erase(&mut self, tenant: TenantId) -> (usize, usize) {
        let before = (self.jobs.len(), self.schedules.len());
        self.jobs.retain(|_, job| job.row.tenant != tenant);
        self.schedules.retain(|(of, _), _| *of != tenant.raw());
        (before.0 - self.jobs.len(), before.1 - self.schedules.len())
    }

    /// Stores a job, unless one lives under its unique key.
    pub(super) fn insert(&mut self, job: NewJob, now: Timestamp) -> JobId {
        let same = |known: &&Job| {
            known.is_live()
                && known.row.tenant == job.tenant
                && known.row.kind == job.kind
                && known.unique_key.is_some()
                && known.unique_key == job.unique_key
        };
        if let Some(known) = self.jobs.values().find(same) {
            return known.row.id;
        }
        self.last_id += 1;
        let id = Id::new(self.last_id);
        let row = JobRow {
            id,
            tenant: job.tenant,
            person: job.person,
            kind: job.kind,
            state: State::Waiting,
            priority: job.priority,
            progress: Progress::default(),
            attempts: 0,
            max_attempts: job.max_attempts,
            created_at: now,
            run_at: job.run_at,
            started_at: None,
            finished_at: None,
            leased_until: None,
            worker: String::new(),
            outcome: None,
            last_error: String::new(),
            request_id: job.request_id.to_string(),
        };
        let job = Job { row, payload: job.payload, unique_key: job.unique_key, claims: 0 };
        self.jobs.insert(id.raw(), job);
        id
    }

    /// The job that a claim holds.
    fn held(&mut self, claim: JobClaim) -> Option<&mut Job> {
        self.jobs
            .get_mut(&claim.job.raw())
            .filter(|job| job.row.state == State::Running && job.claims == claim.number)
    }

    /// Finishes a job; whether the claim held it.
    pub(super) fn finish(&mut self, claim: JobClaim, outcome: JsonValue, now: Timestamp) -> bool {
        let Some(job) = self.held(claim) else { return false };
        job.become_now(State::Done, now);
        job.row.outcome = Some(outcome);
        job.row.last_error.clear();
        job.row.progress.percent = 100;
        true
    }

    /// A workspace's jobs as its members see them.
    fn of(&self, tenant: TenantId) -> impl Iterator<Item = Record<Shown>> {
        let jobs = self.jobs.values().filter(move |job| job.row.tenant == tenant);
        jobs.map(|job| job.row.clone().record(1, job.row.created_at))
    }

    /// Forgets what ended long ago.
    pub(super) fn sweep(&mut self, now: Timestamp) -> usize {
        let before = self.jobs.len();
        self.jobs.retain(|_, job| {
            let over = matches!(job.row.state, State::Done | State::Cancelled);
            let old = |at: Timestamp| now.duration_since(at) >= RETENTION;
            !(over && job.row.finished_at.is_some_and(old))
        });
        before - self.jobs.len()
    }
}

impl MemoryStore {
    /// Changes the queue in a unit of its own.
    async fn change<T>(&self, change: impl FnOnce(&mut JobsState, Timestamp) -> T) -> Result<T> {
        let mut work: MemoryWork = self.write(None).await?;
        let now = self.shared.clock.now();
        let outcome = change(&mut work.state_mut()?.jobs, now);
        domain_kernel::Work::commit(Box::new(work)).await?;
        Ok(outcome)
    }

    fn look<T>(&self, look: impl FnOnce(&JobsState) -> T) -> T {
        look(&self.shared.committed().jobs)
    }

    /// Forgets what is kept for a limited time only, of the queue.
    ///
    /// # Errors
    /// Those of units of work.
    pub async fn sweep_jobs(&self) -> Result<usize> {
        self.change(JobsState::sweep).await
    }
}

#[async_trait]
impl Queue for MemoryStore {
    async fn agenda(&self, kinds: &[&'static str]) -> Result<Agenda> {
        Ok(self.look(|state| {
            let known = |kind: &str| kinds.contains(&kind);
            let jobs = || state.jobs.values().map(|job| &job.row);
            let waiting = jobs().filter(|row| row.state == State::Waiting && known(&row.kind));
            let schedules = state.schedules.values().filter(|row| known(&row.schedule.kind));
            Agenda {
                job: waiting.map(|row| row.run_at).min(),
                lease: jobs().filter_map(|row| row.leased_until).min(),
                schedule: schedules.map(|row| row.next_at).min(),
            }
        }))
    }

    async fn claim(&self, ask: &Ask<'_>) -> Result<Option<Claimed>> {
        self.change(|state, now| {
            let due = state.jobs.values_mut().filter(|job| {
                let row = &job.row;
                row.state == State::Waiting
                    && row.run_at <= now
                    && ask.kinds.contains(&row.kind.as_str())
            });
            let order = |job: &&mut Job| {
                let (turn, row) = (job.turn(), &job.row);
                (turn <= ask.after, turn, row.priority, row.run_at, row.id)
            };
            let job = due.min_by_key(order)?;
            let leased_until = now.checked_add(ask.lease).ok()?;
            job.become_now(State::Running, now);
            job.claims += 1;
            job.row.attempts += 1;
            job.row.leased_until = Some(leased_until);
            job.row.started_at = Some(now);
            job.row.worker = ask.worker.to_owned();
            job.row.progress = Progress::default();
            let row = &job.row;
            Some(Claimed {
                claim: JobClaim { job: row.id, tenant: row.tenant, number: job.claims },
                kind: row.kind.clone(),
                payload: job.payload.clone(),
                attempt: row.attempts,
                max_attempts: row.max_attempts,
                person: row.person,
                request_id: row.request_id.as_str().into(),
                leased_until,
            })
        })
        .await
    }

    async fn beat(
        &self,
        claim: JobClaim,
        lease: SignedDuration,
        progress: &Progress,
    ) -> Result<bool> {
        self.change(|state, now| {
            let Some(job) = state.held(claim) else { return false };
            job.row.leased_until = now.checked_add(lease).ok();
            job.row.progress = progress.clone();
            true
        })
        .await
    }

    async fn end(&self, claim: JobClaim, ending: &Ending) -> Result<bool> {
        let held = self
            .change(|state, now| {
                if let Ending::Done(outcome) = ending {
                    return state.finish(claim, outcome.clone(), now);
                }
                let Some(job) = state.held(claim) else { return false };
                match ending {
                    Ending::Done(_) => unreachable!("finished above"),
                    Ending::Retry { at, error } => {
                        job.become_now(State::Waiting, now);
                        (job.row.run_at, job.row.last_error) = (*at, error.clone());
                    }
                    Ending::Dead { error } => {
                        job.become_now(State::Dead, now);
                        job.row.last_error = error.clone();
                    }
                    Ending::Released => {
                        job.become_now(State::Waiting, now);
                        job.row.run_at = now;
                        job.row.attempts -= 1;
                    }
                }
                true
            })
            .await?;
        if *ending == Ending::Released {
            self.shared.bell.notify_one();
        }
        Ok(held)
    }

    async fn recover(&self) -> Result<usize> {
        self.change(|state, now| {
            let lost = state
                .jobs
                .values_mut()
                .filter(|job| job.row.leased_until.is_some_and(|until| until <= now));
            let mut count = 0;
            for job in lost {
                let (next, error) = after_lost_lease(job.row.attempts, job.row.max_attempts);
                job.become_now(next, now);
                job.row.last_error = error.to_owned();
                count += 1;
            }
            count
        })
        .await
    }

    async fn declare(&self, schedule: &Schedule) -> Result<()> {
        let key = (schedule.tenant.raw(), schedule.name.clone());
        if self.look(|state| {
            state.schedules.get(&key).is_some_and(|known| known.schedule == *schedule)
        }) {
            return Ok(());
        }
        let next_at = schedule.next_after(self.shared.clock.now())?;
        self.change(|state, _| {
            let last_at = state.schedules.get(&key).and_then(|known| known.last_at);
            let row = ScheduleRow { schedule: schedule.clone(), next_at, last_at };
            state.schedules.insert(key, row);
        })
        .await
    }

    async fn fire(&self, kinds: &[&'static str]) -> Result<usize> {
        let fired = self
            .change(|state, now| {
                let due: Vec<_> = state
                    .schedules
                    .values_mut()
                    .filter(|row| row.next_at <= now && kinds.contains(&&*row.schedule.kind))
                    .map(|row| {
                        row.next_at = row.schedule.next_after(now)?;
                        row.last_at = Some(now);
                        Ok(row.schedule.job(now))
                    })
                    .collect::<Result<_>>()?;
                let fired = due.len();
                for job in due {
                    state.insert(job, now);
                }
                Ok::<_, Error>(fired)
            })
            .await??;
        self.shared.bell.notify_one();
        Ok(fired)
    }

    async fn changed(&self) {
        self.shared.bell.notified().await;
    }

    async fn jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>> {
        let wanted = |row: &&JobRow| {
            filter.state.is_none_or(|state| state == row.state)
                && filter.kind.as_ref().is_none_or(|kind| *kind == row.kind)
                && filter.tenant.is_none_or(|tenant| tenant == row.tenant)
        };
        let limit = usize::try_from(filter.limit).unwrap_or(0);
        Ok(self.look(|state| {
            let rows = state.jobs.values().rev().map(|job| &job.row).filter(wanted);
            rows.take(limit).cloned().collect()
        }))
    }

    async fn job(&self, id: JobId) -> Result<Option<JobRow>> {
        Ok(self.look(|state| state.jobs.get(&id.raw()).map(|job| job.row.clone())))
    }

    async fn replay(&self, id: JobId) -> Result<bool> {
        let replayed = self
            .change(|state, now| {
                let Some(job) = state.jobs.get(&id.raw()).cloned() else { return Ok(false) };
                if matches!(job.row.state, State::Running | State::Done) {
                    return Ok(false);
                }
                let taken = |other: &Job| {
                    other.row.id != id
                        && other.is_live()
                        && job.unique_key.is_some()
                        && (other.turn(), &other.row.kind, &other.unique_key)
                            == (job.turn(), &job.row.kind, &job.unique_key)
                };
                if state.jobs.values().any(taken) {
                    let message = "Another job waits or runs under its unique key.";
                    return Err(Error::Conflict(message.to_owned()));
                }
                let mut job = job;
                job.become_now(State::Waiting, now);
                (job.row.run_at, job.row.attempts) = (now, 0);
                job.row.progress = Progress::default();
                state.jobs.insert(id.raw(), job);
                Ok(true)
            })
            .await??;
        self.shared.bell.notify_one();
        Ok(replayed)
    }

    async fn cancel(&self, id: JobId) -> Result<bool> {
        self.change(|state, now| {
            let open = |job: &&mut Job| job.is_live() || job.row.state == State::Dead;
            let Some(job) = state.jobs.get_mut(&id.raw()).filter(open) else {
                return false;
            };
            job.become_now(State::Cancelled, now);
            true
        })
        .await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        Ok(self.look(|state| state.schedules.values().cloned().collect()))
    }
}

/// What members see of jobs within a unit of work.
pub(super) struct MemoryJobs<'w>(pub(super) &'w mut MemoryWork);

#[async_trait]
impl Records<Shown> for MemoryJobs<'_> {
    async fn find(&mut self, ids: &[Id<Shown>], _: Which) -> Result<Vec<Record<Shown>>> {
        let jobs = self.0.state().jobs.of(self.0.tenant()?);
        Ok(jobs.filter(|job| ids.contains(&job.id)).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Shown>>> {
        Ok(list(self.0.state().jobs.of(self.0.tenant()?), query))
    }

    async fn insert(&mut self, _: Shown, _: Timestamp) -> Result<Record<Shown>> {
        Err(Error::internal("members only read jobs"))
    }

    async fn update(&mut self, _: &Record<Shown>) -> Result<bool> {
        Err(Error::internal("members only read jobs"))
    }
}
