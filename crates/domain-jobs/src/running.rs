//! One attempt: the handler runs, its lease is kept, its end is written.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{AbortHandle, BoxFuture, abortable};
use futures_util::{FutureExt as _, select_biased};

use crate::worker::Shared;
use crate::{Claimed, Ending, Event, How, JobError, JobRun, Outcome, Progress, rules};

/// How often the end of an attempt is written again when the store fails, before the lease is left
/// to run out.
const WRITES: u32 = 5;

/// What came out of a handler; none when it was dropped in the middle.
type Verdict = Arc<Mutex<Option<Result<Outcome, JobError>>>>;

/// Lets go of a running attempt.
pub(crate) struct Control {
    abort: AbortHandle,
    stopping: Arc<AtomicBool>,
}

impl Control {
    /// Stops the handler where it is and gives the job back.
    pub(crate) fn release(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.abort.abort();
    }
}

/// Begins an attempt; what is given back is ready when its end is written.
pub(crate) fn start(shared: &Arc<Shared>, claimed: Claimed) -> (Control, BoxFuture<'static, ()>) {
    let (verdict, progress) = (Verdict::default(), Arc::<Mutex<Progress>>::default());
    let run = JobRun::new(&claimed, progress.clone());
    let handler = shared.handlers.of(&claimed.kind);
    let (payload, given) = (claimed.payload.clone(), verdict.clone());
    let handling = async move {
        let Some(handler) = handler else {
            let message = "This server does not know the kind of the job.";
            return keep(&given, Err(JobError::failed(message)));
        };
        let handled = AssertUnwindSafe(handler.handle(payload, &run)).catch_unwind().await;
        keep(&given, handled.unwrap_or_else(|panic| Err(panicked(&*panic))));
    };
    let (handling, abort) = abortable(handling);
    let stopping = Arc::new(AtomicBool::new(false));
    let control = Control { abort: abort.clone(), stopping: stopping.clone() };
    // On a task of its own: however busy it is, the lease is kept.
    let handled = shared.host.spawn(&claimed, handling.map(|_| ()).boxed());
    let host = shared.host.clone();
    let attempt =
        Attempt { shared: shared.clone(), claimed: claimed.clone(), verdict, progress, stopping };
    let ended = host.spawn(&claimed, attempt.supervise(handled, abort).boxed());
    (control, ended)
}

fn keep(verdict: &Verdict, result: Result<Outcome, JobError>) {
    *verdict.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
}

/// A handler's panic counts as a failure; its words go to the log.
fn panicked(panic: &(dyn Any + Send)) -> JobError {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    JobError::Failed {
        message: "The job broke off by a fault of the program; its log says more.".to_owned(),
        cause: Some(words.to_owned().into()),
    }
}

struct Attempt {
    shared: Arc<Shared>,
    claimed: Claimed,
    verdict: Verdict,
    progress: Arc<Mutex<Progress>>,
    stopping: Arc<AtomicBool>,
}

impl Attempt {
    /// Keeps the lease until the handler ends, then writes how.
    async fn supervise(self, handled: BoxFuture<'static, ()>, abort: AbortHandle) {
        let Shared { host, settings, .. } = &*self.shared;
        host.note(Event::Started(&self.claimed));
        let mut leased_until = self.claimed.leased_until;
        let mut handled = handled.fuse();
        loop {
            select_biased! {
                () = handled => break,
                () = host.sleep(settings.heartbeat).fuse() => {}
            }
            if self.beat(&mut leased_until).await {
                continue;
            }
            // Somebody else may have it: what is not committed must not go on.
            abort.abort();
            handled.await;
            break;
        }
        self.conclude().await;
    }

    /// Prolongs the lease; whether the job may go on.
    async fn beat(&self, leased_until: &mut jiff::Timestamp) -> bool {
        let Shared { queue, settings, clock, .. } = &*self.shared;
        let progress = self.progress();
        let asked = clock.now();
        match queue.beat(self.claimed.claim, settings.lease, &progress).await {
            Ok(held) => {
                *leased_until = asked.checked_add(settings.lease).unwrap_or(asked);
                held
            }
            Err(error) => {
                self.shared.host.note(Event::Trouble { doing: "keeping a job", error: &error });
                clock.now() < *leased_until
            }
        }
    }

    fn progress(&self) -> Progress {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes how it ended.
    async fn conclude(self) {
        let Shared { clock, random, host, .. } = &*self.shared;
        let verdict = self.verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (attempt, most) = (self.claimed.attempt, self.claimed.max_attempts);
        let (ending, message, cause) = match verdict {
            Some(Ok(Outcome::Completed)) => return self.note(How::Done, "", None),
            Some(Ok(Outcome::Done(shown))) => (Ending::Done(shown), String::new(), None),
            Some(Err(JobError::Failed { message, cause })) if rules::is_spent(attempt, most) => {
                (Ending::Dead { error: rules::shown(&message) }, message, cause)
            }
            Some(Err(JobError::Failed { message, cause })) => {
                let (now, delay) = (clock.now(), rules::retry_delay(attempt, &**random));
                let at = now.checked_add(delay).unwrap_or(now);
                (Ending::Retry { at, error: rules::shown(&message) }, message, cause)
            }
            Some(Err(JobError::Hopeless(message))) => {
                (Ending::Dead { error: rules::shown(&message) }, message, None)
            }
            None if self.stopping.load(Ordering::SeqCst) => (Ending::Released, String::new(), None),
            // Cancelled, or another's: there is nothing to write.
            Some(Err(JobError::LeaseLost)) | None => return self.note(How::Lost, "", None),
        };
        for _ in 0..WRITES {
            match self.shared.queue.end(self.claimed.claim, &ending).await {
                Ok(true) => return self.note(how(&ending), &message, cause.as_deref()),
                Ok(false) => return self.note(How::Lost, &message, cause.as_deref()),
                Err(error) => host.note(Event::Trouble { doing: "ending a job", error: &error }),
            }
            host.sleep(self.shared.settings.heartbeat).await;
        }
        self.note(How::Lost, &message, cause.as_deref());
    }

    fn note(&self, how: How, message: &str, cause: Option<&(dyn std::error::Error + Send + Sync)>) {
        self.shared.host.note(Event::Ended { job: &self.claimed, how, message, cause });
    }
}

const fn how(ending: &Ending) -> How {
    match ending {
        Ending::Done(_) => How::Done,
        Ending::Retry { .. } => How::Retried,
        Ending::Dead { .. } => How::Dead,
        Ending::Released => How::Released,
    }
}
