//! The table of companies.

use domain_kernel::field::{LongText, ShortText, WebAddress};
use domain_kernel::fold;
use domain_sales::Company;

use crate::records::prelude::*;

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

fn record((stamp, columns): (Stamp, Columns)) -> Record<Company> {
    stamp.record(columns.into())
}

records! {
    /// The companies of one workspace.
    Companies of Company in companies,
    rows (Stamp, Columns), selected by (stamp!(companies), Columns::as_select())
}

/// The first company with a name, whatever its case.
pub(crate) async fn called(scope: Scope<'_>, name: &str) -> Result<Option<Id<Company>>> {
    let rows = Rows::seen_by::<Company>(scope.owner::<Company>()?, TABLE, Which::Live);
    let found: Option<i64> = companies::table
        .filter(rows)
        .filter(companies::name_folded.eq(fold(name)))
        .order(companies::id)
        .select(companies::id)
        .first(&mut scope.lease.handle().await?)
        .await
        .optional()
        .map_err(of_query)?;
    Ok(found.map(Id::new))
}
