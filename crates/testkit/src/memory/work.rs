//! One unit of work.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use domain_jobs::{Job, JobsWork};
use domain_kernel::journal::Entry;
use domain_kernel::{
    Actor, Error, IdempotencyKey, JobClaim, JobId, NewJob, OpContext, Records, Remembered, Result,
    TenantId, Which, Work,
};
use jiff::SignedDuration;
use serde_json::Value as JsonValue;
use tokio::sync::OwnedMutexGuard;

use super::Shared;
use super::claims::{Claim, Request};
use super::jobs::MemoryJobs;
use super::state::State;

/// One unit of work: a private copy of everything, put in place by the commit.
pub(super) struct MemoryWork {
    shared: Arc<Shared>,
    /// Shared with others until it is first written to.
    state: Arc<State>,
    tenant: Option<TenantId>,
    request: Option<(Request, Vec<u8>)>,
    entries: Vec<Entry>,
    outcome: Option<JsonValue>,
    completed: Vec<(JobClaim, JsonValue)>,
    has_jobs: bool,
    /// What there was at the mark: everything that is stored, and how many entries.
    marked: Option<(Arc<State>, usize)>,
    /// Its turn to write; a unit for reading has none.
    turn: Option<OwnedMutexGuard<()>>,
    claim: Option<Claim>,
}

/// The key of a request that may be sent twice. Keys belong to people: the system repeats nothing.
pub(super) fn idempotent_request(ctx: &OpContext) -> Option<Request> {
    let key = ctx.idempotency.as_ref()?.key.clone();
    Some((ctx.tenant, ctx.actor.person()?, key))
}

impl MemoryWork {
    pub(super) fn new(shared: Arc<Shared>, ctx: Option<&OpContext>) -> Self {
        let fingerprint = |ctx: &OpContext| Some(ctx.idempotency.as_ref()?.fingerprint.clone());
        Self {
            state: shared.committed(),
            shared,
            tenant: ctx.map(|ctx| ctx.tenant),
            request: ctx.and_then(|ctx| Some((idempotent_request(ctx)?, fingerprint(ctx)?))),
            entries: Vec::new(),
            outcome: None,
            completed: Vec::new(),
            has_jobs: false,
            marked: None,
            turn: None,
            claim: None,
        }
    }

    pub(super) fn allow_writing(&mut self, turn: OwnedMutexGuard<()>, claim: Option<Claim>) {
        self.turn = Some(turn);
        self.claim = claim;
    }

    /// The time that the store has.
    pub(super) fn now(&self) -> jiff::Timestamp {
        self.shared.clock.now()
    }

    pub(super) fn tenant(&self) -> Result<TenantId> {
        self.tenant.ok_or_else(|| Error::internal("this unit of work is in no workspace"))
    }

    pub(super) fn enter_tenant(&mut self, tenant: TenantId) {
        self.tenant = Some(tenant);
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// The private copy, to be written.
    pub(super) fn state_mut(&mut self) -> Result<&mut State> {
        if self.turn.is_none() {
            return Err(Error::internal("a unit of work for reading was asked to write"));
        }
        Ok(Arc::make_mut(&mut self.state))
    }

    /// Refuses what the foreign keys of the journal refuse.
    fn check_entry(&self, entry: &Entry) -> Result<()> {
        let accounts = &self.state.accounts;
        let known = match entry.actor {
            Actor::Member(person) => accounts.is_member(entry.tenant, person),
            Actor::Staff(person) => {
                accounts.has_organization(entry.tenant) && accounts.has_person(person)
            }
            Actor::System => accounts.has_organization(entry.tenant),
        };
        if known { Ok(()) } else { Err(Error::internal("a journal entry of nobody's")) }
    }
}

#[async_trait]
impl Work for MemoryWork {
    async fn existing(&mut self, resource: &str, ids: &[i64]) -> Result<BTreeSet<i64>> {
        self.state.existing(self.tenant()?, resource, ids, Which::Live)
    }

    fn journal(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    async fn enqueue(&mut self, job: NewJob) -> Result<JobId> {
        if Some(job.tenant) != self.tenant && job.tenant != TenantId::PLATFORM {
            return Err(Error::internal("the job belongs to another workspace than the unit"));
        }
        let now = self.shared.clock.now();
        self.has_jobs = true;
        Ok(self.state_mut()?.jobs.insert(job, now))
    }

    fn complete(&mut self, claim: JobClaim, outcome: JsonValue) {
        self.completed.push((claim, outcome));
    }

    async fn mark(&mut self) -> Result<()> {
        self.marked = Some((self.state.clone(), self.entries.len()));
        Ok(())
    }

    async fn rewind(&mut self) -> Result<()> {
        let (state, entries) =
            self.marked.clone().ok_or_else(|| Error::internal("there is no mark to go back to"))?;
        self.state = state;
        self.entries.truncate(entries);
        Ok(())
    }

    async fn remembered(&mut self) -> Result<Option<Remembered>> {
        let lifetime = SignedDuration::from_hours(IdempotencyKey::LIFETIME_HOURS);
        let now = self.shared.clock.now();
        let found = self.request.as_ref().and_then(|(key, _)| self.state.remembered.get(key));
        Ok(found
            .filter(|(_, at)| now.duration_since(*at) < lifetime)
            .map(|(remembered, _)| remembered.clone()))
    }

    fn remember(&mut self, outcome: JsonValue) {
        self.outcome = Some(outcome);
    }

    async fn commit(mut self: Box<Self>) -> Result<()> {
        let writes =
            !self.entries.is_empty() || self.outcome.is_some() || !self.completed.is_empty();
        if self.turn.is_none() && !writes {
            return Ok(());
        }
        for entry in std::mem::take(&mut self.entries) {
            self.check_entry(&entry)?;
            self.state_mut()?.journal.push(entry);
        }
        if let (Some((key, fingerprint)), Some(outcome)) =
            (self.request.take(), self.outcome.take())
        {
            let accounts = &self.state.accounts;
            if !accounts.has_organization(key.0) || !accounts.has_person(key.1) {
                return Err(Error::internal("an outcome of nobody's"));
            }
            let now = self.shared.clock.now();
            let remembered = Remembered { fingerprint, outcome };
            self.state_mut()?.remembered.insert(key, (remembered, now));
        }
        let now = self.shared.clock.now();
        for (claim, outcome) in std::mem::take(&mut self.completed) {
            if !self.state_mut()?.jobs.finish(claim, outcome, now) {
                return Err(Error::LeaseLost);
            }
        }
        self.shared.commit(self.state.clone());
        if self.has_jobs {
            self.shared.bell.notify_one();
        }
        Ok(())
    }
}

impl JobsWork for MemoryWork {
    fn jobs(&mut self) -> Box<dyn Records<Job> + '_> {
        Box::new(MemoryJobs(self))
    }
}
