//! Where workers run: on tokio, with a line in the log for what happens.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain_jobs::{Claimed, Event, Host, How};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tracing::Instrument as _;

/// Sees what workers tell: for figures.
pub type Watch = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// Tokio's threads and the process's log.
pub struct TokioHost {
    watch: Watch,
}

impl TokioHost {
    /// A host whose events somebody watches.
    pub fn new(watch: Watch) -> Self {
        Self { watch }
    }
}

#[async_trait]
impl Host for TokioHost {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn spawn(&self, job: &Claimed, run: BoxFuture<'static, ()>) -> BoxFuture<'static, ()> {
        let (id, request) = (job.claim.job.raw(), &*job.request_id);
        let organization = job.claim.tenant.raw();
        let span = tracing::info_span!("job", id, kind = job.kind, organization, request);
        // A panic was caught before; a lost task ends the wait as well.
        tokio::spawn(run.instrument(span)).map(|_| ()).boxed()
    }

    fn note(&self, event: Event<'_>) {
        (self.watch)(&event);
        log(&event);
    }
}

fn log(event: &Event<'_>) {
    match event {
        Event::Started(job) => tracing::debug!(attempt = job.attempt, "job begins"),
        Event::Ended { job, how, message, cause } => {
            let (attempt, how_word) = (job.attempt, how.word());
            let cause = cause.map(tracing::field::display);
            match how {
                How::Done => tracing::info!(attempt, outcome = how_word, "job ended"),
                How::Released => tracing::info!(attempt, outcome = how_word, "job ended"),
                How::Retried | How::Lost => {
                    tracing::warn!(attempt, outcome = how_word, message, cause, "job ended");
                }
                How::Dead => {
                    tracing::error!(attempt, outcome = how_word, message, cause, "job ended");
                }
            }
        }
        Event::Recovered(jobs) => tracing::warn!(jobs, "took jobs back from stopped workers"),
        Event::Fired(schedules) => tracing::debug!(schedules, "schedules were due"),
        Event::Trouble { doing, error } => tracing::warn!(%error, doing, "the queue failed"),
    }
}

/// The worker's name: machine and process.
pub(super) fn name() -> String {
    let machine = rustix::system::uname();
    format!("{}:{}", machine.nodename().to_string_lossy(), std::process::id())
}
