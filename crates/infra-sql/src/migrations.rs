//! The migrations, embedded in the program.

use std::collections::BTreeSet;

use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_kernel::{Error, Result};

use crate::SqlStore;
use crate::dialect::{self, Db, MIGRATIONS, Options};
use crate::errors::of_query;

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Runs the migrations that are missing; the versions of those that ran.
///
/// On PostgreSQL the options' role must own the tables, or the database.
///
/// # Errors
/// [`Error::Internal`] with the database's own words.
pub async fn migrate(options: &Options) -> Result<Vec<String>> {
    dialect::run_migrations(options).await
}

/// The versions that have run, in order.
///
/// # Errors
/// [`Error::Internal`] when there are none because the table of migrations is missing.
pub async fn applied_migrations(store: &SqlStore) -> Result<Vec<String>> {
    let mut work = store.check().await?;
    let mut handle = work.handle().await?;
    let mut versions: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(&mut handle)
        .await
        .map_err(of_query)?;
    versions.sort();
    Ok(versions)
}

/// The names of the migrations that have not run, in order.
///
/// # Errors
/// As [`applied_migrations`].
pub async fn pending_migrations(store: &SqlStore) -> Result<Vec<String>> {
    let applied: BTreeSet<String> = applied_migrations(store).await?.into_iter().collect();
    let known: Vec<Box<dyn Migration<Db>>> = MIGRATIONS.migrations().map_err(Error::Internal)?;
    let missing = known.iter().filter(|m| !applied.contains(&m.name().version().to_string()));
    Ok(missing.map(|migration| migration.name().to_string()).collect())
}
