//! Records of any kind, by the name of their resource.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel_async::RunQueryDsl;
use domain_kernel::{RecordKind, Result};

use crate::dialect::{Db, types};
use crate::errors::of_query;
use crate::part::column;
use crate::records::Scope;
use crate::rows::Rows;

/// What the table is called within the question.
const RECORD: &str = "record";

/// The question for a row in the table, or the view, that has its resource's name.
struct Existing {
    table: String,
    rows: Rows,
    id: i64,
}

impl QueryId for Existing {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Existing {
    type SqlType = types::BigInt;
}

impl QueryFragment<Db> for Existing {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        column(&mut out, RECORD, "id")?;
        out.push_sql(" FROM ");
        out.push_identifier(&self.table)?;
        out.push_sql(" AS ");
        out.push_identifier(RECORD)?;
        out.push_sql(" WHERE ");
        self.rows.walk_ast(out.reborrow())?;
        out.push_sql(" AND ");
        column(&mut out, RECORD, "id")?;
        out.push_sql(" = ");
        out.push_bind_param::<types::BigInt, _>(&self.id)
    }
}

/// Whether there is a record of a kind in a workspace that is not deleted.
pub(crate) async fn has_record(scope: Scope<'_>, kind: RecordKind, id: i64) -> Result<bool> {
    let rows = Rows::live(scope.tenant()?, RECORD);
    let query = Existing { table: kind.resource.replace('-', "_"), rows, id };
    let found: Vec<i64> = query.load(&mut scope.lease.handle().await?).await.map_err(of_query)?;
    Ok(!found.is_empty())
}
