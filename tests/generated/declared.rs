//! The `table!` declarations of the store, held against both migrated databases.

use std::collections::BTreeMap;
use std::path::Path;

use system_tests::{Backend, TestDatabase};

use crate::catalog::{self, Catalog, MIGRATIONS};

/// Columns that the store does not read yet, and why the table has them.
const UNREAD: &[(&str, &str, &str)] = &[
    ("categories", "custom", "values of fields that a workspace defines; from the start, as text"),
    ("suppliers", "custom", "values of fields that a workspace defines; from the start, as text"),
    ("products", "custom", "values of fields that a workspace defines; from the start, as text"),
    (
        "product_variants",
        "custom",
        "values of fields that a workspace defines; from the start, as text",
    ),
    (
        "inventory_lots",
        "custom",
        "values of fields that a workspace defines; from the start, as text",
    ),
    ("companies", "custom", "values of fields that a workspace defines; from the start, as text"),
    ("contacts", "custom", "values of fields that a workspace defines; from the start, as text"),
];

/// A table as the store declares it.
#[derive(Debug, Default, PartialEq)]
struct Declared {
    primary_key: Vec<String>,
    /// By name: type, and whether it is nullable.
    columns: BTreeMap<String, (String, bool)>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_the_store_declares_is_what_is_there() {
    let declared = declared();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = TestDatabase::create(backend).await;
        let catalog = catalog::read(&database).await;
        let views = views(&database).await;
        let tables = catalog.keys().filter(|name| *name != MIGRATIONS);
        let names: Vec<_> = declared.keys().filter(|name| *name != MIGRATIONS).collect();
        let (of_views, names): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| views.contains_key(*name));
        assert!(of_views.iter().copied().eq(views.keys()), "{backend:?}: {of_views:?}");
        for name in of_views {
            // Of a view only the names are known; `schema.rs` holds the two databases' together.
            let missing: Vec<_> = declared[name]
                .columns
                .keys()
                .filter(|column| !views[name].contains(*column))
                .collect();
            assert!(missing.is_empty(), "{backend:?}: {name} has no {missing:?}");
        }
        assert!(tables.eq(names.iter().copied()), "{backend:?}: {names:?}");
        let faults: Vec<String> = names
            .iter()
            .flat_map(|name| faults(backend, name, &declared[*name], &catalog))
            .collect();
        assert_eq!(faults, Vec::<String>::new(), "{backend:?}");
    }
}

/// The views of a database, with their columns.
async fn views(database: &TestDatabase) -> BTreeMap<String, Vec<String>> {
    let sql = match database.backend {
        Backend::Sqlite => {
            "SELECT v.name AS view, c.name FROM sqlite_master v, pragma_table_info(v.name) c
             WHERE v.type = 'view'"
        }
        Backend::Postgres => {
            "SELECT c.relname AS view, a.attname AS name FROM pg_class c
             JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace"
        }
    };
    let mut views: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in database.query(sql).await {
        let text = |name: &str| row[name].as_str().expect("text").to_owned();
        views.entry(text("view")).or_default().push(text("name"));
    }
    views
}

fn faults(backend: Backend, name: &str, declared: &Declared, catalog: &Catalog) -> Vec<String> {
    let table = &catalog[name];
    let mut faults = Vec::new();
    if declared.primary_key != table.primary_key {
        faults.push(format!("{name}: the key is {:?}", table.primary_key));
    }
    for (column, (kind, nullable)) in &declared.columns {
        let Some(there) = table.columns.get(column) else {
            faults.push(format!("{name}.{column} is not there"));
            continue;
        };
        if there.kind != kind_of(backend, kind) || there.nullable != *nullable {
            faults.push(format!("{name}.{column} is {there:?}, declared {kind} {nullable}"));
        }
    }
    for (column, there) in &table.columns {
        let unread = UNREAD.iter().any(|(table, unread, _)| *table == name && unread == column);
        if declared.columns.contains_key(column) == unread {
            faults.push(format!("{name}.{column} is not declared, or is and is listed as unread"));
        }
        if unread && !there.nullable && !there.has_default {
            faults.push(format!("{name}.{column}: an insert leaves it out and must not"));
        }
    }
    faults
}

/// The type of a column that is declared so.
fn kind_of(backend: Backend, declared: &str) -> &'static str {
    let (sqlite, postgres) = match declared {
        "BigInt" => ("integer", "bigint"),
        "Bool" => ("integer", "boolean"),
        "Moment" => ("integer", "timestamp with time zone"),
        "Text" => ("text", "text"),
        "Day" => ("text", "date"),
        "JsonValue" => ("text", "jsonb"),
        "Binary" => ("blob", "bytea"),
        "EventUuid" => ("blob", "uuid"),
        other => panic!("{other}: what is it on the two databases?"),
    };
    match backend {
        Backend::Sqlite => sqlite,
        Backend::Postgres => postgres,
    }
}

/// Every `diesel::table!` of the store.
fn declared() -> BTreeMap<String, Declared> {
    let mut declared = BTreeMap::new();
    let mut waiting = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/infra-sql/src")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            waiting.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        for block in text.split("diesel::table! {").skip(1) {
            let (name, table) = parse(block);
            assert!(declared.insert(name.clone(), table).is_none(), "{name} is declared twice");
        }
    }
    declared
}

/// Reads `name (key) { column -> Type, … }`, with `#[sql_name = "…"]` before a column.
fn parse(block: &str) -> (String, Declared) {
    let lines = block.lines().map(str::trim);
    let mut lines =
        lines.filter(|l| !l.is_empty() && !l.starts_with("use ") && !l.starts_with("//"));
    let heading = lines.next().expect("a heading");
    let (name, key) = heading.split_once('(').expect("name (key) {");
    let key = key.split_once(')').expect("name (key) {").0;
    let mut table = Declared {
        primary_key: key.split(',').map(|column| column.trim().to_owned()).collect(),
        ..Declared::default()
    };
    let mut renamed = None;
    for line in lines.take_while(|line| *line != "}") {
        if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            renamed = Some(name.trim_end_matches("\"]").to_owned());
            continue;
        }
        let (column, kind) = line.trim_end_matches(',').split_once(" -> ").expect("column -> Type");
        let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
        let column = renamed.take().unwrap_or_else(|| column.to_owned());
        let typed = (inner.unwrap_or(kind).to_owned(), inner.is_some());
        assert!(table.columns.insert(column, typed).is_none(), "{line}");
    }
    (name.trim().to_owned(), table)
}

#[test]
fn a_declaration_is_read() {
    let (name, table) = parse(
        "\n    use crate::dialect::types::*;\n\n    things (a, b) {\n        a -> BigInt,\n        \
         #[sql_name = \"type\"]\n        kind -> Nullable<Text>,\n    }\n}\n",
    );
    assert_eq!(name, "things");
    assert_eq!(table.primary_key, ["a", "b"]);
    assert_eq!(table.columns["type"], ("Text".to_owned(), true));
    assert_eq!(table.columns["a"], ("BigInt".to_owned(), false));
}
