//! Repositories of orders and of what follows from them.

mod credit_notes;
mod exchange_rates;
pub(crate) mod invoices;
pub(crate) mod order_lines;
pub(crate) mod orders;
mod overview;
pub(crate) mod payments;
mod refunds;
mod series;
pub(crate) mod shipments;

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain_kernel::{Currency, Error, Id, Record, Records, Result};
use domain_sales::overview::{DailySums, Figures, Since};
use domain_sales::shipment::fulfilment::Part;
use domain_sales::{
    CreditNote, ExchangeRate, Invoice, Invoiced, Order, OrderLine, OrderWork, Payment, Refund,
    Shipment,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use self::credit_notes::CreditNotes;
use self::exchange_rates::ExchangeRates;
use self::invoices::Invoices;
use self::order_lines::OrderLines;
use self::orders::Orders;
use self::payments::Payments;
use self::refunds::Refunds;
use self::shipments::Shipments;
use crate::accounts::organizations;
use crate::dialect;
use crate::errors::of_query;
use crate::work::SqlWork;

#[async_trait]
impl OrderWork for SqlWork {
    fn orders(&mut self) -> Box<dyn Records<Order> + '_> {
        Box::new(Orders::new(self.scope()))
    }

    fn order_lines(&mut self) -> Box<dyn Records<OrderLine> + '_> {
        Box::new(OrderLines(self.scope()))
    }

    async fn lock_orders(&mut self) -> Result<()> {
        let tenant = self.tenant()?;
        dialect::take_turn(self.handle().await?, "orders", tenant).await.map_err(of_query)
    }

    async fn next_number(&mut self, series: &str) -> Result<i64> {
        let tenant = self.tenant()?;
        series::next(&mut self.handle().await?, tenant, series).await.map_err(of_query)
    }

    async fn insert_lines(
        &mut self,
        lines: Vec<OrderLine>,
        now: Timestamp,
    ) -> Result<Vec<Record<OrderLine>>> {
        OrderLines(self.scope()).insert_all(lines, now).await
    }

    async fn set_shares(&mut self, lines: &[Record<OrderLine>]) -> Result<()> {
        OrderLines(self.scope()).set_shares(lines).await
    }

    async fn delete_lines(&mut self, order: Id<Order>, now: Timestamp) -> Result<()> {
        OrderLines(self.scope()).delete_of(order, now).await
    }

    async fn restore_lines(
        &mut self,
        order: Id<Order>,
        gone_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        OrderLines(self.scope()).restore_of(order, gone_at, now).await
    }

    fn invoices(&mut self) -> Box<dyn Records<Invoice> + '_> {
        Box::new(Invoices(self.scope()))
    }

    fn credit_notes(&mut self) -> Box<dyn Records<CreditNote> + '_> {
        Box::new(CreditNotes(self.scope()))
    }

    fn payments(&mut self) -> Box<dyn Records<Payment> + '_> {
        Box::new(Payments(self.scope()))
    }

    fn refunds(&mut self) -> Box<dyn Records<Refund> + '_> {
        Box::new(Refunds(self.scope()))
    }

    async fn invoiced(
        &mut self,
        order: Id<Order>,
        except: Option<Id<Invoice>>,
    ) -> Result<Invoiced> {
        Invoices(self.scope()).asked(order, except).await
    }

    async fn payment_by(
        &mut self,
        provider: &str,
        reference: &str,
    ) -> Result<Option<Record<Payment>>> {
        Payments(self.scope()).by_reference(provider, reference).await
    }

    async fn time_zone(&mut self) -> Result<TimeZone> {
        let tenant = self.tenant()?;
        let found = organizations::by_id(&mut self.handle().await?, tenant).await;
        let workspace = found.map_err(of_query)?.ok_or(Error::NotFound)?;
        Ok(workspace.time_zone())
    }

    fn shipments(&mut self) -> Box<dyn Records<Shipment> + '_> {
        Box::new(Shipments::new(self.scope()))
    }

    async fn insert_parts(&mut self, shipment: Id<Shipment>, parts: &[(i64, i64)]) -> Result<()> {
        Shipments::new(self.scope()).insert_parts(shipment, parts).await
    }

    async fn parts_of(&mut self, order: Id<Order>) -> Result<Vec<Part>> {
        Shipments::new(self.scope()).parts_of(order).await
    }

    async fn pending_shipments(&mut self, order: Id<Order>) -> Result<i64> {
        Shipments::new(self.scope()).pending_of(order).await
    }

    async fn figures(&mut self, since: &Since) -> Result<Figures> {
        let tenant = self.tenant()?;
        overview::figures(&mut self.handle().await?, tenant, since).await.map_err(of_query)
    }

    async fn daily_sums(&mut self, since: &Since) -> Result<DailySums> {
        let tenant = self.tenant()?;
        overview::daily_sums(&mut self.handle().await?, tenant, since).await.map_err(of_query)
    }

    fn exchange_rates(&mut self) -> Box<dyn Records<ExchangeRate> + '_> {
        Box::new(ExchangeRates(self.scope()))
    }

    async fn rates_between(
        &mut self,
        currencies: &BTreeSet<Currency>,
        until: Date,
    ) -> Result<Vec<ExchangeRate>> {
        ExchangeRates(self.scope()).between(currencies, until).await
    }
}
