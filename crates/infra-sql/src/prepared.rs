//! Statements that are prepared once and kept.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

use crate::dialect::Db;

/// An update of the same columns each time, whose text never differs.
///
/// Diesel prepares every update anew, because in general some columns stay out of it; to parse and to plan it
/// takes longer than to write a row.
pub(crate) struct Prepared<S>(pub(crate) S);

impl<S: QueryFragment<Db>> QueryFragment<Db> for Prepared<S> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Db) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<S> QueryId for Prepared<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
