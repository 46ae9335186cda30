//! Checks of the database.

use std::sync::Arc;

use infra_runtime::config::{Config, DatabaseUrl};
use infra_runtime::{Application, Database, OsRandom, SystemClock};

use super::check::Check;
use crate::failure::Failure;
use crate::session::answers;

/// Whether the database answers, is complete and is used as the right role.
pub async fn check(config: &Config) -> Vec<Check> {
    const NAME: &str = "database";
    if let DatabaseUrl::Sqlite(path) = &config.database.url
        && !path.is_file()
    {
        // Opening it would make it; that it is missing was said of the file.
        return Vec::new();
    }
    let clock = Arc::new(SystemClock);
    let database = match Database::open(config, clock.clone()).await {
        Ok(database) => database,
        Err(error) => {
            let message = Failure::from(error).to_string();
            return vec![Check::problem(NAME, message, "Check database_url and database_ca_file.")];
        }
    };
    if let Err(failure) = answers(&database).await {
        let remedy = match database {
            Database::Postgres(_) => {
                "Check that the server runs, and host, role and password in database_url. A role \
                 that is missing is made by `crm-admin migrate`."
            }
            Database::Sqlite(_) => "Check that the file is a SQLite database, or restore a backup.",
        };
        return vec![Check::problem(NAME, failure.to_string(), remedy)];
    }
    let mut checks = vec![Check::ok(NAME, format!("{} answers", database.name()))];
    let migrations = migrations(&database).await;
    let complete = !migrations.is_problem();
    checks.push(migrations);
    checks.push(connection(&database).await);
    if complete {
        match Application::over(database, config, clock, Arc::new(OsRandom)) {
            Ok(application) => checks.extend(content(application).await),
            // Said by the check of Redis.
            Err(_) => return checks,
        }
    }
    checks
}

async fn migrations(database: &Database) -> Check {
    const NAME: &str = "migrations";
    let remedy = match database {
        Database::Postgres(_) => "Run `crm-admin migrate` with CRM_DATABASE_OWNER_URL set.",
        Database::Sqlite(_) => "Run `crm-admin migrate`, or start the server, which does it too.",
    };
    match database.pending_migrations().await {
        Ok(pending) if pending.is_empty() => Check::ok(NAME, "all have run"),
        Ok(pending) => {
            Check::problem(NAME, format!("these have not run: {}", pending.join(", ")), remedy)
        }
        Err(error) => {
            let cause = Failure::from(error);
            Check::problem(NAME, format!("the database has not been set up: {cause}"), remedy)
        }
    }
}

/// Whether connections are as the store needs them: on PostgreSQL by a role that row-level security
/// binds, on SQLite with the settings that keep commits and relations.
async fn connection(database: &Database) -> Check {
    let (name, fine, consequence, remedy) = match database {
        Database::Postgres(_) => (
            "database-role",
            "neither owns the tables nor bypasses row-level security",
            "workspaces are not walled off from each other",
            "Name a role of its own in CRM_DATABASE_URL, the owner in CRM_DATABASE_OWNER_URL, and \
             run `crm-admin migrate`.",
        ),
        Database::Sqlite(_) => (
            "database-settings",
            "commits are durable and relations are checked",
            "the server will not start",
            "Check that the file system supports write-ahead logging (a network share may not).",
        ),
    };
    match database.misuse().await {
        Ok(None) => Check::ok(name, fine),
        Ok(Some(misuse)) => Check::problem(name, format!("{misuse}: {consequence}"), remedy),
        Err(error) => {
            let cause = Failure::from(error);
            Check::problem(name, format!("cannot be examined: {cause}"), "See the other problems.")
        }
    }
}

/// Hints for those who begin.
async fn content(application: Application) -> Vec<Check> {
    let accounts = application.accounts;
    let read = async || -> domain_kernel::Result<_> {
        Ok((accounts.people().await?, accounts.organizations().await?))
    };
    let (people, organizations) = match read().await {
        Ok(read) => read,
        Err(error) => {
            let cause = Failure::from(error);
            let message = format!("people and workspaces cannot be read: {cause}");
            let remedy = "Run `crm-admin migrate`, which lets the server's role use the tables.";
            return vec![Check::problem("content", message, remedy)];
        }
    };
    let staff = people.iter().filter(|row| row.person.is_superuser && row.person.is_active).count();
    let superusers = Check::ok("superusers", format!("{staff} active"));
    let workspaces = Check::ok("workspaces", organizations.len().to_string());
    vec![
        if staff == 0 { superusers.hint("crm-admin createsuperuser") } else { superusers },
        if organizations.is_empty() {
            workspaces.hint("crm-admin org create NAME, or crm-admin demo-data")
        } else {
            workspaces
        },
    ]
}
