//! Orders: who buys what when, and what becomes of it.

mod basket;
mod life;
mod money;
pub(crate) mod play;
mod words;

use self::basket::Shop;
use crate::calendar::{Minute, between, day_of};
use crate::deals::{Deals, Market};
use crate::history::{Event, Step};
use crate::random::Random;
use crate::season;

/// A line of an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinePlan {
    /// The variant.
    pub(crate) form: usize,
    /// How many.
    pub(crate) quantity: i64,
    /// What is taken off, in cents.
    pub(crate) discount: i64,
    /// The rate of tax, in percent.
    pub(crate) tax: i64,
}

/// An order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OrderPlan {
    /// Who buys.
    pub(crate) contact: usize,
    /// The deal that it comes from.
    pub(crate) deal: Option<usize>,
    /// Which of the sellers wrote it down; nobody where the customer did it in the shop.
    pub(crate) seller: Option<usize>,
    /// What is bought.
    pub(crate) lines: Vec<LinePlan>,
    /// What is taken off the whole, in cents.
    pub(crate) discount: i64,
    /// In how many shipments it leaves.
    pub(crate) parts: usize,
    /// The carrier, and the tracking number of each shipment.
    pub(crate) carrier: &'static str,
    /// As many as there are shipments.
    pub(crate) tracking: Vec<String>,
    /// Whether it is paid by card.
    pub(crate) by_card: bool,
}

/// What happens to orders.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OrderStep {
    /// It is placed; as a draft where a seller writes it down.
    Place(usize),
    /// It is agreed upon.
    Confirm(usize),
    /// It is called off.
    Cancel(usize),
    /// One of its shipments leaves.
    Ship(usize, usize),
    /// One of its shipments arrives.
    Deliver(usize, usize),
    /// All of it comes back.
    TakeBack(usize),
    /// It is invoiced, to be paid until a day.
    Invoice(usize, i64),
    /// The invoice was wrong.
    Void(usize),
    /// So many percent of what is owed are paid.
    Pay(usize, i64),
    /// So many percent of the invoice are taken back, and why.
    Credit(usize, i64, &'static str),
    /// What was paid too much is given back, and why.
    Refund(usize, &'static str),
}

/// All orders, and what happens to them.
#[derive(Default)]
pub(crate) struct Orders {
    /// The orders.
    pub(crate) orders: Vec<OrderPlan>,
    /// What happens when.
    pub(crate) events: Vec<Event>,
    /// On which day how many of which variant are promised to somebody.
    pub(crate) sold: Vec<(i64, usize, i64)>,
}

impl Orders {
    /// So many orders: those that deals led to, and those of the shop.
    pub(crate) fn plan(seed: u64, count: usize, market: &Market<'_>, deals: &Deals) -> Self {
        let mut draws = Random::stream(seed, 5);
        let shop = Shop::plan(&mut draws, market);
        let mut orders = Self::default();
        let won = deals.won.iter().filter(|(_, at)| *at < market.calendar.end());
        for (deal, at) in won.take(count) {
            let plan = &deals.deals[*deal];
            let placed = at + 30 + draws.up_to(240);
            let lines = shop.of_deal(&mut draws, &plan.basket, day_of(placed));
            orders.add(&mut draws, &shop, (plan.contact, Some((*deal, plan.owner)), lines), placed);
        }
        let days = 0..market.calendar.days();
        let weights: Vec<i64> = days.map(|day| season::demand(market.calendar, day)).collect();
        for day in draws.spread(count - orders.orders.len(), &weights) {
            let day = i64::try_from(day).unwrap_or_default();
            let Some(contact) = shop.customer(&mut draws, day) else { continue };
            let lines = shop.lines(&mut draws, contact, day);
            let placed = between(&mut draws, day, 7, 22);
            orders.add(&mut draws, &shop, (contact, None, lines), placed);
        }
        orders
    }

    fn add(
        &mut self,
        draws: &mut Random,
        shop: &Shop<'_>,
        (contact, deal, lines): (usize, Option<(usize, usize)>, Vec<LinePlan>),
        placed: Minute,
    ) {
        let by_phone = draws.percent(20).then(|| usize::from(draws.percent(70)));
        let seller = deal.map(|(_, owner)| owner).or(by_phone);
        let carrier = draws.weighted(&words::CARRIERS, |(_, weight, _)| *weight);
        let parts = if lines.len() > 1 && draws.percent(8) { 2 } else { 1 };
        let plan = OrderPlan {
            contact,
            deal: deal.map(|(deal, _)| deal),
            seller,
            discount: shop.discount(draws, contact, &lines, day_of(placed)),
            lines,
            parts,
            carrier: carrier.0,
            tracking: (0..parts).map(|_| draws.fill(carrier.2)).collect(),
            by_card: seller.is_none() && draws.percent(35),
        };
        self.orders.push(plan);
        self.live(draws, shop.calendar(), self.orders.len() - 1, placed);
    }

    fn happens(&mut self, at: Minute, step: OrderStep) {
        self.events.push(Event::new(at, Step::Order(step)));
    }
}
