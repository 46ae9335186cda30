//! Why a command did not do what was asked, for people and for scripts.

use std::error::Error as StdError;
use std::fmt;
use std::process::ExitCode;

use domain_kernel::{Error, FieldErrors, Messages};
use infra_runtime::config::ConfigError;
use serde_json::{Map, Value, json};

/// The outcome of a command.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A command that failed.
#[derive(Debug)]
pub struct Failure {
    /// For scripts: a word that stays the same.
    code: &'static str,
    message: String,
    details: Details,
    /// What to do about it.
    hint: Option<String>,
    exit: u8,
}

#[derive(Debug)]
enum Details {
    None,
    Fields(FieldErrors),
    Config(ConfigError),
    /// The command has shown what is wrong.
    Shown,
}

impl Failure {
    /// The operation failed.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message, details: Details::None, hint: None, exit: 1 }
    }

    /// The command was given in a way that cannot be carried out.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: 2, ..Self::new("usage", message) }
    }

    /// Reading or writing failed; `what` names it.
    pub fn io(what: impl fmt::Display, error: &std::io::Error) -> Self {
        Self::new("io", format!("{what}: {error}"))
    }

    /// The command succeeded in finding problems and has shown them.
    pub fn shown() -> Self {
        Self { details: Details::Shown, ..Self::new("problems", "problems were found") }
    }

    /// The same with what to do about it.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Turns an error into a failure; `missing` says what a row that is not there was.
    pub fn missing(missing: impl Into<String>) -> impl FnOnce(Error) -> Self {
        let missing = missing.into();
        move |error| match error {
            Error::NotFound => Self::new("not_found", missing),
            other => other.into(),
        }
    }

    /// What the program exits with.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }

    /// Whether the command has shown it already.
    pub fn is_shown(&self) -> bool {
        matches!(self.details, Details::Shown)
    }

    /// For scripts.
    pub fn json(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        match &self.details {
            Details::None | Details::Shown => {}
            Details::Fields(fields) => error["fields"] = json!(fields),
            Details::Config(ConfigError { problems }) => {
                error["problems"] = problems
                    .iter()
                    .map(|problem| {
                        let (key, message) = (&problem.key, &problem.message);
                        json!({ "key": key, "source": problem.source.to_string(), "message": message })
                    })
                    .collect();
            }
        }
        if let Some(hint) = &self.hint {
            error["hint"] = json!(hint);
        }
        Value::Object(Map::from_iter([("error".to_owned(), error)]))
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut lines = vec![format!("error: {}", self.message)];
        match &self.details {
            Details::None | Details::Shown => {}
            Details::Fields(fields) => list(fields, "", &mut lines),
            Details::Config(ConfigError { problems }) => {
                lines.extend(problems.iter().map(|problem| format!("  {problem}")));
            }
        }
        lines.extend(self.hint.iter().map(|hint| format!("  {hint}")));
        lines.join("\n")
    }
}

/// A line for each message, with the field that it belongs to.
fn list(FieldErrors(fields): &FieldErrors, inside: &str, lines: &mut Vec<String>) {
    for (field, messages) in fields {
        match messages {
            Messages::List(messages) if field == "non_field_errors" => {
                lines.extend(messages.iter().map(|message| format!("  {inside}{message}")));
            }
            Messages::List(messages) => {
                lines
                    .extend(messages.iter().map(|message| format!("  {inside}{field}: {message}")));
            }
            Messages::Nested(errors) => list(errors, &format!("{inside}{field}."), lines),
            Messages::Items(items) => {
                for (place, errors) in items.iter().enumerate() {
                    list(errors, &format!("{inside}{field}.{place}."), lines);
                }
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::NotFound | Error::InvalidPage => "not_found",
            Error::Invalid(_) => "invalid",
            Error::Unauthenticated(_) => "unauthenticated",
            Error::Forbidden => "forbidden",
            Error::FeatureMissing(_) => "feature_missing",
            Error::LimitReached { .. } => "limit_reached",
            Error::Conflict(_) | Error::LeaseLost => "conflict",
            Error::VersionMismatch { .. } => "version_mismatch",
            Error::IdempotencyMismatch | Error::IdempotencyInProgress => "idempotency",
            Error::Throttled(_) => "throttled",
            Error::Locked { .. } => "locked",
            Error::Busy => "busy",
            Error::Unavailable(_) => "unavailable",
            Error::Internal(_) => "internal",
        };
        match error {
            Error::Invalid(fields) => {
                let details = Details::Fields(fields);
                Self { details, ..Self::new(code, "the input is invalid") }
            }
            // The operator is the one to whom the detail matters.
            Error::Internal(cause) => Self::new(code, with_causes(&*cause)),
            Error::Busy => Self::new(code, "the database is busy; please try again"),
            other => Self::new(code, other.to_string()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let message = match error.problems.len() {
            1 => "the configuration has a problem".to_owned(),
            many => format!("the configuration has {many} problems"),
        };
        let details = Details::Config(error);
        Self { details, exit: 2, ..Self::new("configuration", message) }
    }
}

/// An error with what caused it, unless its own text says that already.
pub fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// The message alone, to stand in another's.
impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}
