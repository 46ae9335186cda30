//! Orders and what follows from them: what is stored, and what its rows show of each other.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain_catalog::ProductVariant;
use domain_kernel::field::{Link, Nested, Word};
use domain_kernel::{
    Currency, Error, Id, Record, Records, Resource, Result, TenantId, Which, fold,
};
use domain_sales::overview::{DailySums, Figures, Since};
use domain_sales::shipment::fulfilment::Part;
use domain_sales::shipment::status::ShipmentState;
use domain_sales::{
    Contact, CreditNote, ExchangeRate, Invoice, Invoiced, Opportunity, Order, OrderLine, OrderWork,
    Payment, Refund, Shipment, ShippedParts,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::overview;
use super::records::MemoryRecords;
use super::state::{State, Stored, Table, relinked};
use super::work::MemoryWork;

/// What is stored of orders and what follows from them.
#[derive(Clone, Default)]
pub(super) struct TradeState {
    orders: Table<Order>,
    order_lines: Table<OrderLine>,
    invoices: Table<Invoice>,
    credit_notes: Table<CreditNote>,
    payments: Table<Payment>,
    refunds: Table<Refund>,
    shipments: Table<Shipment>,
    exchange_rates: Table<ExchangeRate>,
    /// Shipment, line and quantity, in the order in which they were stored.
    parts: Vec<(TenantId, i64, i64, i64)>,
    /// The last number of each series.
    numbers: BTreeMap<(TenantId, String), i64>,
}

impl TradeState {
    /// Which of the ids are rows of a resource in a workspace.
    pub(super) fn existing(
        &self,
        tenant: TenantId,
        resource: &str,
        ids: &[i64],
        which: Which,
    ) -> Result<BTreeSet<i64>> {
        let is_there: &dyn Fn(i64) -> bool = match resource {
            Order::NAME => &|id| self.orders.get(tenant, id, which).is_some(),
            OrderLine::NAME => &|id| self.order_lines.get(tenant, id, which).is_some(),
            Invoice::NAME => &|id| self.invoices.get(tenant, id, which).is_some(),
            Payment::NAME => &|id| self.payments.get(tenant, id, which).is_some(),
            other => return Err(Error::internal(format!("there is no resource {other}"))),
        };
        Ok(ids.iter().copied().filter(|id| is_there(*id)).collect())
    }

    /// Removes what a workspace has; how many rows of which table.
    pub(super) fn erase(&mut self, tenant: TenantId) -> [(&'static str, usize); 10] {
        let (parts, numbers) = (self.parts.len(), self.numbers.len());
        self.parts.retain(|(owner, ..)| *owner != tenant);
        self.numbers.retain(|(owner, _), _| *owner != tenant);
        [
            ("shipment_parts", parts - self.parts.len()),
            ("shipments", self.shipments.keep(|row| row.tenant != tenant)),
            ("refunds", self.refunds.keep(|row| row.tenant != tenant)),
            ("payments", self.payments.keep(|row| row.tenant != tenant)),
            ("credit_notes", self.credit_notes.keep(|row| row.tenant != tenant)),
            ("invoices", self.invoices.keep(|row| row.tenant != tenant)),
            ("order_lines", self.order_lines.keep(|row| row.tenant != tenant)),
            ("orders", self.orders.keep(|row| row.tenant != tenant)),
            ("number_series", numbers - self.numbers.len()),
            ("exchange_rates", self.exchange_rates.keep(|row| row.tenant != tenant)),
        ]
    }
}

/// A resource whose rows are in one of the tables above.
macro_rules! stored {
    ($Resource:ident in $table:ident { $($more:item)* }) => {
        impl Stored for $Resource {
            fn table(state: &State) -> &Table<Self> {
                &state.orders.$table
            }

            fn table_mut(state: &mut State) -> &mut Table<Self> {
                &mut state.orders.$table
            }

            $($more)*
        }
    };
}

/// The row that a link names, hidden or not.
fn to<T: Stored>(link: &Link<T>) -> Option<(&'static str, i64)> {
    link.kept().map(|id| (T::NAME, id.raw()))
}

stored! { Order in orders {
    fn references(&self) -> Vec<(&'static str, i64)> {
        [to(&self.contact), to::<Opportunity>(&self.opportunity)].into_iter().flatten().collect()
    }

    fn see(row: &mut Record<Self>, state: &State) {
        let (tenant, order) = (row.tenant, row.id);
        row.data.contact = relinked(&row.data.contact, tenant, state);
        row.data.opportunity = relinked(&row.data.opportunity, tenant, state);
        let contact = row.data.contact.shown();
        let contact = contact
            .and_then(|id| Contact::table(state).get(tenant, id.raw(), Which::Live));
        let name = contact.map(|row| format!("{} {}", &*row.data.first_name, &*row.data.last_name));
        row.data.contact_name = Word::trusted(name.unwrap_or_default().trim().to_owned());
        let lines = state.orders.order_lines.of(tenant);
        let own = lines.filter(|line| {
            line.data.order.kept() == Some(order) && line.deleted_at.is_none()
        });
        let shown = own.map(|line| {
            let mut line = line.clone();
            OrderLine::see(&mut line, state);
            line
        });
        row.data.lines = Nested::Stored(shown.collect());
    }
} }

stored! { OrderLine in order_lines {
    fn references(&self) -> Vec<(&'static str, i64)> {
        let links = [to(&self.order), to::<ProductVariant>(&self.product_variant)];
        links.into_iter().flatten().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.order = relinked(&self.order, tenant, state);
        self.product_variant = relinked(&self.product_variant, tenant, state);
    }
} }

stored! { Invoice in invoices {
    fn references(&self) -> Vec<(&'static str, i64)> {
        to(&self.order).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.order = relinked(&self.order, tenant, state);
    }
} }

stored! { CreditNote in credit_notes {
    fn references(&self) -> Vec<(&'static str, i64)> {
        to(&self.invoice).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.invoice = relinked(&self.invoice, tenant, state);
    }
} }

stored! { Payment in payments {
    fn references(&self) -> Vec<(&'static str, i64)> {
        to(&self.invoice).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.invoice = relinked(&self.invoice, tenant, state);
    }
} }

stored! { Refund in refunds {
    fn references(&self) -> Vec<(&'static str, i64)> {
        to(&self.payment).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.payment = relinked(&self.payment, tenant, state);
    }
} }

stored! { Shipment in shipments {
    fn references(&self) -> Vec<(&'static str, i64)> {
        to(&self.order).into_iter().collect()
    }

    fn see(row: &mut Record<Self>, state: &State) {
        row.data.order = relinked(&row.data.order, row.tenant, state);
        let parts = state.orders.parts.iter();
        let own = parts.filter(|(_, shipment, ..)| *shipment == row.id.raw());
        let own: Vec<_> = own.map(|(_, _, line, quantity)| (*line, *quantity)).collect();
        // One that is being stored has none there yet, and shows those that it was made with.
        if !own.is_empty() {
            row.data.lines = ShippedParts::stored(own);
        }
    }
} }

stored! { ExchangeRate in exchange_rates {} }

#[async_trait]
impl OrderWork for MemoryWork {
    fn orders(&mut self) -> Box<dyn Records<Order> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn order_lines(&mut self) -> Box<dyn Records<OrderLine> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn lock_orders(&mut self) -> Result<()> {
        // Who writes has the one turn already.
        self.state_mut().map(drop)
    }

    async fn next_number(&mut self, series: &str) -> Result<i64> {
        let tenant = self.tenant()?;
        let last = self.state_mut()?.orders.numbers.entry((tenant, series.to_owned())).or_default();
        *last += 1;
        Ok(*last)
    }

    async fn insert_lines(
        &mut self,
        lines: Vec<OrderLine>,
        now: Timestamp,
    ) -> Result<Vec<Record<OrderLine>>> {
        let mut stored = Vec::new();
        for line in lines {
            stored.push(self.order_lines().insert(line, now).await?);
        }
        Ok(stored)
    }

    async fn set_shares(&mut self, lines: &[Record<OrderLine>]) -> Result<()> {
        let tenant = self.tenant()?;
        let table = &mut self.state_mut()?.orders.order_lines;
        for line in lines {
            if let Some(mut row) = table.get(tenant, line.id.raw(), Which::Any).cloned() {
                row.data.discount_share = line.data.discount_share;
                row.data.tax_amount = line.data.tax_amount;
                table.put(row);
            }
        }
        Ok(())
    }

    async fn delete_lines(&mut self, order: Id<Order>, now: Timestamp) -> Result<()> {
        self.mark_lines(order, None, Some(now), now)
    }

    async fn restore_lines(
        &mut self,
        order: Id<Order>,
        gone_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        self.mark_lines(order, Some(gone_at), None, now)
    }

    fn invoices(&mut self) -> Box<dyn Records<Invoice> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn credit_notes(&mut self) -> Box<dyn Records<CreditNote> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn payments(&mut self) -> Box<dyn Records<Payment> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn refunds(&mut self) -> Box<dyn Records<Refund> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn invoiced(
        &mut self,
        order: Id<Order>,
        except: Option<Id<Invoice>>,
    ) -> Result<Invoiced> {
        let tenant = self.tenant()?;
        let invoices = self.state().orders.invoices.of(tenant);
        let counted = invoices.filter(|row| {
            row.deleted_at.is_none()
                && row.data.order.kept() == Some(order)
                && Some(row.id) != except
        });
        let counted = counted.map(|row| &row.data);
        Ok(Invoiced::of(counted.map(|invoice| {
            (invoice.state(), invoice.total_amount.amount(), invoice.credited_amount.0)
        })))
    }

    async fn payment_by(
        &mut self,
        provider: &str,
        reference: &str,
    ) -> Result<Option<Record<Payment>>> {
        let tenant = self.tenant()?;
        let by_reference = |row: &&Record<Payment>| {
            row.deleted_at.is_none()
                && fold(&row.data.provider) == fold(provider)
                && &*row.data.transaction_reference == reference
        };
        let found = self.state().orders.payments.of(tenant).find(by_reference).map(|row| row.id);
        let Some(id) = found else { return Ok(None) };
        Ok(self.payments().find(&[id], Which::Live).await?.pop())
    }

    async fn time_zone(&mut self) -> Result<TimeZone> {
        let tenant = self.tenant()?;
        let mut workspaces = self.state().accounts.organizations.iter();
        let workspace = workspaces.find(|one| one.id == tenant).ok_or(Error::NotFound)?;
        Ok(workspace.time_zone())
    }

    fn shipments(&mut self) -> Box<dyn Records<Shipment> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn insert_parts(&mut self, shipment: Id<Shipment>, parts: &[(i64, i64)]) -> Result<()> {
        let tenant = self.tenant()?;
        let stored = &mut self.state_mut()?.orders.parts;
        let row = |(line, quantity): &(i64, i64)| (tenant, shipment.raw(), *line, *quantity);
        stored.extend(parts.iter().map(row));
        Ok(())
    }

    async fn parts_of(&mut self, order: Id<Order>) -> Result<Vec<Part>> {
        let tenant = self.tenant()?;
        let state = &self.state().orders;
        let part = |(_, shipment, line, quantity): &(TenantId, i64, i64, i64)| {
            let shipment = state.shipments.get(tenant, *shipment, Which::Live)?;
            let is_its = shipment.data.order.kept() == Some(order);
            let state = shipment.data.state();
            is_its.then_some(Part { line: *line, quantity: *quantity, state })
        };
        Ok(state.parts.iter().filter_map(part).collect())
    }

    async fn figures(&mut self, since: &Since) -> Result<Figures> {
        Ok(overview::figures(self.state(), self.tenant()?, since))
    }

    async fn daily_sums(&mut self, since: &Since) -> Result<DailySums> {
        Ok(overview::daily_sums(self.state(), self.tenant()?, since))
    }

    fn exchange_rates(&mut self) -> Box<dyn Records<ExchangeRate> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn rates_between(
        &mut self,
        currencies: &BTreeSet<Currency>,
        until: Date,
    ) -> Result<Vec<ExchangeRate>> {
        let tenant = self.tenant()?;
        let rates = self.state().orders.exchange_rates.of(tenant);
        let wanted = rates.filter(|row| {
            row.deleted_at.is_none()
                && currencies.contains(&row.data.base.0)
                && currencies.contains(&row.data.quote.0)
                && row.data.date.0.is_some_and(|date| date <= until)
        });
        Ok(wanted.map(|row| row.data.clone()).collect())
    }

    async fn pending_shipments(&mut self, order: Id<Order>) -> Result<i64> {
        let tenant = self.tenant()?;
        let shipments = self.state().orders.shipments.of(tenant);
        let pending = shipments.filter(|row| {
            row.deleted_at.is_none()
                && row.data.order.kept() == Some(order)
                && row.data.state() == ShipmentState::Pending
        });
        Ok(i64::try_from(pending.count()).unwrap_or(i64::MAX))
    }
}

impl MemoryWork {
    /// Marks the lines of an order that went at an instant (none: those that are there) anew.
    fn mark_lines(
        &mut self,
        order: Id<Order>,
        was: Option<Timestamp>,
        is: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<()> {
        let tenant = self.tenant()?;
        let table = &mut self.state_mut()?.orders.order_lines;
        let lines = table.of(tenant);
        let its = lines.filter(|row| row.data.order.kept() == Some(order) && row.deleted_at == was);
        let marked: Vec<_> = its
            .map(|row| Record { deleted_at: is, ..row.rewritten(row.data.clone(), now) })
            .collect();
        marked.into_iter().for_each(|row| table.put(row));
        Ok(())
    }
}
