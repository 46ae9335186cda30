//! Errors of the database in the domain's words.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use domain_kernel::Error;

/// An error that is nobody's input.
pub(crate) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal(error)
}

/// What a statement's error means to the domain.
pub(crate) fn of_query(error: Diesel) -> Error {
    match &error {
        Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            Error::Conflict("Another record has these values already.".to_owned())
        }
        Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
            Error::Conflict("A record that this one names is not there any more.".to_owned())
        }
        Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Error::Busy,
        // The library has no kind for it; the message is not translated (`lc_messages`).
        Diesel::DatabaseError(_, told) if told.message() == "deadlock detected" => Error::Busy,
        _ => internal(error),
    }
}
