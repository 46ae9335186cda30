//! The table of refunds.

use domain_kernel::Amount;
use domain_kernel::field::{CurrencyCode, Link, LongText, Moment, Money};
use domain_sales::{Payment, Refund};

use super::payments::payments;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    refunds (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        payment_id -> BigInt,
        amount -> BigInt,
        currency -> Text,
        reason -> Text,
        refunded_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(payments, refunds);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = refunds, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    payment_id: i64,
    amount: i64,
    currency: String,
    reason: String,
    refunded_at: At,
}

impl From<&Refund> for Columns {
    fn from(refund: &Refund) -> Self {
        Self {
            // It is there: no refund is stored without.
            payment_id: refund.payment.kept().map_or(0, Id::raw),
            amount: refund.amount.0.ten_thousandths(),
            currency: refund.currency.0.code().to_owned(),
            reason: refund.reason.to_string(),
            // Set when it is made.
            refunded_at: At(refund.refunded_at.0.unwrap_or_default()),
        }
    }
}

impl Columns {
    /// The refund; its payment unless that is deleted.
    fn refund(self, payment: Option<i64>) -> Refund {
        Refund {
            payment: Link::<Payment>::stored(Some(self.payment_id), payment),
            amount: Money(Amount::from_ten_thousandths(self.amount)),
            currency: CurrencyCode::trusted(&self.currency),
            reason: LongText::trusted(self.reason),
            refunded_at: Moment(Some(self.refunded_at.0)),
        }
    }
}

/// The payment unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_payment() -> _ {
    payments::table
        .filter(payments::organization_id.eq(refunds::organization_id))
        .filter(payments::id.eq(refunds::payment_id))
        .filter(payments::deleted_at.is_null())
        .select(payments::id)
        .single_value()
}

fn record((stamp, columns, payment): (Stamp, Columns, Option<i64>)) -> Record<Refund> {
    stamp.record(columns.refund(payment))
}

reads! {
    /// The refunds of one workspace.
    Refunds of Refund in refunds,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(refunds), Columns::as_select(), live_payment())
}
inserts! { Refunds of Refund in refunds }
updates! { Refunds of Refund in refunds }
port! { Refunds of Refund }
