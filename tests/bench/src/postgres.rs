//! The database on Postgres: roles as in production, rows, and what the server sends.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use infra_runtime::Database;
use infra_runtime::config::{Config, ConfigArgs};
use tokio_postgres::{Client, NoTls};

use crate::Result;
use crate::data::{self, Wording};
use crate::load::Target;
use crate::process::pause;
use crate::statements::{Statement, read};

/// The database, and the roles that own and use it; the cluster is thrown away with its passwords.
const DATABASE: &str = "crm_bench";
const OWNER: &str = "crm_bench_owner";
const APP: &str = "crm_bench_app";
const SECRET: &str = "only-for-measuring";

const WORDS: Wording =
    Wording { moment: "TIMESTAMPTZ '2026-01-01 00:00Z' + i * INTERVAL '1 second'", json: "JSONB" };

/// How long the log may take to show a statement.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked at.
const INTERVAL: Duration = Duration::from_millis(20);
/// How often a request is sent until the log shows the same twice.
const TRIES: usize = 10;

/// The cluster that `tests/bench/run` started.
pub(crate) struct Postgres {
    runtime: tokio::runtime::Runtime,
    database: &'static str,
    port: u16,
    password: String,
    log: PathBuf,
    programs: PathBuf,
}

impl Postgres {
    /// Makes the roles and the database, and migrates it.
    pub(crate) fn prepare(cluster: &Path, programs: &Path) -> Result<Self> {
        let text = |name: &str| std::fs::read_to_string(cluster.join(name));
        let made = Self {
            runtime: tokio::runtime::Runtime::new()?,
            database: DATABASE,
            port: text("port")?.trim().parse()?,
            password: text("password")?.trim().to_owned(),
            log: cluster.join("log"),
            programs: programs.to_owned(),
        };
        let owner = format!("CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{SECRET}'");
        made.wait(async {
            let cluster = made.superuser("postgres").await?;
            Result::Ok(cluster.batch_execute(&owner).await?)
        })?;
        made.wait(made.make())?;
        Ok(made)
    }

    /// Another database of the same roles.
    pub(crate) fn another(&self, database: &'static str) -> Result<Self> {
        let made = Self {
            runtime: tokio::runtime::Runtime::new()?,
            database,
            port: self.port,
            password: self.password.clone(),
            log: self.log.clone(),
            programs: self.programs.clone(),
        };
        made.wait(made.make())?;
        Ok(made)
    }

    async fn make(&self) -> Result<()> {
        let cluster = self.superuser("postgres").await?;
        let create = format!("CREATE DATABASE {} OWNER {OWNER}", self.database);
        cluster.batch_execute(&create).await?;
        let settings = [
            ("CRM_DATABASE_URL".to_owned(), self.url()),
            ("CRM_DATABASE_OWNER_URL".to_owned(), self.url_of(OWNER)),
        ];
        let config = Config::load(&ConfigArgs::default(), settings.into_iter(), Path::new("/"))?;
        Database::migrate(&config).await?;
        Ok(())
    }

    /// What the server connects to.
    pub(crate) fn url(&self) -> String {
        self.url_of(APP)
    }

    fn url_of(&self, role: &str) -> String {
        format!("postgres://{role}:{SECRET}@127.0.0.1:{}/{}", self.port, self.database)
    }

    /// The same for Postgres's programs.
    pub(crate) fn target(&self) -> Target<'_> {
        Target {
            programs: &self.programs,
            port: self.port,
            role: APP,
            password: SECRET,
            database: self.database,
        }
    }

    /// Waits for something that a connection does.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A connection as the server has it.
    pub(crate) fn connect(&self) -> Result<Client> {
        self.wait(async {
            let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await?;
            tokio::spawn(connection);
            Ok(client)
        })
    }

    async fn superuser(&self, database: &str) -> Result<Client> {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(self.port).user("postgres").password(&self.password);
        let (client, connection) = config.dbname(database).connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Runs statements past row-level security, each on its own.
    pub(crate) fn execute(&self, statements: &[&str]) -> Result<()> {
        self.wait(async {
            let client = self.superuser(self.database).await?;
            for statement in statements {
                client.batch_execute(statement).await?;
            }
            Ok(())
        })
    }

    /// Fills the database, in which the workspaces are registered.
    pub(crate) fn fill(&self, large: i64, small: &[i64]) -> Result<()> {
        let [companies, contacts] = data::inserts(&WORDS, large, small);
        self.execute(&[
            &companies,
            &contacts,
            data::WITHOUT_LIMITS,
            "VACUUM (ANALYZE)",
            "CHECKPOINT",
        ])
    }

    /// Postgres's own name of its version.
    pub(crate) fn version(&self) -> Result<String> {
        self.wait(async {
            let row =
                self.superuser("postgres").await?.query_one("SHOW server_version", &[]).await?;
            Ok(row.get(0))
        })
    }

    /// Lets connections that begin from now on log each statement, or no more.
    pub(crate) fn log_statements(&self, on: bool) -> Result<()> {
        let value = if on { "'all'" } else { "DEFAULT" };
        self.execute(&[&format!("ALTER ROLE {APP} SET log_statement TO {value}")])
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> Result<i64> {
        self.wait(async {
            let client = self.superuser(self.database).await?;
            let row = client.query_one("SELECT CAST(extract(epoch FROM now()) AS BIGINT)", &[]);
            Ok(row.await?.get(0))
        })
    }

    /// The statements that a request makes the server send.
    ///
    /// It is sent until it makes the server send the same twice in a row: what finds out who asks is
    /// remembered from the first time on, and a worker may look for a job meanwhile.
    pub(crate) fn statements_of(
        &self,
        mut request: impl FnMut() -> Result<()>,
    ) -> Result<Vec<Statement>> {
        let mut before = Vec::new();
        for _ in 0..TRIES {
            let sent = self.sent(&mut request)?;
            if sent.iter().map(Statement::text).eq(before.iter().map(Statement::text)) {
                return Ok(sent);
            }
            before = sent;
        }
        Err(format!("each time it sends something else, the last time {before:?}").into())
    }

    /// What the log shows of a request, up to the end of a transaction.
    fn sent(&self, request: &mut impl FnMut() -> Result<()>) -> Result<Vec<Statement>> {
        let seen = self.log_at_rest()?;
        request()?;
        let begun = Instant::now();
        loop {
            let mut log = File::open(&self.log)?;
            log.seek(SeekFrom::Start(seen))?;
            let mut new = Vec::new();
            log.read_to_end(&mut new)?;
            let statements = read(&String::from_utf8_lossy(&new))?;
            if matches!(statements.last(), Some(Statement::Plain(sql)) if sql == "COMMIT") {
                return Ok(statements);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("the log shows no whole transaction: {statements:?}").into());
            }
            pause(INTERVAL);
        }
    }

    /// How long the log is once nothing is added to it.
    fn log_at_rest(&self) -> Result<u64> {
        let length = || Ok::<_, std::io::Error>(std::fs::metadata(&self.log)?.len());
        let mut seen = length()?;
        loop {
            pause(INTERVAL);
            let now = length()?;
            if now == seen {
                return Ok(seen);
            }
            seen = now;
        }
    }
}
