//! Documents under random operations: whatever is done in whatever order, sums are equal and nothing
//! is negative.
//!
//! A case is an order that is put together, confirmed, invoiced, paid, refunded, credited and shipped
//! in a hundred random steps; refusals are part of it. [`CASES`] of them are a hundred thousand steps;
//! `PROPTEST_CASES=10000` (`just properties`) makes them a million.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain_kernel::Amount;
use domain_sales::invoice::status::InvoiceState;
use domain_sales::order::status::OrderState;
use domain_sales::order::totals::{Line, Totals, totals};
use domain_sales::payment::balance::Balance;
use domain_sales::shipment::fulfilment::{Fulfilment, Part};
use domain_sales::shipment::status::ShipmentState;
use domain_sales::state::State;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const CASES: u32 = 1_000;
const STEPS: usize = 100;
/// So many places have currencies.
const PLACES: std::ops::RangeInclusive<u32> = 0..=4;

/// One step. Numbers are taken modulo what there is to choose from; prices are in cents, what is paid in
/// the smallest coin of the currency.
#[derive(Debug, Clone)]
enum Step {
    Line { quantity: i64, cents: i64, off: i64, rate: usize },
    Drop { at: usize },
    Discount { cents: i64 },
    Move { to: usize },
    Invoice { percent: i128 },
    MoveInvoice { at: usize, to: usize },
    Pay { at: usize, coins: i64, all: bool },
    Refund { at: usize, coins: i64, all: bool },
    Credit { at: usize, coins: i64, all: bool },
    Ship { line: usize, quantity: i64, all: bool },
    Carry { at: usize, to: usize },
}

/// An order begins with a few lines.
fn order() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(line(), 1..5)
}

fn line() -> impl Strategy<Value = Step> {
    (0..50i64, 0..100_000i64, 0..=110i64, 0..4usize)
        .prop_map(|(quantity, cents, off, rate)| Step::Line { quantity, cents, off, rate })
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0..6usize;
    let cents = 0..20_000i64;
    let all = prop::bool::weighted(0.1);
    let money = (0..4usize, cents.clone(), all);
    let next = |likely: usize| prop_oneof![12 => Just(likely), 1 => 0..6usize];
    prop_oneof![
        2 => line(),
        1 => at.clone().prop_map(|at| Step::Drop { at }),
        1 => cents.prop_map(|cents| Step::Discount { cents }),
        2 => next(1).prop_map(|to| Step::Move { to }),
        2 => (1..=100i128).prop_map(|percent| Step::Invoice { percent }),
        4 => (at.clone(), next(1)).prop_map(|(at, to)| Step::MoveInvoice { at, to }),
        6 => money.clone().prop_map(|(at, coins, all)| Step::Pay { at, coins, all }),
        4 => money.clone().prop_map(|(at, coins, all)| Step::Refund { at, coins, all }),
        2 => money.prop_map(|(at, coins, all)| Step::Credit { at, coins, all }),
        6 => (at.clone(), 0..30i64, all)
            .prop_map(|(line, quantity, all)| Step::Ship { line, quantity, all }),
        4 => (at.clone(), at).prop_map(|(at, to)| Step::Carry { at, to }),
    ]
}

fn cents(cents: i64) -> Amount {
    coins(2, cents)
}

/// So many of the smallest coins of a currency.
fn coins(places: u32, count: i64) -> Amount {
    Amount::from_ten_thousandths(count * 10_i64.pow(4 - places))
}

/// An order with all that belongs to it.
struct Business {
    /// The places of its currency.
    places: u32,
    lines: Vec<Line>,
    discount: Amount,
    totals: Totals,
    state: OrderState,
    invoices: Vec<(InvoiceState, Balance)>,
    shipments: Vec<(ShipmentState, Part)>,
    /// Every coin that came in or went out, by invoice: the till, counted apart from the balances.
    till: BTreeMap<usize, i64>,
    /// How often something was done and not refused.
    done: BTreeMap<&'static str, usize>,
}

impl Business {
    fn new(places: u32) -> Self {
        Self {
            places,
            lines: Vec::new(),
            discount: Amount::default(),
            totals: Totals::default(),
            state: OrderState::Draft,
            invoices: Vec::new(),
            shipments: Vec::new(),
            till: BTreeMap::new(),
            done: BTreeMap::new(),
        }
    }

    fn did(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    /// Changes the order if its state and its sums allow it.
    fn rewrite(&mut self, lines: Vec<Line>, discount: Amount) {
        if !self.state.is_open_to_changes() {
            return;
        }
        if let Ok(totals) = totals(&lines, discount, self.places) {
            (self.lines, self.discount, self.totals) = (lines, discount, totals);
            self.did("rewrite");
        }
    }

    fn fulfilment(&self) -> Fulfilment {
        let lines = self.lines.iter().enumerate();
        let lines = lines.map(|(at, line)| (i64::try_from(at).expect("few"), line.quantity));
        let parts = self.shipments.iter().map(|(state, part)| Part { state: *state, ..*part });
        Fulfilment::new(lines, parts)
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Line { quantity, cents: price, off, rate } => {
                let rate = ["0", "5.5", "19", "20"][rate].parse().expect("a rate");
                let discount = cents(quantity * price * off / 100);
                let line = Line { quantity, unit_price: cents(price), discount, tax_rate: rate };
                let lines = self.lines.iter().copied().chain([line]).take(6).collect();
                self.rewrite(lines, self.discount);
            }
            Step::Drop { at } => {
                let mut lines = self.lines.clone();
                if at < lines.len() {
                    lines.remove(at);
                    self.rewrite(lines, self.discount);
                }
            }
            Step::Discount { cents: off } => self.rewrite(self.lines.clone(), cents(off)),
            Step::Move { to } => self.move_order(OrderState::ALL[to]),
            Step::Invoice { percent } => {
                let part = i128::from(self.totals.total.ten_thousandths()) * percent;
                let total = Amount::of_fraction(part, 100, self.places).expect("fits");
                if self.state.takes_invoices() && self.invoices.len() < 6 {
                    let balance = Balance { total, places: self.places, ..Balance::default() };
                    self.invoices.push((InvoiceState::Draft, balance));
                    self.did("invoice");
                }
            }
            Step::MoveInvoice { at, to } => {
                let to = InvoiceState::ALL[to];
                if let Some((state, balance)) = self.invoices.get_mut(at)
                    && state.move_to(to).is_ok()
                    && *state != to
                {
                    *state = if to == InvoiceState::Issued {
                        InvoiceState::of_balance(balance)
                    } else {
                        to
                    };
                }
            }
            Step::Pay { at, coins: paid, all } => self.move_money(at, |balance| {
                let amount = if all { balance.owed() } else { coins(balance.places, paid) };
                (balance.pay(amount), amount.ten_thousandths())
            }),
            Step::Refund { at, coins: back, all } => self.move_money(at, |balance| {
                let amount = if all { balance.overpaid() } else { coins(balance.places, back) };
                (balance.refund(amount), -amount.ten_thousandths())
            }),
            Step::Credit { at, coins: credited, all } => self.move_money(at, |balance| {
                let amount =
                    if all { balance.creditable() } else { coins(balance.places, credited) };
                (balance.credit(amount), 0)
            }),
            Step::Ship { line, quantity, all } => self.ship(line, quantity, all),
            Step::Carry { at, to } => {
                if let Some((state, _)) = self.shipments.get_mut(at)
                    && state.move_to(ShipmentState::ALL[to]).is_ok()
                {
                    *state = ShipmentState::ALL[to];
                    if matches!(self.state, OrderState::Confirmed | OrderState::PartlyFulfilled) {
                        self.state = self.fulfilment().state();
                    }
                }
            }
        }
    }

    /// As a client moves it: what is invoiced or being shipped does not become a draft again.
    fn move_order(&mut self, to: OrderState) {
        let held = !self.invoices.is_empty() || self.shipments.iter().any(|(s, _)| s.counts());
        if self.state.move_to(to).is_ok() && !(held && matches!(to, OrderState::Draft)) {
            self.state = to;
        }
    }

    fn move_money(
        &mut self,
        at: usize,
        entry: impl FnOnce(&Balance) -> (domain_kernel::Result<Balance>, i64),
    ) {
        let Some((state, balance)) = self.invoices.get_mut(at) else { return };
        if !state.takes_payments() {
            return;
        }
        if let (Ok(after), coins) = entry(balance) {
            *balance = after;
            *state = InvoiceState::of_balance(balance);
            *self.till.entry(at).or_default() += coins;
            self.did(match coins {
                0 => "credit",
                coins if coins > 0 => "pay",
                _ => "refund",
            });
        }
    }

    fn ship(&mut self, line: usize, quantity: i64, all: bool) {
        if !self.state.takes_shipments() || self.shipments.len() >= 6 {
            return;
        }
        let fulfilment = self.fulfilment();
        let line = i64::try_from(line).expect("few");
        let open = fulfilment.open().into_iter().find(|(open, _)| *open == line);
        let quantity = if all { open.map_or(0, |(_, quantity)| quantity) } else { quantity };
        if fulfilment.check(&[(line, quantity)]).is_ok() {
            let state = ShipmentState::Pending;
            self.shipments.push((state, Part { line, quantity, state }));
            // Who ships a draft confirms it.
            if self.state == OrderState::Draft {
                self.state = OrderState::Confirmed;
            }
            self.did("ship");
        }
    }

    /// What holds after every step.
    fn check(&self) {
        let nothing = Amount::default();
        let raw = Amount::ten_thousandths;
        let sum = |part: fn(&domain_sales::order::totals::LineTotals) -> Amount| -> i64 {
            self.totals.lines.iter().map(|line| raw(part(line))).sum()
        };
        assert_eq!(sum(|line| line.net), raw(self.totals.subtotal));
        assert_eq!(sum(|line| line.discount_share), raw(self.totals.discount));
        assert_eq!(sum(|line| line.tax), raw(self.totals.tax));
        let total = raw(self.totals.subtotal) - raw(self.totals.discount) + raw(self.totals.tax);
        assert_eq!(raw(self.totals.total), total);
        for line in &self.totals.lines {
            assert!(line.net >= nothing && line.tax >= nothing);
            assert!(line.discount_share >= nothing && line.discount_share <= line.net);
        }
        for (at, (state, balance)) in self.invoices.iter().enumerate() {
            for part in [balance.total, balance.credited, balance.paid, balance.refunded] {
                assert!(part >= nothing);
            }
            assert!(balance.refunded <= balance.paid && balance.credited <= balance.total);
            assert_eq!(raw(balance.kept()), self.till.get(&at).copied().unwrap_or_default());
            // What is asked for is what was kept and what is owed, less what is to be given back.
            assert_eq!(
                raw(balance.total) - raw(balance.credited),
                raw(balance.kept()) + raw(balance.owed()) - raw(balance.overpaid())
            );
            assert!(balance.owed() == nothing || balance.overpaid() == nothing);
            match state {
                InvoiceState::Draft | InvoiceState::Void => {
                    let asked =
                        Balance { total: balance.total, places: self.places, ..Balance::default() };
                    assert_eq!(*balance, asked);
                }
                state => assert_eq!(*state, InvoiceState::of_balance(balance)),
            }
        }
        let mut shipped: BTreeMap<i64, i64> = BTreeMap::new();
        for (_, part) in self.shipments.iter().filter(|(state, _)| state.counts()) {
            *shipped.entry(part.line).or_default() += part.quantity;
        }
        let open: BTreeMap<i64, i64> = self.fulfilment().open().into_iter().collect();
        for (at, line) in self.lines.iter().enumerate() {
            let at = i64::try_from(at).expect("few");
            let of = |by_line: &BTreeMap<i64, i64>| by_line.get(&at).copied().unwrap_or_default();
            assert!(of(&shipped) <= line.quantity);
            assert_eq!(of(&shipped) + of(&open), line.quantity);
        }
    }
}

#[test]
fn sums_are_equal_and_nothing_is_negative() {
    let cases = Config::default().cases.max(CASES);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let done: RefCell<BTreeMap<&str, usize>> = RefCell::default();
    TestRunner::new(config)
        .run(
            &(PLACES, order(), prop::collection::vec(step(), STEPS..=STEPS)),
            |(places, order, steps)| {
                let mut business = Business::new(places);
                for step in order.into_iter().chain(steps) {
                    business.take(step);
                    business.check();
                }
                for (what, times) in business.done {
                    *done.borrow_mut().entry(what).or_default() += times;
                }
                Ok(())
            },
        )
        .unwrap_or_else(|error| panic!("{error}"));
    // Not everything was refused.
    for what in ["rewrite", "invoice", "pay", "refund", "credit", "ship"] {
        let times = done.borrow().get(what).copied().unwrap_or_default();
        assert!(times >= cases as usize / 4, "{what}: {times}");
    }
}
