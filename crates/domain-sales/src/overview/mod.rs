//! What a workspace does, at a glance: figures, the deals by stage, and what came last.

mod totals;

use std::collections::BTreeMap;

use domain_kernel::crud::permit;
use domain_kernel::policy::Action;
use domain_kernel::query::ListQuery;
use domain_kernel::{
    Amount, Currency, Error, Id, OpContext, Record, Records, Resource, Result, Which,
};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use self::totals::Measure;
pub use self::totals::Totals;
use crate::invoice::status::InvoiceState;
use crate::order::status::OrderState;
use crate::shipment::status::ShipmentState;
use crate::{
    Activity, DealStage, Invoice, Note, Opportunity, Order, OrderWork, Payment, Pipeline, Shipment,
    Trade,
};

/// Days in which a note is a recent one.
pub const NOTES_RECENT_DAYS: i64 = 7;
/// How many rows are shown of each kind, and of notes.
const ROWS: &str = "6";
const NOTES: &str = "8";

/// The orders that are agreed upon.
pub const AGREED: [OrderState; 4] =
    [OrderState::Confirmed, OrderState::PartlyFulfilled, OrderState::Fulfilled, OrderState::Closed];
/// The orders that something is still to be done for.
pub const PENDING: [OrderState; 3] =
    [OrderState::Draft, OrderState::Confirmed, OrderState::PartlyFulfilled];
/// The invoices that ask for something.
pub const DUE: [InvoiceState; 2] = [InvoiceState::Issued, InvoiceState::PartlyPaid];
/// The shipments that have left and not arrived.
pub const IN_TRANSIT: [ShipmentState; 2] = [ShipmentState::Shipped, ShipmentState::InTransit];

/// Amounts by currency: they are never added up across.
pub type Sums = BTreeMap<Currency, Amount>;

/// The same by the day, in UTC, that each is of.
pub type DaySums = BTreeMap<(Currency, Date), Amount>;

/// What some of the [`Figures`] are made of, day by day, so that it can be converted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DailySums {
    /// [`Figures::orders`], by when they were ordered.
    pub orders: DaySums,
    /// [`Figures::owed`], by when the invoices were issued.
    pub owed: DaySums,
    /// [`Figures::payments`], by when they were made.
    pub payments: DaySums,
}

impl DailySums {
    /// Without what somebody may not see.
    fn seen_by(mut self, ctx: &OpContext) -> Self {
        let sums = [
            (sees::<Order>(ctx), &mut self.orders),
            (sees::<Invoice>(ctx), &mut self.owed),
            (sees::<Payment>(ctx), &mut self.payments),
        ];
        sums.into_iter().filter(|(is_seen, _)| !is_seen).for_each(|(_, sums)| sums.clear());
        self
    }
}

/// From when on something counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// What was to be paid before is overdue.
    pub now: Timestamp,
    /// Payments from then on are those of the month.
    pub month: Timestamp,
    /// Notes from then on are recent.
    pub notes: Timestamp,
}

/// Open deals of a stage in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenDeals {
    /// The stage.
    pub stage: Id<DealStage>,
    /// The currency of these.
    pub currency: Currency,
    /// How many there are.
    pub count: i64,
    /// What they would bring together.
    pub value: Amount,
}

/// How much there is of what. Deleted rows count nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Deals that are neither won nor lost, in any order.
    pub open_deals: Vec<OpenDeals>,
    /// Orders that are [`PENDING`].
    pub pending_orders: i64,
    /// What the orders come to that are [`AGREED`].
    pub orders: Sums,
    /// Invoices that are [`DUE`].
    pub invoices_due: i64,
    /// What is owed of them.
    pub owed: Sums,
    /// Those among them that should have been paid by now.
    pub overdue_invoices: i64,
    /// What was paid this month, without what was given back of it.
    pub payments: Sums,
    /// Shipments that are [`IN_TRANSIT`].
    pub shipments_in_transit: i64,
    /// Products that are active.
    pub products_active: i64,
    /// Variants of all products.
    pub product_variants: i64,
    /// Suppliers.
    pub suppliers: i64,
    /// Units in stock.
    pub inventory_on_hand: i64,
    /// Recent notes.
    pub notes_recent: i64,
}

impl Figures {
    /// How many deals are open.
    pub fn open_opportunities(&self) -> i64 {
        self.open_deals.iter().map(|deals| deals.count).sum()
    }

    /// What the open deals would bring.
    pub fn pipeline(&self) -> Sums {
        added(self.open_deals.iter())
    }

    /// Without what somebody may not see.
    fn seen_by(mut self, ctx: &OpContext) -> Self {
        if !sees::<Opportunity>(ctx) {
            self.open_deals.clear();
        }
        if !sees::<Order>(ctx) {
            (self.pending_orders, self.orders) = (0, Sums::new());
        }
        if !sees::<Invoice>(ctx) {
            (self.invoices_due, self.overdue_invoices, self.owed) = (0, 0, Sums::new());
        }
        if !sees::<Payment>(ctx) {
            self.payments.clear();
        }
        let counts = [
            (sees::<Shipment>(ctx), &mut self.shipments_in_transit),
            (sees::<domain_catalog::Product>(ctx), &mut self.products_active),
            (sees::<domain_catalog::ProductVariant>(ctx), &mut self.product_variants),
            (sees::<domain_catalog::Supplier>(ctx), &mut self.suppliers),
            (sees::<domain_catalog::InventoryLot>(ctx), &mut self.inventory_on_hand),
            (sees::<Note>(ctx), &mut self.notes_recent),
        ];
        for (_, count) in counts.into_iter().filter(|(is_seen, _)| !is_seen) {
            *count = 0;
        }
        self
    }
}

fn added<'d>(deals: impl Iterator<Item = &'d OpenDeals>) -> Sums {
    let mut sums = Sums::new();
    for deals in deals {
        let sum = sums.entry(deals.currency).or_default();
        *sum = sum.saturating_add(deals.value);
    }
    sums
}

/// A stage with the deals that are open in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageOverview {
    /// The pipeline's name.
    pub pipeline: String,
    /// The stage's name.
    pub stage: String,
    /// How many deals.
    pub count: i64,
    /// What they would bring, by currency.
    pub values: Sums,
    /// The same in the overview's currency.
    pub value: Amount,
}

/// An activity that is to be done, with the name of its deal.
#[derive(Debug, Clone)]
pub struct Upcoming {
    /// What is to be done.
    pub activity: Record<Activity>,
    /// The deal that it is about; none where it is deleted.
    pub opportunity: Option<Record<Opportunity>>,
}

/// What a workspace does, as far as somebody sees it.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The currency of the totals: the workspace's, or the one that was asked for.
    pub currency: Currency,
    /// What sums come to in it.
    pub totals: Totals,
    /// How much there is of what.
    pub figures: Figures,
    /// Every stage, pipeline by pipeline in the order that deals go.
    pub stages: Vec<StageOverview>,
    /// The newest deals.
    pub opportunities: Vec<Record<Opportunity>>,
    /// The newest orders.
    pub orders: Vec<Record<Order>>,
    /// The newest invoices.
    pub invoices: Vec<Record<Invoice>>,
    /// The newest payments.
    pub payments: Vec<Record<Payment>>,
    /// The newest shipments.
    pub shipments: Vec<Record<Shipment>>,
    /// The newest notes.
    pub notes: Vec<Record<Note>>,
    /// What is to be done next.
    pub activities: Vec<Upcoming>,
}

impl Trade {
    /// What a workspace does, at a glance. What the caller's roles or the workspace's plan do not
    /// show them is left empty. Totals are of what is in the workspace's currency, or in the one that
    /// is named of all there is, converted.
    ///
    /// # Errors
    /// Those of [`Rates::convert`](crate::Rates::convert) and of the store.
    pub async fn overview(&self, ctx: &OpContext, into: Option<Currency>) -> Result<Overview> {
        let mut work = self.store.begin_read(ctx).await?;
        let overview = self.read(&mut *work, ctx, into).await?;
        work.commit().await?;
        Ok(overview)
    }

    async fn read(
        &self,
        work: &mut dyn OrderWork,
        ctx: &OpContext,
        into: Option<Currency>,
    ) -> Result<Overview> {
        let since = self.since(work).await?;
        let figures = work.figures(&since).await?.seen_by(ctx);
        let own = work.currency().await?;
        let measure = match into {
            None => Measure::Part(own),
            Some(into) => {
                let days = work.daily_sums(&since).await?.seen_by(ctx);
                Measure::whole(work, (own, into), &figures, days, since.now).await?
            }
        };
        let stages = if sees::<DealStage>(ctx) && sees::<Opportunity>(ctx) {
            stages(work, &figures.open_deals, &measure).await?
        } else {
            Vec::new()
        };
        let newest: &[(&str, &str)] = &[("ordering", "-id"), ("page_size", ROWS)];
        let notes = [("ordering", "-id"), ("page_size", NOTES)];
        let next = [("upcoming", "true"), ("ordering", "due_at"), ("page_size", ROWS)];
        let activities = rows(work.activities(), ctx, &next).await?;
        Ok(Overview {
            currency: measure.currency(),
            totals: measure.totals(&figures)?,
            figures,
            stages,
            opportunities: rows(work.opportunities(), ctx, newest).await?,
            orders: rows(work.orders(), ctx, newest).await?,
            invoices: rows(work.invoices(), ctx, newest).await?,
            payments: rows(work.payments(), ctx, newest).await?,
            shipments: rows(work.shipments(), ctx, newest).await?,
            notes: rows(work.notes(), ctx, &notes).await?,
            activities: with_deals(work, ctx, activities).await?,
        })
    }

    /// From when on things count today, in the workspace's time zone.
    async fn since(&self, work: &mut dyn OrderWork) -> Result<Since> {
        let now = self.clock.now();
        let here = now.to_zoned_datetime(work.time_zone().await?);
        let month = here.first_of_month().and_then(|day| day.start_of_day());
        let notes = here.checked_sub(NOTES_RECENT_DAYS.days());
        Ok(Since {
            now,
            month: month.map_err(Error::internal)?.timestamp(),
            notes: notes.map_err(Error::internal)?.timestamp(),
        })
    }
}

fn sees<T: Resource>(ctx: &OpContext) -> bool {
    permit::<T>(ctx, Action::Read).is_ok()
}

/// The first rows of a list, as a request with these parameters gives them; none where the caller
/// may not ask for it.
async fn rows<T: Resource>(
    mut records: Box<dyn Records<T> + '_>,
    ctx: &OpContext,
    parameters: &[(&str, &str)],
) -> Result<Vec<Record<T>>> {
    if !sees::<T>(ctx) {
        return Ok(Vec::new());
    }
    // From the beginning, and without a count.
    let parameters = parameters.iter().chain(&[("cursor", "")]);
    let parameters: Vec<(String, String)> =
        parameters.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (query, _) = ListQuery::parse::<T>(&parameters, &[])?;
    Ok(records.list(&query).await?.records)
}

async fn stages(
    work: &mut dyn OrderWork,
    open: &[OpenDeals],
    measure: &Measure,
) -> Result<Vec<StageOverview>> {
    let pipelines = work.pipelines().list(&ListQuery::every::<Pipeline>()).await?.records;
    let names: BTreeMap<i64, String> =
        pipelines.iter().map(|row| (row.id.raw(), row.data.name.to_string())).collect();
    let mut stages = work.deal_stages().list(&ListQuery::every::<DealStage>()).await?.records;
    let place = |row: &Record<DealStage>| {
        (row.data.pipeline.kept().map(Id::raw), row.data.position.0, row.id.raw())
    };
    stages.sort_by_key(place);
    let shown = stages.iter().filter_map(|row| {
        let pipeline = names.get(&row.data.pipeline.shown()?.raw())?.clone();
        let own = || open.iter().filter(|deals| deals.stage == row.id);
        let stage = |value| StageOverview {
            pipeline,
            stage: row.data.name.to_string(),
            count: own().map(|deals| deals.count).sum(),
            values: added(own()),
            value,
        };
        Some(measure.of_deals(own()).map(stage))
    });
    shown.collect()
}

/// Activities with the deals that they are about, as far as somebody sees those.
async fn with_deals(
    work: &mut dyn OrderWork,
    ctx: &OpContext,
    activities: Vec<Record<Activity>>,
) -> Result<Vec<Upcoming>> {
    let ids: Vec<Id<Opportunity>> =
        activities.iter().filter_map(|row| row.data.opportunity.shown()).collect();
    let deals = match sees::<Opportunity>(ctx) {
        true => work.opportunities().find(&ids, Which::Live).await?,
        false => Vec::new(),
    };
    let upcoming = activities.into_iter().map(|activity| {
        let about = activity.data.opportunity.shown();
        let opportunity = deals.iter().find(|deal| Some(deal.id) == about).cloned();
        Upcoming { activity, opportunity }
    });
    Ok(upcoming.collect())
}
