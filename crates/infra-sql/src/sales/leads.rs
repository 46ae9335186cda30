//! Leads: read from a view, which knows what they became, and written to their table and that of
//! conversions.

use domain_kernel::field::{JsonObject, Link, LongText, Moment, ShortText, Whole};
use domain_kernel::fold;
use domain_sales::Lead;

use crate::records::prelude::*;
use crate::sales::companies::companies;
use crate::sales::contacts::contacts;
use crate::sales::opportunities::opportunities;

diesel::table! {
    use crate::dialect::types::*;

    leads (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        contact_id -> Nullable<BigInt>,
        source -> Text,
        source_folded -> Text,
        status -> Text,
        status_folded -> Text,
        notes -> Text,
        score -> BigInt,
        metadata -> JsonValue,
        converted_at -> Nullable<Moment>,
        converted_contact_id -> Nullable<BigInt>,
        converted_company_id -> Nullable<BigInt>,
        converted_opportunity_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    prospects (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        contact_id -> Nullable<BigInt>,
        source -> Text,
        source_folded -> Text,
        status -> Text,
        status_folded -> Text,
        notes -> Text,
        score -> BigInt,
        metadata -> JsonValue,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    lead_conversions (organization_id, lead_id) {
        organization_id -> BigInt,
        lead_id -> BigInt,
        converted_at -> Moment,
        contact_id -> BigInt,
        company_id -> Nullable<BigInt>,
        opportunity_id -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(leads, companies);
diesel::allow_tables_to_appear_in_same_query!(leads, contacts);

#[derive(Queryable, Selectable)]
#[diesel(table_name = leads, check_for_backend(Db))]
struct Seen {
    contact_id: Option<i64>,
    source: String,
    status: String,
    notes: String,
    score: i64,
    metadata: serde_json::Value,
    converted_at: Option<At>,
    converted_contact_id: Option<i64>,
    converted_company_id: Option<i64>,
    converted_opportunity_id: Option<i64>,
}

/// What a lead leads to and is not deleted: contact; contact, company and deal that it became.
type Linked = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);

fn record((stamp, seen, linked): (Stamp, Seen, Linked)) -> Record<Lead> {
    let (contact, converted_contact, company, opportunity) = linked;
    stamp.record(Lead {
        contact: Link::stored(seen.contact_id, contact),
        source: ShortText::trusted(seen.source),
        status: ShortText::trusted(seen.status),
        notes: LongText::trusted(seen.notes),
        score: Whole(seen.score),
        metadata: JsonObject::trusted(seen.metadata),
        converted_at: Moment(seen.converted_at.map(|at| at.0)),
        converted_contact: Link::stored(seen.converted_contact_id, converted_contact),
        converted_company: Link::stored(seen.converted_company_id, company),
        converted_opportunity: Link::stored(seen.converted_opportunity_id, opportunity),
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = prospects, treat_none_as_null = true)]
struct Columns {
    contact_id: Option<i64>,
    source: String,
    source_folded: String,
    status: String,
    status_folded: String,
    notes: String,
    score: i64,
    metadata: serde_json::Value,
}

impl From<&Lead> for Columns {
    fn from(lead: &Lead) -> Self {
        Self {
            contact_id: lead.contact.kept().map(Id::raw),
            source: lead.source.to_string(),
            source_folded: fold(&lead.source),
            status: lead.status.to_string(),
            status_folded: fold(&lead.status),
            notes: lead.notes.to_string(),
            score: lead.score.0,
            metadata: serde_json::Value::Object(lead.metadata.0.clone()),
        }
    }
}

/// The row of a table that a lead leads to, unless it is deleted.
macro_rules! live {
    ($name:ident: $table:ident by $column:ident) => {
        #[diesel::dsl::auto_type(no_type_alias)]
        fn $name() -> _ {
            $table::table
                .filter($table::organization_id.eq(leads::organization_id))
                .filter($table::id.nullable().eq(leads::$column))
                .filter($table::deleted_at.is_null())
                .select($table::id)
                .single_value()
        }
    };
}

live! { live_contact: contacts by contact_id }
live! { live_converted_contact: contacts by converted_contact_id }
live! { live_company: companies by converted_company_id }
live! { live_opportunity: opportunities by converted_opportunity_id }

reads! {
    /// The leads of one workspace.
    Leads of Lead in leads,
    rows (Stamp, Seen, Linked), selected by (
        stamp!(leads),
        Seen::as_select(),
        (live_contact(), live_converted_contact(), live_company(), live_opportunity()),
    )
}
linked! { Lead in leads }
port! { Leads of Lead }

impl Leads<'_> {
    async fn insert(&mut self, data: Lead, now: Timestamp) -> Result<Record<Lead>> {
        let tenant = self.0.tenant()?;
        let id: i64 = diesel::insert_into(prospects::table)
            .values((
                prospects::organization_id.eq(tenant.raw()),
                prospects::version.eq(1),
                prospects::created_at.eq(At(now)),
                prospects::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .returning(prospects::id)
            .get_result(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        let record = Record::new(Id::new(id), tenant, data, now);
        self.keep_conversion(&record).await?;
        Ok(record)
    }

    async fn update(&mut self, record: &Record<Lead>) -> Result<bool> {
        let row = prospects::table
            .filter(Rows::all(self.0.tenant()?, "prospects"))
            .filter(prospects::id.eq(record.id.raw()))
            .filter(prospects::version.eq(record.version - 1));
        let written = diesel::update(row)
            .set((
                prospects::version.eq(record.version),
                prospects::updated_at.eq(At(record.updated_at)),
                prospects::deleted_at.eq(record.deleted_at.map(At)),
                Columns::from(&record.data),
            ))
            .execute(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        if written == 1 {
            self.keep_conversion(record).await?;
        }
        Ok(written == 1)
    }

    /// Notes what a lead became, once: it stays so.
    async fn keep_conversion(&mut self, record: &Record<Lead>) -> Result<()> {
        let lead = &record.data;
        let (Some(at), Some(contact)) = (lead.converted_at.0, lead.converted_contact.kept()) else {
            return Ok(());
        };
        diesel::insert_into(lead_conversions::table)
            .values((
                lead_conversions::organization_id.eq(self.0.tenant()?.raw()),
                lead_conversions::lead_id.eq(record.id.raw()),
                lead_conversions::converted_at.eq(At(at)),
                lead_conversions::contact_id.eq(contact.raw()),
                lead_conversions::company_id.eq(lead.converted_company.kept().map(Id::raw)),
                lead_conversions::opportunity_id.eq(lead.converted_opportunity.kept().map(Id::raw)),
            ))
            .on_conflict_do_nothing()
            .execute(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(())
    }
}
