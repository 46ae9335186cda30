//! Deals move out of a stage or a pipeline that is going to be deleted.

use domain_kernel::field::Link;
use domain_kernel::journal::{Entry, Verb};
use domain_kernel::query::{Condition, ListQuery, Window};
use domain_kernel::{Error, Id, Record, Resource, Result, Step, Value, Which};

use super::{Opportunity, StageChange};
use crate::{DealStage, Pipeline, SalesWork};

/// What deals are in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Holder {
    /// A stage.
    Stage(Id<DealStage>),
    /// A pipeline, whichever its stages.
    Pipeline(Id<Pipeline>),
}

impl Holder {
    fn name(self) -> &'static str {
        match self {
            Self::Stage(_) => "stage",
            Self::Pipeline(_) => "pipeline",
        }
    }

    /// The question for the deals that are in it and not deleted.
    fn deals(self) -> Result<ListQuery> {
        let id = match self {
            Self::Stage(id) => id.raw(),
            Self::Pipeline(id) => id.raw(),
        };
        let within = Condition::equal::<Opportunity>(self.name(), Value::Integer(id))?;
        Ok(ListQuery::every::<Opportunity>().and(within))
    }

    /// Whether a stage is it, or is in it.
    fn has(self, stage: &Record<DealStage>) -> bool {
        match self {
            Self::Stage(id) => stage.id == id,
            Self::Pipeline(id) => stage.data.pipeline.kept() == Some(id),
        }
    }
}

/// Refuses a change of what deals are in, saying how many there are and what can be done.
///
/// # Errors
/// [`Error::Conflict`] unless there are none.
pub(crate) async fn refuse(work: &mut dyn SalesWork, holder: Holder, what: &str) -> Result<()> {
    let window = Window::Page { number: 1, size: 1 };
    let query = ListQuery { window, ..holder.deals()? };
    let found = work.opportunities().list(&query).await?.total.unwrap_or_default();
    let (deals, name) = (if found == 1 { "deal is" } else { "deals are" }, holder.name());
    match found {
        0 => Ok(()),
        _ => Err(Error::Conflict(format!("{found} {deals} in this {name}: {what}."))),
    }
}

/// Empties a stage or a pipeline that is about to be deleted: its deals move to the stage that the
/// request names. Those who create deals wait, because everybody holds the deals' lock.
///
/// # Errors
/// [`Error::Conflict`] when there are deals and no stage is named; [`Error::Invalid`] when the stage
/// goes, too.
pub(crate) async fn clear<T: Resource>(
    work: &mut dyn SalesWork,
    step: &Step<'_, T>,
    holder: Holder,
) -> Result<()> {
    let Some(target) = step.move_to else {
        return refuse(work, holder, "name the stage that takes them in move_to").await;
    };
    let found = work.deal_stages().find(&[Id::new(target)], Which::Live).await?.pop();
    let stage = found.ok_or_else(|| Error::internal("the stage to move to is gone"))?;
    if holder.has(&stage) {
        return Err(Error::field("move_to", "This stage is going to be deleted, too."));
    }
    let pipeline = stage.data.pipeline.kept();
    let pipeline = work.pipelines().find(pipeline.as_slice(), Which::Live).await?.pop();
    let pipeline = pipeline.ok_or_else(|| Error::internal("a stage of no pipeline"))?;
    let deals = work.opportunities().list(&holder.deals()?).await?.records;
    let moved = |deal: &Record<Opportunity>| {
        let mut data = deal.data.clone();
        data.pipeline = Link::to(Some(pipeline.id));
        data.pipeline_name = super::name_of(&pipeline.data.name);
        data.enter(&stage, step.now);
        deal.rewritten(data, step.now)
    };
    let moved: Vec<_> = deals.iter().map(moved).collect();
    if !work.put_in_stages(&moved).await? {
        return Err(Error::Busy);
    }
    let both = || deals.iter().zip(&moved);
    let steps = both().map(|(deal, next)| StageChange::between(Some(deal), next, step.ctx));
    work.stage_changes().insert_many(steps.collect(), step.now).await?;
    for (deal, next) in both() {
        work.journal(Entry::of(step.ctx, step.random, Verb::Updated, Some(deal), next)?);
    }
    Ok(())
}
