//! Pipelines.

use async_trait::async_trait;
use domain_kernel::crud::{next, update_row};
use domain_kernel::field::ShortText;
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::query::{Condition, ListQuery};
use domain_kernel::{Error, Record, Records, Resource, Result, Step, Value};

use crate::opportunity::moving::{self, Holder};
use crate::{DealStage, SalesWork};

domain_kernel::resource! {
    /// A way of selling: the stages that its deals go through.
    pub struct Pipeline, patch PipelinePatch {
        /// The name.
        name: ShortText<255> [required, searched],
    }
}

#[async_trait]
impl Resource for Pipeline {
    const NAME: &'static str = "pipelines";
    const SINGULAR: &'static str = "pipeline";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str =
        "Ways of selling. A pipeline is deleted and restored with its stages.";
    const AREA: Area = Area::Sales;
    const MOVES_TO: Option<&'static str> = Some(DealStage::NAME);
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.pipelines()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_deals().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, _: &mut Self) -> Result<()> {
        let (Some(pipeline), Verb::Deleted) = (step.before, step.verb) else { return Ok(()) };
        moving::clear(work, step, Holder::Pipeline(pipeline.id)).await?;
        with_stages(work, step, pipeline).await
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        pipeline: &mut Record<Self>,
    ) -> Result<()> {
        match step.verb {
            Verb::Restored => with_stages(work, step, pipeline).await,
            _ => Ok(()),
        }
    }
}

/// Deletes the stages of a pipeline with it, or brings back those that went with it.
async fn with_stages(
    work: &mut (dyn SalesWork + 'static),
    step: &Step<'_, Pipeline>,
    pipeline: &Record<Pipeline>,
) -> Result<()> {
    let its = Condition::equal::<DealStage>("pipeline", Value::Integer(pipeline.id.raw()))?;
    let mut query = ListQuery::every::<DealStage>().and(its);
    if let Some(went_at) = step.before.and_then(|before| before.deleted_at) {
        query.deleted = true;
        query = query.and(Condition::equal::<DealStage>("deleted_at", Value::Timestamp(went_at))?);
    }
    let stages = work.deal_stages().list(&query).await?.records;
    for stage in &stages {
        let Step { ctx, verb, now, random, .. } = *step;
        let step = Step { ctx, verb, before: Some(stage), now, move_to: None, random };
        if let Some(next) = next(&step, stage, stage.data.clone()) {
            update_row(work, &step, next).await?.ok_or(Error::Busy)?;
        }
    }
    Ok(())
}
