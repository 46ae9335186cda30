//! The queue: holding a job, and how attempts end.

use domain_jobs::{Ending, JobFilter, Progress, State};
use domain_kernel::{Error, JobClaim};
use jiff::SignedDuration;
use serde_json::json;

use super::Fixture;
use super::queue::{LEASE, number};
use super::steps::insert;
use crate::builders::company;

impl Fixture {
    /// Lets every lease run out, and takes the jobs back; how many.
    async fn lose_leases(&self) -> usize {
        self.clock.advance(LEASE);
        self.queue.recover().await.expect("recovering")
    }

    /// Whether a claim can be prolonged.
    async fn beats(&self, claim: JobClaim) -> bool {
        self.queue.beat(claim, LEASE, &Progress::default()).await.expect("a beat")
    }
}

/// A held job is nobody else's; its state says who has it and since when.
pub async fn a_held_job_is_nobody_elses(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1)]).await;
    let claimed = fixture.claim().await;
    assert_eq!(fixture.claim_after(0).await, None);
    let row = fixture.row(claimed.claim.job).await;
    assert_eq!((row.state, row.attempts, row.worker.as_str()), (State::Running, 1, "tester"));
    assert_eq!((row.started_at, row.finished_at), (Some(fixture.now()), None));
    assert_eq!(row.leased_until, Some(claimed.leased_until));
    assert_eq!(claimed.leased_until.duration_since(fixture.now()), LEASE);
    let agenda = fixture.queue.agenda(super::queue::KINDS).await.expect("an agenda");
    assert_eq!((agenda.job, agenda.lease), (None, Some(claimed.leased_until)));
}

/// A beat prolongs the lease and shows how far the job is.
pub async fn a_beat_keeps_the_job(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1)]).await;
    let claimed = fixture.claim().await;
    for percent in [10, 40, 70] {
        fixture.clock.advance(SignedDuration::from_secs(10));
        let progress = Progress { percent, note: format!("{percent} of 100 rows") };
        let held = fixture.queue.beat(claimed.claim, LEASE, &progress).await.expect("a beat");
        assert!(held, "it is held after {percent}");
        assert_eq!(fixture.queue.recover().await.expect("recovering"), 0);
        assert_eq!(fixture.row(claimed.claim.job).await.progress, progress);
    }
    fixture.end(&claimed, Ending::Done(json!({ "rows": 100 }))).await;
    let row = fixture.row(claimed.claim.job).await;
    assert_eq!((row.state, row.progress.percent), (State::Done, 100));
    assert_eq!(row.outcome, Some(json!({ "rows": 100 })));
    assert_eq!((row.finished_at, row.leased_until), (Some(fixture.now()), None));
}

/// A lease that ran out lets another take over at once, and only that one finishes.
pub async fn only_the_holder_finishes(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1)]).await;
    let slow = fixture.claim().await;
    assert_eq!(fixture.queue.recover().await.expect("recovering"), 0, "not before its time");
    assert_eq!(fixture.lose_leases().await, 1);
    let quick = fixture.claim().await;
    assert_eq!((quick.claim.job, quick.attempt), (slow.claim.job, 2));
    assert!(!fixture.beats(slow.claim).await, "the first one is told");
    for ending in [Ending::Done(json!(1)), Ending::Released, Ending::Dead { error: String::new() }]
    {
        let ended = fixture.queue.end(slow.claim, &ending).await.expect("an end");
        assert!(!ended, "and ends nothing: {ending:?}");
    }
    assert!(fixture.beats(quick.claim).await);
    fixture.end(&quick, Ending::Done(json!(2))).await;
    let again = fixture.queue.end(quick.claim, &Ending::Done(json!(3))).await.expect("an end");
    assert!(!again, "nor is it finished twice");
    assert_eq!(fixture.row(quick.claim.job).await.outcome, Some(json!(2)));
}

/// What a job does in the unit that completes it happens once: with the lease, or not at all.
pub async fn effects_come_with_the_completion_or_not_at_all(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1)]).await;
    let slow = fixture.claim().await;
    fixture.lose_leases().await;
    let quick = fixture.claim().await;
    let mut late = fixture.writing(&member.ctx).await;
    let lost = insert(&mut *late, company("Late"), fixture.now()).await;
    late.complete(slow.claim, json!(1));
    let refused = late.commit().await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "{refused:?}");
    let mut work = fixture.writing(&member.ctx).await;
    let kept = insert(&mut *work, company("In time"), fixture.now()).await;
    work.complete(quick.claim, json!({ "company": kept.id }));
    work.commit().await.expect("a commit");
    let found = fixture.find_all(&member.ctx, &[lost.id, kept.id], domain_kernel::Which::Any).await;
    let names: Vec<_> = found.iter().map(|row| &*row.data.name).collect();
    assert_eq!(names, ["In time"], "the effects of one attempt");
    let row = fixture.row(quick.claim.job).await;
    assert_eq!((row.state, row.outcome), (State::Done, Some(json!({ "company": kept.id }))));
    let mut again = fixture.writing(&member.ctx).await;
    again.complete(quick.claim, json!(2));
    assert!(matches!(again.commit().await, Err(Error::LeaseLost)), "a done job is not done again");
}

/// A dropped unit does not complete the job.
pub async fn a_dropped_unit_completes_nothing(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1)]).await;
    let claimed = fixture.claim().await;
    let mut work = fixture.writing(&member.ctx).await;
    work.complete(claimed.claim, json!(1));
    drop(work);
    assert!(fixture.beats(claimed.claim).await);
    assert_eq!(fixture.row(claimed.claim.job).await.state, State::Running);
}

/// A failed attempt waits until its time, and says what went wrong until it succeeds.
pub async fn a_failed_attempt_comes_again_when_it_is_time(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1)]).await;
    let claimed = fixture.claim().await;
    let at = fixture.now().checked_add(SignedDuration::from_secs(20)).expect("in range");
    fixture.end(&claimed, Ending::Retry { at, error: "No answer.".to_owned() }).await;
    let row = fixture.row(claimed.claim.job).await;
    assert_eq!(
        (row.state, row.run_at, row.last_error.as_str()),
        (State::Waiting, at, "No answer.")
    );
    assert_eq!(fixture.claim_after(0).await, None, "not before");
    fixture.clock.set(at);
    let again = fixture.claim().await;
    assert_eq!((again.attempt, number(&again)), (2, 1));
    assert!(again.claim.number > claimed.claim.number, "it is another claim");
    fixture.end(&again, Ending::Done(json!(null))).await;
    assert_eq!(fixture.row(claimed.claim.job).await.last_error, "");
}

/// A released job is due at once, and the attempt does not count.
pub async fn a_released_job_goes_to_the_next_worker(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.enqueue(&member.ctx, vec![fixture.job(&member.ctx, 1)]).await;
    let claimed = fixture.claim().await;
    fixture.end(&claimed, Ending::Released).await;
    let again = fixture.claim().await;
    assert_eq!((again.claim.job, again.attempt), (claimed.claim.job, 1));
}

/// A job that lets its worker die each time is dead after its attempts; replayed, it has them again.
pub async fn a_dead_job_stays_until_it_is_replayed(fixture: &Fixture) {
    let member = fixture.member().await;
    let id = fixture.enqueue_one(&member.ctx, fixture.job(&member.ctx, 1)).await;
    for attempt in 1..=3 {
        assert_eq!(fixture.claim().await.attempt, attempt);
        assert_eq!(fixture.lose_leases().await, 1);
    }
    let row = fixture.row(id).await;
    assert_eq!((row.state, row.finished_at), (State::Dead, Some(fixture.now())));
    assert!(row.last_error.contains("worker stopped"), "{row:?}");
    assert_eq!(fixture.claim_after(0).await, None);
    assert!(fixture.queue.replay(id).await.expect("a replay"));
    let again = fixture.claim().await;
    assert_eq!((again.claim.job, again.attempt), (id, 1));
    assert!(!fixture.queue.replay(id).await.expect("a replay"), "one that runs is not replayed");
    fixture.end(&again, Ending::Dead { error: "No such address.".to_owned() }).await;
    assert_eq!(fixture.row(id).await.last_error, "No such address.");
    assert!(fixture.queue.cancel(id).await.expect("cancelling"), "it can be let go of");
    assert_eq!(fixture.row(id).await.state, State::Cancelled);
}

/// A job is not replayed while another lives under its unique key.
pub async fn a_replay_keeps_unique_keys_unique(fixture: &Fixture) {
    let member = fixture.member().await;
    let job = |number| fixture.job(&member.ctx, number).unique("key");
    let id = fixture.enqueue_one(&member.ctx, job(1)).await;
    fixture.end(&fixture.claim().await, Ending::Dead { error: String::new() }).await;
    let other = fixture.enqueue_one(&member.ctx, job(2)).await;
    let refused = fixture.queue.replay(id).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert!(fixture.queue.cancel(other).await.expect("cancelling"));
    assert!(fixture.queue.replay(id).await.expect("a replay"));
}

/// A cancelled job does not run; one that runs is lost to its worker.
pub async fn a_cancelled_job_finishes_nothing(fixture: &Fixture) {
    let member = fixture.member().await;
    let jobs = vec![fixture.job(&member.ctx, 1), fixture.job(&member.ctx, 2)];
    let ids = fixture.enqueue(&member.ctx, jobs).await;
    let running = fixture.claim().await;
    for id in &ids {
        assert!(fixture.queue.cancel(*id).await.expect("cancelling"));
        let row = fixture.row(*id).await;
        assert_eq!((row.state, row.finished_at), (State::Cancelled, Some(fixture.now())));
        assert!(!fixture.queue.cancel(*id).await.expect("cancelling"), "once is enough");
    }
    assert!(!fixture.beats(running.claim).await);
    let mut work = fixture.writing(&member.ctx).await;
    work.complete(running.claim, json!(1));
    assert!(matches!(work.commit().await, Err(Error::LeaseLost)));
    assert_eq!(fixture.claim_after(0).await, None);
    assert!(fixture.queue.replay(ids[0]).await.expect("a replay"), "it can be taken back");
    assert_eq!(fixture.claim().await.attempt, 1);
}

/// Done and cancelled jobs are forgotten after their time, dead and living ones are not.
pub async fn old_jobs_are_forgotten_unless_they_are_dead(fixture: &Fixture) {
    let member = fixture.member().await;
    let jobs = (1..=4).map(|number| fixture.job(&member.ctx, number)).collect();
    let ids = fixture.enqueue(&member.ctx, jobs).await;
    fixture.end(&fixture.claim().await, Ending::Done(json!(null))).await;
    fixture.end(&fixture.claim().await, Ending::Dead { error: String::new() }).await;
    fixture.queue.cancel(ids[2]).await.expect("cancelling");
    fixture.clock.advance(domain_jobs::rules::RETENTION - SignedDuration::from_secs(1));
    fixture.backdoor.sweep().await;
    assert_eq!(fixture.job_ids().await.len(), 4, "they have their time");
    fixture.clock.advance(SignedDuration::from_secs(1));
    fixture.backdoor.sweep().await;
    assert_eq!(fixture.job_ids().await, [ids[3].raw(), ids[1].raw()]);
}

/// Operators find jobs by state, kind and workspace, the newest first.
pub async fn operators_find_jobs(fixture: &Fixture) {
    let (one, two) = (fixture.member().await, fixture.member().await);
    let first = fixture.enqueue_one(&one.ctx, fixture.job(&one.ctx, 1)).await;
    let other = fixture.enqueue_one(&two.ctx, fixture.job(&two.ctx, 2)).await;
    let kind = "contract.other".to_owned();
    let third = domain_kernel::NewJob { kind: kind.clone(), ..fixture.job(&two.ctx, 3) };
    let third = fixture.enqueue_one(&two.ctx, third).await;
    fixture.claim().await;
    let any = JobFilter { limit: 10, ..JobFilter::default() };
    let found = async |filter: JobFilter| -> Vec<_> {
        let rows = fixture.queue.jobs(&filter).await.expect("a list");
        rows.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(found(any.clone()).await, [third, other, first]);
    assert_eq!(found(JobFilter { limit: 2, ..any.clone() }).await, [third, other]);
    let state = Some(State::Running);
    assert_eq!(found(JobFilter { state, ..any.clone() }).await, [first]);
    let tenant = Some(two.organization.id);
    assert_eq!(found(JobFilter { tenant, ..any.clone() }).await, [third, other]);
    assert_eq!(found(JobFilter { kind: Some(kind), tenant, ..any }).await, [third]);
}

impl Fixture {
    async fn job_ids(&self) -> Vec<i64> {
        let filter = JobFilter { limit: 100, ..JobFilter::default() };
        let rows = self.queue.jobs(&filter).await.expect("a list");
        rows.into_iter().map(|row| row.id.raw()).collect()
    }
}
