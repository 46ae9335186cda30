//! The table of credit notes.

use domain_kernel::field::{CurrencyCode, Link, LongText, Moment, Money, ShortText};
use domain_kernel::{Amount, fold};
use domain_sales::{CreditNote, Invoice};

use super::invoices::invoices;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    credit_notes (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        number -> Text,
        number_folded -> Text,
        invoice_id -> BigInt,
        amount -> BigInt,
        currency -> Text,
        reason -> Text,
        issued_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(invoices, credit_notes);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = credit_notes, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    number: String,
    number_folded: String,
    invoice_id: i64,
    amount: i64,
    currency: String,
    reason: String,
    issued_at: At,
}

impl From<&CreditNote> for Columns {
    fn from(note: &CreditNote) -> Self {
        Self {
            number: note.number.to_string(),
            number_folded: fold(&note.number),
            // It is there: no credit note is stored without.
            invoice_id: note.invoice.kept().map_or(0, Id::raw),
            amount: note.amount.0.ten_thousandths(),
            currency: note.currency.0.code().to_owned(),
            reason: note.reason.to_string(),
            // Set when it is made.
            issued_at: At(note.issued_at.0.unwrap_or_default()),
        }
    }
}

impl Columns {
    /// The credit note; its invoice unless that is deleted.
    fn note(self, invoice: Option<i64>) -> CreditNote {
        CreditNote {
            number: ShortText::trusted(self.number),
            invoice: Link::<Invoice>::stored(Some(self.invoice_id), invoice),
            amount: Money(Amount::from_ten_thousandths(self.amount)),
            currency: CurrencyCode::trusted(&self.currency),
            reason: LongText::trusted(self.reason),
            issued_at: Moment(Some(self.issued_at.0)),
        }
    }
}

/// The invoice unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_invoice() -> _ {
    invoices::table
        .filter(invoices::organization_id.eq(credit_notes::organization_id))
        .filter(invoices::id.eq(credit_notes::invoice_id))
        .filter(invoices::deleted_at.is_null())
        .select(invoices::id)
        .single_value()
}

fn record((stamp, columns, invoice): (Stamp, Columns, Option<i64>)) -> Record<CreditNote> {
    stamp.record(columns.note(invoice))
}

reads! {
    /// The credit notes of one workspace.
    CreditNotes of CreditNote in credit_notes,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(credit_notes), Columns::as_select(), live_invoice())
}
inserts! { CreditNotes of CreditNote in credit_notes }
updates! { CreditNotes of CreditNote in credit_notes }
port! { CreditNotes of CreditNote }
