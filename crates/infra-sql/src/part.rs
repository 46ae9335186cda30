//! What parts of queries of our own are made of.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment};

use crate::dialect::{self, Db};

/// A part of a query that diesel takes as a condition (or an order) on any table.
macro_rules! query_part {
    ($Name:ident) => {
        impl diesel::expression::Expression for $Name {
            type SqlType = diesel::sql_types::Bool;
        }
        impl<Table> diesel::expression::AppearsOnTable<Table> for $Name {}
        impl diesel::expression::ValidGrouping<()> for $Name {
            type IsAggregate = diesel::expression::is_aggregate::No;
        }
        impl diesel::query_builder::QueryId for $Name {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}
pub(crate) use query_part;

/// A column of a table, quoted.
pub(crate) fn column(out: &mut AstPass<'_, '_, Db>, table: &str, name: &str) -> QueryResult<()> {
    out.push_identifier(table)?;
    out.push_sql(".");
    out.push_identifier(name)
}

/// The order of a table's ids, of rows that a list of values or a range finds.
///
/// The sign keeps an index from serving the order: a planner would rather read the whole table in order
/// of id than sort the few rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ById(pub(crate) &'static str);

query_part!(ById);

impl QueryFragment<Db> for ById {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        by_id(&mut out, self.0)
    }
}

/// As [`ById`] has it.
pub(crate) fn by_id(out: &mut AstPass<'_, '_, Db>, table: &str) -> QueryResult<()> {
    out.push_sql("+");
    column(out, table, "id")
}

/// That a row's id is one of some.
#[derive(Debug, Clone)]
pub(crate) struct OneOf {
    table: &'static str,
    ids: Vec<i64>,
}

query_part!(OneOf);

impl OneOf {
    pub(crate) fn new(table: &'static str, ids: impl IntoIterator<Item = i64>) -> Self {
        Self { table, ids: ids.into_iter().collect() }
    }
}

impl QueryFragment<Db> for OneOf {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        column(&mut out, self.table, "id")?;
        dialect::one_of(&mut out, &self.ids)
    }
}

/// A column of a table that leads to rows of another.
pub(crate) struct Link<'l> {
    /// The table that has the column.
    pub(crate) table: &'l str,
    /// The column.
    pub(crate) column: &'l str,
    /// The table that it leads to.
    pub(crate) target: &'l str,
}
