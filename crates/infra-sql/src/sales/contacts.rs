//! The table of contacts.

use diesel::query_builder::{AstPass, QueryFragment};
use domain_kernel::field::{Email, Json, Link, Phone, ShortText};
use domain_kernel::fold;
use domain_sales::Contact;

use crate::dialect::types;
use crate::part::{ById, column, query_part};
use crate::records::prelude::*;
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

fn record((stamp, columns, company): (Stamp, Columns, Option<i64>)) -> Record<Contact> {
    stamp.record(columns.contact(company))
}

records! {
    /// The contacts of one workspace.
    Contacts of Contact in contacts,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(contacts), Columns::as_select(), live_company())
}

/// That a contact is among the first of its name: of those with an e-mail address, or of those without.
struct Namesakes {
    rows: Rows,
    /// Folded first and last names.
    names: Vec<(String, String)>,
    most: i64,
}

query_part!(Namesakes);

impl QueryFragment<Db> for Namesakes {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        // Of each number of names it is another statement.
        out.unsafe_to_cache_prepared();
        column(&mut out, TABLE, "id")?;
        out.push_sql(
            " IN (SELECT id FROM (SELECT contacts.id, row_number() OVER (PARTITION BY \
             first_name_folded, last_name_folded, email_folded = '' ORDER BY contacts.id) AS place \
             FROM (VALUES ",
        );
        for (index, (first, last)) in self.names.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { "), (" });
            out.push_bind_param::<types::Text, _>(first)?;
            out.push_sql(", ");
            out.push_bind_param::<types::Text, _>(last)?;
        }
        // Joined crosswise, which SQLite takes for the order to go in: each name is looked up.
        out.push_sql(")) AS wanted CROSS JOIN contacts WHERE ");
        self.rows.walk_ast(out.reborrow())?;
        out.push_sql(
            " AND first_name_folded = wanted.column1 AND last_name_folded = wanted.column2) \
             AS namesakes WHERE place <= ",
        );
        out.push_bind_param::<types::BigInt, _>(&self.most)?;
        out.push_sql(")");
        Ok(())
    }
}

/// The contacts with one of these first and last names, whatever their case, in order of id; of each
/// name the first `most` with an e-mail address, and the first `most` without.
pub(crate) async fn named(
    scope: Scope<'_>,
    names: &[(String, String)],
    most: usize,
) -> Result<Vec<Id<Contact>>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Rows::seen_by::<Contact>(scope.owner::<Contact>()?, TABLE, Which::Live);
    let names = names.iter().map(|(first, last)| (fold(first), fold(last))).collect();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found: Vec<i64> = contacts::table
        .filter(rows)
        .filter(Namesakes { rows, names, most })
        .order(ById(TABLE))
        .select(contacts::id)
        .load(&mut scope.lease.handle().await?)
        .await
        .map_err(of_query)?;
    Ok(found.into_iter().map(Id::new).collect())
}

/// The first contact with an e-mail address, whatever its case.
pub(crate) async fn at(scope: Scope<'_>, email: &str) -> Result<Option<Id<Contact>>> {
    let rows = Rows::seen_by::<Contact>(scope.owner::<Contact>()?, TABLE, Which::Live);
    let found: Option<i64> = contacts::table
        .filter(rows)
        .filter(contacts::email_folded.eq(fold(email)))
        .order(contacts::id)
        .select(contacts::id)
        .first(&mut scope.lease.handle().await?)
        .await
        .optional()
        .map_err(of_query)?;
    Ok(found.map(Id::new))
}
