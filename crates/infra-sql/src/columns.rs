//! Values of columns whose form differs between the databases; each dialect says how.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::dialect::types;

/// An instant, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = types::Moment)]
pub(crate) struct At(pub(crate) Timestamp);

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = types::Day)]
pub(crate) struct Day(pub(crate) Date);

/// The id of an event.
#[derive(Debug, Clone, Copy, PartialEq, AsExpression)]
#[diesel(sql_type = types::EventUuid)]
pub(crate) struct EventId(pub(crate) Uuid);

/// What every record's row begins with; `stamp!` selects it.
#[derive(Debug, diesel::Queryable)]
pub(crate) struct Stamp {
    pub(crate) id: i64,
    pub(crate) organization_id: i64,
    pub(crate) version: i64,
    pub(crate) created_at: At,
    pub(crate) updated_at: At,
    pub(crate) deleted_at: Option<At>,
}

impl Stamp {
    /// The record that the row is, with its data.
    pub(crate) fn record<T>(self, data: T) -> domain_kernel::Record<T> {
        domain_kernel::Record {
            id: domain_kernel::Id::new(self.id),
            tenant: domain_kernel::Id::new(self.organization_id),
            version: self.version,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            deleted_at: self.deleted_at.map(|at| at.0),
            data,
        }
    }
}

/// The columns of a [`Stamp`] in a table: `stamp!(companies)` is
/// `(companies::id, companies::organization_id, …)`.
macro_rules! stamp {
    ($table:ident) => {
        (
            $table::id,
            $table::organization_id,
            $table::version,
            $table::created_at,
            $table::updated_at,
            $table::deleted_at,
        )
    };
}
pub(crate) use stamp;

/// The same of a table that is the platform's.
macro_rules! platform_stamp {
    ($table:ident) => {
        (
            $table::id,
            domain_kernel::TenantId::PLATFORM.raw().into_sql::<types::BigInt>(),
            $table::version,
            $table::created_at,
            $table::updated_at,
            $table::deleted_at,
        )
    };
}
pub(crate) use platform_stamp;
