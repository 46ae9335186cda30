//! A contact as the list's statement selects it and as the API shows it.
//!
//! When the server's statement changes, so must this; the run then says so, because it compares
//! the bare handler's answer with the server's before it measures.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::data_types::PgTimestamp;
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::{BigInt, Json, Jsonb, Nullable, Text, Timestamptz};
use diesel::sqlite::{Sqlite, SqliteValue};
use jiff::Timestamp;
use serde::Serialize;

/// The types of the columns, which differ in what an instant and what JSON is.
type Columns<Moment, Document> = (
    (BigInt, BigInt, BigInt, Moment, Moment, Nullable<Moment>),
    (Nullable<BigInt>, Text, Text, Text, Text, Text, Text, Text, Text, Document),
    Nullable<BigInt>,
);
/// On Postgres.
pub(crate) type PostgresColumns = Columns<Timestamptz, Jsonb>;
/// On SQLite.
pub(crate) type SqliteColumns = Columns<BigInt, Json>;

/// What every row has.
#[derive(diesel::Queryable, Serialize)]
pub(crate) struct Stamp {
    id: i64,
    organization: i64,
    version: i64,
    created_at: At,
    updated_at: At,
    deleted_at: Option<At>,
}

/// What a contact has.
#[derive(diesel::Queryable, Serialize)]
pub(crate) struct Fields {
    #[serde(skip)]
    _stored_company: Option<i64>,
    first_name: String,
    #[serde(skip)]
    _first_name_folded: String,
    last_name: String,
    #[serde(skip)]
    _last_name_folded: String,
    email: String,
    #[serde(skip)]
    _email_folded: String,
    phone_number: String,
    #[serde(skip)]
    _phone_number_folded: String,
    tags: serde_json::Value,
}

/// A contact.
#[derive(diesel::Queryable, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    stamp: Stamp,
    #[serde(flatten)]
    fields: Fields,
    company: Option<i64>,
}

impl Row {
    pub(crate) fn id(&self) -> i64 {
        self.stamp.id
    }
}

/// An instant.
#[derive(Debug, Clone, Copy, FromSqlRow, Serialize)]
pub(crate) struct At(Timestamp);

/// Microseconds between 1970 and 2000, where PostgreSQL's time begins.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

impl FromSql<Timestamptz, Pg> for At {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let since_2000 = <PgTimestamp as FromSql<Timestamptz, Pg>>::from_sql(bytes)?;
        Ok(Self(Timestamp::from_microsecond(since_2000.0 + EPOCH_MICROSECONDS)?))
    }
}

impl FromSql<BigInt, Sqlite> for At {
    fn from_sql(bytes: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let microseconds = <i64 as FromSql<BigInt, Sqlite>>::from_sql(bytes)?;
        Ok(Self(Timestamp::from_microsecond(microseconds)?))
    }
}
