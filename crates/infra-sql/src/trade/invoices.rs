//! The table of invoices.

use domain_kernel::field::{Choice, CurrencyCode, Date, Link, Moment, Money, ShortText, Slug};
use domain_kernel::{Amount, fold};
use domain_sales::invoice::status::InvoiceState;
use domain_sales::{GivenMoney, Invoice, Invoiced, Order};

use super::orders::orders;
use crate::columns::Day;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    invoices (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        order_id -> BigInt,
        number -> Text,
        number_folded -> Text,
        series -> Text,
        status -> Text,
        issued_at -> Nullable<Moment>,
        due_date -> Nullable<Day>,
        overdue_at -> Nullable<Moment>,
        currency -> Text,
        total_amount -> BigInt,
        paid_amount -> BigInt,
        refunded_amount -> BigInt,
        credited_amount -> BigInt,
        owed_amount -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(orders, invoices);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = invoices, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    order_id: i64,
    number: String,
    number_folded: String,
    series: String,
    status: String,
    issued_at: Option<At>,
    due_date: Option<Day>,
    overdue_at: Option<At>,
    currency: String,
    total_amount: i64,
    paid_amount: i64,
    refunded_amount: i64,
    credited_amount: i64,
    owed_amount: i64,
}

impl From<&Invoice> for Columns {
    fn from(invoice: &Invoice) -> Self {
        Self {
            // It is there: no invoice is stored without.
            order_id: invoice.order.kept().map_or(0, Id::raw),
            number: invoice.number.to_string(),
            number_folded: fold(&invoice.number),
            series: invoice.series.to_string(),
            status: invoice.status.to_string(),
            issued_at: invoice.issued_at.0.map(At),
            due_date: invoice.due_date.0.map(Day),
            overdue_at: invoice.overdue_at.0.map(At),
            currency: invoice.currency.0.code().to_owned(),
            total_amount: invoice.total_amount.amount().ten_thousandths(),
            paid_amount: invoice.paid_amount.0.ten_thousandths(),
            refunded_amount: invoice.refunded_amount.0.ten_thousandths(),
            credited_amount: invoice.credited_amount.0.ten_thousandths(),
            owed_amount: invoice.owed_amount.0.ten_thousandths(),
        }
    }
}

impl Columns {
    /// The invoice; its order unless that is deleted.
    fn invoice(self, order: Option<i64>) -> Invoice {
        let amount = Amount::from_ten_thousandths;
        Invoice {
            order: Link::<Order>::stored(Some(self.order_id), order),
            number: ShortText::trusted(self.number),
            series: Slug::trusted(self.series),
            status: Choice::trusted(&self.status),
            issued_at: Moment(self.issued_at.map(|at| at.0)),
            due_date: Date(self.due_date.map(|day| day.0)),
            overdue_at: Moment(self.overdue_at.map(|at| at.0)),
            currency: CurrencyCode::trusted(&self.currency),
            total_amount: GivenMoney(Some(amount(self.total_amount))),
            paid_amount: Money(amount(self.paid_amount)),
            refunded_amount: Money(amount(self.refunded_amount)),
            credited_amount: Money(amount(self.credited_amount)),
            owed_amount: Money(amount(self.owed_amount)),
        }
    }
}

/// The order unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_order() -> _ {
    orders::table
        .filter(orders::organization_id.eq(invoices::organization_id))
        .filter(orders::id.eq(invoices::order_id))
        .filter(orders::deleted_at.is_null())
        .select(orders::id)
        .single_value()
}

fn record((stamp, columns, order): (Stamp, Columns, Option<i64>)) -> Record<Invoice> {
    stamp.record(columns.invoice(order))
}

records! {
    /// The invoices of one workspace.
    Invoices of Invoice in invoices,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(invoices), Columns::as_select(), live_order())
}

impl Invoices<'_> {
    /// What the live invoices of an order ask for, one left out.
    pub(super) async fn asked(
        &mut self,
        order: Id<Order>,
        except: Option<Id<Invoice>>,
    ) -> Result<Invoiced> {
        let rows = Rows::seen_by::<Invoice>(Some(self.0.tenant()?), TABLE, Which::Live);
        let asked: Vec<(String, i64, i64)> = invoices::table
            .filter(rows)
            .filter(invoices::order_id.eq(order.raw()))
            .filter(invoices::id.ne(except.map_or(0, Id::raw)))
            .select((invoices::status, invoices::total_amount, invoices::credited_amount))
            .load(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        let amount = Amount::from_ten_thousandths;
        Ok(Invoiced::of(asked.into_iter().map(|(status, total, credited)| {
            let state = InvoiceState::from_code(&status).unwrap_or(InvoiceState::Draft);
            (state, amount(total), amount(credited))
        })))
    }
}
