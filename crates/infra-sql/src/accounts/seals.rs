//! The table of the trail's seals.

use diesel::QueryResult;
use diesel::dsl::{exists, max, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{AuditLog, Seal};
use domain_kernel::{Record, TenantId};
use jiff::Timestamp;

use super::audit_logs::{Columns, audit_logs, record};
use crate::columns::At;
use crate::dialect::{Db, Handle, insert_all};
use crate::rows::Rows;

diesel::table! {
    use crate::dialect::types::*;

    audit_seals (id) {
        id -> BigInt,
        organization_id -> BigInt,
        position -> BigInt,
        entry_id -> BigInt,
        content -> Binary,
        chain -> Binary,
        created_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(audit_seals, audit_logs);

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_seals, check_for_backend(Db))]
struct Row {
    position: i64,
    entry_id: i64,
    content: Vec<u8>,
    chain: Vec<u8>,
}

impl From<Row> for Seal {
    fn from(row: Row) -> Self {
        // A hash that has another length was altered; as another one it does not fit.
        let hash = |bytes: Vec<u8>| bytes.try_into().unwrap_or([0; 32]);
        Self {
            position: row.position,
            entry: row.entry_id,
            content: hash(row.content),
            chain: hash(row.chain),
        }
    }
}

/// The end of the chain.
pub(super) async fn last(handle: &mut Handle<'_>, tenant: TenantId) -> QueryResult<Option<Seal>> {
    let row: Option<Row> = audit_seals::table
        .filter(Rows::all(tenant, "audit_seals"))
        .order(audit_seals::position.desc())
        .select(Row::as_select())
        .first(handle)
        .await
        .optional()?;
    Ok(row.map(Into::into))
}

/// Entries after one that no seal is about. Below the last that was sealed before `settled`, there is none.
pub(super) async fn unsealed(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    settled: Timestamp,
    after: i64,
    most: i64,
) -> QueryResult<Vec<Record<AuditLog>>> {
    let low: Option<i64> = audit_seals::table
        .filter(Rows::all(tenant, "audit_seals"))
        .filter(audit_seals::created_at.lt(At(settled)))
        .select(max(audit_seals::entry_id))
        .first(handle)
        .await?;
    let sealed = audit_seals::table
        .filter(audit_seals::organization_id.eq(audit_logs::organization_id))
        .filter(audit_seals::entry_id.eq(audit_logs::id));
    let rows: Vec<Columns> = audit_logs::table
        .filter(Rows::all(tenant, "audit_logs"))
        .filter(audit_logs::id.gt(low.unwrap_or(0).max(after)))
        .filter(not(exists(sealed)))
        .order(audit_logs::id)
        .limit(most)
        .select(Columns::as_select())
        .load(handle)
        .await?;
    Ok(rows.into_iter().map(record).collect())
}

/// How many entries no seal is about.
pub(super) async fn count_unsealed(handle: &mut Handle<'_>, tenant: TenantId) -> QueryResult<i64> {
    let sealed = audit_seals::table
        .filter(audit_seals::organization_id.eq(audit_logs::organization_id))
        .filter(audit_seals::entry_id.eq(audit_logs::id));
    audit_logs::table
        .filter(Rows::all(tenant, "audit_logs"))
        .filter(not(exists(sealed)))
        .count()
        .get_result(handle)
        .await
}

/// Adds links to the chain.
pub(super) async fn insert(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    seals: &[Seal],
    now: Timestamp,
) -> QueryResult<()> {
    let rows: Vec<_> = seals
        .iter()
        .map(|seal| {
            (
                audit_seals::organization_id.eq(tenant.raw()),
                audit_seals::position.eq(seal.position),
                audit_seals::entry_id.eq(seal.entry),
                audit_seals::content.eq(seal.content.as_slice()),
                audit_seals::chain.eq(seal.chain.as_slice()),
                audit_seals::created_at.eq(At(now)),
            )
        })
        .collect();
    insert_all!(handle, audit_seals::table, rows);
    Ok(())
}

/// The links after a place, in order, each with its entry if that is there.
pub(super) async fn after(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    position: i64,
    most: i64,
) -> QueryResult<Vec<(Seal, Option<Record<AuditLog>>)>> {
    let its_own = audit_logs::organization_id
        .eq(audit_seals::organization_id)
        .and(audit_logs::id.eq(audit_seals::entry_id));
    let rows: Vec<(Row, Option<Columns>)> = audit_seals::table
        .left_join(audit_logs::table.on(its_own))
        .filter(Rows::all(tenant, "audit_seals"))
        .filter(audit_seals::position.gt(position))
        .order(audit_seals::position)
        .limit(most)
        .select((Row::as_select(), Option::<Columns>::as_select()))
        .load(handle)
        .await?;
    Ok(rows.into_iter().map(|(seal, entry)| (seal.into(), entry.map(record))).collect())
}
