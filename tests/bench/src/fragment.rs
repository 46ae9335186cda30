//! A statement that was read from a log, as a query for diesel: the same text, the same values.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text};

use crate::Result;
use crate::statements::Literal;

/// The query; `Columns` are the types of what it selects.
#[derive(Debug, Clone)]
pub(crate) struct Fragment<Columns> {
    /// Text, and the value that follows it.
    pieces: Vec<(String, Option<Literal>)>,
    columns: PhantomData<Columns>,
}

impl<Columns> Fragment<Columns> {
    /// Takes a statement apart at its parameters.
    pub(crate) fn new<V: Clone + Into<Literal>>((sql, values): &(String, Vec<V>)) -> Result<Self> {
        let mut pieces = Vec::new();
        let mut parts = sql.split('$');
        let mut text = parts.next().unwrap_or_default();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = part.split_at(digits);
            let number: usize = number.parse().map_err(|_| format!("not a parameter: ${part}"))?;
            let value = number.checked_sub(1).and_then(|index| values.get(index));
            let value = value.ok_or("a parameter without a value")?.clone().into();
            pieces.push((text.to_owned(), Some(value)));
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
    Db: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, Db>,
    String: ToSql<Text, Db>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        for (text, value) in &self.pieces {
            out.push_sql(text);
            match value {
                None => {}
                Some(Literal::Integer(number)) => out.push_bind_param::<BigInt, _>(number)?,
                Some(Literal::Text(text)) => out.push_bind_param::<Text, _>(text)?,
                Some(Literal::Null) => out.push_sql("NULL"),
            }
        }
        Ok(())
    }
}
