//! The table of companies.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_kernel::field::{LongText, ShortText, WebAddress};
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Error, Fields as _, Id, Record, Records, Result, TenantId, Which, fold};
use domain_sales::Company;
use jiff::Timestamp;

use crate::columns::{At, Stamp, stamp};
use crate::dialect::{Db, load_found, page_and_count};
use crate::errors::of_query;
use crate::filter::{self, Filter, Rows, Sort};
use crate::lease::Lease;

diesel::table! {
    use crate::dialect::types::*;

    companies (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        name -> Text,
        name_folded -> Text,
        industry -> Text,
        industry_folded -> Text,
        website -> Text,
        billing_address -> Text,
        shipping_address -> Text,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = companies, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    name: String,
    name_folded: String,
    industry: String,
    industry_folded: String,
    website: String,
    billing_address: String,
    shipping_address: String,
}

impl From<&Company> for Columns {
    fn from(company: &Company) -> Self {
        let Company { name, industry, website, billing_address, shipping_address } = company;
        Self {
            name: name.to_string(),
            name_folded: fold(name),
            industry: industry.to_string(),
            industry_folded: fold(industry),
            website: website.to_string(),
            billing_address: billing_address.to_string(),
            shipping_address: shipping_address.to_string(),
        }
    }
}

impl From<Columns> for Company {
    fn from(row: Columns) -> Self {
        Self {
            name: ShortText::trusted(row.name),
            industry: ShortText::trusted(row.industry),
            website: WebAddress::trusted(row.website),
            billing_address: LongText::trusted(row.billing_address),
            shipping_address: LongText::trusted(row.shipping_address),
        }
    }
}

const TABLE: &str = "companies";

/// The companies of one workspace.
pub(crate) struct Companies<'w> {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) lease: &'w mut Lease,
    /// Whether the rows that are found are going to be written.
    pub(crate) writing: bool,
}

/// Which of the ids are live rows of the workspace.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn existing<'i>(tenant: TenantId, ids: &'i [i64]) -> _ {
    let rows: Rows = Rows::seen_by(tenant, TABLE, Which::Live);
    companies::table.filter(rows).filter(companies::id.eq_any(ids)).select(companies::id)
}

impl Companies<'_> {
    fn tenant(&self) -> Result<TenantId> {
        self.tenant.ok_or_else(|| Error::internal("the unit of work is in no workspace"))
    }

    async fn find(&mut self, ids: &[Id<Company>], which: Which) -> Result<Vec<Record<Company>>> {
        let rows = Rows::seen_by(self.tenant()?, TABLE, which);
        let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
        let query = companies::table
            .filter(rows)
            .filter(companies::id.eq_any(ids))
            .select((stamp!(companies), Columns::as_select()));
        let handle = &mut self.lease.handle().await?;
        let found: QueryResult<Vec<(Stamp, Columns)>> =
            load_found!(query, companies::id, self.writing, handle);
        let found = found.map_err(of_query)?;
        Ok(found.into_iter().map(record).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Company>>> {
        let rows = Rows::listed(self.tenant()?, TABLE, query);
        let filter = Filter::new(TABLE, Company::FIELDS, query);
        let (skip, take) = filter::extent(query);
        let count = filter::counts(query)
            .then(|| companies::table.filter(rows).filter(filter.clone()).count());
        let page = companies::table
            .filter(rows)
            .filter(filter.within(query))
            .order(Sort::new(TABLE, query))
            .offset(skip)
            .limit(take)
            .select((stamp!(companies), Columns::as_select()));
        let (found, total) = page_and_count!(self.lease, page, count).map_err(of_query)?;
        Ok(filter::listing(query, found.into_iter().map(record).collect(), total))
    }

    async fn insert(&mut self, data: Company, now: Timestamp) -> Result<Record<Company>> {
        let tenant = self.tenant()?;
        let id: i64 = diesel::insert_into(companies::table)
            .values((
                companies::organization_id.eq(tenant.raw()),
                companies::version.eq(1),
                companies::created_at.eq(At(now)),
                companies::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .returning(companies::id)
            .get_result(&mut self.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(Record::new(Id::new(id), tenant, data, now))
    }

    async fn update(&mut self, record: &Record<Company>) -> Result<bool> {
        let rows = Rows::seen_by(self.tenant()?, TABLE, Which::Any);
        let row = companies::table
            .filter(rows)
            .filter(companies::id.eq(record.id.raw()))
            .filter(companies::version.eq(record.version - 1));
        let written = diesel::update(row)
            .set((
                companies::version.eq(record.version),
                companies::updated_at.eq(At(record.updated_at)),
                companies::deleted_at.eq(record.deleted_at.map(At)),
                Columns::from(&record.data),
            ))
            .execute(&mut self.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(written == 1)
    }
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<Company> {
    stamp.record(columns.into())
}

#[async_trait]
impl Records<Company> for Companies<'_> {
    async fn find(&mut self, ids: &[Id<Company>], which: Which) -> Result<Vec<Record<Company>>> {
        Companies::find(self, ids, which).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Company>>> {
        Companies::list(self, query).await
    }

    async fn insert(&mut self, data: Company, now: Timestamp) -> Result<Record<Company>> {
        Companies::insert(self, data, now).await
    }

    async fn update(&mut self, record: &Record<Company>) -> Result<bool> {
        Companies::update(self, record).await
    }
}
