//! What is particular to SQLite.

mod in_place;

use std::path::PathBuf;

use diesel::deserialize::{self, FromSql};
use diesel::query_builder::AstPass;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sqlite::{Sqlite, SqliteValue};
use diesel::{
    Connection as _, ConnectionError, OptionalExtension as _, QueryDsl as _, QueryResult,
    SqliteConnection, sql_types,
};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _};
use domain_kernel::{Error, PersonId, Remembered, Result, TenantId};
use futures_util::FutureExt as _;
use jiff::Timestamp;
use serde_json::Value;

use self::in_place::InPlace;
use crate::columns::{At, Day, EventId};
use crate::errors::internal;
use crate::idempotency::{self, idempotency_keys};
use crate::journal::{Audited, Told, audit_entries, events};
use crate::part::{Link, column};
use crate::rows::Rows;
use crate::statements::Observer;

pub(crate) const MIGRATIONS: EmbeddedMigrations =
    diesel_migrations::embed_migrations!("../../migrations/sqlite");

pub(crate) type Db = Sqlite;
pub(crate) type Connection = SyncConnectionWrapper<SqliteConnection, InPlace>;
/// What queries run on: one at a time.
pub(crate) type Handle<'c> = &'c mut Connection;

/// Column types under the names that both dialects use.
pub(crate) mod types {
    pub use diesel::sql_types::{
        BigInt, BigInt as Moment, Binary, Binary as EventUuid, Bool, Json as JsonValue, Nullable,
        Text, Text as Day,
    };
}

/// Where the database is.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file; made when it is missing, readable by its owner only.
    pub path: PathBuf,
    /// Most connections that read at a time; one more writes.
    pub connections: usize,
    /// Sees every statement, for tests and benchmarks.
    pub observer: Option<Observer>,
}

/// Settings of every connection. `synchronous=FULL` is what makes a commit survive a power cut;
/// the writer checks what it finished into the database file every 1,000 pages.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -4096; \
    PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";

/// The connections: several that read and one that writes, so that writers wait for each other
/// here and not in the database.
pub(crate) struct Pools {
    readers: Pool<Connection>,
    writers: Pool<Connection>,
}

impl Pools {
    /// Makes the file if it is missing.
    pub(crate) async fn open(options: &Options) -> Result<Self> {
        let path = options.path.clone();
        tokio::task::spawn_blocking(move || create_private(&path)).await.map_err(internal)??;
        Ok(Self {
            readers: pool(options, options.connections, "PRAGMA query_only = ON;")?,
            writers: pool(options, 1, "")?,
        })
    }

    pub(crate) fn readers(&self) -> &Pool<Connection> {
        &self.readers
    }

    pub(crate) fn writers(&self) -> &Pool<Connection> {
        &self.writers
    }
}

fn pool(options: &Options, size: usize, also: &'static str) -> Result<Pool<Connection>> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let observer = options.observer.clone();
    config.custom_setup = Box::new(move |url| {
        let (url, observer) = (url.to_owned(), observer.clone());
        async move {
            let mut connection = Connection::establish(&url).await?;
            let settings = format!("{SETTINGS} {also}");
            connection
                .batch_execute(&settings)
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            if let Some(observer) = observer {
                connection.set_instrumentation(observer);
            }
            Ok(connection)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(url(&options.path), config);
    Pool::builder(manager).max_size(size).build().map_err(internal)
}

fn url(path: &std::path::Path) -> String {
    path.display().to_string()
}

/// Makes the file and the folder that it is in, readable by their owner only.
fn create_private(path: &std::path::Path) -> Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(internal)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(internal)?;
    Ok(())
}

/// The statement that opens a transaction. A writer takes the lock at once: it must not find out
/// at its first write that it has read an old state.
pub(crate) fn begin(_tenant: Option<TenantId>, writing: bool) -> String {
    if writing { "BEGIN IMMEDIATE" } else { "BEGIN" }.to_owned()
}

/// Entering a workspace needs no statement here: the queries' own filter is the wall.
pub(crate) fn enter(_tenant: TenantId) -> String {
    String::new()
}

/// The statements that end a workspace's trail.
pub(crate) fn erase_trail(tenant: TenantId) -> Vec<String> {
    let delete = |table| format!("DELETE FROM {table} WHERE organization_id = {tenant}");
    vec![delete("audit_seals"), delete("audit_entries")]
}

/// The statement that opens a transaction of the queue.
pub(crate) fn begin_queue(writing: bool) -> String {
    begin(None, writing)
}

/// Nor does serving the queue need one.
pub(crate) fn serve_queue(_open: bool) -> String {
    String::new()
}

/// Nor does acting as a person.
pub(crate) fn act_as(_person: i64) -> Option<String> {
    None
}

/// Runs what is still to be opened, a page and its count, one after the other.
///
/// A macro, because PostgreSQL's dialect needs one.
macro_rules! page_and_count {
    ($lease:expr, $page:expr, $count:expr) => {
        async {
            use diesel_async::RunQueryDsl as _;
            $lease.open_pending().await?;
            let mut handle: $crate::dialect::Handle<'_> = $lease.connection();
            let rows = $page.load(&mut handle).await?;
            let total = match $count {
                Some(count) => Some(count.get_result::<i64>(&mut handle).await?),
                None => None,
            };
            diesel::QueryResult::Ok((rows, total))
        }
        .await
    };
}
pub(crate) use page_and_count;

/// Loads the rows that a query finds. Whoever writes has the database's lock already.
macro_rules! load_found {
    ($query:expr, $id:expr, $writing:expr, $handle:expr) => {{
        let _ = ($id, $writing);
        $query.load($handle).await
    }};
}
pub(crate) use load_found;

/// Loads the rows that a query finds: one unit writes at a time, so nothing needs a lock.
macro_rules! load_locked {
    ($query:expr, $id:expr, $handle:expr) => {{
        let _ = $id;
        $query.load($handle).await
    }};
}
pub(crate) use load_locked;

/// Loads the rows that a query finds. Whoever writes is alone.
macro_rules! load_unlocked {
    ($query:expr, $handle:expr) => {
        $query.load($handle).await
    };
}
pub(crate) use load_unlocked;

/// Runs statements that differ in their values only, one after the other; how many rows each has written.
macro_rules! execute_each {
    ($handle:expr, $statements:expr) => {
        async {
            use diesel_async::RunQueryDsl as _;
            let mut written = Vec::new();
            for statement in $statements {
                written.push(statement.execute($handle).await?);
            }
            diesel::QueryResult::Ok(written)
        }
        .await
    };
}
pub(crate) use execute_each;

/// Writes a journal.
pub(crate) async fn insert_journal<'e, A, T>(
    handle: &mut Handle<'_>,
    audited: impl Fn() -> A + Send + Sync,
    told: impl Fn() -> T + Send + Sync,
) -> QueryResult<()>
where
    A: Iterator<Item = Audited<'e>> + Send,
    T: Iterator<Item = Told<'e>> + Send,
{
    use diesel_async::RunQueryDsl as _;
    insert_all!(handle, audit_entries::table, audited());
    insert_all!(handle, events::table, told());
    Ok(())
}

/// Inserts rows into a table, one after the other: diesel has no statement of several rows for
/// SQLite, and within a transaction it would save nothing.
macro_rules! insert_all {
    ($handle:expr, $table:expr, $rows:expr) => {
        for row in $rows {
            diesel::insert_into($table).values(row).execute($handle).await?;
        }
    };
}
pub(crate) use insert_all;

/// Inserts rows into a table, one after the other; what a column got, in the order of the rows.
macro_rules! insert_counted {
    ($handle:expr, $table:expr, $rows:expr, $column:expr) => {
        async {
            let mut numbers: Vec<i64> = Vec::new();
            for row in $rows {
                let insert = diesel::insert_into($table).values(row).returning($column);
                numbers.push(insert.get_result($handle).await?);
            }
            QueryResult::Ok(numbers)
        }
        .await
    };
}
pub(crate) use insert_counted;

/// Looks up what is remembered under an idempotency key. Its lock is that of this server,
/// [`Locks`](crate::idempotency::Locks), which was taken before.
pub(crate) async fn claim(
    handle: &mut Handle<'_>,
    (tenant, person, key): (TenantId, PersonId, &str),
    horizon: At,
) -> QueryResult<Option<Option<Remembered>>> {
    use diesel_async::RunQueryDsl as _;
    let kept: Option<(Vec<u8>, Value)> = idempotency::kept(tenant, person, key, horizon)
        .select((idempotency_keys::fingerprint, idempotency_keys::outcome))
        .first(handle)
        .await
        .optional()?;
    Ok(Some(kept.map(|(fingerprint, outcome)| Remembered { fingerprint, outcome })))
}

/// That a link leads nowhere, or to a row that is deleted. Each are found by the index of the links, for
/// which they are asked one after the other; the deleted rows first, as `CROSS JOIN` has it.
pub(crate) fn links_nowhere<'b>(
    out: &mut AstPass<'_, 'b, Db>,
    link: &Link<'_>,
    rows: &'b Rows,
) -> QueryResult<()> {
    column(out, link.table, "id")?;
    out.push_sql(" IN (SELECT own.id FROM ");
    out.push_identifier(link.table)?;
    out.push_sql(" AS own WHERE ");
    rows.walk_as("own", out)?;
    out.push_sql(" AND ");
    column(out, "own", link.column)?;
    out.push_sql(" IS NULL UNION ALL SELECT own.id FROM ");
    out.push_identifier(link.target)?;
    out.push_sql(" AS target CROSS JOIN ");
    out.push_identifier(link.table)?;
    out.push_sql(" AS own WHERE ");
    rows.walk_deleted("target", out)?;
    out.push_sql(" AND ");
    rows.walk_as("own", out)?;
    out.push_sql(" AND ");
    column(out, "own", link.column)?;
    out.push_sql(" = target.id)");
    Ok(())
}

/// Keeps an index from serving an order, where a condition names few rows. Without statistics SQLite would
/// rather read all rows in that order than find the few and sort them.
pub(crate) fn by_no_index(out: &mut AstPass<'_, '_, Db>) {
    out.push_sql("+");
}

/// What follows a column that is one of some ids. Of each number of ids it is another statement.
pub(crate) fn one_of<'b>(out: &mut AstPass<'_, 'b, Db>, ids: &'b [i64]) -> QueryResult<()> {
    out.unsafe_to_cache_prepared();
    out.push_sql(" IN (");
    for (index, id) in ids.iter().enumerate() {
        out.push_sql(if index == 0 { "" } else { ", " });
        out.push_bind_param::<types::BigInt, _>(id)?;
    }
    out.push_sql(")");
    Ok(())
}

/// The day, in UTC, of an instant in a column: instants are microseconds, rounded down to seconds.
pub(crate) fn utc_day(column: &str) -> String {
    let seconds = format!("({column} - (({column} % 1000000) + 1000000) % 1000000) / 1000000");
    format!("DATE({seconds}, 'unixepoch')")
}

/// Waits for one's turn to do something in a workspace: whoever writes has it already.
pub(crate) async fn take_turn(_: Handle<'_>, _what: &str, _: TenantId) -> QueryResult<()> {
    Ok(())
}

/// What [`SETTINGS`] must have made true on a connection: the setting, its value, what for.
const REQUIRED: [(&str, &str, &str); 3] = [
    ("foreign_keys", "1", "rows could name rows that are not there"),
    ("journal_mode", "wal", "readers would wait for writers"),
    ("synchronous", "2", "a commit could be lost in a power cut"),
];

/// Whether a connection is set up as this store needs it. The file's permissions are checked where
/// it is opened.
pub(crate) async fn misuse(handle: Handle<'_>) -> QueryResult<Option<String>> {
    use diesel_async::RunQueryDsl as _;
    for (setting, required, why) in REQUIRED {
        let sql = format!("(SELECT CAST({setting} AS TEXT) FROM pragma_{setting})");
        let value = diesel::dsl::sql::<sql_types::Text>(&sql);
        let value: String = diesel::select(value).get_result(handle).await?;
        if value != required {
            return Ok(Some(format!("{setting} is {value} instead of {required}: {why}")));
        }
    }
    Ok(None)
}

/// The connection that a pooled object holds.
pub(crate) fn handle(object: &mut Object<Connection>) -> Handle<'_> {
    object
}

/// Runs the migrations that are missing.
pub(crate) async fn run_migrations(options: &Options) -> Result<Vec<String>> {
    let path = options.path.clone();
    let run = move || -> Result<Vec<String>> {
        create_private(&path)?;
        let mut connection = SqliteConnection::establish(&url(&path)).map_err(internal)?;
        diesel::connection::SimpleConnection::batch_execute(&mut connection, SETTINGS)
            .map_err(internal)?;
        let done = connection.run_pending_migrations(MIGRATIONS).map_err(Error::Internal)?;
        Ok(done.iter().map(ToString::to_string).collect())
    };
    tokio::task::spawn_blocking(run).await.map_err(internal)?
}

impl ToSql<sql_types::BigInt, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_microsecond());
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::BigInt, Sqlite> for At {
    fn from_sql(bytes: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let microseconds = <i64 as FromSql<sql_types::BigInt, Sqlite>>::from_sql(bytes)?;
        Ok(Self(Timestamp::from_microsecond(microseconds)?))
    }
}

impl ToSql<sql_types::Text, Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::Text, Sqlite> for Day {
    fn from_sql(bytes: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<sql_types::Text, Sqlite>>::from_sql(bytes)?;
        Ok(Self(text.parse()?))
    }
}

impl ToSql<sql_types::Binary, Sqlite> for EventId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().to_vec());
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_that_was_not_set_up_is_found() {
        let folder = std::env::temp_dir().join(format!("infra-sqlite-{}", std::process::id()));
        let options = Options { path: folder.join("test.db"), connections: 1, observer: None };
        let pools = Pools::open(&options).await.expect("opens");
        for pool in [pools.readers(), pools.writers()] {
            let mut object = pool.get().await.expect("connects");
            assert_eq!(misuse(&mut object).await.expect("answers"), None);
        }
        let mut object = pools.writers().get().await.expect("connects");
        for (setting, found) in [
            ("foreign_keys = OFF", "foreign_keys is 0"),
            ("foreign_keys = ON; PRAGMA synchronous = NORMAL", "synchronous is 1"),
        ] {
            object.batch_execute(&format!("PRAGMA {setting};")).await.expect("is set");
            let misuse = misuse(&mut object).await.expect("answers").expect("is wrong");
            assert!(misuse.starts_with(found), "{misuse}");
        }
        std::fs::remove_dir_all(folder).expect("is removed");
    }
}
