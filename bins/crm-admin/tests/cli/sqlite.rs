//! What is particular to SQLite: files, and migrations that run by themselves.

use std::fs;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::story;
use crate::world::{World, world};

/// Alters the database behind the program's back.
fn alter(world: &World, sql: &str) {
    let path = world.path("data/simplycrm.db").display().to_string();
    let mut connection = SqliteConnection::establish(&path).expect("a database");
    connection.batch_execute(sql).expect("SQL");
}

#[test]
fn the_whole_story() {
    story::tell(&world(), None);
}

#[test]
fn what_begins_makes_the_database_and_what_looks_does_not() {
    let world = world();
    world.run("org list").fails(1, &["there is no database at", "--data-dir"]);
    world.run("user list").fails(1, &["there is no database at"]);
    assert!(!world.path("data").exists());
    world.run("org create Acme").ok();
    assert_eq!(world.run("migrate --json").json()["ran"], serde_json::json!([]));
    world.run("org list").ok();
}

#[test]
fn doctor_makes_nothing() {
    let world = world();
    let report = world.run("doctor --json");
    let (status, _, remedy) = report.check("database-file");
    assert_eq!((&*status, &*remedy), ("problem", "Run `crm-admin migrate`."));
    assert_eq!(report.check("data-folder").0, "problem");
    assert!(!world.path("data").exists());
}

#[test]
fn doctor_finds_missing_migrations_and_does_not_run_them() {
    let world = world();
    world.run("migrate").ok();
    assert_eq!(world.run("doctor --json").check("migrations").0, "ok");
    alter(
        &world,
        "DELETE FROM __diesel_schema_migrations \
         WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
    );
    for _ in 0..2 {
        let (status, message, remedy) = world.run("doctor --json").check("migrations");
        assert_eq!(status, "problem");
        assert!(message.starts_with("these have not run: 20"), "{message}");
        assert!(remedy.contains("crm-admin migrate"), "{remedy}");
    }
    alter(&world, "DROP TABLE __diesel_schema_migrations");
    let (status, message, _) = world.run("doctor --json").check("migrations");
    assert_eq!(status, "problem");
    assert!(message.starts_with("the database has not been set up"), "{message}");
}

#[test]
fn doctor_finds_a_file_that_is_no_database() {
    let world = world();
    world.run("migrate").ok();
    fs::write(world.path("data/simplycrm.db"), "not a database, however long it is")
        .expect("a file");
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(world.path(&format!("data/simplycrm.db{suffix}")));
    }
    assert_eq!(world.run("doctor --json").check("database").0, "problem");
}

#[cfg(unix)]
#[test]
fn files_are_private_and_doctor_finds_those_that_are_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = world();
    world.run("migrate").ok();
    let (folder, file) = (world.path("data"), world.path("data/simplycrm.db"));
    let mode = |path| fs::metadata(path).expect("a file").permissions().mode() & 0o7777;
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));

    let change = |path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("is ours");
    };
    change(&file, 0o644);
    let (status, message, remedy) = world.run("doctor --json").check("database-file");
    assert_eq!((&*status, &*remedy), ("problem", "chmod 600 ./data/simplycrm.db"));
    assert!(message.contains("0644"), "{message}");
    let shown = world.run("doctor");
    shown.fails(1, &[]);
    assert!(shown.out.contains("problem  database-file") && shown.out.ends_with("Warnings: 0.\n"));
    change(&file, 0o600);

    change(&folder, 0o755);
    let report = world.run("doctor --json");
    report.ok();
    assert_eq!(report.check("data-folder").0, "warning");
    change(&folder, 0o777);
    assert_eq!(world.run("doctor --json").check("data-folder").0, "problem");
}

#[test]
fn doctor_says_whether_redis_answers() {
    let world = world();
    world.run("migrate").ok();
    let report = world.run("doctor --json");
    assert!(!report.out.contains("\"redis\""), "none is configured");
    // Nobody listens on port 1.
    let world = world.env("CRM_REDIS_URL", "redis://:planted@127.0.0.1:1/0");
    let (status, message, remedy) = world.run("doctor --json").check("redis");
    assert_eq!(status, "warning");
    assert!(message.contains("counts by itself") && remedy.contains("redis_url"), "{message}");
    assert!(!message.contains("planted"), "{message}");
}
