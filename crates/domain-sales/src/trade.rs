//! Trade: from the order to the payment. Its port, and its use cases.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use domain_catalog::CatalogWork;
use domain_kernel::crud::Crud;
use domain_kernel::{Clock, Currency, Id, Random, Record, Records, Result, Store};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::overview::{DailySums, Figures, Since};
use crate::shipment::fulfilment::Part;
use crate::{
    CreditNote, ExchangeRate, Invoice, Invoiced, Order, OrderLine, Payment, Refund, SalesWork,
    Shipment,
};

/// What a unit of work reaches of orders and what follows from them.
///
/// Whoever writes any of it takes the lock of the workspace's orders first, and the catalog's lock
/// after it: nobody waits in a circle, and rules over many rows are kept without a race.
#[async_trait]
pub trait OrderWork: SalesWork + CatalogWork {
    /// The orders of the workspace. Each comes with its live lines in order of id.
    fn orders(&mut self) -> Box<dyn Records<Order> + '_>;
    /// The lines of all orders of the workspace.
    fn order_lines(&mut self) -> Box<dyn Records<OrderLine> + '_>;

    /// Makes others who lock the orders of the workspace wait until the unit ends.
    async fn lock_orders(&mut self) -> Result<()>;

    /// The next number of a series of the workspace, from 1: none is left out, and none given twice.
    async fn next_number(&mut self, series: &str) -> Result<i64>;

    /// Stores new lines together, in order of id.
    async fn insert_lines(
        &mut self,
        lines: Vec<OrderLine>,
        now: Timestamp,
    ) -> Result<Vec<Record<OrderLine>>>;

    /// Stores the shares of lines (of the order's discount, of its tax); it is no new version of theirs.
    async fn set_shares(&mut self, lines: &[Record<OrderLine>]) -> Result<()>;

    /// Marks the live lines of an order as deleted at an instant; a new version of each.
    async fn delete_lines(&mut self, order: Id<Order>, now: Timestamp) -> Result<()>;

    /// Brings back the lines of an order that were deleted at an instant; a new version of each.
    async fn restore_lines(
        &mut self,
        order: Id<Order>,
        gone_at: Timestamp,
        now: Timestamp,
    ) -> Result<()>;

    /// The invoices of the workspace.
    fn invoices(&mut self) -> Box<dyn Records<Invoice> + '_>;
    /// What was taken back of its invoices. Only added to.
    fn credit_notes(&mut self) -> Box<dyn Records<CreditNote> + '_>;
    /// The payments of the workspace.
    fn payments(&mut self) -> Box<dyn Records<Payment> + '_>;
    /// What was given back of its payments. Only added to.
    fn refunds(&mut self) -> Box<dyn Records<Refund> + '_>;

    /// What the live invoices of an order ask for together, those that are void and `except` left out.
    async fn invoiced(&mut self, order: Id<Order>, except: Option<Id<Invoice>>)
    -> Result<Invoiced>;

    /// The live payment with this reference of this provider, whose name is compared folded.
    async fn payment_by(
        &mut self,
        provider: &str,
        reference: &str,
    ) -> Result<Option<Record<Payment>>>;

    /// The workspace's time zone.
    async fn time_zone(&mut self) -> Result<TimeZone>;

    /// The shipments of the workspace. Each comes with its parts in the order in which they were
    /// stored; writing one leaves them as they are.
    fn shipments(&mut self) -> Box<dyn Records<Shipment> + '_>;

    /// Stores the parts of a new shipment: lines of its order, and how many of each.
    async fn insert_parts(&mut self, shipment: Id<Shipment>, parts: &[(i64, i64)]) -> Result<()>;

    /// The parts of the live shipments of an order.
    async fn parts_of(&mut self, order: Id<Order>) -> Result<Vec<Part>>;

    /// How many live shipments of an order are pending.
    async fn pending_shipments(&mut self, order: Id<Order>) -> Result<i64>;

    /// How much there is of what in the workspace.
    async fn figures(&mut self, since: &Since) -> Result<Figures>;

    /// The sums of [`OrderWork::figures`] that are of days, day by day.
    async fn daily_sums(&mut self, since: &Since) -> Result<DailySums>;

    /// The exchange rates of the workspace.
    fn exchange_rates(&mut self) -> Box<dyn Records<ExchangeRate> + '_>;

    /// The live rates of the workspace that lead from one of the currencies to another of them and
    /// are dated on a day or before it, in any order.
    async fn rates_between(
        &mut self,
        currencies: &BTreeSet<Currency>,
        until: Date,
    ) -> Result<Vec<ExchangeRate>>;
}

/// A unit of work of trade.
pub(crate) type Unit = dyn OrderWork;

/// A store that opens units of work for trade.
pub type OrderStore = dyn Store<dyn OrderWork>;

/// The use cases of trade.
#[derive(Clone)]
pub struct Trade {
    /// Orders.
    pub orders: Crud<Order>,
    /// Their lines.
    pub order_lines: Crud<OrderLine>,
    /// Invoices.
    pub invoices: Crud<Invoice>,
    /// What was taken back of invoices.
    pub credit_notes: Crud<CreditNote>,
    /// Payments.
    pub payments: Crud<Payment>,
    /// What was given back of payments.
    pub refunds: Crud<Refund>,
    /// Shipments.
    pub shipments: Crud<Shipment>,
    /// What currencies are worth in each other.
    pub exchange_rates: Crud<ExchangeRate>,
    pub(crate) store: Arc<OrderStore>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Trade {
    /// The use cases over a store.
    pub fn new(store: Arc<OrderStore>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            orders: Crud::new(store.clone(), clock.clone(), random.clone()),
            order_lines: Crud::new(store.clone(), clock.clone(), random.clone()),
            invoices: Crud::new(store.clone(), clock.clone(), random.clone()),
            credit_notes: Crud::new(store.clone(), clock.clone(), random.clone()),
            payments: Crud::new(store.clone(), clock.clone(), random.clone()),
            refunds: Crud::new(store.clone(), clock.clone(), random.clone()),
            shipments: Crud::new(store.clone(), clock.clone(), random.clone()),
            exchange_rates: Crud::new(store.clone(), clock.clone(), random),
            store,
            clock,
        }
    }
}
