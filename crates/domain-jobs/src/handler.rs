//! Who does a kind of job, and what they are given.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain_kernel::{Error, JobClaim, JobKind, OpContext, PersonId};
use serde_json::Value as JsonValue;

use crate::{Claimed, Progress, rules};

/// Does the jobs of one kind.
///
/// An attempt may be repeated: the process can be killed at any moment. What a job does to the
/// database happens once when the handler commits it in one unit of work together with
/// [`Work::complete`](domain_kernel::Work); anything else (a mail, a call) happens at least once,
/// and should be recognizable by the receiver.
#[async_trait]
pub trait Handler<K: JobKind>: Send + Sync + 'static {
    /// Does one job. Dropped in the middle when the job was cancelled or the server ends.
    async fn handle(&self, job: K, run: &JobRun) -> Result<Outcome, JobError>;
}

/// How a job succeeded.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The worker is to finish it, with what is shown of it.
    Done(JsonValue),
    /// The handler has committed it itself, by [`Work::complete`](domain_kernel::Work).
    Completed,
}

/// Why an attempt failed.
#[derive(Debug)]
pub enum JobError {
    /// It may be tried again.
    Failed {
        /// For people who may see the job: no secret, no internals.
        message: String,
        /// For the log.
        cause: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// Trying again would not help; a message for people.
    Hopeless(String),
    /// Another worker has the job, or nobody should.
    LeaseLost,
}

impl JobError {
    /// A failure that may be tried again, with a message for people.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), cause: None }
    }
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        match error {
            Error::LeaseLost => Self::LeaseLost,
            Error::Internal(cause) => Self::Failed {
                message: "Something went wrong in the server; its log says what.".to_owned(),
                cause: Some(cause),
            },
            other => Self::failed(other.to_string()),
        }
    }
}

/// One attempt of a job, as its handler sees it.
#[derive(Debug)]
pub struct JobRun {
    /// What finishes the job in a unit of work.
    pub claim: JobClaim,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// Who started it, when a person did.
    pub person: Option<PersonId>,
    /// In which request it was enqueued; what the handler writes carries it on.
    pub request_id: Arc<str>,
    progress: Arc<Mutex<Progress>>,
}

impl JobRun {
    pub(crate) fn new(claimed: &Claimed, progress: Arc<Mutex<Progress>>) -> Self {
        Self {
            claim: claimed.claim,
            attempt: claimed.attempt,
            person: claimed.person,
            request_id: claimed.request_id.clone(),
            progress,
        }
    }

    /// The context of the system acting in the job's workspace.
    pub fn context(&self) -> OpContext {
        OpContext::system(self.claim.tenant, self.request_id.clone())
    }

    /// Says how far the job is, up to 100, with a word to people. It is seen after the next beat.
    pub fn progress(&self, percent: u8, note: impl Into<String>) {
        let note = rules::shown(&note.into());
        let now = Progress { percent: percent.min(100), note };
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

/// The handlers by the kind that they do.
#[derive(Clone, Default)]
pub struct Handlers(BTreeMap<&'static str, Arc<dyn AnyHandler>>);

impl Handlers {
    /// Adds who does a kind; the last one counts.
    #[must_use]
    pub fn with<K: JobKind>(mut self, handler: impl Handler<K>) -> Self {
        let typed: Arc<dyn Handler<K>> = Arc::new(handler);
        self.0.insert(K::KIND, Arc::new(Typed(typed)));
        self
    }

    /// The kinds that can be done.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }

    pub(crate) fn of(&self, kind: &str) -> Option<Arc<dyn AnyHandler>> {
        self.0.get(kind).cloned()
    }
}

/// A handler that takes the payload as it is stored.
#[async_trait]
pub(crate) trait AnyHandler: Send + Sync {
    async fn handle(&self, payload: JsonValue, run: &JobRun) -> Result<Outcome, JobError>;
}

struct Typed<K: JobKind>(Arc<dyn Handler<K>>);

#[async_trait]
impl<K: JobKind> AnyHandler for Typed<K> {
    async fn handle(&self, payload: JsonValue, run: &JobRun) -> Result<Outcome, JobError> {
        match serde_json::from_value(payload) {
            Ok(job) => self.0.handle(job, run).await,
            // The cause may hold parts of the payload: it is not even logged.
            Err(_) => {
                let message = "The job was written by another version, which this one cannot read.";
                Err(JobError::Hopeless(message.to_owned()))
            }
        }
    }
}
