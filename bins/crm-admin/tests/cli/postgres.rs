//! What is particular to PostgreSQL: the owner migrates, the server's role may do little.

use std::process;

use tokio::runtime::Runtime;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

use crate::story;
use crate::world::{World, world};

const SUPERUSER: &str = "TEST_POSTGRES_URL";
/// The password of the roles that are made here.
const PASSWORD: &str = "kept-for-a-minute";

/// A database with an owner, dropped at the end.
struct TestDatabase {
    superuser: String,
    name: String,
    runtime: Runtime,
}

impl TestDatabase {
    /// An empty database; a test without a server to make it on has failed.
    #[expect(clippy::disallowed_methods, reason = "the address of the tests' own server")]
    fn new(purpose: &str) -> Self {
        let superuser = std::env::var(SUPERUSER).unwrap_or_else(|_| {
            panic!("{SUPERUSER} is not set: eval \"$(tests/postgres start)\" and try again")
        });
        let name = format!("crm_admin_{purpose}_{}", process::id());
        let runtime = Runtime::new().expect("a runtime");
        let database = Self { superuser, name, runtime };
        database.clear();
        database.execute(&format!(
            "CREATE ROLE {0}_owner LOGIN CREATEROLE PASSWORD '{PASSWORD}'",
            database.name
        ));
        database.execute(&format!("CREATE DATABASE {0} OWNER {0}_owner", database.name));
        database
    }

    /// The role that the server connects as.
    fn role(&self) -> String {
        format!("{}_app", self.name)
    }

    fn owner(&self) -> String {
        format!("{}_owner", self.name)
    }

    /// The address of the database as a role sees it.
    fn url(&self, role: &str) -> String {
        let config: Config = self.superuser.parse().expect("a URL");
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            _ => panic!("{SUPERUSER} names no host"),
        };
        format!("postgres://{role}:{PASSWORD}@{host}:{port}/{}?sslmode=disable", self.name)
    }

    /// A world that is set up as the documents say.
    fn world(&self) -> World {
        world()
            .env("CRM_DATABASE_URL", &self.url(&self.role()))
            .env("CRM_DATABASE_OWNER_URL", &self.url(&self.owner()))
    }

    /// Runs a statement as the superuser, in their own database.
    fn execute(&self, sql: &str) {
        self.execute_at(&self.superuser.parse().expect("a URL"), sql);
    }

    /// Runs a statement as the superuser, in this database.
    fn alter(&self, sql: &str) {
        let mut config: Config = self.superuser.parse().expect("a URL");
        self.execute_at(config.dbname(&self.name), sql);
    }

    fn execute_at(&self, config: &Config, sql: &str) {
        self.runtime.block_on(async {
            let (client, connection): (Client, _) =
                config.connect(NoTls).await.unwrap_or_else(|error| panic!("{SUPERUSER}: {error}"));
            let driver = tokio::spawn(connection);
            client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            drop(client);
            let _ = driver.await;
        });
    }

    fn clear(&self) {
        self.execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        self.execute(&format!("DROP ROLE IF EXISTS {}", self.role()));
        self.execute(&format!("DROP ROLE IF EXISTS {}", self.owner()));
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.clear();
    }
}

#[test]
fn the_whole_story() {
    let database = TestDatabase::new("story");
    story::tell(&database.world(), Some(&database.role()));
}

#[test]
fn only_the_owner_migrates() {
    let database = TestDatabase::new("owner");
    let world = database.world();

    // The server's role is not there yet.
    let error = world.run("org list --json").error(1);
    assert_eq!(error["code"], "unreachable", "{error}");
    assert_eq!(world.run("doctor --json").check("database").0, "problem");
    assert!(!error.to_string().contains(PASSWORD));

    let alone = crate::world::world().env("CRM_DATABASE_URL", &database.url(&database.role()));
    alone.run("migrate").fails(2, &["database_owner_url", "CRM_DATABASE_OWNER_URL"]);

    database.execute(&format!("CREATE ROLE {} LOGIN PASSWORD '{PASSWORD}'", database.role()));
    let error = world.run("org list --json").error(1);
    assert_eq!(error["code"], "pending_migrations", "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("crm-admin migrate")));
    assert_eq!(world.run("doctor --json").check("migrations").0, "problem");

    assert_eq!(world.run("migrate --json").json()["new_role"], serde_json::json!(null));
    assert_eq!(world.run("org list").ok(), "There is no workspace.\n");

    database.alter(
        "DELETE FROM __diesel_schema_migrations \
         WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
    );
    world.run("org list").fails(1, &["migrations have not run: 20", "crm-admin migrate"]);
    let (status, message, _) = world.run("doctor --json").check("migrations");
    assert_eq!(status, "problem");
    assert!(message.starts_with("these have not run: 20"), "{message}");
}

#[test]
fn doctor_finds_roles_that_walk_past_the_walls() {
    let database = TestDatabase::new("roles");
    let world = database.world();
    world.run("migrate").ok();
    let report = world.run("doctor --json");
    assert_eq!(report.check("database-role").0, "ok");
    assert!(!report.out.contains(PASSWORD), "{}", report.out);

    let as_owner = crate::world::world().env("CRM_DATABASE_URL", &database.url(&database.owner()));
    let (status, message, _) = as_owner.run("doctor --json").check("database-role");
    assert_eq!(status, "problem");
    assert!(message.contains("owns the tables"), "{message}");

    database.execute(&format!("ALTER ROLE {} BYPASSRLS", database.role()));
    let (status, message, _) = world.run("doctor --json").check("database-role");
    assert_eq!(status, "problem");
    assert!(message.contains("bypass"), "{message}");
}
