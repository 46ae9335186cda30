//! Fresh databases: a file for SQLite, a copy of a migrated template for PostgreSQL.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use infra_runtime::Database;
use infra_runtime::config::{Config, ConfigArgs};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};
use url::Url;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file of its own.
    Sqlite,
    /// A database of its own in the cluster of `TEST_POSTGRES_URL`.
    Postgres,
}

/// A fresh, migrated database. Dropped, it is removed.
pub struct TestDatabase {
    /// Which it is.
    pub backend: Backend,
    settings: Vec<(String, String)>,
    folder: TempDir,
    name: Option<String>,
    /// What looks into it from outside: made anew for each look, signing in would take most of the
    /// time of tests that look often.
    superuser: Mutex<Option<Arc<tokio_postgres::Client>>>,
}

/// The roles that tests use; they belong to the cluster and are made once.
const OWNER: &str = "crm_test_owner";
const APP: &str = "crm_test_app";
const SECRET: &str = "only-for-tests";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A program of this package: tests are built into a folder beside it.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its program");
    let folders = test.ancestors().skip(1);
    let mut places = folders.map(|folder| folder.join(name));
    places.find(|place| place.is_file()).expect("it is built with the tests")
}

impl TestDatabase {
    /// Makes one.
    pub async fn create(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let set = |key: &str, value: String| (key.to_owned(), value);
        let mut settings = vec![
            set("CRM_DATA_DIR", folder.path().display().to_string()),
            set("CRM_LISTEN", "127.0.0.1:0".to_owned()),
            // Tests count statements and rows; those of jobs start a worker.
            set("CRM_JOBS_IN_SERVER", "0".to_owned()),
            // This process is a test; the program beside it knows the command.
            set("CRM_SHEET_READER", program("counting-server").display().to_string()),
            // What is about limits turns them on.
            set("CRM_THROTTLE", "false".to_owned()),
        ];
        let mut name = None;
        match backend {
            Backend::Sqlite => {
                let file = folder.path().join("test.db");
                settings.push(set("CRM_DATABASE_URL", format!("sqlite:{}", file.display())));
            }
            Backend::Postgres => {
                let template = template().await;
                let number = COUNT.fetch_add(1, Ordering::Relaxed);
                let database = format!("crm_test_{}_{number}", process::id());
                execute(&format!("CREATE DATABASE {database} TEMPLATE {template} OWNER {OWNER}"))
                    .await;
                settings.push(set("CRM_DATABASE_URL", url(APP, &database)));
                settings.push(set("CRM_DATABASE_OWNER_URL", url(OWNER, &database)));
                settings.push(set("CRM_DATABASE_CONNECTIONS", "8".to_owned()));
                name = Some(database);
            }
        }
        let made = Self { backend, settings, folder, name, superuser: Mutex::default() };
        if backend == Backend::Sqlite {
            Database::migrate(&made.config(&[])).await.expect("the migrations run");
        }
        made
    }

    /// The configuration of a server on it, with more settings.
    pub fn config(&self, more: &[(&str, &str)]) -> Config {
        let settings = self.environment(more).into_iter();
        Config::load(&ConfigArgs::default(), settings, self.folder.path())
            .expect("a valid configuration")
    }

    /// The environment of a program on it, with more settings.
    pub fn environment(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let more = more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        self.settings.iter().cloned().chain(more).collect()
    }

    /// Every row of a table as text, in order, whoever it belongs to: past row-level security.
    pub async fn rows(&self, table: &str) -> Vec<String> {
        match &self.name {
            Some(name) => {
                let client = self.superuser(name).await;
                let sql = format!("SELECT t::text FROM {table} AS t ORDER BY 1");
                let rows = client.query(&sql, &[]).await.expect("the table is there");
                rows.iter().map(|row| row.get(0)).collect()
            }
            None => {
                let file = self.folder.path().join("test.db");
                tables::rows(&file, table)
            }
        }
    }

    /// Every row of every table as text, by table, each as [`TestDatabase::rows`] gives it.
    pub async fn dump(&self) -> BTreeMap<String, Vec<String>> {
        self.dump_of(&[]).await
    }

    /// As [`TestDatabase::dump`], but only the rows in whose text one of the words stands, where
    /// there are words: a test that looks often need not read what others have written meanwhile.
    pub async fn dump_of(&self, words: &[&str]) -> BTreeMap<String, Vec<String>> {
        let Some(name) = &self.name else {
            return tables::dump(&self.folder.path().join("test.db"), words);
        };
        let client = self.superuser(name).await;
        let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
        let tables = client.query(sql, &[]).await.expect("the catalog is there");
        let mut dump: BTreeMap<String, Vec<String>> =
            tables.iter().map(|table| (table.get(0), Vec::new())).collect();
        let of_table = |table: &String| {
            format!("SELECT '{table}' AS of_table, t::text AS shown FROM {table} AS t")
        };
        let all: Vec<String> = dump.keys().map(of_table).collect();
        let sql = format!(
            "SELECT of_table, shown FROM ({}) AS rows
             WHERE $1::text[] = '{{}}' OR EXISTS (
                 SELECT FROM unnest($1::text[]) AS word WHERE strpos(shown, word) > 0)
             ORDER BY shown",
            all.join(" UNION ALL ")
        );
        for row in client.query(&sql, &[&words]).await.expect("the tables are there") {
            dump.get_mut(row.get::<_, &str>(0)).expect("a table").push(row.get(1));
        }
        dump
    }

    /// The rows of a query as objects, past row-level security. JSON comes as JSON.
    pub async fn query(&self, sql: &str) -> Vec<Value> {
        match &self.name {
            Some(name) => {
                let client = self.superuser(name).await;
                let sql = format!("SELECT to_jsonb(t)::text FROM ({sql}) AS t");
                let rows = client.query(&sql, &[]).await.expect("the query runs");
                rows.iter().map(|row| serde_json::from_str(row.get(0)).expect("JSON")).collect()
            }
            None => tables::query(&self.folder.path().join("test.db"), sql),
        }
    }

    /// Runs statements as the superuser of the cluster, or on the file.
    pub async fn execute(&self, sql: &str) {
        match &self.name {
            Some(name) => {
                let client = self.superuser(name).await;
                client.batch_execute(sql).await.expect("the statements run");
            }
            None => tables::execute(&self.folder.path().join("test.db"), sql),
        }
    }

    /// The superuser's connection; of a runtime that has ended, it is made anew.
    async fn superuser(&self, name: &str) -> Arc<tokio_postgres::Client> {
        let mut kept = self.superuser.lock().await;
        match &*kept {
            Some(client) if !client.is_closed() => client.clone(),
            _ => kept.insert(Arc::new(connect(&superuser(name)).await)).clone(),
        }
    }

    /// The folder of the server's data.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        // On a thread of its own: a drop cannot wait on the runtime that it happens in.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime.expect("a runtime").block_on(execute(&sql));
        });
        drop(dropped.join());
    }
}

/// Reads SQLite files beside the server, through the command line's library.
mod tables {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::process::Command;
    use std::sync::LazyLock;

    use serde_json::Value;

    /// Python's sqlite3 is everywhere that the tests run; a second driver is not. What is called
    /// `python3` may be a script that looks for one each time: it is asked once where that is.
    static PYTHON: LazyLock<String> = LazyLock::new(|| {
        let script = ["-c", "import sys; print(sys.executable)"];
        let output = Command::new("python3").args(script).output().expect("python3 runs");
        String::from_utf8(output.stdout).expect("a path").trim().to_owned()
    });

    fn python(script: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(&*PYTHON);
        command.args(["-I", "-S", "-c", script]).args(arguments);
        let output = command.output().expect("python3 runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    pub(super) fn rows(file: &Path, table: &str) -> Vec<String> {
        let script = "import sqlite3, sys\n\
            for row in sorted(map(repr, sqlite3.connect(sys.argv[1]).execute('SELECT * FROM ' + sys.argv[2]))):\n\
            \x20   print(row)";
        python(script, &[&file.display().to_string(), table]).lines().map(str::to_owned).collect()
    }

    pub(super) fn dump(file: &Path, words: &[&str]) -> BTreeMap<String, Vec<String>> {
        let script = "import json, sqlite3, sys\n\
            c = sqlite3.connect(sys.argv[1])\n\
            words = sys.argv[2:]\n\
            names = [n for n, in c.execute(\"SELECT name FROM sqlite_master WHERE type = 'table'\")]\n\
            def rows(n):\n\
            \x20   columns = [k for _, k, *_ in c.execute(f'PRAGMA table_info(\"{n}\")')]\n\
            \x20   has = [f'instr(CAST(\"{k}\" AS TEXT), ?)' for k in columns for _ in words]\n\
            \x20   sql = f'SELECT * FROM \"{n}\"' + (' WHERE ' + ' OR '.join(has) if words else '')\n\
            \x20   return sorted(map(repr, c.execute(sql, words * len(columns) if words else [])))\n\
            print(json.dumps({n: rows(n) for n in names}))";
        let file = file.display().to_string();
        let arguments: Vec<&str> = [file.as_str()].iter().chain(words).copied().collect();
        serde_json::from_str(&python(script, &arguments)).expect("JSON")
    }

    pub(super) fn query(file: &Path, sql: &str) -> Vec<Value> {
        let script = "import json, sqlite3, sys\n\
            c = sqlite3.connect(sys.argv[1]); c.row_factory = sqlite3.Row\n\
            def shown(v):\n\
            \x20   if isinstance(v, bytes): return v.hex()\n\
            \x20   if isinstance(v, str) and v[:1] in ('{', '['): return json.loads(v)\n\
            \x20   return v\n\
            for row in c.execute(sys.argv[2]):\n\
            \x20   print(json.dumps({k: shown(row[k]) for k in row.keys()}))";
        let text = python(script, &[&file.display().to_string(), sql]);
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    pub(super) fn execute(file: &Path, sql: &str) {
        let script = "import sqlite3, sys\n\
            c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()";
        python(script, &[&file.display().to_string(), sql]);
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
fn cluster() -> Url {
    let text = std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL must be the address of a PostgreSQL superuser: \
         run tests/run, or eval the line that `tests/postgres start` prints",
    );
    text.parse().expect("TEST_POSTGRES_URL is a URL")
}

fn superuser(database: &str) -> String {
    let mut url = cluster();
    url.set_path(database);
    url.into()
}

fn url(role: &str, database: &str) -> String {
    let mut url = cluster();
    url.set_path(database);
    url.set_username(role).expect("a URL with a host");
    url.set_password(Some(SECRET)).expect("a URL with a host");
    // A test of its own turns TLS on, in the same cluster.
    url.set_query(Some("sslmode=disable"));
    url.into()
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the cluster answers");
    tokio::spawn(connection);
    client
}

async fn execute(sql: &str) {
    connect(&superuser("postgres")).await.batch_execute(sql).await.expect("the statement runs");
}

/// The name of a migrated database that others are copied from, made once in a process.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let made = TEMPLATE.get_or_init(|| async {
        let name = format!("crm_template_{}", process::id());
        // Several test programs may begin at once; the lock makes them take turns.
        let client = connect(&superuser("postgres")).await;
        let owner = format!(
            "SELECT pg_advisory_lock(4242);
             DO $$ BEGIN
                IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}') THEN
                    CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{SECRET}';
                END IF;
             END $$;"
        );
        client.batch_execute(&owner).await.expect("the owner's role is made");
        execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        execute(&format!("CREATE DATABASE {name} OWNER {OWNER}")).await;
        let settings =
            [("CRM_DATABASE_URL", url(APP, &name)), ("CRM_DATABASE_OWNER_URL", url(OWNER, &name))];
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value));
        let config = Config::load(&ConfigArgs::default(), settings, std::path::Path::new("/"));
        Database::migrate(&config.expect("valid")).await.expect("the migrations run");
        client.batch_execute("SELECT pg_advisory_unlock(4242)").await.expect("unlocks");
        name
    });
    made.await
}
