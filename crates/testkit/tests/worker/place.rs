//! Where the workers of these tests run.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain_jobs::{
    Claimed, Event, Handler, Handlers, Host, How, JobError, JobRow, JobRun, Outcome, Queue,
    Schedule, Worker, WorkerSettings,
};
use domain_kernel::{Clock, JobId, JobKind, NewJob, OpContext, Store};
use domain_sales::SalesWork;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use testkit::builders::{Member, found};
use testkit::{MemoryStore, SeededRandom};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A job that does what it says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Task {
    /// Takes so many seconds.
    Take(u64),
    /// Fails so often.
    Fail(u32),
    /// Makes no sense.
    Hopeless,
    /// Breaks off.
    Panic,
    /// Says how far it is, and takes a while.
    Progress,
}

impl JobKind for Task {
    const KIND: &'static str = "test.task";
    const MAX_ATTEMPTS: u32 = 3;
}

/// What the handler did: job, attempt, and how far it came.
pub type Diary = Arc<Mutex<Vec<(i64, u32, &'static str)>>>;

struct Doer(Diary);

#[async_trait]
impl Handler<Task> for Doer {
    async fn handle(&self, task: Task, run: &JobRun) -> Result<Outcome, JobError> {
        let id = run.claim.job.raw();
        let note = |what| self.0.lock().expect("not poisoned").push((id, run.attempt, what));
        note("began");
        match task {
            Task::Take(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            Task::Fail(times) if run.attempt <= times => {
                return Err(JobError::failed("No answer."));
            }
            Task::Fail(_) => {}
            Task::Hopeless => return Err(JobError::Hopeless("No such address.".to_owned())),
            Task::Panic => panic!("a secret that only the log may see"),
            Task::Progress => {
                run.progress(40, "40 of 100 rows");
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
        }
        note("ended");
        Ok(Outcome::Done(json!({ "attempt": run.attempt })))
    }
}

/// A clock that follows tokio's.
struct TokioClock {
    from: Timestamp,
    begun: tokio::time::Instant,
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.begun.elapsed()).expect("short tests");
        let now = self.from.checked_add(passed).expect("short tests");
        Timestamp::from_microsecond(now.as_microsecond()).expect("in range")
    }
}

/// What attempts ended like.
pub type Ends = Arc<Mutex<Vec<(i64, How, String)>>>;

struct TokioHost(Ends);

#[async_trait]
impl Host for TokioHost {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn spawn(&self, _: &Claimed, run: BoxFuture<'static, ()>) -> BoxFuture<'static, ()> {
        tokio::spawn(run).map(|_| ()).boxed()
    }

    fn note(&self, event: Event<'_>) {
        match event {
            Event::Ended { job, how, message, .. } => {
                let end = (job.claim.job.raw(), how, message.to_owned());
                self.0.lock().expect("not poisoned").push(end);
            }
            Event::Trouble { doing, error } => panic!("{doing}: {error}"),
            Event::Started(_) | Event::Recovered(_) | Event::Fired(_) => {}
        }
    }
}

/// A store, a workspace in it, and what happened.
pub struct Place {
    pub store: MemoryStore,
    pub clock: Arc<dyn Clock>,
    pub member: Member,
    pub diary: Diary,
    pub ends: Ends,
    pub schedules: Vec<Schedule>,
    pub patience: Duration,
}

/// A worker that runs.
pub struct Working {
    pub stop: CancellationToken,
    pub task: JoinHandle<()>,
}

impl Place {
    pub async fn new() -> Self {
        let from = "2026-01-15T12:00:00Z".parse().expect("an instant");
        let clock = Arc::new(TokioClock { from, begun: tokio::time::Instant::now() });
        let store = MemoryStore::new(clock.clone());
        let member = found(&store, "acme", clock.now()).await.expect("a workspace");
        let (diary, ends) = (Diary::default(), Ends::default());
        let patience = Duration::from_secs(30);
        Self { store, clock, member, diary, ends, schedules: Vec::new(), patience }
    }

    /// Starts a worker with the default lease.
    pub fn worker(&self, slots: usize) -> Working {
        let settings = WorkerSettings {
            name: "test".to_owned(),
            slots,
            lease: SignedDuration::from_secs(15),
            heartbeat: Duration::from_secs(5),
            poll: Duration::from_secs(1),
            patience: self.patience,
        };
        let worker = Worker::new(
            Arc::new(self.store.clone()),
            Handlers::default().with::<Task>(Doer(self.diary.clone())),
            self.schedules.clone(),
            Arc::new(TokioHost(self.ends.clone())),
            (self.clock.clone(), Arc::new(SeededRandom::new(1))),
            settings,
        );
        let stop = CancellationToken::new();
        let task = tokio::spawn(worker.run(stop.clone().cancelled_owned()));
        Working { stop, task }
    }

    /// Enqueues a job of a workspace.
    pub async fn enqueue_in(&self, ctx: &OpContext, task: Task) -> JobId {
        let store: &dyn Store<dyn SalesWork> = &self.store;
        let mut work = store.begin_write(ctx).await.expect("a unit");
        let job = NewJob::new(ctx, self.clock.now(), &task).expect("a job");
        let id = work.enqueue(job).await.expect("it is enqueued");
        work.commit().await.expect("a commit");
        id
    }

    /// Enqueues many jobs at once.
    pub async fn flood(&self, count: usize) {
        let (ctx, store): (_, &dyn Store<dyn SalesWork>) = (&self.member.ctx, &self.store);
        let mut work = store.begin_write(ctx).await.expect("a unit");
        for _ in 0..count {
            let job = NewJob::new(ctx, self.clock.now(), &Task::Take(1)).expect("a job");
            work.enqueue(job).await.expect("it is enqueued");
        }
        work.commit().await.expect("a commit");
    }

    /// Enqueues a job.
    pub async fn enqueue(&self, task: Task) -> JobId {
        self.enqueue_in(&self.member.ctx, task).await
    }

    pub async fn row(&self, id: JobId) -> JobRow {
        self.store.job(id).await.expect("a look-up").expect("the job is there")
    }

    /// Lets time pass.
    pub async fn pass(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    pub fn diary(&self) -> Vec<(i64, u32, &'static str)> {
        self.diary.lock().expect("not poisoned").clone()
    }

    pub fn ends(&self) -> Vec<(i64, How, String)> {
        self.ends.lock().expect("not poisoned").clone()
    }
}
