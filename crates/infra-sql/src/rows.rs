//! The rows of one workspace: the first wall between workspaces, which every query begins with.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment};
use domain_kernel::query::{ListQuery, marks_deletion};
use domain_kernel::{Fields, TenantId, Which};

use crate::dialect::{Db, types};
use crate::part::{column, query_part};

/// The rows of one workspace: what every query on a tenant's table begins with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    table: &'static str,
    /// None for what is the platform's.
    tenant: Option<i64>,
    seen: Seen,
}

#[derive(Debug, Clone, Copy)]
enum Seen {
    Live,
    Deleted,
    All,
}

query_part!(Rows);

impl Rows {
    /// All of a workspace's rows, deleted or not, of a table that may not mark deletion at all.
    pub(crate) fn all(tenant: TenantId, table: &'static str) -> Self {
        Self::of(Some(tenant), table, Seen::All)
    }

    /// A workspace's rows that are not deleted, of a table that marks deletion.
    pub(crate) fn live(tenant: TenantId, table: &'static str) -> Self {
        Self::of(Some(tenant), table, Seen::Live)
    }

    fn of(owner: Option<TenantId>, table: &'static str, seen: Seen) -> Self {
        Self { table, tenant: owner.map(|tenant| tenant.raw()), seen }
    }

    /// The rows of a resource that a look-up considers.
    pub(crate) fn seen_by<R: Fields>(
        owner: Option<TenantId>,
        table: &'static str,
        which: Which,
    ) -> Self {
        let live = which == Which::Live && marks_deletion::<R>();
        Self::of(owner, table, if live { Seen::Live } else { Seen::All })
    }

    /// The rows of a resource that a list is made of.
    pub(crate) fn listed<R: Fields>(
        owner: Option<TenantId>,
        table: &'static str,
        query: &ListQuery,
    ) -> Self {
        let seen = match (marks_deletion::<R>(), query.deleted) {
            (false, _) => Seen::All,
            (true, true) => Seen::Deleted,
            (true, false) => Seen::Live,
        };
        Self::of(owner, table, seen)
    }
}

impl Rows {
    /// The same of the table under another name within the query.
    #[cfg(feature = "sqlite")]
    pub(crate) fn walk_as<'b>(
        &'b self,
        name: &str,
        out: &mut AstPass<'_, 'b, Db>,
    ) -> QueryResult<()> {
        self.walk(name, self.seen, out)
    }

    /// The deleted rows that the same workspace has in another table.
    pub(crate) fn walk_deleted<'b>(
        &'b self,
        table: &str,
        out: &mut AstPass<'_, 'b, Db>,
    ) -> QueryResult<()> {
        self.walk(table, Seen::Deleted, out)
    }

    fn walk<'b>(
        &'b self,
        table: &str,
        seen: Seen,
        out: &mut AstPass<'_, 'b, Db>,
    ) -> QueryResult<()> {
        match &self.tenant {
            Some(tenant) if !tenant_filter_is_off() => {
                column(out, table, "organization_id")?;
                out.push_sql(" = ");
                out.push_bind_param::<types::BigInt, _>(tenant)?;
            }
            _ => out.push_sql("1 = 1"),
        }
        match seen {
            Seen::All => return Ok(()),
            Seen::Live | Seen::Deleted => out.push_sql(" AND "),
        }
        column(out, table, "deleted_at")?;
        out.push_sql(if matches!(seen, Seen::Live) { " IS NULL" } else { " IS NOT NULL" });
        Ok(())
    }
}

impl QueryFragment<Db> for Rows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        self.walk(self.table, self.seen, &mut out)
    }
}

#[cfg(all(debug_assertions, feature = "postgres"))]
use crate::testing::tenant_filter_is_off;

/// Never, but in the tests of the second wall; see `testing.rs`.
#[cfg(not(all(debug_assertions, feature = "postgres")))]
const fn tenant_filter_is_off() -> bool {
    false
}
