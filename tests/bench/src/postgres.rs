//! The database on Postgres: roles as in production, rows, and what the server sends.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use infra_runtime::Database;
use infra_runtime::config::{Config, ConfigArgs};
use tokio_postgres::{Client, NoTls};

use crate::Result;
use crate::data::{self, Wording};
use crate::load::Target;
use crate::process::pause;
use crate::statements::{ListStatements, Statement, read};

/// The database, and the roles that own and use it; the cluster is thrown away with its passwords.
const DATABASE: &str = "crm_bench";
const OWNER: &str = "crm_bench_owner";
const APP: &str = "crm_bench_app";
const SECRET: &str = "only-for-measuring";

const WORDS: Wording =
    Wording { moment: "TIMESTAMPTZ '2026-01-01 00:00Z' + i * INTERVAL '1 second'", json: "JSONB" };

/// How long the log may take to show a statement.
const PATIENCE: Duration = Duration::from_secs(5);

/// The cluster that `tests/bench/run` started.
pub(crate) struct Postgres {
    runtime: tokio::runtime::Runtime,
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
            port: text("port")?.trim().parse()?,
            password: text("password")?.trim().to_owned(),
            log: cluster.join("log"),
            programs: programs.to_owned(),
        };
        made.runtime.block_on(made.make())?;
        Ok(made)
    }

    async fn make(&self) -> Result<()> {
        let cluster = self.superuser("postgres").await?;
        let owner = format!("CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{SECRET}'");
        cluster.batch_execute(&owner).await?;
        cluster.batch_execute(&format!("CREATE DATABASE {DATABASE} OWNER {OWNER}")).await?;
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
        format!("postgres://{role}:{SECRET}@127.0.0.1:{}/{DATABASE}", self.port)
    }

    /// The same for Postgres's programs.
    pub(crate) fn target(&self) -> Target<'_> {
        Target {
            programs: &self.programs,
            port: self.port,
            role: APP,
            password: SECRET,
            database: DATABASE,
        }
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
        self.runtime.block_on(async {
            let client = self.superuser(DATABASE).await?;
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
        self.runtime.block_on(async {
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

    /// The statements that a request makes the server send, up to the end of the transaction.
    pub(crate) fn statements_of(
        &self,
        request: impl FnOnce() -> Result<()>,
    ) -> Result<ListStatements> {
        let seen = std::fs::metadata(&self.log)?.len();
        request()?;
        let begun = Instant::now();
        loop {
            let log = std::fs::read(&self.log)?;
            let new = log.get(usize::try_from(seen)?..).unwrap_or_default();
            let statements = read(&String::from_utf8_lossy(new))?;
            if matches!(statements.last(), Some(Statement::Plain(sql)) if sql == "COMMIT") {
                return ListStatements::recognise(statements);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("the log shows no whole transaction: {statements:?}").into());
            }
            pause(Duration::from_millis(20));
        }
    }
}
