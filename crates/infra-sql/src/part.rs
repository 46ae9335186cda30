//! What parts of queries of our own are made of.

use diesel::QueryResult;
use diesel::query_builder::AstPass;

use crate::dialect::Db;

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
