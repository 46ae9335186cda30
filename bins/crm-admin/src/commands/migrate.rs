//! `migrate`: runs the missing migrations.

use infra_runtime::config::{Config, DatabaseUrl};
use infra_runtime::{Database, MigrateReport};
use serde_json::json;

use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::session::make_folder;

/// Runs them, and says which.
pub async fn run(config: &Config, output: &Output) -> Result<()> {
    let database = match &config.database.url {
        DatabaseUrl::Sqlite(_) => "SQLite",
        DatabaseUrl::Postgres(_) => "PostgreSQL",
    };
    if matches!(config.database.url, DatabaseUrl::Postgres(_))
        && config.database.owner_url.is_none()
    {
        let message =
            "database_owner_url is not set: migrations run as the role that owns the tables";
        return Err(Failure::usage(message)
            .hint("Set CRM_DATABASE_OWNER_URL to postgres://OWNER:PASSWORD@HOST/DATABASE."));
    }
    make_folder(config)?;
    let MigrateReport { ran, new_role } = Database::migrate(config).await?;
    let json = json!({ "database": database, "ran": ran, "new_role": new_role });
    output.show(&json, || {
        let mut lines = match ran.len() {
            0 => vec![format!("{database}: no migration was missing.")],
            1 => vec![format!("{database}: ran a migration:")],
            many => vec![format!("{database}: ran {many} migrations:")],
        };
        lines.extend(ran.iter().map(|name| format!("  {name}")));
        lines.extend(new_role.map(|role| format!("Made the role \"{role}\" for the server.")));
        lines.join("\n")
    })
}
