//! What must hold before the program uses a database.

use std::fs::{File, TryLockError};
use std::path::Path;

use domain_kernel::Error;
use infra_runtime::Database;

use super::Failure;

/// Makes sure that no other server uses the file: idempotency locks and the one writer are those of
/// a process. The lock ends with the file that is returned.
pub(super) fn hold(database: &Path) -> Result<File, Failure> {
    let path = database.with_extension("lock");
    if let Some(folder) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = File::options();
    options.create(true).append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let database = database.display();
            Err(format!("another server uses {database}; SQLite serves one at a time").into())
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Refuses to serve from a database that is not as the server needs it.
pub(super) async fn check(database: &Database) -> Result<(), Failure> {
    let pending = match database.pending_migrations().await {
        Ok(pending) => pending,
        Err(Error::Internal(cause)) if database.ping().await.is_ok() => {
            return Err(format!(
                "the database has not been migrated ({cause}). Run: crm-admin migrate"
            )
            .into());
        }
        Err(other) => return Err(other.into()),
    };
    if !pending.is_empty() {
        let list = pending.join(", ");
        return Err(format!("migrations are missing ({list}). Run: crm-admin migrate").into());
    }
    match database.misuse().await? {
        None => Ok(()),
        Some(problem) if matches!(database, Database::Sqlite(_)) => {
            Err(format!("the database is not set up as it must be: {problem}").into())
        }
        Some(problem) => Err(format!(
            "{problem}: row-level security would not hold. Set CRM_DATABASE_URL to another role \
             (crm-admin migrate makes it) and CRM_DATABASE_OWNER_URL to this one."
        )
        .into()),
    }
}
