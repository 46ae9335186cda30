//! Orders and what follows from them, through the use cases.

use domain_kernel::field::{
    Choice, Count, Date, Link, LongText, Money, Nested, NestedRow, ShortText,
};
use domain_kernel::{Amount, Error, Id, OpContext, Record, Result, Which};
use domain_sales::invoice::status::InvoiceState;
use domain_sales::order::status::OrderState;
use domain_sales::payment::balance::Balance;
use domain_sales::shipment::status::ShipmentState;
use domain_sales::{
    CreditNote, Invoice, Order, OrderLine, Payment, Refund, Shipment, ShippedParts,
};

use super::words::{BANK, CARDS};
use super::{LinePlan, OrderStep};
use crate::goods::cents;
use crate::player::{Player, fresh, known, too_early};

/// An order as it is stored by now.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// The order.
    pub(crate) id: Id<Order>,
    /// Its lines, and how many of each.
    lines: Vec<(i64, i64)>,
    shipments: Vec<Id<Shipment>>,
    arrived: usize,
    invoice: Option<Id<Invoice>>,
    payments: Vec<Id<Payment>>,
}

/// The word of an order that the customer has.
const DELIVERED: &str = "delivered";

impl Player<'_> {
    /// Does what happens to orders.
    pub(crate) async fn order(&mut self, step: &OrderStep) -> Result<()> {
        match step {
            OrderStep::Place(order) => self.place(*order).await,
            OrderStep::Confirm(order) => self.move_order(*order, OrderState::Confirmed).await,
            OrderStep::Cancel(order) => self.move_order(*order, OrderState::Cancelled).await,
            OrderStep::Ship(order, part) => self.ship(*order, *part).await,
            OrderStep::Deliver(order, part) => self.deliver(*order, *part).await,
            OrderStep::TakeBack(order) => {
                self.move_shipment(*order, 0, ShipmentState::Returned).await
            }
            OrderStep::Invoice(order, due) => self.invoice(*order, *due).await,
            OrderStep::Void(order) => self.void(*order).await,
            OrderStep::Pay(order, percent) => self.pay(*order, *percent).await,
            OrderStep::Credit(order, percent, why) => self.credit(*order, *percent, why).await,
            OrderStep::Refund(order, why) => self.refund(*order, why).await,
        }
    }

    /// Who has an order in hand: its seller, or nobody but the shop.
    fn clerk(&self, order: usize) -> OpContext {
        match self.plan.orders.orders[order].seller {
            Some(seller) => self.desk(seller),
            None => self.system.clone(),
        }
    }

    /// Who keeps the books.
    fn books(&self) -> OpContext {
        self.desk(0)
    }

    fn stored(&mut self, order: usize) -> Result<&mut Stored> {
        self.orders.get_mut(order).and_then(Option::as_mut).ok_or_else(too_early)
    }

    fn invoice_of(&mut self, order: usize) -> Result<Id<Invoice>> {
        self.stored(order)?.invoice.ok_or_else(too_early)
    }

    async fn place(&mut self, order: usize) -> Result<()> {
        let plan = &self.plan.orders.orders[order];
        let lines = plan.lines.iter().map(|line| self.line(line).map(NestedRow::New));
        let is_agreed = plan.seller.is_none();
        let data = Order {
            contact: Link::to(Some(known(&self.contacts, plan.contact)?)),
            opportunity: Link::to(plan.deal.map(|deal| known(&self.deals, deal)).transpose()?),
            status: Choice::trusted(if is_agreed { "confirmed" } else { "draft" }),
            discount_amount: Money(cents(plan.discount)),
            lines: Nested::Wanted(lines.collect::<Result<_>>()?),
            ..Order::default()
        };
        let made = fresh(self.trade.orders.create(&self.clerk(order), data).await?)?;
        let Nested::Stored(lines) = &made.data.lines else {
            return Err(Error::internal("an order came back without its lines"));
        };
        let lines = lines.iter().map(|line| (line.id.raw(), line.data.quantity.0)).collect();
        self.orders[order] = Some(Stored {
            id: made.id,
            lines,
            shipments: Vec::new(),
            arrived: 0,
            invoice: None,
            payments: Vec::new(),
        });
        Ok(())
    }

    fn line(&self, line: &LinePlan) -> Result<OrderLine> {
        Ok(OrderLine {
            product_variant: Link::to(Some(known(&self.variants, line.form)?)),
            quantity: Count(line.quantity),
            discount_amount: Money(cents(line.discount)),
            tax_rate: Money(cents(line.tax * 100)),
            ..OrderLine::default()
        })
    }

    async fn move_order(&mut self, order: usize, to: OrderState) -> Result<()> {
        let (ctx, id) = (self.clerk(order), self.stored(order)?.id);
        let rule = |current: &Record<Order>, _| Ok(current.data.clone().moved_to(to));
        self.trade.orders.act(&ctx, id, None, rule).await.map(drop)
    }

    async fn ship(&mut self, order: usize, part: usize) -> Result<()> {
        let plan = &self.plan.orders.orders[order];
        let stored = self.stored(order)?;
        // What is left goes with the last shipment.
        let lines = match part + 1 < plan.parts {
            true => ShippedParts::stored(stored.lines[..stored.lines.len().div_ceil(2)].to_vec()),
            false => ShippedParts::default(),
        };
        let shipment = Shipment {
            order: Link::to(Some(stored.id)),
            carrier: ShortText::trusted(plan.carrier),
            tracking_number: ShortText::trusted(plan.tracking[part].clone()),
            status: Choice::trusted("shipped"),
            lines,
            ..Shipment::default()
        };
        let made = fresh(self.trade.shipments.create(&self.desk(1), shipment).await?)?.id;
        self.stored(order)?.shipments.push(made);
        Ok(())
    }

    async fn deliver(&mut self, order: usize, part: usize) -> Result<()> {
        self.move_shipment(order, part, ShipmentState::Delivered).await?;
        let (parts, stored) = (self.plan.orders.orders[order].parts, self.stored(order)?);
        stored.arrived += 1;
        if stored.arrived < parts {
            return Ok(());
        }
        let id = stored.id;
        let rule = |current: &Record<Order>, _| {
            Ok(Order { status: Choice::trusted(DELIVERED), ..current.data.clone() })
        };
        self.trade.orders.act(&self.system, id, None, rule).await.map(drop)
    }

    async fn move_shipment(&mut self, order: usize, part: usize, to: ShipmentState) -> Result<()> {
        let id = self.stored(order)?.shipments.get(part).copied().ok_or_else(too_early)?;
        let rule = |current: &Record<Shipment>, _| Ok(current.data.clone().moved_to(to));
        self.trade.shipments.act(&self.system, id, None, rule).await.map(drop)
    }

    async fn invoice(&mut self, order: usize, due: i64) -> Result<()> {
        let data = Invoice {
            order: Link::to(Some(self.stored(order)?.id)),
            status: Choice::trusted("issued"),
            due_date: Date(Some(self.plan.calendar.date(due))),
            ..Invoice::default()
        };
        let made = fresh(self.trade.invoices.create(&self.books(), data).await?)?.id;
        self.stored(order)?.invoice = Some(made);
        Ok(())
    }

    async fn void(&mut self, order: usize) -> Result<()> {
        let id = self.invoice_of(order)?;
        let rule =
            |current: &Record<Invoice>, _| Ok(current.data.clone().moved_to(InvoiceState::Void));
        self.trade.invoices.act(&self.books(), id, None, rule).await.map(drop)
    }

    /// The money of an order's invoice, as it is now.
    async fn balance(&mut self, order: usize) -> Result<(Id<Invoice>, Balance)> {
        let id = self.invoice_of(order)?;
        let invoice = self.trade.invoices.retrieve(&self.system, id, Which::Live).await?;
        Ok((id, invoice.data.balance()))
    }

    async fn pay(&mut self, order: usize, percent: i64) -> Result<()> {
        let (invoice, balance) = self.balance(order).await?;
        let amount = share(balance.owed(), percent);
        // Credited in the meantime.
        if amount == Amount::default() {
            return Ok(());
        }
        let (by_card, number) =
            (self.plan.orders.orders[order].by_card, self.stored(order)?.payments.len() + 1);
        let (provider, letter) = if by_card { (CARDS, 'C') } else { (BANK, 'B') };
        let payment = Payment {
            invoice: Link::to(Some(invoice)),
            amount: Money(amount),
            provider: ShortText::trusted(provider),
            transaction_reference: ShortText::trusted(format!("{letter}{order:06}-{number}")),
            ..Payment::default()
        };
        let made = fresh(self.trade.payments.create(&self.system, payment).await?)?.id;
        self.stored(order)?.payments.push(made);
        Ok(())
    }

    async fn credit(&mut self, order: usize, percent: i64, why: &str) -> Result<()> {
        let (invoice, balance) = self.balance(order).await?;
        let amount = share(balance.creditable(), percent);
        if amount == Amount::default() {
            return Ok(());
        }
        let note = CreditNote::wanted(invoice, Money(amount), LongText::trusted(why));
        self.trade.credit_notes.create(&self.books(), note).await.map(drop)
    }

    /// Gives back what was paid too much, of the last payment first.
    async fn refund(&mut self, order: usize, why: &str) -> Result<()> {
        let (_, balance) = self.balance(order).await?;
        let mut open = balance.overpaid();
        let payments = self.stored(order)?.payments.clone();
        for id in payments.into_iter().rev() {
            let payment = self.trade.payments.retrieve(&self.system, id, Which::Live).await?.data;
            let left = payment.amount.0.checked_sub(payment.refunded_amount.0).unwrap_or_default();
            let amount = left.min(open);
            if amount > Amount::default() {
                let refund = Refund::wanted(id, Money(amount), LongText::trusted(why));
                self.trade.refunds.create(&self.books(), refund).await?;
                open = open.checked_sub(amount).unwrap_or_default();
            }
        }
        Ok(())
    }
}

/// So many percent of an amount, in whole cents.
fn share(of: Amount, percent: i64) -> Amount {
    cents(of.ten_thousandths() * percent / 100 / 100)
}
