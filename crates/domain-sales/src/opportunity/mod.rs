//! Opportunities: deals on their way to an agreement.

pub(crate) mod moving;
mod outcome;
mod stage_change;

use async_trait::async_trait;
use domain_kernel::field::{
    Choice, Date, Link, LongText, Member, Moment, Money, OwnCurrency, Percent, ShortText, Word,
};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{Currency, Error, Record, Records, Resource, Result, Step, Which};
use jiff::Timestamp;
pub use outcome::{DealStatus, Outcome};
pub use stage_change::{StageChange, StageChangePatch};

use crate::{Company, Contact, DealStage, Lead, Pipeline, SalesWork, member};

/// The feature that gates deals.
const FEATURE: &str = "sales.advanced_pipeline";

domain_kernel::resource! {
    /// A deal on its way to an agreement.
    pub struct Opportunity, patch OpportunityPatch {
        /// The lead that it came from.
        lead: Link<Lead>,
        /// The company that one sells to.
        company: Link<Company>,
        /// The person that one talks to.
        contact: Link<Contact>,
        /// What it is called.
        name: ShortText<255> [required, searched],
        /// The pipeline that it is in.
        pipeline: Link<Pipeline> [required],
        /// The stage of that pipeline that it is in.
        stage: Link<DealStage> [required],
        /// What the customer would pay.
        amount: Money<12> [required],
        /// The currency of the amount; the workspace's unless given.
        currency: OwnCurrency,
        /// The day on which one expects an answer.
        close_date: Date,
        /// How probable it is that it is won, in percent. Where it is not given when a deal is made
        /// or enters another stage, it is the stage's `win_probability`; 100 once it is won, 0 once
        /// it is lost.
        probability: Percent,
        /// The member who is responsible for it.
        owner: Member,
        /// The pipeline's name.
        pipeline_name: Word<255> [read_only],
        /// The stage's name.
        stage_name: Word<255> [read_only],
        /// The owner's name.
        owner_name: Word<301> [read_only],
        /// Whether it is worked on, or how it ended.
        status: Choice<DealStatus> [read_only],
        /// The amount times the probability, rounded half to even to the currency's places.
        expected_value: Money<12> [read_only],
        /// Since when it is in its stage.
        stage_entered_at: Moment [read_only],
        /// When it was won or lost.
        closed_at: Moment [read_only],
        /// Why it was lost.
        lost_reason: LongText [read_only],
        /// Why it was won, in the words of who won it.
        won_reason: LongText [read_only],
    }
}

#[async_trait]
impl Resource for Opportunity {
    const NAME: &'static str = "opportunities";
    const SINGULAR: &'static str = "opportunity";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "Deals on their way to an agreement.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.opportunities()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_deals().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        match (step.before, step.verb) {
            (_, Verb::Deleted) => return Ok(()),
            (None, _) => {
                make_room(work, step.now).await?;
                data.status = Choice::trusted(DealStatus::OPEN);
            }
            (Some(_), Verb::Restored) => {
                make_room(work, step.now).await?;
                stands_somewhere(work, data).await?;
            }
            (Some(before), _) => stays_while_ended(&before.data, data)?,
        }
        if data.currency.0.is_none() {
            data.currency = OwnCurrency(Some(work.currency().await?));
        }
        data.amount
            .in_places(data.its_currency().price_places())
            .map_err(|message| Error::field("amount", message))?;
        data.place(work, step).await?;
        if step.before.is_none_or(|before| before.data.owner != data.owner) {
            data.owner_name = member::name_of(work, data.owner).await?;
        }
        let was = step.before.map(|before| before.data.status).unwrap_or(data.status);
        if was != data.status {
            let ended = &*data.status != DealStatus::OPEN;
            data.closed_at = Moment(ended.then_some(step.now));
        }
        data.weigh();
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        let before = step.before;
        if before.is_some_and(|before| before.data.stage.kept() == record.data.stage.kept()) {
            return Ok(());
        }
        StageChange::between(before, record, step.ctx).store(work, step.now).await
    }
}

impl Opportunity {
    /// Finds its stage where that matters: whether it is one of the pipeline, what it is called, and
    /// how probable it makes a deal.
    async fn place(&mut self, work: &mut dyn SalesWork, step: &Step<'_, Self>) -> Result<()> {
        let before = step.before.map(|before| &before.data);
        let other_pipeline = before.is_none_or(|b| b.pipeline.kept() != self.pipeline.kept());
        let other_stage = before.is_none_or(|b| b.stage.kept() != self.stage.kept());
        let reopened = before.is_some_and(|b| b.status != self.status) && self.is_open();
        let said = self.probability.said_or_kept(other_stage || reopened);
        if !other_pipeline && !other_stage && (said.is_some() || !self.is_open()) {
            self.probability = said.unwrap_or_default();
            return Ok(());
        }
        let pipeline = self.pipeline.kept();
        let pipeline = work.pipelines().find(pipeline.as_slice(), Which::Live).await?.pop();
        let stage = self.stage.kept();
        let stage = work.deal_stages().find(stage.as_slice(), Which::Live).await?.pop();
        // What is not there is refused as every link to nothing is.
        let (Some(pipeline), Some(stage)) = (pipeline, stage) else { return Ok(()) };
        if stage.data.pipeline.kept() != Some(pipeline.id) {
            return Err(Error::field("stage", "This stage belongs to another pipeline."));
        }
        self.pipeline_name = name_of(&pipeline.data.name);
        self.stage_name = name_of(&stage.data.name);
        if other_stage {
            self.enter(&stage, step.now);
        }
        self.probability = said.unwrap_or_else(|| chance(&stage));
        Ok(())
    }

    /// Puts it into a stage.
    fn enter(&mut self, stage: &Record<DealStage>, now: Timestamp) {
        self.stage = Link::to(Some(stage.id));
        self.stage_name = name_of(&stage.data.name);
        self.stage_entered_at = Moment(Some(now));
        self.probability = chance(stage);
        self.weigh();
    }

    /// Works out what it is worth at present.
    fn weigh(&mut self) {
        match &*self.status {
            DealStatus::WON => self.probability = Percent::ALL,
            DealStatus::LOST => self.probability = Percent::NONE,
            _ => {}
        }
        self.expected_value =
            Money(self.probability.of(self.amount.0, self.its_currency().places()));
    }

    /// Its currency; there is one as soon as it is stored.
    fn its_currency(&self) -> Currency {
        self.currency.0.unwrap_or_default()
    }

    fn is_open(&self) -> bool {
        &*self.status == DealStatus::OPEN
    }
}

/// How probable a stage makes a deal.
fn chance(stage: &Record<DealStage>) -> Percent {
    Percent::stored(stage.data.win_probability.hundredths())
}

/// The name of something that a deal leads to.
fn name_of(name: &str) -> Word<255> {
    Word::trusted(name)
}

/// A deal that has ended stays where it was, and as probable as it is.
fn stays_while_ended(before: &Opportunity, after: &Opportunity) -> Result<()> {
    let moves = before.stage.kept() != after.stage.kept()
        || before.pipeline.kept() != after.pipeline.kept()
        || (after.probability.is_given() && before.probability != after.probability);
    if before.is_open() || before.status != after.status || !moves {
        return Ok(());
    }
    Err(Error::Conflict(outcome::possible(&before.status)))
}

/// A deal comes back only into a stage that is still there, and still one of its pipeline.
async fn stands_somewhere(work: &mut dyn SalesWork, deal: &Opportunity) -> Result<()> {
    let stage = deal.stage.shown();
    let stage = work.deal_stages().find(stage.as_slice(), Which::Live).await?.pop();
    let pipeline = deal.pipeline.shown();
    if pipeline.is_some() && stage.and_then(|stage| stage.data.pipeline.kept()) == pipeline {
        return Ok(());
    }
    let message = format!(
        "The stage \"{}\" of the pipeline \"{}\" is not there any more: restore it first.",
        &*deal.stage_name, &*deal.pipeline_name
    );
    Err(Error::Conflict(message))
}

/// Refuses one more deal than the plan allows.
async fn make_room(work: &mut dyn SalesWork, now: Timestamp) -> Result<()> {
    let allowed = work.max_deals(now).await?;
    let used = work.deals().await?;
    if used >= allowed {
        return Err(Error::LimitReached { limit: "max_deals", allowed, used });
    }
    Ok(())
}
