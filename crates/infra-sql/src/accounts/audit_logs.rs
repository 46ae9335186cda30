//! The trail as admins read it: a view of the entries.

use domain_accounts::{ActingPerson, AuditLog};
use domain_kernel::Error;
use domain_kernel::field::{Count, Flag, Json, Word};
use serde_json::Value;

use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    audit_logs (id) {
        id -> BigInt,
        organization_id -> BigInt,
        created_at -> Moment,
        user -> Nullable<BigInt>,
        by_staff -> Bool,
        action -> Text,
        entity -> Text,
        entity_id -> BigInt,
        request_id -> Text,
        metadata -> JsonValue,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_logs, check_for_backend(Db))]
struct Columns {
    id: i64,
    organization_id: i64,
    created_at: At,
    user: Option<i64>,
    by_staff: bool,
    action: String,
    entity: String,
    entity_id: i64,
    request_id: String,
    metadata: Value,
}

fn record(row: Columns) -> Record<AuditLog> {
    let data = AuditLog {
        user: ActingPerson(row.user.map(Id::new)),
        by_staff: Flag(row.by_staff),
        action: Word::trusted(row.action),
        entity: Word::trusted(row.entity),
        entity_id: Count(row.entity_id),
        request_id: Word::trusted(row.request_id),
        metadata: Json(row.metadata),
    };
    Record::new(Id::new(row.id), Id::new(row.organization_id), data, row.created_at.0)
}

/// The trail of one workspace.
pub(crate) struct AuditLogs<'w>(pub(crate) Scope<'w>);

const TABLE: &str = "audit_logs";

impl AuditLogs<'_> {
    async fn find(&mut self, ids: &[Id<AuditLog>]) -> Result<Vec<Record<AuditLog>>> {
        let rows = Rows::all(self.0.tenant()?, TABLE);
        let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
        let query = audit_logs::table.filter(rows).filter(audit_logs::id.eq_any(ids));
        let query = query.select(Columns::as_select());
        let found = query.load(&mut self.0.lease.handle().await?).await.map_err(of_query)?;
        Ok(found.into_iter().map(record).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<AuditLog>>> {
        let rows = Rows::all(self.0.tenant()?, TABLE);
        let filter = Filter::new(TABLE, AuditLog::FIELDS, query);
        let (skip, take) = filter::extent(query);
        let count = filter::counts(query)
            .then(|| audit_logs::table.filter(rows).filter(filter.clone()).count());
        let page = audit_logs::table
            .filter(rows)
            .filter(filter.within(query))
            .order(Sort::new(TABLE, query))
            .offset(skip)
            .limit(take)
            .select(Columns::as_select());
        let found = page_and_count!(self.0.lease, page, count);
        let (found, total): (Vec<Columns>, _) = found.map_err(of_query)?;
        Ok(filter::listing(query, found.into_iter().map(record).collect(), total))
    }
}

#[async_trait]
impl Records<AuditLog> for AuditLogs<'_> {
    async fn find(&mut self, ids: &[Id<AuditLog>], _: Which) -> Result<Vec<Record<AuditLog>>> {
        AuditLogs::find(self, ids).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<AuditLog>>> {
        AuditLogs::list(self, query).await
    }

    async fn insert(&mut self, _: AuditLog, _: Timestamp) -> Result<Record<AuditLog>> {
        Err(Error::internal("entries are written by the journal"))
    }

    async fn update(&mut self, _: &Record<AuditLog>) -> Result<bool> {
        Err(Error::internal("entries stay as they are"))
    }
}
