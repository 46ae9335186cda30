//! What becomes of an order: it is confirmed, leaves and arrives; or is called off, or comes back.

use super::words::{ORDER_NOTES, RETURNED};
use super::{OrderStep, Orders};
use crate::calendar::{Calendar, Minute, between, day_of};
use crate::history::{Event, On, Step};
use crate::random::Random;

/// Of a hundred drafts so many come to nothing.
const DROPPED_DRAFTS: usize = 12;
/// Of a hundred confirmed orders so many are called off.
const CALLED_OFF: usize = 3;
/// Of a hundred orders so many come back.
const RETURNS: usize = 4;

impl Orders {
    /// Plans the life of an order from its first minute on.
    pub(super) fn live(
        &mut self,
        draws: &mut Random,
        calendar: &Calendar,
        order: usize,
        placed: Minute,
    ) {
        self.happens(placed, OrderStep::Place(order));
        if draws.percent(4) {
            let note = Step::Note(On::Order(order), draws.word(ORDER_NOTES));
            self.events.push(Event::new(placed + 5, note));
        }
        let mut agreed = placed;
        if self.orders[order].seller.is_some() {
            if draws.percent(DROPPED_DRAFTS) {
                let day = calendar.workday(day_of(placed) + 1 + draws.up_to(9));
                let dropped = between(draws, day, 9, 17);
                return self.happens(dropped, OrderStep::Cancel(order));
            }
            let day = calendar.workday(day_of(placed) + draws.up_to(2));
            agreed = between(draws, day, 9, 17).max(placed + 15);
            self.happens(agreed, OrderStep::Confirm(order));
        }
        let lines = self.orders[order].lines.iter();
        let promised = lines.map(|line| (day_of(agreed), line.form, line.quantity));
        self.sold.extend(promised.collect::<Vec<_>>());
        if draws.percent(CALLED_OFF) {
            let called_off = agreed + 60 + draws.up_to(600);
            return self.happens(called_off, OrderStep::Cancel(order));
        }
        let day = calendar.workday(day_of(agreed) + 1 + draws.up_to(2));
        let shipped = between(draws, day, 13, 17);
        let delivered = self.ship(draws, calendar, (order, 0), shipped);
        self.bill(draws, calendar, order, shipped + 20);
        if self.orders[order].parts > 1 {
            let day = calendar.workday(day_of(shipped) + 3 + draws.up_to(6));
            let rest = between(draws, day, 13, 17);
            self.ship(draws, calendar, (order, 1), rest);
        } else if draws.percent(RETURNS) {
            let day = calendar.workday(day_of(delivered) + 4 + draws.up_to(12));
            let back = between(draws, day, 9, 12);
            self.happens(back, OrderStep::TakeBack(order));
            let why = draws.word(RETURNED);
            self.give_back(draws, calendar, (order, 100, why), back);
        }
    }

    /// Lets a shipment leave and arrive; when that is.
    fn ship(
        &mut self,
        draws: &mut Random,
        calendar: &Calendar,
        (order, part): (usize, usize),
        shipped: Minute,
    ) -> Minute {
        self.happens(shipped, OrderStep::Ship(order, part));
        let day = calendar.workday(day_of(shipped) + 1 + draws.up_to(4));
        let delivered = between(draws, day, 8, 17);
        self.happens(delivered, OrderStep::Deliver(order, part));
        delivered
    }
}
