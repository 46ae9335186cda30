//! What can go wrong in a use case, as the caller can match it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::limit::Count;

/// The result of a use case or a port.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not do what was asked.
///
/// The edge (HTTP, command line) turns each into its own language, once.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such row, or not one that the caller may know of.
    #[error("Not found.")]
    NotFound,
    /// A page past the end of a list.
    #[error("Invalid page.")]
    InvalidPage,
    /// The input breaks rules, by field.
    #[error("The input is invalid.")]
    Invalid(FieldErrors),
    /// Nobody is signed in, or the token is not valid (any more).
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The caller's roles do not allow the operation.
    #[error("You do not have permission to perform this action.")]
    Forbidden,
    /// The workspace's plan does not include a feature.
    #[error("Your plan does not include the feature \"{0}\".")]
    FeatureMissing(String),
    /// A limit of the plan would be exceeded.
    #[error("The plan's limit {limit} is reached: {used} of {allowed} in use.")]
    LimitReached {
        /// The plan's column, `max_users` for instance.
        limit: &'static str,
        /// How many the plan allows.
        allowed: i64,
        /// How many are in use.
        used: i64,
    },
    /// The change would break a constraint or is not possible in the present state.
    #[error("{0}")]
    Conflict(String),
    /// The row was changed since the caller read it; the version that it has now.
    #[error("The record was changed meanwhile: it has version {current} now.")]
    VersionMismatch {
        /// The stored version.
        current: i64,
    },
    /// The same idempotency key came with another request.
    #[error("This Idempotency-Key was used for another request.")]
    IdempotencyMismatch,
    /// The first request with this idempotency key is still running.
    #[error("The first request with this Idempotency-Key is still running.")]
    IdempotencyInProgress,
    /// A worker wanted to finish a job that it does not hold any more: it was too slow and another
    /// has taken over, or the job was cancelled.
    #[error("The job is not held any more.")]
    LeaseLost,
    /// Asked for too often; what was counted.
    #[error("Request was throttled. Expected available in {}.", in_words(.0.reset_seconds()))]
    Throttled(Count),
    /// Too many failures to sign in: nobody is let in for so many seconds.
    #[error("Too many failed attempts to sign in. Try again in {}.", in_words(*.seconds))]
    Locked {
        /// How long it lasts.
        seconds: u64,
    },
    /// No capacity at the moment; worth another try.
    #[error("The server is busy. Please try again.")]
    Busy,
    /// Another service that is needed does not answer; worth another try later.
    #[error("{0}")]
    Unavailable(&'static str),
    /// Something that is not the caller's fault; the detail goes to the log, not to the caller.
    #[error("Internal error: {0}")]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// An invalid-input error with one message on one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::one(field, message))
    }

    /// What a relation to a record that is not there (or not in this workspace) is answered.
    pub fn no_such_record(field: &str, id: i64) -> Self {
        Self::field(field, crate::field::no_such_row(id))
    }

    /// An error of the system, from anything that describes it.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

/// So many seconds, in words.
fn in_words(seconds: u64) -> String {
    if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") }
}

/// Messages by field; `non_field_errors` is the field of messages about the whole input.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FieldErrors(pub BTreeMap<String, Messages>);

/// The messages of one field, or of what is nested in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Messages {
    /// Plain messages.
    List(Vec<String>),
    /// The errors of a nested object.
    Nested(FieldErrors),
    /// The errors of each object of a nested list, in its order; of one without, none.
    Items(Vec<FieldErrors>),
}

impl FieldErrors {
    /// One message on one field.
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// Adds a message to a field.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        let entry = self.0.entry(field.to_owned()).or_insert_with(|| Messages::List(Vec::new()));
        if let Messages::List(list) = entry {
            list.push(message.into());
        }
    }

    /// Adds the errors of a nested object.
    pub fn nest(&mut self, field: &str, errors: FieldErrors) {
        self.put(field, Messages::Nested(errors));
    }

    /// Gives a field the messages that it has.
    pub fn put(&mut self, field: &str, messages: Messages) {
        match (self.0.get_mut(field), messages) {
            (Some(Messages::List(before)), Messages::List(list)) => before.extend(list),
            (_, messages) => {
                self.0.insert(field.to_owned(), messages);
            }
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when nothing is wrong.
    pub fn into_result(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::Invalid(self)) }
    }
}
