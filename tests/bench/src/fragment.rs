//! A statement that was read from a log, as a query for diesel: the same text, the same values.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType};

use crate::Result;

/// The query; `Columns` are the types of what it selects.
#[derive(Debug, Clone)]
pub(crate) struct Fragment<Columns> {
    /// Text, and the value that follows it.
    pieces: Vec<(String, Option<i64>)>,
    columns: PhantomData<Columns>,
}

impl<Columns> Fragment<Columns> {
    /// Takes a statement apart at its parameters.
    pub(crate) fn new((sql, values): &(String, Vec<i64>)) -> Result<Self> {
        let mut pieces = Vec::new();
        let mut parts = sql.split('$');
        let mut text = parts.next().unwrap_or_default();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = part.split_at(digits);
            let number: usize = number.parse().map_err(|_| format!("not a parameter: ${part}"))?;
            let value = number.checked_sub(1).and_then(|index| values.get(index));
            pieces.push((text.to_owned(), Some(*value.ok_or("a parameter without a value")?)));
            text = rest;
        }
        pieces.push((text.to_owned(), None));
        Ok(Self { pieces, columns: PhantomData })
    }
}

impl<Columns> Query for Fragment<Columns> {
    type SqlType = Columns;
}

impl<Columns, Connection> diesel::RunQueryDsl<Connection> for Fragment<Columns> {}

impl<Columns> QueryId for Fragment<Columns> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Columns, Db> QueryFragment<Db> for Fragment<Columns>
where
    Db: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, Db>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        for (text, value) in &self.pieces {
            out.push_sql(text);
            if let Some(value) = value {
                out.push_bind_param::<BigInt, _>(value)?;
            }
        }
        Ok(())
    }
}
