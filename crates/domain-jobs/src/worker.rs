//! The worker: claims what is due, as many at a time as it has slots.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use domain_kernel::{Clock, Random};
use futures_util::future::{BoxFuture, FusedFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _, select_biased};
use jiff::SignedDuration;

use crate::running::{self, Control};
use crate::{Agenda, Ask, Claimed, Event, Handlers, Host, Queue, Schedule};

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Its name, for people.
    pub name: String,
    /// Most jobs at a time.
    pub slots: usize,
    /// How long a job is held without a sign of life.
    pub lease: SignedDuration,
    /// How often a sign is given.
    pub heartbeat: Duration,
    /// How often it looks when nobody tells it.
    pub poll: Duration,
    /// How long running jobs may go on after the signal to stop.
    pub patience: Duration,
}

/// What the worker and its attempts share.
pub(crate) struct Shared {
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) handlers: Handlers,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) settings: WorkerSettings,
}

/// Does jobs until it is told to stop.
pub struct Worker {
    shared: Arc<Shared>,
    schedules: Vec<Schedule>,
}

/// The shortest rest between two looks.
const BREATH: Duration = Duration::from_millis(10);
/// How long the last endings may take to be written after everything was told to stop.
const LAST_WRITES: Duration = Duration::from_secs(5);

impl Worker {
    /// A worker for the kinds that have a handler.
    pub fn new(
        queue: Arc<dyn Queue>,
        handlers: Handlers,
        schedules: Vec<Schedule>,
        host: Arc<dyn Host>,
        (clock, random): (Arc<dyn Clock>, Arc<dyn Random>),
        settings: WorkerSettings,
    ) -> Self {
        let shared = Shared { queue, handlers, host, clock, random, settings };
        Self { shared: Arc::new(shared), schedules }
    }

    /// Works until `stop` is ready; then lets running jobs finish, for as long as its patience
    /// lasts, and gives the others back.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let Shared { queue, host, settings, handlers, .. } = &*self.shared;
        let kinds = handlers.kinds();
        let mut round = Round { shared: &self.shared, kinds: &kinds, turn: 0 };
        let mut undeclared = self.schedules.clone();
        let mut running = Running::default();
        let mut stop = pin!(stop.fuse());
        loop {
            round.declare(&mut undeclared).await;
            let pause = round.fill(&mut running).await;
            select_biased! {
                () = stop => break,
                key = running.ends.select_next_some() => running.forget(key),
                () = queue.changed().fuse() => {}
                () = host.sleep(pause).fuse() => {}
            }
        }
        running.wait(host.sleep(settings.patience).fuse()).await;
        for control in running.controls.values() {
            control.release();
        }
        running.wait(host.sleep(LAST_WRITES).fuse()).await;
    }
}

/// The attempts under way.
#[derive(Default)]
struct Running {
    ends: FuturesUnordered<BoxFuture<'static, u64>>,
    controls: BTreeMap<u64, Control>,
    last: u64,
}

impl Running {
    fn start(&mut self, shared: &Arc<Shared>, claimed: Claimed) {
        self.last += 1;
        let key = self.last;
        let (control, ended) = running::start(shared, claimed);
        self.controls.insert(key, control);
        self.ends.push(ended.map(move |()| key).boxed());
    }

    fn forget(&mut self, key: u64) {
        self.controls.remove(&key);
    }

    /// Waits until all have ended, or patience has.
    async fn wait(&mut self, mut patience: impl FusedFuture<Output = ()> + Unpin) {
        while !self.controls.is_empty() {
            select_biased! {
                key = self.ends.select_next_some() => self.forget(key),
                () = patience => return,
            }
        }
    }
}

/// One look at the queue after the other.
struct Round<'w> {
    shared: &'w Arc<Shared>,
    kinds: &'w [&'static str],
    turn: i64,
}

impl Round<'_> {
    /// Stores the schedules that are not stored yet.
    async fn declare(&self, schedules: &mut Vec<Schedule>) {
        while let Some(schedule) = schedules.last() {
            match self.shared.queue.declare(schedule).await {
                Ok(()) => schedules.pop(),
                Err(error) => return self.trouble("storing a schedule", &error),
            };
        }
    }

    /// Starts as many jobs as are due and have a slot; how long to rest then.
    async fn fill(&mut self, running: &mut Running) -> Duration {
        let settings = &self.shared.settings;
        let agenda = match self.shared.queue.agenda(self.kinds).await {
            Ok(agenda) => agenda,
            Err(error) => {
                self.trouble("looking for jobs", &error);
                return settings.poll;
            }
        };
        let now = self.shared.clock.now();
        let is_due = |at: Option<jiff::Timestamp>| at.is_some_and(|at| at <= now);
        let mut due = is_due(agenda.job);
        if is_due(agenda.schedule) {
            due |= self.fire().await;
        }
        if is_due(agenda.lease) {
            due |= self.recover().await;
        }
        while due && running.controls.len() < settings.slots {
            match self.claim().await {
                Some(claimed) => running.start(self.shared, claimed),
                None => break,
            }
        }
        self.rest(&agenda)
    }

    /// Until the next thing is due, but no longer than the poll says: another server may enqueue.
    fn rest(&self, agenda: &Agenda) -> Duration {
        let poll = self.shared.settings.poll;
        let now = self.shared.clock.now();
        // What is due already was tried just now.
        let later = [agenda.job, agenda.lease, agenda.schedule].into_iter().flatten();
        let next = later.filter(|at| *at > now).min();
        let wait = next.and_then(|at| Duration::try_from(at.duration_since(now)).ok());
        wait.unwrap_or(poll).min(poll).max(BREATH)
    }

    async fn claim(&mut self) -> Option<Claimed> {
        let settings = &self.shared.settings;
        let ask = Ask {
            kinds: self.kinds,
            after: self.turn,
            lease: settings.lease,
            worker: &settings.name,
        };
        match self.shared.queue.claim(&ask).await {
            Ok(Some(claimed)) => {
                self.turn = claimed.turn();
                Some(claimed)
            }
            Ok(None) => None,
            Err(error) => {
                self.trouble("claiming a job", &error);
                None
            }
        }
    }

    /// Enqueues what the schedules say; whether there was anything.
    async fn fire(&self) -> bool {
        match self.shared.queue.fire(self.kinds).await {
            Ok(0) => false,
            Ok(fired) => {
                self.shared.host.note(Event::Fired(fired));
                true
            }
            Err(error) => {
                self.trouble("following the schedules", &error);
                false
            }
        }
    }

    /// Takes back what killed workers held; whether there was anything.
    async fn recover(&self) -> bool {
        match self.shared.queue.recover().await {
            Ok(0) => false,
            Ok(recovered) => {
                self.shared.host.note(Event::Recovered(recovered));
                true
            }
            Err(error) => {
                self.trouble("taking jobs back", &error);
                false
            }
        }
    }

    fn trouble(&self, doing: &'static str, error: &domain_kernel::Error) {
        self.shared.host.note(Event::Trouble { doing, error });
    }
}
