//! The queue: what comes in with a unit of work, and the order in which it is claimed.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain_jobs::{Ask, Claimed, Ending, Job, JobFilter, JobRecords, JobRow, State};
use domain_kernel::policy::RoleSet;
use domain_kernel::query::ListQuery;
use domain_kernel::{Error, Id, JobId, JobKind, NewJob, OpContext, Priority, TenantId, Which};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Fixture;
use super::asked;
use super::steps::{insert, soon};
use crate::SeededRandom;
use crate::builders::company;

/// A kind of job of these tests.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Count {
    /// Which it is.
    pub(super) number: u32,
}

impl JobKind for Count {
    const KIND: &'static str = "contract.count";
    const MAX_ATTEMPTS: u32 = 3;
}

/// The kinds that the workers of these tests can do.
pub(super) const KINDS: &[&str] = &[Count::KIND];
/// How long they hold a job.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(15);

impl Fixture {
    /// A job of a context's workspace.
    pub(super) fn job(&self, ctx: &OpContext, number: u32) -> NewJob {
        NewJob::new(ctx, self.now(), &Count { number }).expect("a job")
    }

    /// Enqueues jobs in a unit of their own.
    pub(super) async fn enqueue(&self, ctx: &OpContext, jobs: Vec<NewJob>) -> Vec<JobId> {
        let mut work = self.writing(ctx).await;
        let mut ids = Vec::new();
        for job in jobs {
            ids.push(work.enqueue(job).await.expect("a job is enqueued"));
        }
        work.commit().await.expect("a commit");
        ids
    }

    /// Enqueues one job.
    pub(super) async fn enqueue_one(&self, ctx: &OpContext, job: NewJob) -> JobId {
        self.enqueue(ctx, vec![job]).await[0]
    }

    /// Claims the next job after somebody's turn.
    pub(super) async fn claim_after(&self, after: i64) -> Option<Claimed> {
        let ask = Ask { kinds: KINDS, after, lease: LEASE, worker: "tester" };
        self.queue.claim(&ask).await.expect("a claim")
    }

    /// Claims the next job, which must be there.
    pub(super) async fn claim(&self) -> Claimed {
        self.claim_after(0).await.expect("a job is due")
    }

    /// A job as it is now.
    pub(super) async fn row(&self, id: JobId) -> JobRow {
        self.queue.job(id).await.expect("a look-up").expect("the job is there")
    }

    /// Ends an attempt, which must be held.
    pub(super) async fn end(&self, claimed: &Claimed, ending: Ending) {
        assert!(self.queue.end(claimed.claim, &ending).await.expect("an end"), "it is held");
    }
}

/// What a claimed job was enqueued as.
pub(super) fn number(claimed: &Claimed) -> u64 {
    claimed.payload["number"].as_u64().expect("a number")
}

/// A job comes with the commit: with what was written beside it, and not before.
pub async fn a_job_comes_with_the_commit(fixture: &Fixture) {
    let member = fixture.member().await;
    let mut work = fixture.writing(&member.ctx).await;
    let row = insert(&mut *work, company("Acme"), fixture.now()).await;
    let id = work.enqueue(fixture.job(&member.ctx, 7)).await.expect("a job is enqueued");
    assert_eq!(fixture.queue.job(id).await.expect("a look-up"), None, "not before the commit");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.find(&member.ctx, row.id).await, Some(row), "the change is there");
    let claimed = fixture.claim().await;
    assert_eq!((claimed.claim.job, number(&claimed)), (id, 7), "and so is the job");
    assert_eq!(claimed.claim.tenant, member.organization.id);
    assert_eq!(claimed.person, Some(member.person.id), "it knows who started it");
    assert_eq!(claimed.request_id, member.ctx.request_id, "and in which request");
    assert_eq!((claimed.attempt, claimed.max_attempts), (1, 3));
}

/// A dropped unit leaves no job.
pub async fn a_dropped_unit_leaves_no_job(fixture: &Fixture) {
    let member = fixture.member().await;
    let mut work = fixture.writing(&member.ctx).await;
    work.enqueue(fixture.job(&member.ctx, 1)).await.expect("a job is enqueued");
    drop(work);
    // The next unit begins after the drop has had its effect.
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 2)]).await;
    let filter = JobFilter { limit: 10, ..JobFilter::default() };
    assert_eq!(fixture.queue.jobs(&filter).await.expect("a list").len(), 1);
    assert_eq!(number(&fixture.claim().await), 2);
}

/// A unit enqueues for its own workspace and for the platform's only.
pub async fn a_unit_enqueues_for_its_workspace_or_the_platforms(fixture: &Fixture) {
    let (one, other) = (fixture.member().await, fixture.member().await);
    let mut work = fixture.writing(&one.ctx).await;
    let refused = work.enqueue(fixture.job(&other.ctx, 1)).await;
    assert!(matches!(refused, Err(Error::Internal(_))), "another workspace: {refused:?}");
    drop(work);
    let job = NewJob::of_platform("request", fixture.now(), &Count { number: 2 });
    let id = fixture.enqueue_one(&one.ctx, job.expect("a job")).await;
    assert_eq!(fixture.row(id).await.tenant, TenantId::PLATFORM);
}

/// Commits of jobs wake those who wait for them.
pub async fn a_commit_of_jobs_wakes_the_worker(fixture: &Fixture) {
    let member = fixture.member().await;
    let queue = fixture.queue.clone();
    let waiting = tokio::spawn(async move { queue.changed().await });
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1)]).await;
    soon("waiting for a job", waiting).await.expect("no panic");
    // One that came before the wait counts, too.
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 2)]).await;
    soon("looking for a job", fixture.queue.changed()).await;
}

/// Within a workspace the order is priority, due time, id.
pub async fn urgent_jobs_are_first_then_those_that_are_due_longest(fixture: &Fixture) {
    let member = fixture.member().await;
    let (now, job) = (fixture.now(), |number| fixture.job(&member.ctx, number));
    let ago = |seconds| now.checked_sub(SignedDuration::from_secs(seconds)).expect("in range");
    let jobs = vec![
        job(5).with_priority(Priority::Low).at(ago(100)),
        job(3).at(ago(10)),
        job(4).at(ago(10)),
        job(2).at(ago(20)),
        job(1).with_priority(Priority::High),
    ];
    fixture.enqueue(&member.ctx, jobs).await;
    let mut order = Vec::new();
    while let Some(claimed) = fixture.claim_after(0).await {
        order.push(number(&claimed));
    }
    assert_eq!(order, [1, 2, 3, 4, 5]);
}

/// A job is not claimed before it is due, and the agenda says when that is.
pub async fn a_job_is_not_claimed_before_it_is_due(fixture: &Fixture) {
    let member = fixture.member().await;
    let due = fixture.now().checked_add(SignedDuration::from_secs(60)).expect("in range");
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1).at(due)]).await;
    assert_eq!(fixture.claim_after(0).await, None);
    let agenda = fixture.queue.agenda(KINDS).await.expect("an agenda");
    assert_eq!((agenda.job, agenda.first()), (Some(due), Some(due)));
    fixture.clock.set(due);
    assert_eq!(number(&fixture.claim().await), 1);
}

/// Only jobs of the kinds that a worker can do are claimed, and only they are on its agenda.
pub async fn only_known_kinds_are_claimed(fixture: &Fixture) {
    let member = fixture.member().await;
    let job = fixture.job(&member.ctx, 1);
    let stranger = NewJob { kind: "contract.unknown".to_owned(), ..job };
    fixture.enqueue(&member.ctx, vec![stranger]).await;
    assert_eq!(fixture.claim_after(0).await, None);
    let agenda = fixture.queue.agenda(KINDS).await.expect("an agenda");
    assert_eq!(agenda.first(), None, "{agenda:?}");
}

/// A workspace with many due jobs does not delay another's one.
pub async fn workspaces_take_turns(fixture: &Fixture) {
    const FLOOD: u32 = 300;
    let (one, two) = (fixture.member().await, fixture.member().await);
    let urgent = |number| fixture.job(&one.ctx, number).with_priority(Priority::High);
    fixture.enqueue(&one.ctx, (1..=FLOOD).map(urgent).collect()).await;
    fixture.later();
    fixture.enqueue(&two.ctx, vec![fixture.job(&two.ctx, 1)]).await;
    let platform = NewJob::of_platform("request", fixture.now(), &Count { number: 1 });
    fixture.enqueue_one(&two.ctx, platform.expect("a job").with_priority(Priority::Low)).await;
    let (mut turn, mut served) = (0, Vec::new());
    for _ in 0..6 {
        let claimed = fixture.claim_after(turn).await.expect("a job is due");
        turn = claimed.turn();
        served.push(claimed.claim.tenant);
    }
    let (one, two) = (one.organization.id, two.organization.id);
    assert_eq!(served, [TenantId::PLATFORM, one, two, one, one, one]);
}

/// Fifty workers that race claim each job once.
pub async fn racing_workers_claim_each_job_once(fixture: &Fixture) {
    const JOBS: u32 = 100;
    const WORKERS: usize = 50;
    let members = [fixture.member().await, fixture.member().await];
    for member in &members {
        let jobs = (0..JOBS / 2).map(|number| fixture.job(&member.ctx, number));
        fixture.enqueue(&member.ctx, jobs.collect()).await;
    }
    let racers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let queue = fixture.queue.clone();
            tokio::spawn(async move {
                let (mut turn, mut claims) = (0, Vec::new());
                loop {
                    let ask = Ask { kinds: KINDS, after: turn, lease: LEASE, worker: "racer" };
                    match queue.claim(&ask).await {
                        Ok(Some(claimed)) => {
                            turn = claimed.turn();
                            claims.push(claimed.claim.job.raw());
                        }
                        Ok(None) => return claims,
                        Err(Error::Busy) => tokio::task::yield_now().await,
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    let mut times: BTreeMap<i64, u32> = BTreeMap::new();
    for racer in racers {
        for job in soon("claiming everything", racer).await.expect("no panic") {
            *times.entry(job).or_default() += 1;
        }
    }
    assert_eq!(times.len(), JOBS as usize, "each job was claimed");
    assert!(times.values().all(|times| *times == 1), "and once: {times:?}");
}

/// While a job waits or runs under a unique key there is no other; then there may be.
pub async fn a_unique_key_is_held_by_one_living_job(fixture: &Fixture) {
    let (member, other) = (fixture.member().await, fixture.member().await);
    let job = |ctx: &OpContext, number| fixture.job(ctx, number).unique("key");
    let first = fixture.enqueue_one(&member.ctx, job(&member.ctx, 1)).await;
    let again = fixture.enqueue_one(&member.ctx, job(&member.ctx, 2)).await;
    assert_eq!(again, first, "the id is that of the one that waits");
    let theirs = fixture.enqueue_one(&other.ctx, job(&other.ctx, 3)).await;
    assert_ne!(theirs, first, "another workspace's keys are others");
    let claimed = fixture.claim().await;
    assert_eq!((claimed.claim.job, number(&claimed)), (first, 1));
    assert_eq!(fixture.enqueue_one(&member.ctx, job(&member.ctx, 4)).await, first, "or runs");
    fixture.end(&claimed, Ending::Done(json!(null))).await;
    let next = fixture.enqueue_one(&member.ctx, job(&member.ctx, 5)).await;
    assert_ne!(next, first, "done, it holds the key no more");
    assert_eq!(fixture.row(next).await.state, State::Waiting);
}

/// Units that race for a unique key enqueue one job.
pub async fn racing_units_enqueue_one_job_under_a_key(fixture: &Fixture) {
    let member = Arc::new(fixture.member().await);
    let racers: Vec<_> = (0..8)
        .map(|number| {
            let (sales, member) = (fixture.sales.clone(), member.clone());
            let job = fixture.job(&member.ctx, number).unique("key");
            tokio::spawn(async move {
                let mut work = sales.begin_write(&member.ctx).await.expect("a unit");
                let id = work.enqueue(job).await.expect("a job is enqueued");
                work.commit().await.expect("a commit");
                id
            })
        })
        .collect();
    let mut ids = Vec::new();
    for racer in racers {
        ids.push(soon("enqueuing", racer).await.expect("no panic"));
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

/// Members see the jobs of their workspace and no other; who is no admin, those that they started.
pub async fn members_see_the_jobs_of_their_workspace(fixture: &Fixture) {
    let (one, other) = (fixture.member().await, fixture.member().await);
    let colleague = fixture.colleague(&one, RoleSet::default()).await;
    let first = fixture.enqueue_one(&one.ctx, fixture.job(&one.ctx, 1)).await;
    let theirs = fixture.enqueue_one(&other.ctx, fixture.job(&other.ctx, 2)).await;
    let own = fixture.enqueue_one(&colleague.ctx, fixture.job(&colleague.ctx, 3)).await;
    fixture
        .end(
            &fixture.claim_after(one.organization.id.raw() - 1).await.expect("a job"),
            Ending::Done(json!(5)),
        )
        .await;
    let (clock, random) = (fixture.clock.clone(), Arc::new(SeededRandom::new(1)));
    let records = JobRecords::new(fixture.jobs.clone(), clock, random);
    let seen = async |ctx: &OpContext, query: &ListQuery| -> Vec<i64> {
        let listing = records.list(ctx, query).await.expect("a list");
        assert_eq!(listing.total, i64::try_from(listing.records.len()).ok());
        listing.records.iter().map(|record| record.id.raw()).collect()
    };
    let all = asked::<Job>(&[]);
    assert_eq!(seen(&one.ctx, &all).await, [first.raw(), own.raw()], "an admin");
    assert_eq!(seen(&colleague.ctx, &all).await, [own.raw()], "somebody else");
    assert_eq!(seen(&other.ctx, &all).await, [theirs.raw()], "another workspace");
    let done = asked::<Job>(&[("state", "done"), ("kind", Count::KIND)]);
    assert_eq!(seen(&one.ctx, &done).await, [first.raw()]);
    for (ctx, id, found) in [
        (&one.ctx, own, true),
        (&colleague.ctx, own, true),
        (&colleague.ctx, first, false),
        (&other.ctx, first, false),
        (&one.ctx, theirs, false),
    ] {
        let answer = records.retrieve(ctx, Id::new(id.raw()), Which::Live).await;
        assert_eq!(answer.is_ok(), found, "{id}: {answer:?}");
    }
    let shown = records.retrieve(&one.ctx, Id::new(first.raw()), Which::Live).await.expect("there");
    let json = shown.json().expect("JSON");
    assert_eq!(
        (&json["state"], &json["outcome"], &json["progress"]),
        (&json!("done"), &json!(5), &json!(100))
    );
    assert_eq!(json["started_by"], json!(one.person.id));
    assert!(json.get("payload").is_none(), "what is in it is its handler's");
    let refused = records.export(&colleague.ctx, all).err();
    assert!(matches!(refused, Some(Error::Forbidden)), "without a role nobody exports");
}
