//! How orders are invoiced and paid: in time, late, in parts, or never.

use super::words::{ALLOWANCE, WRITTEN_OFF};
use super::{OrderStep, Orders};
use crate::calendar::{Calendar, Minute, between, day_of};
use crate::random::Random;

/// Days until an invoice is due, with how common each is.
static TERMS: [(i64, usize); 3] = [(14, 30), (30, 60), (45, 10)];
/// Of a hundred invoices a part is taken back of so many.
const ALLOWANCES: usize = 3;
/// Days after which an invoice that nobody pays is written off.
const HOPELESS: i64 = 150;

impl Orders {
    /// Plans an invoice and what is paid of it.
    pub(super) fn bill(
        &mut self,
        draws: &mut Random,
        calendar: &Calendar,
        order: usize,
        issued: Minute,
    ) {
        let day = day_of(issued);
        let due = day + draws.weighted(&TERMS, |(_, weight)| *weight).0;
        self.happens(issued, OrderStep::Invoice(order, due));
        if draws.percent(1) {
            // It had a wrong address.
            self.happens(issued + 15, OrderStep::Void(order));
            self.happens(issued + 16, OrderStep::Invoice(order, due));
        }
        if self.orders[order].by_card {
            return self.happens(issued + 17, OrderStep::Pay(order, 100));
        }
        match draws.below(100) {
            0..70 => {
                let early = (due - draws.up_to(10)).max(day + 1);
                self.pay(draws, calendar, (order, 100), early);
            }
            70..87 => {
                let late = due + 1 + draws.up_to(35);
                self.pay(draws, calendar, (order, 100), late);
            }
            87..94 => {
                self.pay(draws, calendar, (order, 40), due - 2);
                let rest = due + 5 + draws.up_to(30);
                self.pay(draws, calendar, (order, 100), rest);
            }
            94..97 => {
                let very_late = due + 60 + draws.up_to(40);
                self.pay(draws, calendar, (order, 100), very_late);
            }
            97 => {
                let day = calendar.workday(due + HOPELESS);
                let given_up = between(draws, day, 9, 17);
                self.happens(given_up, OrderStep::Credit(order, 100, WRITTEN_OFF));
            }
            // It stays open.
            _ => {}
        }
        if draws.percent(ALLOWANCES) {
            let day = calendar.workday(day + 6 + draws.up_to(8));
            let asked = between(draws, day, 9, 12);
            let why = draws.word(ALLOWANCE);
            self.give_back(draws, calendar, (order, 10, why), asked);
        }
    }

    fn pay(
        &mut self,
        draws: &mut Random,
        calendar: &Calendar,
        (order, percent): (usize, i64),
        day: i64,
    ) {
        // Banks book on workdays.
        let at = between(draws, calendar.workday(day), 6, 9);
        self.happens(at, OrderStep::Pay(order, percent));
    }

    /// Plans a credit note, and what is given back if it was paid already.
    pub(super) fn give_back(
        &mut self,
        draws: &mut Random,
        calendar: &Calendar,
        (order, percent, why): (usize, i64, &'static str),
        asked: Minute,
    ) {
        self.happens(asked + 60, OrderStep::Credit(order, percent, why));
        let day = calendar.workday(day_of(asked) + 1 + draws.up_to(3));
        let at = between(draws, day, 13, 15);
        self.happens(at, OrderStep::Refund(order, why));
    }
}
