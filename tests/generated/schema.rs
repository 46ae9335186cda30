//! What holds of every table on both databases, read from their catalogs.

use std::collections::BTreeMap;

use domain_kernel::Clock;
use infra_runtime::{Application, Database, OsRandom, SystemClock};
use std::sync::Arc;
use system_tests::{Backend, TestDatabase};

use crate::catalog::{self, Catalog, ForeignKey, Index, MIGRATIONS};

/// Tables that hold no rows of a workspace's, or not only, and why.
const IDENTITY: &[(&str, &str)] = &[
    ("organizations", "the workspaces themselves; the id is the workspace"),
    ("people", "a person is global: their e-mail and user name are unique everywhere"),
    ("tokens", "found by its digest before the workspace is known; the row then says which it is"),
    (
        "sign_in_failures",
        "who fails to sign in is in no workspace; rows hold digests of names, and addresses",
    ),
    ("known_addresses", "a person is global, and so is where they signed in from"),
    ("identities", "a person is global, and so is who they are at a provider"),
    ("second_factors", "a person is global, and so is their second factor"),
    ("recovery_codes", "a person is global, and so is their second factor"),
    ("sign_in_flows", "who signs in is in no workspace; rows hold digests of what a browser keeps"),
    ("links", "who opens one is in no workspace; rows hold digests of what was mailed to a person"),
    ("invite_links", "found by its digest before the workspace is known; the row then says which"),
    ("plans", "the platform's, the same for every workspace"),
    ("features", "the platform's, the same for every workspace"),
    ("plan_features", "joins two tables of the platform's"),
    ("plan_requests", "the staff's queue over all workspaces; a workspace sees its own by its id"),
];

/// Keys of workspaces' tables to tables that are everybody's, and why one column is enough.
const TO_IDENTITY: &[(&str, &str, &str)] = &[
    ("*", "organizations", "the key is the workspace"),
    (
        "memberships",
        "people",
        "the row that lets a person into a workspace; all others name people \
        through it, by (organization_id, user_id)",
    ),
    ("subscriptions", "plans", "plans are the platform's"),
    ("plan_overrides", "features", "features are the platform's"),
    ("audit_entries", "people", "platform staff act in a workspace that they are no member of"),
    ("idempotency_keys", "people", "platform staff repeat requests, too"),
    ("jobs", "people", "platform staff start jobs, too"),
    ("invites", "people", "platform staff invite, too"),
    ("stage_changes", "people", "platform staff move deals, too"),
    ("price_changes", "people", "platform staff set prices, too"),
    ("stock_movements", "people", "platform staff move stock, too"),
];

/// Unique indexes of workspaces' tables over all workspaces, and why.
const UNIQUE_EVERYWHERE: &[(&str, &str, &str)] =
    &[("events", "id", "a UUID of ours, which receivers tell deliveries apart by")];

/// Tables whose deleted rows are looked for without an index, and why.
const FEW_DELETED: &[(&str, &str)] = &[
    ("credit_notes", "only added to"),
    ("refunds", "only added to"),
    ("invites", "a workspace has as many as it invites people"),
    ("user_roles", "a workspace has a few for each member"),
    ("subscriptions", "a workspace has one at a time"),
    ("plan_overrides", "a workspace has one of a feature"),
];

/// The tables that the queue's own transactions see whole.
const QUEUE: [&str; 2] = ["jobs", "schedules"];

/// The role of the server in these tests.
const SERVER: &str = "crm_test_app";

async fn migrated(backend: Backend) -> (TestDatabase, Catalog) {
    let database = TestDatabase::create(backend).await;
    let catalog = catalog::read(&database).await;
    assert!(catalog.len() > 10, "{:?}", catalog.keys());
    (database, catalog)
}

fn is_identity(table: &str) -> bool {
    table == MIGRATIONS || IDENTITY.iter().any(|(name, _)| *name == table)
}

fn starts_with_tenant(columns: &[String]) -> bool {
    columns.first().is_some_and(|first| first == "organization_id")
}

/// What is wrong with the tables of a database.
fn faults(catalog: &Catalog) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, _) in IDENTITY.iter().filter(|(name, _)| !catalog.contains_key(*name)) {
        faults.push(format!("{name} is listed and is not there"));
    }
    for (name, table) in catalog {
        let tenants = table.is_tenants();
        if !tenants && !is_identity(name) {
            faults.push(format!("{name} has no organization_id and is not listed"));
        }
        for key in &table.foreign_keys {
            faults.extend(foreign_key_fault(catalog, name, key));
        }
        if !tenants || is_identity(name) {
            continue;
        }
        let whole = |index: &&Index| index.unique && !index.partial;
        let wanted = ["id", "position"].map(|id| vec!["organization_id".to_owned(), id.to_owned()]);
        let by_id = table.indexes.iter().filter(whole).any(|index| wanted.contains(&index.columns));
        if !by_id && !starts_with_tenant(&table.primary_key) {
            faults.push(format!("{name} has no UNIQUE (organization_id, id)"));
        }
        let bin = Index {
            columns: vec!["organization_id".to_owned(), "id".to_owned()],
            unique: false,
            partial: true,
        };
        let has_bin = table.columns.contains_key("deleted_at")
            && !FEW_DELETED.iter().any(|(few, _)| few == name);
        if has_bin != table.indexes.contains(&bin) {
            faults.push(format!("{name} has no index of what is deleted, or needs none"));
        }
        for index in table.indexes.iter().filter(|index| !starts_with_tenant(&index.columns)) {
            let listed = UNIQUE_EVERYWHERE
                .iter()
                .any(|(table, column, _)| table == name && index.columns == [*column]);
            if index.unique && !listed {
                faults.push(format!("{name}: {index:?} is unique over all workspaces"));
            }
        }
    }
    faults
}

fn foreign_key_fault(catalog: &Catalog, name: &str, key: &ForeignKey) -> Option<String> {
    if key.on_delete != "NO ACTION" || key.on_update != "NO ACTION" {
        return Some(format!("{name}: {key:?} acts by itself"));
    }
    let tenants = |table: &str| catalog[table].is_tenants();
    if !tenants(name) || !tenants(&key.table) {
        let known = |(from, to, _): &(&str, &str, &str)| {
            (*from == "*" || *from == name) && *to == key.table
        };
        let fine = !tenants(name) || TO_IDENTITY.iter().any(known);
        return (!fine).then(|| format!("{name}: {key:?} leads out of the workspace unlisted"));
    }
    let composite = key.columns.len() > 1
        && starts_with_tenant(&key.columns)
        && starts_with_tenant(&key.target);
    (!composite).then(|| format!("{name}: {key:?} can lead to another workspace's row"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_table_of_sqlite_keeps_workspaces_apart() {
    let (_database, catalog) = migrated(Backend::Sqlite).await;
    assert_eq!(faults(&catalog), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_table_of_postgres_keeps_workspaces_apart() {
    let (_database, catalog) = migrated(Backend::Postgres).await;
    assert_eq!(faults(&catalog), Vec::<String>::new());
}

/// What removes a workspace names every table that has rows of one, and of its people.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_workspace_can_be_removed_from_every_table() {
    let (_database, catalog) = migrated(Backend::Sqlite).await;
    let leads =
        |table: &catalog::Table, to: &str| table.foreign_keys.iter().any(|key| key.table == to);
    let named: Vec<&str> = infra_runtime::TABLES_OF_WORKSPACES
        .iter()
        .chain(infra_runtime::TABLES_OF_TRAILS)
        .chain(infra_runtime::TABLES_OF_PEOPLE)
        // Each with a column of its own name.
        .chain(&["organizations", "people", "plan_requests"])
        .copied()
        .collect();
    for (name, table) in &catalog {
        let is_somebodys =
            table.is_tenants() || leads(table, "organizations") || leads(table, "people");
        assert!(!is_somebodys || named.contains(&name.as_str()), "{name} would be left");
    }
    assert!(named.iter().all(|name| catalog.contains_key(*name)), "all are there");
    let order = infra_runtime::TABLES_OF_WORKSPACES;
    let place = |name: &str| order.iter().position(|table| *table == name);
    for (own, name) in order.iter().enumerate() {
        for key in &catalog[*name].foreign_keys {
            let to_gone = place(&key.table).is_some_and(|other| other < own);
            assert!(!to_gone, "{name} leads to {}, which goes before it", key.table);
        }
    }
}

/// That the rules above find what they are for.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_careless_table_is_found_on_both() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = TestDatabase::create(backend).await;
        database
            .execute(
                "CREATE TABLE careless (
                     id BIGINT PRIMARY KEY,
                     organization_id BIGINT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
                     code TEXT NOT NULL UNIQUE,
                     deleted_at BIGINT
                 );
                 CREATE UNIQUE INDEX contacts_id ON contacts (id);
                 CREATE TABLE strays (id BIGINT PRIMARY KEY, contact_id BIGINT REFERENCES contacts (id));
                 CREATE TABLE more (
                     organization_id BIGINT NOT NULL,
                     contact_id BIGINT NOT NULL REFERENCES contacts (id),
                     PRIMARY KEY (organization_id, contact_id)
                 );",
            )
            .await;
        let faults = faults(&catalog::read(&database).await);
        let found = |what: &str| faults.iter().any(|fault| fault.contains(what));
        for what in [
            "careless: ForeignKey",
            "careless has no UNIQUE",
            "careless: Index",
            "careless has no index of what is deleted, or needs none",
            "contacts: Index",
            "strays has no organization_id",
            "more: ForeignKey",
        ] {
            assert!(found(what), "{backend:?} {what}: {faults:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_two_schemas_are_one() {
    let (sqlite, in_sqlite) = migrated(Backend::Sqlite).await;
    let (postgres, in_postgres) = migrated(Backend::Postgres).await;
    assert!(in_sqlite.keys().eq(in_postgres.keys()), "the same tables");
    for (name, table) in in_sqlite.iter().filter(|(name, _)| *name != MIGRATIONS) {
        let other = &in_postgres[name];
        assert!(table.columns.keys().eq(other.columns.keys()), "{name}: {table:?} {other:?}");
        for (column, here) in &table.columns {
            let there = &other.columns[column];
            assert_eq!(here.kind, stored_as(&there.kind), "{name}.{column}: {}", there.kind);
            assert_eq!(here.nullable, there.nullable, "{name}.{column} nullable");
            assert_eq!(here.has_default, there.has_default, "{name}.{column} default");
        }
        assert_eq!(table.primary_key, other.primary_key, "{name}");
        assert_eq!(table.indexes, other.indexes, "{name}");
        assert_eq!(table.foreign_keys, other.foreign_keys, "{name}");
    }
    let versions = format!("SELECT version FROM {MIGRATIONS} ORDER BY 1");
    let (here, there) = (sqlite.query(&versions).await, postgres.query(&versions).await);
    assert_eq!(here, there);
    assert_eq!(migrations("sqlite"), migrations("postgres"), "the same stamps and names");
    assert_eq!(migrations("sqlite").len(), here.len(), "every migration has run");
}

/// A view reads its tables with the rights of who asks: row-level security holds behind it, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn views_are_one_and_open_no_door() {
    let (sqlite, _) = migrated(Backend::Sqlite).await;
    let (postgres, _) = migrated(Backend::Postgres).await;
    let here = "SELECT v.name, json_group_array(c.name) AS columns FROM sqlite_master v,
            pragma_table_info(v.name) c WHERE v.type = 'view' GROUP BY v.name ORDER BY v.name";
    let there = "SELECT c.relname AS name, json_agg(a.attname ORDER BY a.attnum) AS columns,
            c.reloptions::text AS options
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace
        GROUP BY c.relname, c.reloptions ORDER BY c.relname";
    let (here, there) = (sqlite.query(here).await, postgres.query(there).await);
    assert!(!here.is_empty());
    assert_eq!(here.len(), there.len());
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(here["name"], there["name"]);
        assert_eq!(here["columns"], there["columns"]);
        assert_eq!(there["options"], "{security_invoker=true}", "{}", there["name"]);
    }
}

/// How SQLite keeps a type of PostgreSQL's.
fn stored_as(kind: &str) -> &'static str {
    match kind {
        "bigint" | "boolean" | "timestamp with time zone" => "integer",
        "text" | "date" | "jsonb" => "text",
        "bytea" | "uuid" => "blob",
        other => panic!("{other}: how does SQLite keep it?"),
    }
}

/// The migrations of a database, each with both of its files.
fn migrations(database: &str) -> Vec<String> {
    let folder = format!("{}/../migrations/{database}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(folder).expect("the migrations").map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries
        .map(|entry| {
            for file in ["up.sql", "down.sql"] {
                assert!(entry.path().join(file).is_file(), "{:?} {file}", entry.path());
            }
            entry.file_name().into_string().expect("text")
        })
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn row_level_security_is_forced_on_every_table_of_workspaces() {
    let (database, catalog) = migrated(Backend::Postgres).await;
    let policies = "SELECT c.relname AS name, c.relrowsecurity AS enabled,
            c.relforcerowsecurity AS forced, p.policyname AS policy, p.qual, p.with_check, p.cmd, p.permissive, p.roles
        FROM pg_class c LEFT JOIN pg_policies p ON p.tablename = c.relname
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')";
    let mut rows = database.query(policies).await;
    // Its transactions serve all workspaces, one after the other and in turns. They say so by
    // themselves, for one transaction each; what members reach never does.
    let (of_queue, others) = rows.into_iter().partition(|row| row["policy"] == "queue");
    rows = others;
    let of_queue: Vec<serde_json::Value> = of_queue;
    let open: BTreeMap<_, _> = of_queue
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["qual"].as_str().unwrap()))
        .collect();
    let queue = "(current_setting('app.queue'::text, true) = 'on'::text)";
    assert_eq!(open, BTreeMap::from(QUEUE.map(|table| (table, queue))));
    for (name, table) in &catalog {
        let of_table: Vec<_> = rows.iter().filter(|row| row["name"] == **name).collect();
        if !table.is_tenants() || is_identity(name) {
            assert!(of_table.iter().all(|row| row["enabled"] == false), "{name} is listed as open");
            continue;
        }
        let [policy] = of_table[..] else { panic!("{name} has several policies: {of_table:?}") };
        assert_eq!(policy["enabled"], true, "{name}");
        assert_eq!(policy["forced"], true, "{name}");
        assert_eq!(policy["cmd"], "ALL", "{name}");
        assert_eq!(policy["roles"], serde_json::json!(["public"]), "{name}");
        let tenant = "(organization_id = (NULLIF(current_setting('app.tenant'::text, true), \
            ''::text))::bigint)";
        let using = policy["qual"].as_str().expect("a policy");
        match name.as_str() {
            // A person finds their own workspaces when they sign in; they write there only as
            // one of them.
            "memberships" => {
                assert!(using.contains(tenant) && using.contains("app.person"), "{using}");
                assert_eq!(policy["with_check"], tenant);
            }
            _ => {
                assert_eq!(using, tenant, "{name}");
                assert!(policy["with_check"].is_null() || policy["with_check"] == tenant, "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_servers_role_may_do_no_more_than_it_must() {
    let (database, catalog) = migrated(Backend::Postgres).await;
    let role = format!(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS mighty,
            (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owns,
            (SELECT count(*) FROM pg_auth_members WHERE member = r.oid) AS belongs,
            has_schema_privilege(rolname, 'public', 'CREATE') AS creates
         FROM pg_roles r WHERE rolname = '{SERVER}'"
    );
    let expected = serde_json::json!({"mighty": false, "owns": 0, "belongs": 0, "creates": false});
    assert_eq!(database.query(&role).await, [expected]);
    let all = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
    for table in catalog.keys() {
        let mut may = Vec::new();
        for privilege in all {
            let sql =
                format!("SELECT has_table_privilege('{SERVER}', '{table}', '{privilege}') AS may");
            if database.query(&sql).await[0]["may"] == true {
                may.push(privilege);
            }
        }
        let expected: &[&str] = match table.as_str() {
            MIGRATIONS => &["SELECT"],
            "audit_entries" | "audit_seals" => &["SELECT", "INSERT"],
            _ => &["SELECT", "INSERT", "UPDATE", "DELETE"],
        };
        assert_eq!(may, expected, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_table_of_sqlite_is_strict() {
    let (database, _) = migrated(Backend::Sqlite).await;
    let loose = format!(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict
         AND name NOT LIKE 'sqlite%' AND name <> '{MIGRATIONS}'"
    );
    assert_eq!(database.query(&loose).await, Vec::<serde_json::Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_files_of_sqlite_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let app = system_tests::TestApp::start(Backend::Sqlite).await;
    app.register("ada").await;
    let mut modes = BTreeMap::new();
    for entry in std::fs::read_dir(app.database.folder()).expect("the folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("its metadata").permissions().mode() & 0o777;
        modes.insert(entry.file_name().into_string().expect("text"), mode);
    }
    for file in ["test.db", "test.db-wal", "test.db-shm"] {
        assert_eq!(modes.get(file), Some(&0o600), "{file} of {modes:?}");
    }
}

/// Every connection of the server is as the dialect says; see `misuse` there.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_servers_connections_are_set_up_as_documented() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = TestDatabase::create(backend).await;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let config = database.config(&[]);
        let store = Database::open(&config, clock.clone()).await.expect("opens");
        let application = Application::over(store, &config, clock, Arc::new(OsRandom));
        let application = application.expect("composes");
        assert_eq!(application.database.misuse().await.expect("answers"), None, "{backend:?}");
    }
}
