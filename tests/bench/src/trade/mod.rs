//! A workspace of a million contacts that trades, on databases of its own: what the parts `filters`,
//! `orders`, `overview`, `exports` and `imports` share. It is made when the first of them asks.

mod data;
mod deals;
pub(crate) mod direct;
mod documents;
pub(crate) mod filters;
mod words;

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use self::direct::Direct;
use self::words::Words;
pub(crate) use self::words::{Dialect, Size};
use crate::Result;
use crate::data::WITHOUT_LIMITS;
use crate::http::Client;
use crate::place::Place;
use crate::postgres::Postgres;
use crate::server::{Launch, Member};
use crate::statements::Statement;

const DATABASE: &str = "crm_bench_trade";
/// The workspace may do everything.
const WITH_EVERYTHING: &str =
    "UPDATE subscriptions SET plan_id = (SELECT id FROM plans WHERE key = 'enterprise')";

/// Both databases, filled alike.
pub(crate) struct Trade {
    pub(crate) size: Size,
    pub(crate) postgres: Postgres,
    pub(crate) on_postgres: Member,
    pub(crate) on_sqlite: Member,
    pub(crate) file: PathBuf,
    postgres_url: String,
    sqlite_url: String,
}

/// One of the databases.
pub(crate) struct Side<'a> {
    pub(crate) name: &'static str,
    pub(crate) dialect: Dialect,
    pub(crate) launch: Launch<'a>,
    pub(crate) member: &'a Member,
}

impl Trade {
    /// Makes and fills the databases.
    pub(crate) fn prepare(place: &Place) -> Result<Self> {
        let postgres = place.postgres.another(DATABASE)?;
        let file = place.scratch("trade.db");
        let (postgres_url, sqlite_url) = (postgres.url(), format!("sqlite:{}", file.display()));
        let on_postgres = place.launch(&postgres_url).start()?.register("trade")?;
        let on_sqlite = place.launch(&sqlite_url).start()?.register("trade")?;
        if (on_postgres.workspace, on_postgres.person) != (on_sqlite.workspace, on_sqlite.person) {
            return Err("who registers first has other ids on SQLite than on Postgres".into());
        }
        let words = Words {
            dialect: Dialect::Postgres,
            now: postgres.now()?,
            workspace: on_postgres.workspace,
            person: on_postgres.person,
            size: Size::of(place.plan.is_quick),
        };
        fill_postgres(&postgres, &words)?;
        fill_sqlite(&file, &Words { dialect: Dialect::Sqlite, ..words })?;
        let size = words.size;
        Ok(Self { size, postgres, on_postgres, on_sqlite, file, postgres_url, sqlite_url })
    }

    /// How a server on each is started, and who is signed in there.
    pub(crate) fn both<'a>(&'a self, place: &'a Place) -> [Side<'a>; 2] {
        [
            Side {
                name: "Postgres",
                dialect: Dialect::Postgres,
                launch: place.launch(&self.postgres_url),
                member: &self.on_postgres,
            },
            Side {
                name: "SQLite",
                dialect: Dialect::Sqlite,
                launch: place.launch(&self.sqlite_url),
                member: &self.on_sqlite,
            },
        ]
    }

    /// A connection without a server to each, in the same order.
    pub(crate) fn directly(&self) -> Result<[Direct<'_>; 2]> {
        Ok([Direct::to_postgres(&self.postgres)?, Direct::to_sqlite(&self.file)?])
    }

    /// Lets a server on Postgres run whose statements are logged.
    pub(crate) fn record<T>(
        &self,
        place: &Place,
        record: impl FnOnce(&mut Recorder<'_>) -> Result<T>,
    ) -> Result<T> {
        self.postgres.log_statements(true)?;
        // Nothing of its own stands between a request's statements then.
        let launch = Launch { does_jobs: false, ..place.launch(&self.postgres_url) };
        let server = launch.start()?;
        let client = server.client(&self.on_postgres.token)?;
        let recorded = record(&mut Recorder { postgres: &self.postgres, client })?;
        self.postgres.log_statements(false)?;
        Ok(recorded)
    }

    /// What there is, for the notes of a report.
    pub(crate) fn described(&self) -> String {
        let Size { contacts, orders, lines, .. } = self.size;
        format!("{contacts} contacts, {orders} orders, {lines} lines")
    }
}

/// Finds out what requests make the server send to its database.
pub(crate) struct Recorder<'a> {
    postgres: &'a Postgres,
    client: Client,
}

impl Recorder<'_> {
    /// The statements of a request.
    pub(crate) fn statements_of(
        &mut self,
        request: impl Fn(&mut Client) -> Result<()>,
    ) -> Result<Vec<Statement>> {
        self.postgres.statements_of(|| request(&mut self.client))
    }
}

fn fill_postgres(postgres: &Postgres, words: &Words) -> Result<()> {
    let inserts = data::inserts(words);
    let mut statements: Vec<&str> = inserts.iter().map(String::as_str).collect();
    statements.extend([WITHOUT_LIMITS, WITH_EVERYTHING, "VACUUM (ANALYZE)", "CHECKPOINT"]);
    postgres.execute(&statements)
}

/// Without `ANALYZE`, which the server does not run either. What a crash would lose is made again by
/// the next run: nothing is journalled meanwhile.
fn fill_sqlite(file: &Path, words: &Words) -> Result<()> {
    let mut connection = SqliteConnection::establish(&file.display().to_string())?;
    let inserts = data::inserts(words).join("; ");
    connection.batch_execute(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
        PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY; \
        BEGIN IMMEDIATE; {inserts}; {WITHOUT_LIMITS}; {WITH_EVERYTHING}; COMMIT"
    ))?;
    Ok(())
}
