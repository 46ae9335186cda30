//! Removing a workspace with everything in it.

use std::collections::BTreeMap;

use diesel::sql_types::BigInt;
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use domain_kernel::{Result, TenantId};
use jiff::Timestamp;

use super::organizations;
use crate::dialect;
use crate::errors::of_query;
use crate::work::SqlWork;

/// The tables of workspaces, those first that lead to others; the trail's own go before them all.
/// A test compares them with the databases' catalogs.
pub const TABLES_OF_WORKSPACES: &[&str] = &[
    "events",
    "idempotency_keys",
    "jobs",
    "schedules",
    "attached_files",
    "note_texts",
    "activities",
    "stage_changes",
    "lead_conversions",
    "shipment_parts",
    "shipments",
    "refunds",
    "payments",
    "credit_notes",
    "invoices",
    "order_lines",
    "orders",
    "number_series",
    "exchange_rates",
    "deals",
    "prospects",
    "deal_stages",
    "pipelines",
    "stock_movements",
    "inventory_lots",
    "price_changes",
    "product_variants",
    "products",
    "categories",
    "suppliers",
    "contacts",
    "companies",
    "plan_overrides",
    "subscriptions",
    "invite_links",
    "invites",
    "tokens",
    "user_roles",
    "memberships",
];

/// The tables of the trail, which the server itself only adds to.
pub const TABLES_OF_TRAILS: &[&str] = &["audit_seals", "audit_entries"];

/// The tables of people, who go with the last workspace that they belong to.
pub const TABLES_OF_PEOPLE: &[&str] =
    &["known_addresses", "identities", "links", "second_factors", "recovery_codes"];

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Removes the workspace that a unit is in; how many rows of which table.
///
/// Names are those above and numbers are ids of ours: nothing of a user's is in these statements.
pub(super) async fn erase(work: &mut SqlWork, now: Timestamp) -> Result<BTreeMap<String, i64>> {
    let tenant = work.tenant()?;
    let people = members(work, tenant).await?;
    organizations::close(&mut work.handle().await?, tenant, now).await.map_err(of_query)?;
    let mut removed = BTreeMap::new();
    for table in TABLES_OF_TRAILS {
        let counted = format!("SELECT count(*) AS n FROM {table} WHERE organization_id = {tenant}");
        removed.insert((*table).to_owned(), number(work, &counted).await?);
    }
    for sql in dialect::erase_trail(tenant) {
        execute(work, &sql).await?;
    }
    let mut delete = async |work: &mut SqlWork, table: &str, column: &str, id: i64| {
        let sql = format!("DELETE FROM {table} WHERE {column} = {id}");
        let rows = execute(work, &sql).await?;
        *removed.entry(table.to_owned()).or_insert(0) += i64::try_from(rows).unwrap_or(i64::MAX);
        Ok::<_, domain_kernel::Error>(())
    };
    delete(work, "plan_requests", "workspace", tenant.raw()).await?;
    for table in TABLES_OF_WORKSPACES {
        delete(work, table, "organization_id", tenant.raw()).await?;
    }
    for person in people {
        if belongs_elsewhere(work, person).await? {
            continue;
        }
        for table in TABLES_OF_PEOPLE {
            delete(work, table, "user_id", person).await?;
        }
        delete(work, "people", "id", person).await?;
    }
    delete(work, "organizations", "id", tenant.raw()).await?;
    Ok(removed)
}

/// Who is or was a member.
async fn members(work: &mut SqlWork, tenant: TenantId) -> Result<Vec<i64>> {
    let sql = format!("SELECT user_id AS n FROM memberships WHERE organization_id = {tenant}");
    let rows: QueryResult<Vec<Count>> = sql_query(sql).load(&mut work.handle().await?).await;
    Ok(rows.map_err(of_query)?.into_iter().map(|row| row.n).collect())
}

/// Whether somebody is or was a member of another workspace, or belongs to the platform's staff.
async fn belongs_elsewhere(work: &mut SqlWork, person: i64) -> Result<bool> {
    if let Some(sql) = dialect::act_as(person) {
        work.set(&sql).await?;
    }
    let sql = format!(
        "SELECT (SELECT count(*) FROM memberships WHERE user_id = {person})
              + (SELECT count(*) FROM people WHERE id = {person} AND is_superuser) AS n"
    );
    Ok(number(work, &sql).await? > 0)
}

async fn number(work: &mut SqlWork, sql: &str) -> Result<i64> {
    let row: QueryResult<Count> = sql_query(sql).get_result(&mut work.handle().await?).await;
    Ok(row.map_err(of_query)?.n)
}

async fn execute(work: &mut SqlWork, sql: &str) -> Result<usize> {
    sql_query(sql).execute(&mut work.handle().await?).await.map_err(of_query)
}
