//! The table of payments.

use domain_kernel::field::{CurrencyCode, Link, Moment, Money, ShortText};
use domain_kernel::{Amount, fold};
use domain_sales::{Invoice, Payment};

use super::invoices::invoices;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    payments (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        invoice_id -> BigInt,
        amount -> BigInt,
        currency -> Text,
        provider -> Text,
        provider_folded -> Text,
        transaction_reference -> Text,
        transaction_reference_folded -> Text,
        processed_at -> Moment,
        refunded_amount -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(invoices, payments);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = payments, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    invoice_id: i64,
    amount: i64,
    currency: String,
    provider: String,
    provider_folded: String,
    transaction_reference: String,
    transaction_reference_folded: String,
    processed_at: At,
    refunded_amount: i64,
}

impl From<&Payment> for Columns {
    fn from(payment: &Payment) -> Self {
        Self {
            // It is there: no payment is stored without.
            invoice_id: payment.invoice.kept().map_or(0, Id::raw),
            amount: payment.amount.0.ten_thousandths(),
            currency: payment.currency.0.code().to_owned(),
            provider: payment.provider.to_string(),
            provider_folded: fold(&payment.provider),
            transaction_reference: payment.transaction_reference.to_string(),
            transaction_reference_folded: fold(&payment.transaction_reference),
            // Set when it is made.
            processed_at: At(payment.processed_at.0.unwrap_or_default()),
            refunded_amount: payment.refunded_amount.0.ten_thousandths(),
        }
    }
}

impl Columns {
    /// The payment; its invoice unless that is deleted.
    fn payment(self, invoice: Option<i64>) -> Payment {
        Payment {
            invoice: Link::<Invoice>::stored(Some(self.invoice_id), invoice),
            amount: Money(Amount::from_ten_thousandths(self.amount)),
            currency: CurrencyCode::trusted(&self.currency),
            provider: ShortText::trusted(self.provider),
            transaction_reference: ShortText::trusted(self.transaction_reference),
            processed_at: Moment(Some(self.processed_at.0)),
            refunded_amount: Money(Amount::from_ten_thousandths(self.refunded_amount)),
        }
    }
}

/// The invoice unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_invoice() -> _ {
    invoices::table
        .filter(invoices::organization_id.eq(payments::organization_id))
        .filter(invoices::id.eq(payments::invoice_id))
        .filter(invoices::deleted_at.is_null())
        .select(invoices::id)
        .single_value()
}

type Row = (Stamp, Columns, Option<i64>);

fn record((stamp, columns, invoice): Row) -> Record<Payment> {
    stamp.record(columns.payment(invoice))
}

records! {
    /// The payments of one workspace.
    Payments of Payment in payments,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(payments), Columns::as_select(), live_invoice())
}

impl Payments<'_> {
    /// The live payment with a reference of a provider.
    pub(super) async fn by_reference(
        &mut self,
        provider: &str,
        reference: &str,
    ) -> Result<Option<Record<Payment>>> {
        let found: Option<Row> = payments::table
            .filter(Rows::seen_by::<Payment>(Some(self.0.tenant()?), TABLE, Which::Live))
            .filter(payments::provider_folded.eq(fold(provider)))
            .filter(payments::transaction_reference.eq(reference))
            .select((stamp!(payments), Columns::as_select(), live_invoice()))
            .first(&mut self.0.lease.handle().await?)
            .await
            .optional()
            .map_err(of_query)?;
        Ok(found.map(record))
    }
}
