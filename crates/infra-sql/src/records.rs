//! The four queries that every resource's table has.

use domain_kernel::{Error, Resource, Result, TenantId};

use crate::lease::Lease;

/// Where a repository works: a workspace, within a unit of work.
pub(crate) struct Scope<'w> {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) lease: &'w mut Lease,
    /// Whether the rows that are found are going to be written.
    pub(crate) writing: bool,
}

impl Scope<'_> {
    /// The workspace; every query on a tenant's table begins with it.
    pub(crate) fn tenant(&self) -> Result<TenantId> {
        self.tenant.ok_or_else(|| Error::internal("the unit of work is in no workspace"))
    }

    /// Whose rows a resource has: the workspace's, or nobody's in particular.
    pub(crate) fn owner<R: Resource>(&self) -> Result<Option<TenantId>> {
        match R::SCOPE {
            domain_kernel::Scope::Workspace => self.tenant().map(Some),
            domain_kernel::Scope::Platform => Ok(None),
        }
    }
}

/// The repository of a resource in a table: `find`, `list`, `insert` and `update`.
///
/// ```text
/// records! {
///     /// The companies of one workspace.
///     Companies of Company in companies,
///     rows (Stamp, Columns) selected by (stamp!(companies), Columns::as_select())
/// }
/// ```
///
/// expands to `struct Companies` with `Records<Company>`, and to `existing`, which finds ids that
/// others link to. The file provides `Columns`, with `From<&Company>`, and `fn record`, which makes
/// a record of a row. The queries stand in inherent functions: within `async_trait` they take ten
/// times as long to compile. A table that needs another query writes its repository by hand; so does
/// one with unique constraints, because PostgreSQL ends the transaction at a violation: it inserts
/// with ON CONFLICT or within a savepoint, unless its use cases look first under a lock.
macro_rules! records {
    (
        $(#[$doc:meta])*
        $Repository:ident of $Resource:ident in $table:ident,
        rows $Row:ty, selected by $selection:expr
    ) => {
        reads! {
            $(#[$doc])*
            $Repository of $Resource in $table,
            rows $Row, selected by $selection
        }
        linked! { $Resource in $table }
        port! { $Repository of $Resource, many }

        inserts! { $Repository of $Resource in $table }
        inserts_many! { $Repository of $Resource in $table }
        updates! { $Repository of $Resource in $table }
    };
}
pub(crate) use records;

/// `insert`, where a row is all that is written.
macro_rules! inserts {
    ($Repository:ident of $Resource:ident in $table:ident) => {
        impl $Repository<'_> {
            async fn insert(
                &mut self,
                data: $Resource,
                now: Timestamp,
            ) -> Result<Record<$Resource>> {
                let tenant = self.0.tenant()?;
                let id: i64 = diesel::insert_into($table::table)
                    .values((
                        $table::organization_id.eq(tenant.raw()),
                        $table::version.eq(1),
                        $table::created_at.eq(At(now)),
                        $table::updated_at.eq(At(now)),
                        Columns::from(&data),
                    ))
                    .returning($table::id)
                    .get_result(&mut self.0.lease.handle().await?)
                    .await
                    .map_err(of_query)?;
                Ok(Record::new(Id::new(id), tenant, data, now))
            }
        }
    };
}
pub(crate) use inserts;

/// Most rows in one statement: below every database's limit of bound values.
pub(crate) const ROWS: usize = 1_000;

/// `insert_many`, where rows are all that is written.
macro_rules! inserts_many {
    ($Repository:ident of $Resource:ident in $table:ident) => {
        impl $Repository<'_> {
            async fn insert_many(
                &mut self,
                rows: Vec<$Resource>,
                now: Timestamp,
            ) -> Result<Vec<Record<$Resource>>> {
                let tenant = self.0.tenant()?;
                let handle = &mut self.0.lease.handle().await?;
                let mut ids = Vec::with_capacity(rows.len());
                for rows in rows.chunks(crate::records::ROWS) {
                    let values: Vec<_> = rows
                        .iter()
                        .map(|data| {
                            (
                                $table::organization_id.eq(tenant.raw()),
                                $table::version.eq(1),
                                $table::created_at.eq(At(now)),
                                $table::updated_at.eq(At(now)),
                                Columns::from(data),
                            )
                        })
                        .collect();
                    let made = insert_counted!(handle, $table::table, values, $table::id);
                    ids.extend(made.map_err(of_query)?);
                }
                let records = ids.into_iter().zip(rows);
                Ok(records.map(|(id, data)| Record::new(Id::new(id), tenant, data, now)).collect())
            }
        }
    };
}
pub(crate) use inserts_many;

/// `update` and `update_many`, where a row is all that is written.
macro_rules! updates {
    ($Repository:ident of $Resource:ident in $table:ident) => {
        impl $Repository<'_> {
            async fn update(&mut self, record: &Record<$Resource>) -> Result<bool> {
                Ok(self.update_many(std::slice::from_ref(record)).await? == [true])
            }

            async fn update_many(&mut self, records: &[Record<$Resource>]) -> Result<Vec<bool>> {
                let owner = self.0.owner::<$Resource>()?;
                let rows = Rows::seen_by::<$Resource>(owner, stringify!($table), Which::Any);
                let updates = records.iter().map(|record| {
                    let row = $table::table
                        .filter(rows)
                        .filter($table::id.eq(record.id.raw()))
                        .filter($table::version.eq(record.version - 1));
                    Prepared(diesel::update(row).set((
                        $table::version.eq(record.version),
                        $table::updated_at.eq(At(record.updated_at)),
                        $table::deleted_at.eq(record.deleted_at.map(At)),
                        Columns::from(&record.data),
                    )))
                });
                let handle = &mut self.0.lease.handle().await?;
                let written: Vec<usize> = execute_each!(handle, updates).map_err(of_query)?;
                Ok(written.into_iter().map(|rows| rows == 1).collect())
            }
        }
    };
}
pub(crate) use updates;

/// `existing`, which finds ids that others link to.
macro_rules! linked {
    ($Resource:ident in $table:ident) => {
        /// Which of the ids are live rows of the workspace.
        #[diesel::dsl::auto_type(no_type_alias)]
        pub(crate) fn existing(tenant: TenantId, ids: &[i64]) -> _ {
            let rows: Rows = Rows::seen_by::<$Resource>(Some(tenant), TABLE, Which::Live);
            let ids: OneOf = OneOf::new(TABLE, ids.iter().copied());
            $table::table.filter(rows).filter(ids).select($table::id)
        }
    };
}
pub(crate) use linked;

/// The half of [`records!`] that reads: the struct, `find` and `list`. A table whose
/// writes are particular has `insert` and `update` in a file of its own, and [`port!`].
macro_rules! reads {
    (
        $(#[$doc:meta])*
        $Repository:ident of $Resource:ident in $table:ident,
        rows $Row:ty, selected by $selection:expr
    ) => {
        const TABLE: &str = stringify!($table);

        $(#[$doc])*
        pub(crate) struct $Repository<'w>(pub(crate) Scope<'w>);

        impl $Repository<'_> {
            async fn find(
                &mut self,
                ids: &[Id<$Resource>],
                which: Which,
            ) -> Result<Vec<Record<$Resource>>> {
                let rows = Rows::seen_by::<$Resource>(self.0.owner::<$Resource>()?, TABLE, which);
                let ids = OneOf::new(TABLE, ids.iter().map(|id| id.raw()));
                let query = $table::table.filter(rows).filter(ids).select($selection);
                let handle = &mut self.0.lease.handle().await?;
                let found: QueryResult<Vec<$Row>> =
                    load_found!(query, $table::id, self.0.writing, handle);
                Ok(found.map_err(of_query)?.into_iter().map(record).collect())
            }

            async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<$Resource>>> {
                let rows = Rows::listed::<$Resource>(self.0.owner::<$Resource>()?, TABLE, query);
                let filter = Filter::new(TABLE, rows, $Resource::FIELDS, query);
                let (skip, take) = filter::extent(query);
                let count = filter::counts(query)
                    .then(|| $table::table.filter(rows).filter(filter.clone()).count());
                let page = $table::table
                    .filter(rows)
                    .filter(filter.within(query))
                    .order(Sort::new(TABLE, query))
                    .offset(skip)
                    .limit(take)
                    .select($selection);
                let found = page_and_count!(self.0.lease, page, count);
                let (found, total): (Vec<$Row>, _) = found.map_err(of_query)?;
                Ok(filter::listing(query, found.into_iter().map(record).collect(), total))
            }
        }
    };
}
pub(crate) use reads;

/// The other half for rows that members only read; what writes them stands elsewhere.
macro_rules! read_only {
    ($Repository:ident of $Resource:ident) => {
        impl $Repository<'_> {
            async fn insert(&mut self, _: $Resource, _: Timestamp) -> Result<Record<$Resource>> {
                Err(domain_kernel::Error::internal(concat!(
                    stringify!($Repository),
                    " are only read"
                )))
            }

            async fn update(&mut self, _: &Record<$Resource>) -> Result<bool> {
                Err(domain_kernel::Error::internal(concat!(
                    stringify!($Repository),
                    " are only read"
                )))
            }
        }

        port! { $Repository of $Resource }
    };
}
pub(crate) use read_only;

/// `Records<Resource>` of a repository, by its inherent functions of the same names; `many` for one
/// that has `insert_many` and `update_many`, too.
macro_rules! port {
    ($Repository:ident of $Resource:ident) => {
        port! { $Repository of $Resource, with {} }
    };
    ($Repository:ident of $Resource:ident, many) => {
        port! { $Repository of $Resource, with {
            async fn insert_many(
                &mut self,
                rows: Vec<$Resource>,
                now: Timestamp,
            ) -> Result<Vec<Record<$Resource>>> {
                $Repository::insert_many(self, rows, now).await
            }

            async fn update_many(&mut self, records: &[Record<$Resource>]) -> Result<Vec<bool>> {
                $Repository::update_many(self, records).await
            }
        } }
    };
    ($Repository:ident of $Resource:ident, with { $($more:tt)* }) => {
        #[async_trait]
        impl Records<$Resource> for $Repository<'_> {
            async fn find(
                &mut self,
                ids: &[Id<$Resource>],
                which: Which,
            ) -> Result<Vec<Record<$Resource>>> {
                $Repository::find(self, ids, which).await
            }

            async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<$Resource>>> {
                $Repository::list(self, query).await
            }

            async fn insert(
                &mut self,
                data: $Resource,
                now: Timestamp,
            ) -> Result<Record<$Resource>> {
                $Repository::insert(self, data, now).await
            }

            $($more)*

            async fn update(&mut self, record: &Record<$Resource>) -> Result<bool> {
                $Repository::update(self, record).await
            }
        }
    };
}
pub(crate) use port;

/// What the expansion of [`records!`] names.
pub(crate) mod prelude {
    pub(crate) use async_trait::async_trait;
    pub(crate) use diesel::QueryResult;
    pub(crate) use diesel::prelude::*;
    pub(crate) use diesel_async::RunQueryDsl;
    pub(crate) use domain_kernel::query::{ListQuery, Listing};
    pub(crate) use domain_kernel::{Fields as _, Id, Record, Records, Result, TenantId, Which};
    pub(crate) use jiff::Timestamp;

    pub(crate) use super::{
        Scope, inserts, inserts_many, linked, port, read_only, reads, records, updates,
    };
    pub(crate) use crate::columns::{At, Stamp, platform_stamp, stamp};
    pub(crate) use crate::dialect::{Db, execute_each, insert_counted, load_found, page_and_count};
    pub(crate) use crate::errors::of_query;
    pub(crate) use crate::filter::{self, Filter, Sort};
    pub(crate) use crate::part::OneOf;
    pub(crate) use crate::prepared::Prepared;
    pub(crate) use crate::rows::Rows;
}
