//! The statements of a request, run again over a connection that does nothing else: the limit for
//! the request.

use std::collections::HashMap;
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::deserialize::{self, QueryableByName};
use diesel::row::NamedRow;
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use tokio_postgres::SimpleQueryMessage;

use crate::Result;
use crate::fragment::Fragment;
use crate::postgres::Postgres;
use crate::statements::{Literal, Statement};

/// A connection without a server.
pub(crate) enum Direct<'a> {
    Postgres {
        postgres: &'a Postgres,
        client: tokio_postgres::Client,
        /// The names of what is prepared, by its text.
        prepared: HashMap<String, String>,
    },
    Sqlite(SqliteConnection),
}

/// What running the statements once gave.
pub(crate) struct Run {
    pub(crate) took: Duration,
    /// Rows of the first query.
    pub(crate) rows: usize,
}

impl<'a> Direct<'a> {
    /// As the server's role.
    pub(crate) fn to_postgres(postgres: &'a Postgres) -> Result<Self> {
        Ok(Self::Postgres { postgres, client: postgres.connect()?, prepared: HashMap::new() })
    }

    /// With the server's settings.
    pub(crate) fn to_sqlite(file: &Path) -> Result<Self> {
        let mut connection = SqliteConnection::establish(&file.display().to_string())?;
        connection.batch_execute(
            "PRAGMA query_only = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY",
        )?;
        Ok(Self::Sqlite(connection))
    }

    /// Writes in one transaction in a workspace; how long that took.
    pub(crate) fn write(&mut self, workspace: i64, statements: &[String]) -> Result<Duration> {
        let begun = Instant::now();
        match self {
            Self::Postgres { postgres, client, .. } => postgres.wait(async {
                let begin = format!("BEGIN; SET LOCAL app.tenant = '{workspace}'");
                client.batch_execute(&begin).await?;
                for statement in statements {
                    client.batch_execute(statement).await?;
                }
                client.batch_execute("COMMIT").await
            })?,
            Self::Sqlite(connection) => {
                connection.batch_execute(
                    "PRAGMA query_only = OFF; PRAGMA synchronous = FULL; \
                    PRAGMA foreign_keys = ON; BEGIN IMMEDIATE",
                )?;
                for statement in statements {
                    connection.batch_execute(statement)?;
                }
                connection.batch_execute("COMMIT; PRAGMA query_only = ON")?;
            }
        }
        Ok(begun.elapsed())
    }

    /// Whether the database has the same statements as Postgres, whose log gave them. SQLite looks for what
    /// leads nowhere in its own way.
    pub(crate) fn has(&self, statements: &[Statement]) -> bool {
        let is_postgres = |statement: &Statement| statement.text().contains("ARRAY(SELECT ");
        matches!(self, Self::Postgres { .. }) || !statements.iter().any(is_postgres)
    }

    /// Runs statements that Postgres's log gave, one after the other.
    pub(crate) fn run(&mut self, statements: &[Statement]) -> Result<Run> {
        match self {
            Self::Postgres { postgres, client, prepared } => {
                postgres.wait(on_postgres(client, prepared, statements))
            }
            Self::Sqlite(connection) => on_sqlite(connection, statements),
        }
    }
}

async fn on_postgres(
    client: &tokio_postgres::Client,
    prepared: &mut HashMap<String, String>,
    statements: &[Statement],
) -> Result<Run> {
    for statement in statements {
        if let Statement::Prepared(sql, _) = statement
            && !prepared.contains_key(sql)
        {
            let name = format!("statement_{}", prepared.len());
            client.batch_execute(&format!("PREPARE {name} AS {sql}")).await?;
            prepared.insert(sql.clone(), name);
        }
    }
    let (begun, mut rows) = (Instant::now(), None);
    for statement in statements {
        let (sql, values) = match statement {
            Statement::Plain(sql) => {
                client.batch_execute(sql).await?;
                continue;
            }
            Statement::Prepared(sql, values) => (sql, values),
        };
        let values: Vec<String> = values.iter().map(Literal::quoted).collect();
        let list =
            if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        let execute = format!("EXECUTE {}{list}", prepared[sql]);
        let mut messages = pin!(client.simple_query_raw(&execute).await?);
        let mut found = 0;
        while let Some(message) = messages.try_next().await? {
            found += usize::from(matches!(message, SimpleQueryMessage::Row(_)));
        }
        rows.get_or_insert(found);
    }
    Ok(Run { took: begun.elapsed(), rows: rows.unwrap_or_default() })
}

fn on_sqlite(connection: &mut SqliteConnection, statements: &[Statement]) -> Result<Run> {
    let translated: Result<Vec<_>> = statements.iter().map(for_sqlite).collect();
    let (begun, mut rows) = (Instant::now(), None);
    for statement in translated? {
        match statement {
            Translated::Control(sql) => connection.batch_execute(sql)?,
            Translated::Query(query) => {
                let found: Vec<Unread> = query.load(connection)?;
                rows.get_or_insert(found.len());
            }
        }
    }
    Ok(Run { took: begun.elapsed(), rows: rows.unwrap_or_default() })
}

/// A statement as SQLite takes it.
enum Translated {
    Control(&'static str),
    Query(Fragment<Untyped>),
}

/// The queries are the same on both databases but for how a list and some values are bound.
fn for_sqlite(statement: &Statement) -> Result<Translated> {
    let (sql, values) = match statement {
        Statement::Plain(sql) if sql.starts_with("BEGIN") => {
            return Ok(Translated::Control("BEGIN"));
        }
        Statement::Plain(sql) if sql == "COMMIT" => return Ok(Translated::Control("COMMIT")),
        Statement::Plain(sql) => return Err(format!("not known on SQLite: {sql}").into()),
        Statement::Prepared(sql, values) => (sql, values),
    };
    let (mut sql, mut bound) = (sql.clone(), Vec::new());
    for (place, value) in values.iter().enumerate() {
        if let Literal::Text(text) = value
            && let Some(list) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'))
        {
            let list: Vec<String> = list.split(',').map(|item| format!("'{item}'")).collect();
            sql = sql
                .replace("= ANY (", "= ANY(")
                .replace(&format!("= ANY(${})", place + 1), &format!("IN ({})", list.join(", ")));
        }
        bound.push(value_for_sqlite(value));
    }
    Ok(Translated::Query(Fragment::new(&(sql, bound))?))
}

fn value_for_sqlite(value: &Literal) -> Literal {
    match value {
        Literal::Text(text) if text == "t" => Literal::Integer(1),
        Literal::Text(text) if text == "f" => Literal::Integer(0),
        Literal::Text(text) => match text.parse::<Timestamp>() {
            Ok(instant) => Literal::Integer(instant.as_microsecond()),
            Err(_) => Literal::Text(text.clone()),
        },
        other => other.clone(),
    }
}

/// A row that is fetched and not looked at.
struct Unread;

impl QueryableByName<Sqlite> for Unread {
    fn build<'a>(_: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self)
    }
}
