//! A migrated database as its catalog describes it, the same for both.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use system_tests::{Backend, TestDatabase};

/// The tables by name.
pub(crate) type Catalog = BTreeMap<String, Table>;

/// The table that says which migrations have run; each database's library makes its own.
pub(crate) const MIGRATIONS: &str = "__diesel_schema_migrations";

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: BTreeMap<String, Column>,
    pub(crate) primary_key: Vec<String>,
    /// Indexes by name where they have one of ours; unique constraints by their columns.
    pub(crate) indexes: BTreeSet<Index>,
    pub(crate) foreign_keys: BTreeSet<ForeignKey>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Column {
    /// As the database calls it, in lower case.
    pub(crate) kind: String,
    pub(crate) nullable: bool,
    /// Whether an insert may leave it out although it is not nullable.
    pub(crate) has_default: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Index {
    pub(crate) columns: Vec<String>,
    pub(crate) unique: bool,
    /// Only some of the rows are in it.
    pub(crate) partial: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ForeignKey {
    pub(crate) columns: Vec<String>,
    pub(crate) table: String,
    pub(crate) target: Vec<String>,
    pub(crate) on_delete: String,
    pub(crate) on_update: String,
}

impl Table {
    /// Whether its rows belong to workspaces.
    pub(crate) fn is_tenants(&self) -> bool {
        self.columns.contains_key("organization_id")
    }
}

/// Reads the catalog of a database.
pub(crate) async fn read(database: &TestDatabase) -> Catalog {
    match database.backend {
        Backend::Sqlite => sqlite(database).await,
        Backend::Postgres => postgres(database).await,
    }
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_else(|| panic!("{name} of {row}")).to_owned()
}

fn names(row: &Value, name: &str) -> Vec<String> {
    let list = row[name].as_array().unwrap_or_else(|| panic!("{name} of {row}"));
    list.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

async fn sqlite(database: &TestDatabase) -> Catalog {
    let tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'";
    let mut catalog: Catalog = BTreeMap::new();
    let columns = format!(
        "SELECT m.name AS of_table, c.name, lower(c.type) AS kind, c.\"notnull\" = 0 AND c.pk = 0 AS nullable,
                c.dflt_value IS NOT NULL OR (lower(c.type) = 'integer' AND c.pk = 1
                    AND NOT EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE pk > 1))
                AS has_default, c.pk
         FROM ({tables}) m, pragma_table_info(m.name) c ORDER BY 1, c.pk"
    );
    for row in database.query(&columns).await {
        let table = catalog.entry(text(&row, "of_table")).or_default();
        let column = Column {
            kind: text(&row, "kind"),
            nullable: row["nullable"] == 1,
            has_default: row["has_default"] == 1,
        };
        if row["pk"] != 0 {
            table.primary_key.push(text(&row, "name"));
        }
        table.columns.insert(text(&row, "name"), column);
    }
    let indexes = format!(
        "SELECT m.name AS of_table, i.\"unique\" AS is_unique, i.partial, i.origin,
                (SELECT json_group_array(c.name) FROM pragma_index_info(i.name) c) AS columns
         FROM ({tables}) m, pragma_index_list(m.name) i"
    );
    for row in database.query(&indexes).await {
        // Primary keys are read above.
        if row["origin"] == "pk" {
            continue;
        }
        let index = Index {
            columns: names(&row, "columns"),
            unique: row["is_unique"] == 1,
            partial: row["partial"] == 1,
        };
        catalog.get_mut(&text(&row, "of_table")).expect("the table").indexes.insert(index);
    }
    let keys = format!(
        "SELECT m.name AS of_table, k.\"table\" AS target, k.on_delete, k.on_update,
                json_group_array(k.\"from\") AS columns, json_group_array(k.\"to\") AS target_columns
         FROM ({tables}) m, pragma_foreign_key_list(m.name) k GROUP BY m.name, k.id"
    );
    for row in database.query(&keys).await {
        let table = text(&row, "of_table");
        catalog.get_mut(&table).expect("the table").foreign_keys.insert(foreign_key(&row));
    }
    catalog
}

fn foreign_key(row: &Value) -> ForeignKey {
    ForeignKey {
        columns: names(row, "columns"),
        table: text(row, "target"),
        target: names(row, "target_columns"),
        on_delete: text(row, "on_delete"),
        on_update: text(row, "on_update"),
    }
}

async fn postgres(database: &TestDatabase) -> Catalog {
    let mut catalog: Catalog = BTreeMap::new();
    let columns = "SELECT table_name AS of_table, column_name AS name, data_type AS kind,
            is_nullable = 'YES' AS nullable,
            column_default IS NOT NULL OR is_identity = 'YES' AS has_default
        FROM information_schema.columns WHERE table_schema = 'public'
            AND table_name NOT IN (SELECT viewname FROM pg_views WHERE schemaname = 'public')";
    for row in database.query(columns).await {
        let column = Column {
            kind: text(&row, "kind"),
            nullable: row["nullable"] == true,
            has_default: row["has_default"] == true,
        };
        let table = catalog.entry(text(&row, "of_table")).or_default();
        table.columns.insert(text(&row, "name"), column);
    }
    let indexes =
        "SELECT t.relname AS of_table, i.indisunique AS is_unique, i.indisprimary AS is_primary,
            i.indpred IS NOT NULL AS partial,
            (SELECT json_agg(a.attname ORDER BY k.n)
             FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) AS columns
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public'";
    for row in database.query(indexes).await {
        let table = catalog.get_mut(&text(&row, "of_table")).expect("the table");
        let columns = names(&row, "columns");
        if row["is_primary"] == true {
            table.primary_key = columns;
            continue;
        }
        let (unique, partial) = (row["is_unique"] == true, row["partial"] == true);
        table.indexes.insert(Index { columns, unique, partial });
    }
    let named = |list: &str, of: &str| {
        format!(
            "(SELECT json_agg(a.attname ORDER BY k.n)
              FROM unnest(c.{list}) WITH ORDINALITY AS k (attnum, n)
              JOIN pg_attribute a ON a.attrelid = c.{of} AND a.attnum = k.attnum)"
        )
    };
    let action = |column: &str| {
        format!(
            "CASE c.{column} WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT'
             WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END"
        )
    };
    let keys = format!(
        "SELECT t.relname AS of_table, f.relname AS target, {} AS on_delete, {} AS on_update,
                {} AS columns, {} AS target_columns
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         JOIN pg_class f ON f.oid = c.confrelid WHERE c.contype = 'f'",
        action("confdeltype"),
        action("confupdtype"),
        named("conkey", "conrelid"),
        named("confkey", "confrelid"),
    );
    for row in database.query(&keys).await {
        let table = text(&row, "of_table");
        catalog.get_mut(&table).expect("the table").foreign_keys.insert(foreign_key(&row));
    }
    catalog
}
