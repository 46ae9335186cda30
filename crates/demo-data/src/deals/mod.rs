//! Deals: how leads come in, deals go through their stages, and how they end.

pub(crate) mod play;
pub(crate) mod tasks;
pub(crate) mod words;

use domain_sales::Contact;

use self::words::{CONTACT_NOTES, DEAL_NOTES, ENQUIRIES, LOST, PIPELINES, SOURCES, SUBJECTS};
use crate::calendar::{Calendar, Minute, between, day_of};
use crate::deals::tasks::Task;
use crate::goods::{Goods, prices};
use crate::history::{Event, On, Step};
use crate::people::{People, employer};
use crate::random::Random;
use crate::season;

/// Of a hundred deals so many come from leads.
const FROM_LEADS: usize = 60;
/// Leads that become nothing, in percent of the deals.
const VAIN_LEADS: usize = 45;

/// Somebody who may become a customer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LeadPlan {
    /// The contact.
    pub(crate) contact: usize,
    /// Where they come from.
    pub(crate) source: &'static str,
    /// What they want.
    pub(crate) notes: &'static str,
    /// How promising they are.
    pub(crate) score: i64,
}

/// A deal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DealPlan {
    /// The lead that it comes from.
    pub(crate) lead: Option<usize>,
    /// The contact.
    pub(crate) contact: usize,
    /// What it is about.
    pub(crate) subject: &'static str,
    /// The way of selling.
    pub(crate) pipeline: usize,
    /// Which of the sellers has it.
    pub(crate) owner: usize,
    /// What it is of: variants and quantities.
    pub(crate) basket: Vec<(usize, i64)>,
    /// What it would bring, in cents.
    pub(crate) amount: i64,
    /// The day on which an answer is expected.
    pub(crate) close: i64,
}

/// What happens to leads and deals.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DealStep {
    /// A lead comes in.
    Lead(usize),
    /// A lead is in another state.
    Mark(usize, &'static str),
    /// A deal begins; its lead is converted.
    Open(usize),
    /// A deal enters a stage.
    Enter(usize, usize),
    /// A deal is won.
    Win(usize),
    /// A deal is lost, and why.
    Lose(usize, &'static str),
    /// Something is to be done about a deal.
    Task(usize),
    /// It was done.
    Done(usize),
}

/// All leads, deals and tasks, and what happens to them.
#[derive(Default)]
pub(crate) struct Deals {
    /// The leads.
    pub(crate) leads: Vec<LeadPlan>,
    /// The deals.
    pub(crate) deals: Vec<DealPlan>,
    /// What is to be done about them.
    pub(crate) tasks: Vec<Task>,
    /// What happens when.
    pub(crate) events: Vec<Event>,
    /// Which deals are won, and when.
    pub(crate) won: Vec<(usize, Minute)>,
}

/// What deals are made from.
pub(crate) struct Market<'m> {
    /// The days.
    pub(crate) calendar: &'m Calendar,
    /// Whom one sells to.
    pub(crate) people: &'m People,
    /// What one sells.
    pub(crate) goods: &'m Goods,
}

impl Deals {
    /// So many deals, with their leads and with leads that become nothing.
    pub(crate) fn plan(seed: u64, count: usize, market: &Market<'_>) -> Self {
        let mut draws = Random::stream(seed, 4);
        let days = 0..market.calendar.days();
        let weights: Vec<i64> = days.map(|day| season::demand(market.calendar, day)).collect();
        let mut deals = Self::default();
        for day in draws.spread(count, &weights) {
            let day = market.calendar.workday(i64::try_from(day).unwrap_or_default());
            deals.deal(&mut draws, market, day);
        }
        for day in draws.spread(count * VAIN_LEADS / 100, &weights) {
            deals.vain_lead(&mut draws, market, i64::try_from(day).unwrap_or_default());
        }
        deals.note_people(&mut draws, market, count / 4);
        deals
    }

    fn happens(&mut self, at: Minute, step: DealStep) {
        self.events.push(Event::new(at, Step::Deal(step)));
    }

    fn notes(&mut self, at: Minute, on: On, text: &'static str) {
        self.events.push(Event::new(at, Step::Note(on, text)));
    }

    fn lead(&mut self, draws: &mut Random, contact: usize, at: Minute) -> usize {
        let (source, _, promise) = *draws.weighted(&SOURCES, |(_, weight, _)| *weight);
        let (notes, score) = (draws.word(ENQUIRIES), promise + draws.up_to(25));
        self.leads.push(LeadPlan { contact, source, notes, score });
        let lead = self.leads.len() - 1;
        self.happens(at, DealStep::Lead(lead));
        lead
    }

    fn vain_lead(&mut self, draws: &mut Random, market: &Market<'_>, day: i64) {
        let Some(contact) = pick(draws, &market.people.known(day, |_| true)) else { return };
        let at = between(draws, day, 7, 21);
        let lead = self.lead(draws, contact, at);
        let looked = between(draws, market.calendar.workday(day + 1), 9, 17);
        self.happens(looked, DealStep::Mark(lead, "contacted"));
        let later = market.calendar.workday(day + 4 + draws.up_to(20));
        let (later, is_lost) = (between(draws, later, 9, 17), draws.percent(95));
        let mark = if is_lost { "lost" } else { "qualified" };
        self.happens(later, DealStep::Mark(lead, mark));
    }

    fn deal(&mut self, draws: &mut Random, market: &Market<'_>, day: i64) {
        let works = |contact: &Contact| employer(contact).is_some();
        let from_lead = draws.percent(FROM_LEADS);
        let arrived = day - 3 - draws.up_to(22);
        let from_lead = from_lead && arrived >= 0;
        let known = market.people.known(if from_lead { arrived } else { day }, works);
        let Some(contact) = pick(draws, &known) else { return };
        let opened = between(draws, day, 9, 12);
        let lead = from_lead.then(|| {
            let came = between(draws, arrived, 7, 21);
            let lead = self.lead(draws, contact, came);
            let looked = between(draws, arrived + 1, 9, 17);
            self.happens(looked, DealStep::Mark(lead, "contacted"));
            lead
        });
        let basket = basket(draws, market, day);
        let price = |(form, quantity): &(usize, i64)| {
            prices::on(market.goods, *form, market.calendar, day) * quantity
        };
        let worth: i64 = basket.iter().map(price).sum();
        let plan = DealPlan {
            lead,
            contact,
            subject: draws.word(SUBJECTS),
            pipeline: usize::from(lead.is_none()),
            owner: usize::from(draws.percent(70)),
            basket,
            amount: (worth * (95 + draws.up_to(15)) / 100 / 1_000 + 1) * 1_000,
            close: day + 30 + draws.up_to(45),
        };
        self.deals.push(plan);
        let deal = self.deals.len() - 1;
        self.happens(opened, DealStep::Open(deal));
        self.run(draws, market.calendar, deal, opened);
    }

    /// Lets a deal go through its stages, with what is done in each, until it ends.
    fn run(&mut self, draws: &mut Random, calendar: &Calendar, deal: usize, opened: Minute) {
        let (_, stages) = PIPELINES[self.deals[deal].pipeline];
        let mut entered = opened;
        for (stage, words::Stage { lost, .. }) in stages.iter().enumerate() {
            if stage > 0 {
                self.happens(entered, DealStep::Enter(deal, stage));
            }
            let day = calendar.workday(day_of(entered) + 2 + draws.up_to(14));
            let left = between(draws, day, 9, 17);
            self.work_on(draws, calendar, (deal, stage), (entered, left));
            if draws.percent(12) {
                self.notes(entered + 30, On::Deal(deal), draws.word(DEAL_NOTES));
            }
            if draws.percent(*lost) {
                let (reason, _) = *draws.weighted(&LOST, |(_, weight)| *weight);
                return self.happens(left, DealStep::Lose(deal, reason));
            }
            entered = left;
        }
        self.happens(entered, DealStep::Win(deal));
        self.won.push((deal, entered));
    }

    fn note_people(&mut self, draws: &mut Random, market: &Market<'_>, count: usize) {
        for _ in 0..count {
            let day = draws.up_to(market.calendar.days() - 1);
            let Some(contact) = pick(draws, &market.people.known(day, |_| true)) else { continue };
            let at = between(draws, day, 9, 17);
            self.notes(at, On::Contact(contact), draws.word(CONTACT_NOTES));
        }
    }
}

fn pick(draws: &mut Random, among: &[usize]) -> Option<usize> {
    if among.is_empty() { None } else { Some(draws.pick(among)) }
}

/// What a company would buy: a few kinds of goods of the season, and many of each.
fn basket(draws: &mut Random, market: &Market<'_>, day: i64) -> Vec<(usize, i64)> {
    let month = market.calendar.month(day);
    let weight = |form: usize| {
        let good = market.goods.good(form);
        let is_sold = good.launched <= day && good.ended.is_none();
        if is_sold { good.article.weight * good.department.season.demand(month) } else { 0 }
    };
    let weights: Vec<i64> = (0..market.goods.forms.len()).map(weight).collect();
    let mut basket: Vec<(usize, i64)> = Vec::new();
    for _ in 0..2 + draws.below(4) {
        let form = draws.share(&weights);
        let most = market.goods.good(form).article.most;
        if basket.iter().all(|(chosen, _)| *chosen != form) {
            basket.push((form, most + draws.up_to(most * 2)));
        }
    }
    basket
}
