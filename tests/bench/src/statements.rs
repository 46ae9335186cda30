//! The statements that the server sends for one request, read from Postgres's own log.

use serde::{Deserialize, Serialize};

use crate::Result;

/// A statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Statement {
    /// Sent as text; may be several, with semicolons.
    Plain(String),
    /// Prepared once, then executed with these values for `$1`, `$2`, ….
    Prepared(String, Vec<Literal>),
}

/// A value that was bound, as the log writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Literal {
    Integer(i64),
    Text(String),
    Null,
}

impl Literal {
    /// As it stands in a statement.
    pub(crate) fn quoted(&self) -> String {
        match self {
            Self::Integer(number) => format!("'{number}'"),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Null => "NULL".to_owned(),
        }
    }
}

impl From<i64> for Literal {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

/// What opens, ends and places a transaction.
const CONTROL: [&str; 5] = ["BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET LOCAL"];

impl Statement {
    /// Its text.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Plain(sql) | Self::Prepared(sql, _) => sql,
        }
    }

    /// How many statements it holds: queries, and what controls the transaction.
    pub(crate) fn counted(&self) -> (u32, u32) {
        let Self::Plain(sql) = self else { return (1, 0) };
        sql.split("; ").fold((0, 0), |(queries, control), sql| {
            match CONTROL.iter().any(|word| sql.starts_with(word)) {
                true => (queries, control + 1),
                false => (queries + 1, control),
            }
        })
    }
}

/// The statements of a request that lists rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ListStatements {
    /// What opens the transaction.
    pub(crate) begin: String,
    /// What reads the rows.
    pub(crate) page: (String, Vec<i64>),
    /// What counts all of them.
    pub(crate) count: Option<(String, Vec<i64>)>,
    /// What ends the transaction.
    pub(crate) end: String,
}

/// Reads statements from a part of a log with `log_statement = all`.
pub(crate) fn read(log: &str) -> Result<Vec<Statement>> {
    let mut found = Vec::new();
    for line in log.lines() {
        if let Some((_, sql)) = line.split_once("LOG:  statement: ") {
            found.push(Statement::Plain(sql.trim().to_owned()));
        } else if let Some((_, rest)) = line.split_once("LOG:  execute ") {
            let (_, sql) = rest.split_once(": ").ok_or("the log has another form than expected")?;
            found.push(Statement::Prepared(sql.trim().to_owned(), Vec::new()));
        } else if let Some((_, rest)) = line.split_once("DETAIL:  ")
            && let Some(Statement::Prepared(_, values)) = found.last_mut()
            && let Some((_, list)) = rest.split_once("arameters: ")
        {
            *values = literals(list)?;
        }
    }
    Ok(found)
}

/// The values in `$1 = '20', $2 = 'O''Hara', $3 = NULL`.
fn literals(list: &str) -> Result<Vec<Literal>> {
    let mut found = Vec::new();
    let mut rest = list;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(mut quoted) = value.strip_prefix('\'') else {
            found.push(Literal::Null);
            rest = value.split_once(", ").map_or("", |(_, rest)| rest);
            continue;
        };
        let mut text = String::new();
        loop {
            let (part, after) =
                quoted.split_once('\'').ok_or("the log has another form than expected")?;
            text += part;
            let Some(doubled) = after.strip_prefix('\'') else {
                rest = after;
                break;
            };
            text.push('\'');
            quoted = doubled;
        }
        found.push(text.parse().map_or(Literal::Text(text), Literal::Integer));
    }
    Ok(found)
}

/// The numbers that were bound.
fn numbers(values: Vec<Literal>) -> Result<Vec<i64>> {
    let number = |value| match value {
        Literal::Integer(number) => Ok(number),
        other => Err(format!("only numbers can be bound by pgbench, not {other:?}").into()),
    };
    values.into_iter().map(number).collect()
}

impl ListStatements {
    /// Knows the statements of a list by their place: open, page, perhaps count, end.
    pub(crate) fn recognise(statements: Vec<Statement>) -> Result<Self> {
        let mut rest = statements.into_iter();
        let found = match (rest.next(), rest.next(), rest.next(), rest.next(), rest.next()) {
            (
                Some(Statement::Plain(begin)),
                Some(Statement::Prepared(page, page_values)),
                Some(Statement::Prepared(count, count_values)),
                Some(Statement::Plain(end)),
                None,
            ) => {
                let count = Some((count, numbers(count_values)?));
                Self { begin, page: (page, numbers(page_values)?), count, end }
            }
            (
                Some(Statement::Plain(begin)),
                Some(Statement::Prepared(page, values)),
                Some(Statement::Plain(end)),
                None,
                None,
            ) => Self { begin, page: (page, numbers(values)?), count: None, end },
            other => return Err(format!("not the statements of a list: {other:?}").into()),
        };
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gives_its_statements_back() {
        let log = "\
2026-01-01 00:00:00 UTC [1] LOG:  statement: BEGIN; SET LOCAL app.tenant = '1'
2026-01-01 00:00:00 UTC [1] LOG:  execute s0: SELECT a FROM t WHERE b = $1 LIMIT $2
2026-01-01 00:00:00 UTC [1] DETAIL:  parameters: $1 = '7', $2 = '21'
2026-01-01 00:00:00 UTC [1] LOG:  statement: COMMIT
";
        let list = ListStatements::recognise(read(log).expect("reads")).expect("a list");
        assert_eq!(list.begin, "BEGIN; SET LOCAL app.tenant = '1'");
        assert_eq!(list.page, ("SELECT a FROM t WHERE b = $1 LIMIT $2".to_owned(), vec![7, 21]));
        assert_eq!((list.count, list.end.as_str()), (None, "COMMIT"));
    }

    #[test]
    fn values_of_any_kind_are_read() {
        let found = literals("$1 = '7', $2 = 'O''Hara, B = C', $3 = NULL, $4 = '2026-01-01'");
        let text = |text: &str| Literal::Text(text.to_owned());
        let expected =
            [Literal::Integer(7), text("O'Hara, B = C"), Literal::Null, text("2026-01-01")];
        assert_eq!(found.expect("reads"), expected);
    }

    #[test]
    fn what_controls_a_transaction_is_counted_apart() {
        let plain = |sql: &str| Statement::Plain(sql.to_owned()).counted();
        assert_eq!(plain("BEGIN; SET LOCAL app.tenant = '1'"), (0, 2));
        assert_eq!(plain("SELECT pg_advisory_xact_lock(7)"), (1, 0));
        assert_eq!(Statement::Prepared("SELECT 1".to_owned(), vec![]).counted(), (1, 0));
    }
}
