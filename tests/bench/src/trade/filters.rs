//! The filters of lists that an index serves, found out from the declarations and the schema, with
//! values that match many rows.

use std::collections::BTreeSet;
use std::path::Path;

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{Connection as _, OptionalExtension as _, QueryableByName, RunQueryDsl as _};
use diesel::{SqliteConnection, sql_query};
use domain_kernel::query::{Test, filters, orderable};
use domain_kernel::{Field, Kind, Resource};
use domain_sales::{
    Activity, Company, Contact, Invoice, Lead, Note, Opportunity, Order, OrderLine, Payment,
    Shipment,
};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Result;

/// The most rows that a filter may match here.
const MOST: i64 = 10_000;
/// Of a range, a little less: rows that have the last value, too, match as well.
const MOST_OF_RANGE: i64 = 9_900;

/// A filter with a value.
pub(crate) struct Filter {
    /// As people write it: `orders?state=draft`.
    pub(crate) title: String,
    pub(crate) path: String,
    pub(crate) matches: i64,
    /// Every order that the list can be asked for in.
    pub(crate) orders: Vec<String>,
}

/// What holds the rows.
pub(crate) struct Rows {
    connection: SqliteConnection,
    workspace: i64,
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    sql: Option<String>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
    #[diesel(sql_type = BigInt)]
    matches: i64,
}

impl Rows {
    /// Those of a workspace. Both databases hold the same; this asks SQLite.
    pub(crate) fn of(file: &Path, workspace: i64) -> Result<Self> {
        let connection = SqliteConnection::establish(&file.display().to_string())?;
        Ok(Self { connection, workspace })
    }

    /// The filters of all resources that have many rows; each with the table that it is read from.
    pub(crate) fn filters(&mut self) -> Result<Vec<Filter>> {
        let mut found = self.filters_of::<Company>("companies")?;
        found.extend(self.filters_of::<Contact>("contacts")?);
        found.extend(self.filters_of::<Lead>("prospects")?);
        found.extend(self.filters_of::<Opportunity>("deals")?);
        found.extend(self.filters_of::<Activity>("activities")?);
        found.extend(self.filters_of::<Note>("note_texts")?);
        found.extend(self.filters_of::<Order>("orders")?);
        found.extend(self.filters_of::<OrderLine>("order_lines")?);
        found.extend(self.filters_of::<Invoice>("invoices")?);
        found.extend(self.filters_of::<Payment>("payments")?);
        found.extend(self.filters_of::<Shipment>("shipments")?);
        Ok(found)
    }

    fn filters_of<R: Resource>(&mut self, table: &str) -> Result<Vec<Filter>> {
        let indexed = self.indexed(table)?;
        let mut found = Vec::new();
        for (name, field, test) in filters::<R>() {
            if !indexed.contains(&index_column(field)) {
                continue;
            }
            let column = match field.kind {
                Kind::Link { .. } => format!("{}_id", field.name),
                _ => field.name.to_owned(),
            };
            for one in self.values(table, &column, test, field.nullable)? {
                found.push(filter::<R>(&name, field, one)?);
            }
        }
        Ok(found)
    }

    /// The columns by which an index finds rows of a workspace.
    fn indexed(&mut self, table: &str) -> Result<BTreeSet<String>> {
        let indexes: Vec<Index> = sql_query(
            "SELECT second.name AS name, schema.sql AS sql \
             FROM pragma_index_list(?) list \
             JOIN pragma_index_xinfo(list.name) first ON first.seqno = 0 \
             JOIN pragma_index_xinfo(list.name) second ON second.seqno = 1 \
             JOIN sqlite_schema schema ON schema.name = list.name \
             WHERE first.name = 'organization_id'",
        )
        .bind::<Text, _>(table)
        .load(&mut self.connection)?;
        let whole = indexes.into_iter().filter(|index| {
            // One that leaves out other rows than the deleted ones and those without a value does
            // not serve every value.
            let condition = index.sql.as_ref().and_then(|sql| Some(sql.split_once(" WHERE ")?.1));
            let has_value = format!("{} IS NOT NULL", index.name);
            condition.is_none_or(|one| one == "deleted_at IS NULL" || one == has_value)
        });
        Ok(whole.map(|index| index.name).collect())
    }

    /// The values that match most rows, as long as these are not too many: one value, and none.
    fn values(
        &mut self,
        table: &str,
        column: &str,
        test: Test,
        nullable: bool,
    ) -> Result<Vec<Found>> {
        let rows = format!(
            "FROM {table} WHERE organization_id = {} AND deleted_at IS NULL AND {column}",
            self.workspace
        );
        let value = match test {
            Test::Equal => format!(
                "SELECT CAST({column} AS TEXT) AS value, count(*) AS matches {rows} IS NOT NULL \
                 GROUP BY {column} HAVING count(*) <= {MOST} ORDER BY 2 DESC, 1 LIMIT 1"
            ),
            Test::From | Test::Until => {
                let order = if test == Test::From { "DESC" } else { "ASC" };
                let total = self.one(&format!(
                    "SELECT NULL AS value, count(*) AS matches {rows} IS NOT NULL"
                ))?;
                let matches = total.map_or(0, |total| total.matches).min(MOST_OF_RANGE);
                format!(
                    "SELECT CAST({column} AS TEXT) AS value, {matches} AS matches {rows} IS NOT NULL \
                     ORDER BY {column} {order} LIMIT 1 OFFSET {}",
                    matches - 1
                )
            }
        };
        let mut found: Vec<Found> = self.one(&value)?.into_iter().collect();
        if nullable && test == Test::Equal {
            let none =
                self.one(&format!("SELECT NULL AS value, count(*) AS matches {rows} IS NULL"))?;
            found.extend(none.filter(|none| (1..=MOST).contains(&none.matches)));
        }
        Ok(found)
    }

    fn one(&mut self, sql: &str) -> Result<Option<Found>> {
        Ok(sql_query(sql).get_result(&mut self.connection).optional()?)
    }
}

/// The column that an index must have for a field.
fn index_column(field: &Field) -> String {
    match field.kind {
        Kind::Link { .. } => format!("{}_id", field.name),
        kind if kind.is_folded() => format!("{}_folded", field.name),
        _ => field.name.to_owned(),
    }
}

fn filter<R: Resource>(name: &str, field: &Field, found: Found) -> Result<Filter> {
    let value = match (found.value, field.kind) {
        (None, _) => "null".to_owned(),
        (Some(microseconds), Kind::Timestamp) => {
            Timestamp::from_microsecond(microseconds.parse()?)?.to_string()
        }
        (Some(value), _) => value,
    };
    let encoded = utf8_percent_encode(&value, NON_ALPHANUMERIC);
    let fields = orderable::<R>().map(|field| field.name);
    Ok(Filter {
        title: format!("{}?{name}={value}", R::NAME),
        path: format!("/api/{}/?page_size=20&{name}={encoded}", R::NAME),
        matches: found.matches,
        orders: fields.flat_map(|name| [name.to_owned(), format!("-{name}")]).collect(),
    })
}
