//! Checks of the data folder and of a SQLite database's files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use infra_runtime::config::{Config, DatabaseUrl};

use super::check::Check;

/// Below this nothing can be relied on.
const LITTLE_SPACE: u64 = 100 << 20;
/// Below this it is time to do something.
const SOME_SPACE: u64 = 1 << 30;

/// Who may do what with the files, and whether there is room.
pub fn check(config: &Config) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut folders: BTreeSet<&Path> = BTreeSet::new();
    match &config.database.url {
        DatabaseUrl::Sqlite(path) => {
            folders.insert(folder_of(path));
            if config.data_dir.exists() {
                folders.insert(&config.data_dir);
            }
        }
        DatabaseUrl::Postgres(_) if config.data_dir.exists() => {
            folders.insert(&config.data_dir);
        }
        DatabaseUrl::Postgres(_) => {}
    }
    for path in folders {
        checks.push(folder(path));
        checks.extend(space(path));
    }
    if let DatabaseUrl::Sqlite(path) = &config.database.url {
        checks.push(database(path));
    }
    checks
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn folder(path: &Path) -> Check {
    const NAME: &str = "data-folder";
    let shown = path.display();
    if !path.is_dir() {
        return Check::problem(
            NAME,
            format!("{shown} is not there"),
            format!("Run `crm-admin migrate`, or: mkdir -m 700 {shown}"),
        );
    }
    if !is_writable(path) {
        let message = format!("{shown} cannot be written by this user");
        return Check::problem(NAME, message, "Run as the user that it belongs to, or chown it.");
    }
    match mode(path) {
        // With this one could put a file of one's own in the place of ours.
        Some(mode) if mode & 0o022 != 0 => Check::problem(
            NAME,
            format!("{shown} can be written by others (mode {mode:04o})"),
            format!("chmod 700 {shown}"),
        ),
        Some(mode) if mode & 0o055 != 0 => Check::warning(
            NAME,
            format!("{shown} can be entered by others (mode {mode:04o})"),
            format!("chmod 700 {shown}"),
        ),
        _ => Check::ok(NAME, format!("{shown} is there, writable and private")),
    }
}

/// The database with what SQLite keeps beside it.
fn database(path: &Path) -> Check {
    const NAME: &str = "database-file";
    let shown = path.display();
    if !path.is_file() {
        return Check::problem(NAME, format!("{shown} is not there"), "Run `crm-admin migrate`.");
    }
    for file in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        let shown = file.display();
        if !file.exists() {
            continue;
        }
        if let Some(mode) = mode(&file).filter(|mode| mode & 0o077 != 0) {
            let message = format!("{shown} can be used by others (mode {mode:04o})");
            return Check::problem(NAME, message, format!("chmod 600 {shown}"));
        }
        if !is_writable(&file) {
            let message = format!("{shown} cannot be written by this user");
            return Check::problem(
                NAME,
                message,
                "Run as the user that it belongs to, or chown it.",
            );
        }
    }
    Check::ok(NAME, format!("{shown} is there, writable and private"))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn space(path: &Path) -> Option<Check> {
    const NAME: &str = "disk-space";
    const REMEDY: &str = "Make room or move the data folder to a larger disk.";
    let free = free_bytes(path)?;
    let message = format!("{} MiB are free at {}", free >> 20, path.display());
    Some(if free < LITTLE_SPACE {
        Check::problem(NAME, message, REMEDY)
    } else if free < SOME_SPACE {
        Check::warning(NAME, message, REMEDY)
    } else {
        Check::ok(NAME, message)
    })
}

/// The permissions of a file, where there are such.
#[cfg(unix)]
pub fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(path.metadata().ok()?.permissions().mode() & 0o7777)
}

#[cfg(unix)]
fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// The permissions of a file, where there are such.
#[cfg(not(unix))]
pub fn mode(_path: &Path) -> Option<u32> {
    None
}

#[cfg(not(unix))]
fn is_writable(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| !file.permissions().readonly())
}

#[cfg(not(unix))]
fn free_bytes(_path: &Path) -> Option<u64> {
    None
}
