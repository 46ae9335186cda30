//! Where it is measured: both databases filled alike, and how to start a server on each.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::args::{Options, Plan};
use crate::data::SMALL_WORKSPACES;
use crate::postgres::Postgres;
use crate::server::{Launch, Member};
use crate::sqlite;
use crate::trade::Trade;

/// Everything that the measurements share.
pub(crate) struct Place {
    pub(crate) plan: Plan,
    pub(crate) revision: String,
    pub(crate) postgres: Postgres,
    /// The member of the large workspace on Postgres.
    pub(crate) on_postgres: Member,
    /// And on SQLite.
    pub(crate) on_sqlite: Member,
    postgres_url: String,
    sqlite_url: String,
    program: PathBuf,
    counting_server: PathBuf,
    work: PathBuf,
    trade: OnceCell<Trade>,
}

impl Place {
    /// Makes and fills the databases.
    pub(crate) fn prepare(options: &Options, plan: Plan) -> Result<Self> {
        let postgres = Postgres::prepare(&options.cluster, &options.programs)?;
        let program = options.server.canonicalize()?;
        let counting_server = options.counting_server.canonicalize()?;
        let work = options.work.canonicalize()?;
        let file = work.join("crm.db");
        let postgres_url = postgres.url();
        let sqlite_url = format!("sqlite:{}", file.display());
        let register = |url: &str| register(&launch(&program, url, plan, &work));
        let (on_postgres, small) = register(&postgres_url)?;
        postgres.fill(on_postgres.workspace, &small)?;
        let (on_sqlite, small) = register(&sqlite_url)?;
        sqlite::fill(&file, on_sqlite.workspace, &small)?;
        fs::create_dir_all(&options.out)?;
        let revision = options.revision.clone();
        Ok(Self {
            plan,
            revision,
            postgres,
            on_postgres,
            on_sqlite,
            postgres_url,
            sqlite_url,
            program,
            counting_server,
            work,
            trade: OnceCell::new(),
        })
    }

    /// How a server on a database is started.
    pub(crate) fn launch<'a>(&'a self, database_url: &'a str) -> Launch<'a> {
        launch(&self.program, database_url, self.plan, &self.work)
    }

    /// The same on the Postgres database.
    pub(crate) fn server_on_postgres(&self) -> Launch<'_> {
        self.launch(&self.postgres_url)
    }

    /// And on the SQLite database.
    pub(crate) fn server_on_sqlite(&self) -> Launch<'_> {
        self.launch(&self.sqlite_url)
    }

    /// The large databases; the first call makes them.
    pub(crate) fn trade(&self) -> Result<&Trade> {
        if let Some(made) = self.trade.get() {
            return Ok(made);
        }
        let made = Trade::prepare(self)?;
        Ok(self.trade.get_or_init(|| made))
    }

    /// The databases by name, with the server on each and who is signed in there.
    pub(crate) fn both(&self) -> [(&'static str, Launch<'_>, &Member); 2] {
        [
            ("Postgres", self.server_on_postgres(), &self.on_postgres),
            ("SQLite", self.server_on_sqlite(), &self.on_sqlite),
        ]
    }

    /// Where the database on Postgres is, for a program of ours.
    pub(crate) fn postgres_url(&self) -> &str {
        &self.postgres_url
    }

    /// And that on SQLite.
    pub(crate) fn sqlite_url(&self) -> &str {
        &self.sqlite_url
    }

    /// The server with a kind of job that can be interrupted.
    pub(crate) fn counting_server(&self) -> &Path {
        &self.counting_server
    }

    /// The SQLite database.
    pub(crate) fn file(&self) -> PathBuf {
        self.work.join("crm.db")
    }

    /// A file for something that is soon forgotten.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }
}

fn launch<'a>(
    program: &'a Path,
    database_url: &'a str,
    plan: Plan,
    folder: &'a Path,
) -> Launch<'a> {
    Launch { program, database_url, connections: plan.connections, does_jobs: true, folder }
}

/// Registers the owner of the large workspace, and those of the small ones.
fn register(launch: &Launch<'_>) -> Result<(Member, Vec<i64>)> {
    let server = launch.start()?;
    let large = server.register("large")?;
    let small: Result<Vec<i64>> = (0..SMALL_WORKSPACES)
        .map(|number| Ok(server.register(&format!("small-{number}"))?.workspace))
        .collect();
    Ok((large, small?))
}
