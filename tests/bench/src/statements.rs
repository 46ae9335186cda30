//! The statements that the server sends for one request, read from Postgres's own log.

use serde::{Deserialize, Serialize};

use crate::Result;

/// A statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Statement {
    /// Sent as text; may be several, with semicolons.
    Plain(String),
    /// Prepared once, then executed with these values for `$1`, `$2`, ….
    Prepared(String, Vec<i64>),
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
            *values = list.split(", ").map(value).collect::<Result<_>>()?;
        }
    }
    Ok(found)
}

/// The number in `$1 = '20'`.
fn value(text: &str) -> Result<i64> {
    let (_, quoted) = text.split_once(" = ").ok_or("the log has another form than expected")?;
    let number = quoted.trim_matches('\'').parse();
    Ok(number.map_err(|_| format!("only numbers can be bound again, not {quoted}"))?)
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
                let count = Some((count, count_values));
                Self { begin, page: (page, page_values), count, end }
            }
            (
                Some(Statement::Plain(begin)),
                Some(Statement::Prepared(page, values)),
                Some(Statement::Plain(end)),
                None,
                None,
            ) => Self { begin, page: (page, values), count: None, end },
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
}
