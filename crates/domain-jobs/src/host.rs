//! What a worker needs of the place where it runs.

use std::time::Duration;

use async_trait::async_trait;
use domain_kernel::Error;
use futures_util::future::BoxFuture;

use crate::Claimed;

/// Threads, sleep and a log.
#[async_trait]
pub trait Host: Send + Sync {
    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// Runs something of a job beside the worker, under the job's name in the log; what is given
    /// back is ready when it has ended.
    fn spawn(&self, job: &Claimed, run: BoxFuture<'static, ()>) -> BoxFuture<'static, ()>;

    /// Takes note.
    fn note(&self, event: Event<'_>);
}

/// What a worker tells.
#[derive(Debug)]
pub enum Event<'a> {
    /// An attempt begins.
    Started(&'a Claimed),
    /// An attempt has ended.
    Ended {
        /// Of which job.
        job: &'a Claimed,
        /// How.
        how: How,
        /// What is shown to people when it failed.
        message: &'a str,
        /// What only the log is told.
        cause: Option<&'a (dyn std::error::Error + Send + Sync)>,
    },
    /// Leases of so many jobs had run out.
    Recovered(usize),
    /// So many schedules were due.
    Fired(usize),
    /// The store failed at something; the worker goes on.
    Trouble {
        /// At what.
        doing: &'static str,
        /// How.
        error: &'a Error,
    },
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It succeeded.
    Done,
    /// It failed and is tried again.
    Retried,
    /// It failed for good.
    Dead,
    /// The worker lost it: it was too slow, or the job was cancelled.
    Lost,
    /// The worker stops and gave it back.
    Released,
}

impl How {
    /// A word for logs and figures.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retried => "retried",
            Self::Dead => "dead",
            Self::Lost => "lost",
            Self::Released => "released",
        }
    }
}
