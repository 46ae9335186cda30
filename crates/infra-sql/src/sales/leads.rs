//! The table of leads.

use domain_kernel::field::{JsonObject, Link, LongText, ShortText, Whole};
use domain_kernel::fold;
use domain_sales::Lead;

use crate::records::prelude::*;
use crate::sales::contacts::contacts;

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
    }
}

diesel::allow_tables_to_appear_in_same_query!(leads, contacts);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = leads, check_for_backend(Db), treat_none_as_null = true)]
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
        let Lead { contact, source, status, notes, score, metadata } = lead;
        Self {
            contact_id: contact.kept().map(Id::raw),
            source: source.to_string(),
            source_folded: fold(source),
            status: status.to_string(),
            status_folded: fold(status),
            notes: notes.to_string(),
            score: score.0,
            metadata: serde_json::Value::Object(metadata.0.clone()),
        }
    }
}

/// The contact unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_contact() -> _ {
    contacts::table
        .filter(contacts::organization_id.eq(leads::organization_id))
        .filter(contacts::id.nullable().eq(leads::contact_id))
        .filter(contacts::deleted_at.is_null())
        .select(contacts::id)
        .single_value()
}

fn record((stamp, columns, contact): (Stamp, Columns, Option<i64>)) -> Record<Lead> {
    stamp.record(Lead {
        contact: Link::stored(columns.contact_id, contact),
        source: ShortText::trusted(columns.source),
        status: ShortText::trusted(columns.status),
        notes: LongText::trusted(columns.notes),
        score: Whole(columns.score),
        metadata: JsonObject::trusted(columns.metadata),
    })
}

records! {
    /// The leads of one workspace.
    Leads of Lead in leads,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(leads), Columns::as_select(), live_contact())
}
