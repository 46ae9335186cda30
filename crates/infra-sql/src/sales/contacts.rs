//! The table of contacts.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_kernel::field::{Email, Json, Link, Phone, ShortText};
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Error, Fields as _, Id, Record, Records, Result, TenantId, Which, fold};
use domain_sales::Contact;
use jiff::Timestamp;

use crate::columns::{At, Stamp, stamp};
use crate::dialect::{Db, load_found, page_and_count};
use crate::errors::of_query;
use crate::filter::{self, Filter, Rows, Sort};
use crate::lease::Lease;
use crate::sales::companies::companies;

diesel::table! {
    use crate::dialect::types::*;

    contacts (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        company_id -> Nullable<BigInt>,
        first_name -> Text,
        first_name_folded -> Text,
        last_name -> Text,
        last_name_folded -> Text,
        email -> Text,
        email_folded -> Text,
        phone_number -> Text,
        phone_number_folded -> Text,
        tags -> JsonValue,
    }
}

diesel::allow_tables_to_appear_in_same_query!(companies, contacts);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contacts, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    company_id: Option<i64>,
    first_name: String,
    first_name_folded: String,
    last_name: String,
    last_name_folded: String,
    email: String,
    email_folded: String,
    phone_number: String,
    phone_number_folded: String,
    tags: serde_json::Value,
}

impl From<&Contact> for Columns {
    fn from(contact: &Contact) -> Self {
        let Contact { company, first_name, last_name, email, phone_number, tags } = contact;
        Self {
            company_id: company.kept().map(Id::raw),
            first_name: first_name.to_string(),
            first_name_folded: fold(first_name),
            last_name: last_name.to_string(),
            last_name_folded: fold(last_name),
            email: email.to_string(),
            email_folded: fold(email),
            phone_number: phone_number.to_string(),
            phone_number_folded: fold(phone_number),
            tags: tags.0.clone(),
        }
    }
}

impl Columns {
    /// The contact; `company` is the linked company unless it is deleted.
    fn contact(self, company: Option<i64>) -> Contact {
        Contact {
            company: Link::stored(self.company_id, company),
            first_name: ShortText::trusted(self.first_name),
            last_name: ShortText::trusted(self.last_name),
            email: Email::trusted(self.email),
            phone_number: Phone::trusted(self.phone_number),
            tags: Json(self.tags),
        }
    }
}

/// The linked company unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_company() -> _ {
    companies::table
        .filter(companies::organization_id.eq(contacts::organization_id))
        .filter(companies::id.nullable().eq(contacts::company_id))
        .filter(companies::deleted_at.is_null())
        .select(companies::id)
        .single_value()
}

const TABLE: &str = "contacts";

/// The contacts of one workspace.
pub(crate) struct Contacts<'w> {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) lease: &'w mut Lease,
    /// Whether the rows that are found are going to be written.
    pub(crate) writing: bool,
}

/// Which of the ids are live rows of the workspace.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn existing<'i>(tenant: TenantId, ids: &'i [i64]) -> _ {
    let rows: Rows = Rows::seen_by(tenant, TABLE, Which::Live);
    contacts::table.filter(rows).filter(contacts::id.eq_any(ids)).select(contacts::id)
}

impl Contacts<'_> {
    fn tenant(&self) -> Result<TenantId> {
        self.tenant.ok_or_else(|| Error::internal("the unit of work is in no workspace"))
    }

    async fn find(&mut self, ids: &[Id<Contact>], which: Which) -> Result<Vec<Record<Contact>>> {
        let rows = Rows::seen_by(self.tenant()?, TABLE, which);
        let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
        let query = contacts::table
            .filter(rows)
            .filter(contacts::id.eq_any(ids))
            .select((stamp!(contacts), Columns::as_select(), live_company()));
        let handle = &mut self.lease.handle().await?;
        let found: QueryResult<Vec<(Stamp, Columns, Option<i64>)>> =
            load_found!(query, contacts::id, self.writing, handle);
        let found = found.map_err(of_query)?;
        Ok(found.into_iter().map(record).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Contact>>> {
        let rows = Rows::listed(self.tenant()?, TABLE, query);
        let filter = Filter::new(TABLE, Contact::FIELDS, query);
        let (skip, take) = filter::extent(query);
        let count = filter::counts(query)
            .then(|| contacts::table.filter(rows).filter(filter.clone()).count());
        let page = contacts::table
            .filter(rows)
            .filter(filter.within(query))
            .order(Sort::new(TABLE, query))
            .offset(skip)
            .limit(take)
            .select((stamp!(contacts), Columns::as_select(), live_company()));
        let (found, total) = page_and_count!(self.lease, page, count).map_err(of_query)?;
        Ok(filter::listing(query, found.into_iter().map(record).collect(), total))
    }

    async fn insert(&mut self, data: Contact, now: Timestamp) -> Result<Record<Contact>> {
        let tenant = self.tenant()?;
        let id: i64 = diesel::insert_into(contacts::table)
            .values((
                contacts::organization_id.eq(tenant.raw()),
                contacts::version.eq(1),
                contacts::created_at.eq(At(now)),
                contacts::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .returning(contacts::id)
            .get_result(&mut self.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(Record::new(Id::new(id), tenant, data, now))
    }

    async fn update(&mut self, record: &Record<Contact>) -> Result<bool> {
        let rows = Rows::seen_by(self.tenant()?, TABLE, Which::Any);
        let row = contacts::table
            .filter(rows)
            .filter(contacts::id.eq(record.id.raw()))
            .filter(contacts::version.eq(record.version - 1));
        let written = diesel::update(row)
            .set((
                contacts::version.eq(record.version),
                contacts::updated_at.eq(At(record.updated_at)),
                contacts::deleted_at.eq(record.deleted_at.map(At)),
                Columns::from(&record.data),
            ))
            .execute(&mut self.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(written == 1)
    }
}

fn record((stamp, columns, company): (Stamp, Columns, Option<i64>)) -> Record<Contact> {
    stamp.record(columns.contact(company))
}

#[async_trait]
impl Records<Contact> for Contacts<'_> {
    async fn find(&mut self, ids: &[Id<Contact>], which: Which) -> Result<Vec<Record<Contact>>> {
        Contacts::find(self, ids, which).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Contact>>> {
        Contacts::list(self, query).await
    }

    async fn insert(&mut self, data: Contact, now: Timestamp) -> Result<Record<Contact>> {
        Contacts::insert(self, data, now).await
    }

    async fn update(&mut self, record: &Record<Contact>) -> Result<bool> {
        Contacts::update(self, record).await
    }
}
