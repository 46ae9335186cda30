//! What is particular to PostgreSQL.

mod arrays;

use std::path::PathBuf;
use std::sync::Arc;

use diesel::deserialize::{self, FromSql};
use diesel::pg::data_types::{PgDate, PgTimestamp};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::serialize::{self, Output, ToSql};
use diesel::{ConnectionError, ConnectionResult, QueryResult, sql_types};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _};
use domain_kernel::{Error, PersonId, Remembered, Result, TenantId};
use futures_util::FutureExt as _;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use tokio_postgres::config::SslMode;

use self::arrays::{Audit, Outbox};
use crate::columns::{At, Day, EventId};
use crate::errors::internal;
use crate::idempotency::{self, idempotency_keys};
use crate::journal::{Audited, Told};
use crate::part::{Link, column};
use crate::rows::Rows;
use crate::statements::Observer;

pub(crate) const MIGRATIONS: EmbeddedMigrations =
    diesel_migrations::embed_migrations!("../../migrations/postgres");

pub(crate) type Db = Pg;
pub(crate) type Connection = AsyncPgConnection;
/// What queries run on: shared, so that several can be under way at once (pipelining).
pub(crate) type Handle<'c> = &'c AsyncPgConnection;

/// Column types under the names that both dialects use.
pub(crate) mod types {
    pub use diesel::sql_types::{
        BigInt, Binary, Bool, Date as Day, Jsonb as JsonValue, Nullable, Text,
        Timestamptz as Moment, Uuid as EventUuid,
    };
}

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct Options {
    /// `postgres://user:password@host/database`; may be a secret.
    pub url: String,
    /// Roots for TLS in a PEM file, instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Most connections at a time.
    pub connections: usize,
    /// Sees every statement, for tests and benchmarks.
    pub observer: Option<Observer>,
}

/// The connections: one pool for reading and writing.
pub(crate) struct Pools {
    all: Pool<Connection>,
}

impl Pools {
    /// Connects lazily.
    pub(crate) async fn open(options: &Options) -> Result<Self> {
        let connect = Connect::new(options)?;
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |_| connect.clone().establish().boxed());
        let manager = AsyncDieselConnectionManager::new_with_config(options.url.as_str(), config);
        let pool = Pool::builder(manager).max_size(options.connections).build();
        Ok(Self { all: pool.map_err(internal)? })
    }

    pub(crate) fn readers(&self) -> &Pool<Connection> {
        &self.all
    }

    pub(crate) fn writers(&self) -> &Pool<Connection> {
        &self.all
    }
}

/// What a new connection needs.
#[derive(Clone)]
pub(crate) struct Connect {
    config: tokio_postgres::Config,
    tls: tokio_postgres_rustls::MakeRustlsConnect,
    observer: Option<Observer>,
}

/// What a page out of order costs beside one in order. PostgreSQL's default of 4 is one of turning disks:
/// with it whole tables are read where an index finds the rows.
const PLANNING: &str = "SET random_page_cost = 1.1";

impl Connect {
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let config = options.url.parse().map_err(internal)?;
        let tls = tls(options.ca_file.as_deref())?;
        Ok(Self { config, tls, observer: options.observer.clone() })
    }

    pub(crate) async fn establish(self) -> ConnectionResult<AsyncPgConnection> {
        let bad = |error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            ConnectionError::BadConnection(match cause {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            })
        };
        let mut connection = if self.config.get_ssl_mode() == SslMode::Disable {
            let (client, driver) = self.config.connect(tokio_postgres::NoTls).await.map_err(bad)?;
            AsyncPgConnection::try_from_client_and_connection(client, driver).await?
        } else {
            let (client, driver) = self.config.connect(self.tls).await.map_err(bad)?;
            AsyncPgConnection::try_from_client_and_connection(client, driver).await?
        };
        connection
            .batch_execute(PLANNING)
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        if let Some(observer) = self.observer {
            connection.set_instrumentation(observer);
        }
        Ok(connection)
    }
}

fn tls(ca_file: Option<&std::path::Path>) -> Result<tokio_postgres_rustls::MakeRustlsConnect> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    match ca_file {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(internal)? {
                roots.add(certificate.map_err(internal)?).map_err(internal)?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

/// The statement that opens a transaction, in a workspace or outside.
///
/// One message: it is sent together with the first query.
pub(crate) fn begin(tenant: Option<TenantId>, writing: bool) -> String {
    let begin = if writing { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" };
    match tenant {
        Some(tenant) => format!("{begin}; {}", enter(tenant)),
        None => begin.to_owned(),
    }
}

/// The statement that enters a workspace within a transaction.
pub(crate) fn enter(tenant: TenantId) -> String {
    format!("SET LOCAL app.tenant = '{tenant}'")
}

/// The statements that end the trail of the workspace that the transaction is in.
pub(crate) fn erase_trail(_tenant: TenantId) -> Vec<String> {
    vec!["SELECT erase_trail()".to_owned()]
}

/// The statement that opens a transaction of the queue, which serves all workspaces.
pub(crate) fn begin_queue(writing: bool) -> String {
    format!("{}; {}", begin(None, writing), serve_queue(true))
}

/// The statement that opens the tables of the queue within a transaction, or closes them.
pub(crate) fn serve_queue(open: bool) -> String {
    format!("SET LOCAL app.queue = '{}'", if open { "on" } else { "off" })
}

/// The statement that lets a person's own memberships be seen within a transaction.
pub(crate) fn act_as(person: i64) -> Option<String> {
    Some(format!("SET LOCAL app.person = '{person}'"))
}

/// Runs what is still to be opened, a page and its count, all under way at once.
///
/// A macro, because the compiler cannot yet see through a function that is generic over queries
/// and over how long the connection is borrowed.
macro_rules! page_and_count {
    ($lease:expr, $page:expr, $count:expr) => {{
        use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
        let pending = $lease.take_pending();
        let connection: $crate::dialect::Handle<'_> = $lease.connection();
        let (mut first, mut second, mut third) = (connection, connection, connection);
        let begin = async {
            match &pending {
                Some(sql) => first.batch_execute(sql).await,
                None => Ok(()),
            }
        };
        let page = async { $page.load(&mut second).await };
        let total = async {
            match $count {
                Some(count) => count.get_result::<i64>(&mut third).await.map(Some),
                None => Ok(None),
            }
        };
        // In this order on the wire; PostgreSQL works them off one after the other.
        futures_util::try_join!(begin, page, total).map(|((), rows, total)| (rows, total))
    }};
}
pub(crate) use page_and_count;

/// Loads the rows that a query finds; in a unit that writes they are locked, in order of the
/// column, so that those who write the same rows take turns: nobody writes to an old state, and
/// no two wait for each other. Who only names them in rows of their own goes on.
macro_rules! load_found {
    ($query:expr, $id:expr, $writing:expr, $handle:expr) => {
        if $writing {
            $query.order($id).for_no_key_update().load($handle).await
        } else {
            $query.load($handle).await
        }
    };
}
pub(crate) use load_found;

/// Loads the rows that a query finds and locks them, in order of the column; who names them in rows of
/// their own waits, too.
macro_rules! load_locked {
    ($query:expr, $id:expr, $handle:expr) => {
        $query.order($id).for_update().load($handle).await
    };
}
pub(crate) use load_locked;

/// Loads the rows that a query finds and locks them, without those that another transaction holds.
macro_rules! load_unlocked {
    ($query:expr, $handle:expr) => {
        $query.for_update().skip_locked().load($handle).await
    };
}
pub(crate) use load_unlocked;

/// Runs statements that differ in their values only, the next ones under way before the first has its
/// answer; how many rows each has written.
macro_rules! execute_each {
    ($handle:expr, $statements:expr) => {
        async {
            use diesel_async::RunQueryDsl as _;
            let connection: $crate::dialect::Handle<'_> = *$handle;
            let mut statements = $statements;
            let mut written = Vec::new();
            // It is prepared once, not by each of those that would find it missing.
            if let Some(first) = statements.next() {
                written.push(first.execute(&mut { connection }).await?);
            }
            let rest = statements.map(|statement| {
                let mut handle = connection;
                async move { statement.execute(&mut handle).await }
            });
            written.extend(futures_util::future::try_join_all(rest).await?);
            diesel::QueryResult::Ok(written)
        }
        .await
    };
}
pub(crate) use execute_each;

/// Writes a journal. While the database takes what goes to the audit trail, the outbox is made ready.
pub(crate) async fn insert_journal<'e, A, T>(
    handle: &mut Handle<'_>,
    audited: impl Fn() -> A + Send + Sync,
    told: impl Fn() -> T + Send + Sync,
) -> QueryResult<()>
where
    A: Iterator<Item = Audited<'e>> + Send,
    T: Iterator<Item = Told<'e>> + Send,
{
    let (mut one, mut other) = (*handle, *handle);
    let trail = async {
        let mut audit = Audit::default();
        audit.extend(audited());
        audit.execute(&mut one).await
    };
    let outbox = async {
        let mut outbox = Outbox::default();
        outbox.extend(told());
        outbox.execute(&mut other).await
    };
    futures_util::try_join!(trail, outbox).map(drop)
}

/// Inserts rows into a table, all in one statement.
macro_rules! insert_all {
    ($handle:expr, $table:expr, $rows:expr) => {
        diesel::insert_into($table).values($rows).execute($handle).await?
    };
}
pub(crate) use insert_all;

/// Inserts rows into a table, all in one statement; what a column got, in the order of the rows. It is
/// one that counts: the rows of a statement get their numbers one after the other.
macro_rules! insert_counted {
    ($handle:expr, $table:expr, $rows:expr, $column:expr) => {{
        let insert = diesel::insert_into($table).values($rows).returning($column);
        let numbers: QueryResult<Vec<i64>> = insert.get_results($handle).await;
        numbers.map(|mut numbers| {
            numbers.sort_unstable();
            numbers
        })
    }};
}
pub(crate) use insert_counted;

/// Takes the lock of an idempotency key until the transaction ends, and looks up what is remembered
/// under it, in one statement. None when the lock is taken.
pub(crate) async fn claim(
    handle: &mut Handle<'_>,
    (tenant, person, key): (TenantId, PersonId, &str),
    horizon: At,
) -> QueryResult<Option<Option<Remembered>>> {
    let kept = || idempotency::kept(tenant, person, key, horizon);
    let (free, fingerprint, outcome): (bool, Option<Vec<u8>>, Option<Value>) = diesel::select((
        pg_try_advisory_xact_lock(idempotency::lock_number(tenant, person, key)),
        kept().select(idempotency_keys::fingerprint).single_value(),
        kept().select(idempotency_keys::outcome).single_value(),
    ))
    .get_result(handle)
    .await?;
    let remembered = fingerprint.zip(outcome);
    let remembered = remembered.map(|(fingerprint, outcome)| Remembered { fingerprint, outcome });
    Ok(free.then_some(remembered))
}

diesel::define_sql_function! {
    fn pg_try_advisory_xact_lock(key: sql_types::BigInt) -> sql_types::Bool;
}

/// That a link leads nowhere, or to a row that is deleted. An array of those is looked up in the index of
/// the links; with `IN` every row would be looked at.
pub(crate) fn links_nowhere<'b>(
    out: &mut AstPass<'_, 'b, Db>,
    link: &Link<'_>,
    rows: &'b Rows,
) -> QueryResult<()> {
    out.push_sql("(");
    column(out, link.table, link.column)?;
    out.push_sql(" IS NULL OR ");
    column(out, link.table, link.column)?;
    out.push_sql(" = ANY (ARRAY(SELECT target.id FROM ");
    out.push_identifier(link.target)?;
    out.push_sql(" AS target WHERE ");
    rows.walk_deleted("target", out)?;
    out.push_sql(")))");
    Ok(())
}

/// What keeps an index from serving an order: nothing, PostgreSQL knows how many rows a condition names.
pub(crate) fn by_no_index(_: &mut AstPass<'_, '_, Db>) {}

/// Most ids that a prepared statement compares a row with.
const COMPARED: usize = 20;

/// What follows a column that is one of some ids.
///
/// A workspace that has grown since the last statistics seems small: PostgreSQL would rather read all of its
/// rows, and compare each, than look up the ids. Many ids are therefore in the statement when it is planned,
/// which is then not prepared: they become a hash table.
pub(crate) fn one_of<'b>(out: &mut AstPass<'_, 'b, Db>, ids: &'b [i64]) -> QueryResult<()> {
    if ids.len() > COMPARED {
        out.unsafe_to_cache_prepared();
    }
    out.push_sql(" = ANY (");
    out.push_bind_param::<sql_types::Array<types::BigInt>, _>(ids)?;
    out.push_sql(")");
    Ok(())
}

/// The day, in UTC, of an instant in a column.
pub(crate) fn utc_day(column: &str) -> String {
    format!("CAST({column} AT TIME ZONE 'UTC' AS DATE)")
}

/// Waits for one's turn to do something in a workspace, and has it until the transaction ends.
pub(crate) async fn take_turn(
    mut handle: Handle<'_>,
    what: &str,
    tenant: TenantId,
) -> QueryResult<()> {
    let number = idempotency::number_of(&format!("{what}/{tenant}"));
    // It gives no value that diesel knows.
    handle.batch_execute(&format!("SELECT pg_advisory_xact_lock({number})")).await
}

/// Whether the role that is connected could walk past row-level security.
pub(crate) async fn misuse(handle: Handle<'_>) -> QueryResult<Option<String>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql_types::Text)]
        role: String,
        #[diesel(sql_type = sql_types::Bool)]
        bypasses: bool,
        #[diesel(sql_type = sql_types::Bool)]
        owns: bool,
    }
    let sql = "SELECT current_user::text AS role, (rolsuper OR rolbypassrls) AS bypasses, \
        EXISTS (SELECT 1 FROM pg_tables WHERE tableowner = current_user \
            AND tablename = 'memberships' AND schemaname = ANY (current_schemas(false))) AS owns \
        FROM pg_roles WHERE rolname = current_user";
    let mut handle = handle;
    let row: Row = diesel::sql_query(sql).get_result(&mut handle).await?;
    Ok(match row {
        Row { role, bypasses: true, .. } => {
            Some(format!("the role \"{role}\" is a superuser or may bypass row-level security"))
        }
        Row { role, owns: true, .. } => Some(format!("the role \"{role}\" owns the tables")),
        _ => None,
    })
}

/// Lets a role use the tables, and makes it with the password of its URL if it is missing.
///
/// The trail of changes can be added to by it, not altered.
///
/// # Errors
/// Those of the database, for instance when the owner may not make roles.
pub async fn admit(owner: &Options, role: &str, password: Option<&str>) -> Result<bool> {
    let mut connection = Connect::new(owner)?.establish().await.map_err(internal)?;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let name = format!("\"{}\"", role.replace('"', "\"\""));
    let known: bool = diesel::select(diesel::dsl::sql::<sql_types::Bool>(&format!(
        "EXISTS (SELECT 1 FROM pg_roles WHERE rolname = {})",
        quoted(role)
    )))
    .get_result(&mut connection)
    .await
    .map_err(internal)?;
    let create = match password {
        _ if known => String::new(),
        Some(password) => format!("CREATE ROLE {name} LOGIN PASSWORD {};", quoted(password)),
        None => format!("CREATE ROLE {name} LOGIN;"),
    };
    connection
        .batch_execute(&format!(
            "{create}
            GRANT USAGE ON SCHEMA public TO {name};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name};
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name};
            REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM {name};
            REVOKE UPDATE, DELETE ON audit_entries, audit_seals FROM {name};
            REVOKE EXECUTE ON FUNCTION erase_trail() FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION erase_trail() TO {name};"
        ))
        .await
        .map_err(internal)?;
    Ok(!known)
}

/// The connection that a pooled object holds.
pub(crate) fn handle(object: &mut Object<Connection>) -> Handle<'_> {
    object
}

/// Runs the migrations that are missing, as the owner of the tables.
pub(crate) async fn run_migrations(options: &Options) -> Result<Vec<String>> {
    let connection = Connect::new(options)?.establish().await.map_err(internal)?;
    let mut harness = diesel_async::AsyncMigrationHarness::new(connection);
    let done = harness.run_pending_migrations(MIGRATIONS).map_err(Error::Internal)?;
    Ok(done.iter().map(ToString::to_string).collect())
}

/// Microseconds between 1970 and 2000, where PostgreSQL's time begins.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

impl ToSql<sql_types::Timestamptz, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let since_2000 = PgTimestamp(self.0.as_microsecond() - EPOCH_MICROSECONDS);
        ToSql::<sql_types::Timestamptz, Pg>::to_sql(&since_2000, &mut out.reborrow())
    }
}

impl FromSql<sql_types::Timestamptz, Pg> for At {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let since_2000 = <PgTimestamp as FromSql<sql_types::Timestamptz, Pg>>::from_sql(bytes)?;
        Ok(Self(Timestamp::from_microsecond(since_2000.0 + EPOCH_MICROSECONDS)?))
    }
}

/// The day where PostgreSQL's calendar begins.
const EPOCH_DAY: Date = jiff::civil::date(2000, 1, 1);

impl ToSql<sql_types::Date, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = self.0.duration_since(EPOCH_DAY).as_hours() / 24;
        let date = PgDate(i32::try_from(days)?);
        ToSql::<sql_types::Date, Pg>::to_sql(&date, &mut out.reborrow())
    }
}

impl FromSql<sql_types::Date, Pg> for Day {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let date = <PgDate as FromSql<sql_types::Date, Pg>>::from_sql(bytes)?;
        let days = jiff::SignedDuration::from_hours(i64::from(date.0) * 24);
        Ok(Self(EPOCH_DAY.checked_add(days)?))
    }
}

impl ToSql<sql_types::Uuid, Pg> for EventId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write as _;
        out.write_all(self.0.as_bytes())?;
        Ok(serialize::IsNull::No)
    }
}
