//! The table of suppliers.

use domain_catalog::Supplier;
use domain_kernel::field::{Email, LongText, Phone, ShortText};
use domain_kernel::fold;

use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    suppliers (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        name -> Text,
        name_folded -> Text,
        contact_email -> Text,
        contact_email_folded -> Text,
        phone_number -> Text,
        phone_number_folded -> Text,
        notes -> Text,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = suppliers, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    name: String,
    name_folded: String,
    contact_email: String,
    contact_email_folded: String,
    phone_number: String,
    phone_number_folded: String,
    notes: String,
}

impl From<&Supplier> for Columns {
    fn from(supplier: &Supplier) -> Self {
        let Supplier { name, contact_email, phone_number, notes } = supplier;
        Self {
            name: name.to_string(),
            name_folded: fold(name),
            contact_email: contact_email.to_string(),
            contact_email_folded: fold(contact_email),
            phone_number: phone_number.to_string(),
            phone_number_folded: fold(phone_number),
            notes: notes.to_string(),
        }
    }
}

impl From<Columns> for Supplier {
    fn from(row: Columns) -> Self {
        Self {
            name: ShortText::trusted(row.name),
            contact_email: Email::trusted(row.contact_email),
            phone_number: Phone::trusted(row.phone_number),
            notes: LongText::trusted(row.notes),
        }
    }
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<Supplier> {
    stamp.record(columns.into())
}

records! {
    /// The suppliers of one workspace.
    Suppliers of Supplier in suppliers,
    rows (Stamp, Columns), selected by (stamp!(suppliers), Columns::as_select())
}
