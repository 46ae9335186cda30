//! The trail as admins read it: a view of the entries.

use domain_accounts::AuditLog;
use domain_kernel::field::{Count, DoneBy, Flag, Json, Word};
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
pub(super) struct Columns {
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

pub(super) fn record(row: Columns) -> Record<AuditLog> {
    let data = AuditLog {
        user: DoneBy(row.user.map(Id::new)),
        by_staff: Flag(row.by_staff),
        action: Word::trusted(row.action),
        entity: Word::trusted(row.entity),
        entity_id: Count(row.entity_id),
        request_id: Word::trusted(row.request_id),
        metadata: Json(row.metadata),
    };
    Record::new(Id::new(row.id), Id::new(row.organization_id), data, row.created_at.0)
}

reads! {
    /// The trail of one workspace.
    AuditLogs of AuditLog in audit_logs,
    rows Columns, selected by Columns::as_select()
}
read_only! { AuditLogs of AuditLog }
