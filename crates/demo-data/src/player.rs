//! Playing a history through the use cases, by a clock that goes from event to event: every rule holds,
//! and every trail shows its time.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use domain_accounts::Person;
use domain_catalog::{Catalog, CatalogStore, Category, Product, ProductVariant, Supplier};
use domain_kernel::crud::Reply;
use domain_kernel::field::{LongText, TargetId, TargetKind};
use domain_kernel::policy::RoleSet;
use domain_kernel::{
    Actor, Clock, Error, Id, OpContext, PersonId, Random, Record, Resource, Result,
};
use domain_sales::{
    Activity, Company, Contact, DealStage, Lead, Note, Opportunity, Order, OrderStore, Pipeline,
    Sales, SalesStore, Trade,
};

use crate::calendar::day_of;
use crate::clock::HistoryClock;
use crate::history::{Event, On, Plan, Step};
use crate::load::{DAYS, Progress};
use crate::orders::play::Stored;

/// Where a workspace's data is kept, and what the use cases over it need beside a clock.
#[derive(Clone)]
pub struct Stores {
    /// Of the catalog.
    pub catalog: Arc<CatalogStore>,
    /// Of sales.
    pub sales: Arc<SalesStore>,
    /// Of trade.
    pub trade: Arc<OrderStore>,
    /// The present, in which the history ends.
    pub clock: Arc<dyn Clock>,
    /// What ids of events are made from.
    pub random: Arc<dyn Random>,
}

/// Plays a plan, and knows the ids of what is there by now, each at its place in the plan.
pub(crate) struct Player<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) catalog: Catalog,
    pub(crate) sales: Sales,
    pub(crate) trade: Trade,
    pub(crate) clock: Arc<HistoryClock>,
    /// What happens by itself.
    pub(crate) system: OpContext,
    /// Those who sell.
    pub(crate) sellers: [PersonId; 2],
    pub(crate) categories: Vec<Id<Category>>,
    pub(crate) suppliers: Vec<Id<Supplier>>,
    pub(crate) products: Vec<Option<Id<Product>>>,
    pub(crate) variants: Vec<Option<Id<ProductVariant>>>,
    pub(crate) pipelines: Vec<(Id<Pipeline>, Vec<Id<DealStage>>)>,
    pub(crate) companies: Vec<Option<Id<Company>>>,
    pub(crate) contacts: Vec<Option<Id<Contact>>>,
    pub(crate) leads: Vec<Option<Id<Lead>>>,
    pub(crate) deals: Vec<Option<Id<Opportunity>>>,
    pub(crate) activities: Vec<Option<Id<Activity>>>,
    pub(crate) orders: Vec<Option<Stored>>,
}

impl<'p> Player<'p> {
    /// Somebody who plays a plan in a workspace, for two of its members.
    pub(crate) fn new(
        plan: &'p Plan,
        stores: &Stores,
        system: OpContext,
        sellers: [PersonId; 2],
    ) -> Self {
        let clock = Arc::new(HistoryClock::new(plan.calendar.at(0)));
        let random = || stores.random.clone();
        Self {
            plan,
            catalog: Catalog::new(stores.catalog.clone(), clock.clone(), random()),
            sales: Sales::new(stores.sales.clone(), clock.clone(), random()),
            trade: Trade::new(stores.trade.clone(), clock.clone(), random()),
            clock,
            system,
            sellers,
            categories: Vec::new(),
            suppliers: Vec::new(),
            products: vec![None; plan.goods.goods.len()],
            variants: vec![None; plan.goods.forms.len()],
            pipelines: Vec::new(),
            companies: vec![None; plan.people.companies.len()],
            contacts: vec![None; plan.people.contacts.len()],
            leads: vec![None; plan.deals.leads.len()],
            deals: vec![None; plan.deals.deals.len()],
            activities: vec![None; plan.deals.tasks.len()],
            orders: vec![None; plan.orders.orders.len()],
        }
    }

    /// One of the sellers, at work.
    pub(crate) fn desk(&self, seller: usize) -> OpContext {
        OpContext { actor: Actor::Member(self.sellers[seller % 2]), ..self.system.clone() }
    }

    /// Plays everything that happens, in order of time.
    pub(crate) async fn play(&mut self, progress: &dyn Progress) -> Result<()> {
        self.clock.set(self.plan.calendar.at(0));
        self.open_catalog().await?;
        self.open_pipelines().await?;
        let days = self.plan.calendar.days().unsigned_abs();
        let mut today = 0;
        for Event { at, step } in &self.plan.events {
            if day_of(*at) > today {
                today = day_of(*at);
                progress.step(DAYS, today.unsigned_abs(), days);
            }
            self.clock.set(self.plan.calendar.at(*at));
            match step {
                Step::Goods(step) => self.goods(today, step).await?,
                Step::Deal(step) => self.deal(step).await?,
                Step::Order(step) => self.order(step).await?,
                Step::Note(on, text) => self.note(*on, text).await?,
            }
            breathe().await;
        }
        progress.step(DAYS, days, days);
        Ok(())
    }

    async fn note(&self, on: On, text: &str) -> Result<()> {
        let (kind, id) = match on {
            On::Contact(at) => (Contact::SINGULAR, known(&self.contacts, at)?.raw()),
            On::Deal(at) => (Opportunity::SINGULAR, known(&self.deals, at)?.raw()),
            On::Order(at) => {
                let order = self.orders.get(at).and_then(Option::as_ref).ok_or_else(too_early)?;
                (Order::SINGULAR, order.id.raw())
            }
        };
        let note = Note {
            content: LongText::trusted(text),
            related_object_type: TargetKind::trusted(kind),
            related_object_id: TargetId(id),
            ..Note::default()
        };
        self.sales.notes.create(&self.desk(1), note).await.map(drop)
    }
}

/// Lets others go on, and whoever waits for this to end give up: a store may answer without any wait,
/// time and again.
pub(crate) async fn breathe() {
    let mut has_waited = false;
    poll_fn(|context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The record that a write without an idempotency key gives.
pub(crate) fn fresh<T>(reply: Reply<T>) -> Result<Record<T>> {
    match reply {
        Reply::Fresh(record) => Ok(record),
        Reply::Replayed(_) => {
            Err(Error::internal("a write without an idempotency key was replayed"))
        }
    }
}

/// The id of something that is there by now.
pub(crate) fn known<T>(ids: &[Option<Id<T>>], at: usize) -> Result<Id<T>> {
    ids.get(at).copied().flatten().ok_or_else(too_early)
}

pub(crate) fn too_early() -> Error {
    Error::internal("something is about what is not there yet")
}

/// Those of a workspace's members who sell, by their names.
pub(crate) fn sellers(members: &[(Person, RoleSet)], names: [&str; 2]) -> Result<[PersonId; 2]> {
    let named = |name: &str| members.iter().find(|(person, _)| person.draft.username == name);
    match names.map(named) {
        [Some((first, _)), Some((second, _))] => Ok([first.id, second.id]),
        _ => Err(Error::internal("a member of the demonstration is missing")),
    }
}
