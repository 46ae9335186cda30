//! What happens in the course of the history.
//!
//! A history is planned first, from the seed and the day alone: a list of events in order of time,
//! which name what they are about by its place in the plan. Then it is played through the use cases.

use jiff::Timestamp;

use crate::Size;
use crate::calendar::{Calendar, Minute};
use crate::deals::{DealStep, Deals, Market};
use crate::goods::Goods;
use crate::goods::play::{GoodsStep, deliveries, events};
use crate::orders::{OrderStep, Orders};
use crate::people::People;

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// When.
    pub(crate) at: Minute,
    /// What.
    pub(crate) step: Step,
}

impl Event {
    /// Something that happens at a time.
    pub(crate) const fn new(at: Minute, step: Step) -> Self {
        Self { at, step }
    }
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// To goods.
    Goods(GoodsStep),
    /// To leads and deals.
    Deal(DealStep),
    /// To orders.
    Order(OrderStep),
    /// Somebody notes something.
    Note(On, &'static str),
}

/// What a note is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// A contact.
    Contact(usize),
    /// A deal.
    Deal(usize),
    /// An order.
    Order(usize),
}

/// A history, from its first day to its last.
pub(crate) struct Plan {
    pub(crate) calendar: Calendar,
    pub(crate) people: People,
    pub(crate) goods: Goods,
    pub(crate) deals: Deals,
    pub(crate) orders: Orders,
    /// Everything that happens until the end, in order of time.
    pub(crate) events: Vec<Event>,
}

impl Plan {
    /// The history of a seed that ends with the day before `now`.
    pub(crate) fn new(seed: u64, size: Size, now: Timestamp) -> Self {
        let calendar = Calendar::before(now, size.months);
        let people = People::plan(seed, size.companies, size.contacts, &calendar);
        let goods = Goods::plan(size.products, &calendar);
        let market = Market { calendar: &calendar, people: &people, goods: &goods };
        let mut deals = Deals::plan(seed, size.deals, &market);
        let mut orders = Orders::plan(seed, size.orders, &market, &deals);
        let mut all = events(&goods, &calendar);
        all.extend(deliveries(&goods, &calendar, &orders.sold));
        all.append(&mut deals.events);
        all.append(&mut orders.events);
        all.retain(|event| event.at < calendar.end());
        all.sort_by_key(|event| event.at);
        Self { calendar, people, goods, deals, orders, events: all }
    }
}
