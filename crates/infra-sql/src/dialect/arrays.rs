//! Journals in PostgreSQL, each column as an array: the statement is the same for any number of rows, so it is
//! prepared once, and neither written nor planned row by row.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid};
use serde_json::Value;

use crate::columns::{At, EventId};
use crate::journal::{Audited, Told};

/// Adds rows to the audit trail.
#[derive(Default)]
pub(super) struct Audit<'e> {
    organizations: Vec<i64>,
    users: Vec<Option<i64>>,
    staff: Vec<Option<i64>>,
    actions: Vec<String>,
    entities: Vec<&'e str>,
    ids: Vec<i64>,
    changed: Vec<Value>,
    requests: Vec<&'e str>,
    moments: Vec<At>,
}

impl<'e> Extend<Audited<'e>> for Audit<'e> {
    fn extend<I: IntoIterator<Item = Audited<'e>>>(&mut self, rows: I) {
        for row in rows {
            self.organizations.push(row.organization_id);
            self.users.push(row.user_id);
            self.staff.push(row.staff_id);
            self.actions.push(row.action);
            self.entities.push(row.entity);
            self.ids.push(row.entity_id);
            self.changed.push(row.changed);
            self.requests.push(row.request_id);
            self.moments.push(row.created_at);
        }
    }
}

impl QueryFragment<Pg> for Audit<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO audit_entries (organization_id, user_id, staff_id, action, entity, \
             entity_id, changed, request_id, created_at) SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<BigInt>, _>(&self.organizations)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.users)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.staff)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.actions)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.entities)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.changed)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.requests)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.moments)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for Audit<'_> {
    type QueryId = Audit<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

/// Adds rows to the outbox.
#[derive(Default)]
pub(super) struct Outbox<'e> {
    events: Vec<EventId>,
    organizations: Vec<i64>,
    types: Vec<String>,
    entities: Vec<&'e str>,
    ids: Vec<i64>,
    moments: Vec<At>,
    envelopes: Vec<Value>,
}

impl<'e> Extend<Told<'e>> for Outbox<'e> {
    fn extend<I: IntoIterator<Item = Told<'e>>>(&mut self, rows: I) {
        for row in rows {
            self.events.push(row.id);
            self.organizations.push(row.organization_id);
            self.types.push(row.event_type);
            self.entities.push(row.entity);
            self.ids.push(row.entity_id);
            self.moments.push(row.occurred_at);
            self.envelopes.push(row.envelope);
        }
    }
}

impl QueryFragment<Pg> for Outbox<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO events (id, organization_id, type, entity, entity_id, occurred_at, \
             envelope) SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<Uuid>, _>(&self.events)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.organizations)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.types)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.entities)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.moments)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.envelopes)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for Outbox<'_> {
    type QueryId = Outbox<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}
