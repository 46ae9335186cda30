//! The stages of pipelines.

use async_trait::async_trait;
use domain_kernel::field::{Link, Percent, ShortText, Whole};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{Error, Records, Resource, Result, Step};

use crate::opportunity::moving::{self, Holder};
use crate::{Pipeline, SalesWork};

domain_kernel::resource! {
    /// A stage of a pipeline: how far a deal has come.
    pub struct DealStage, patch DealStagePatch {
        /// The pipeline that it belongs to.
        pipeline: Link<Pipeline> [required],
        /// The name.
        name: ShortText<255> [required, searched],
        /// Its place among the stages of the pipeline, from small to large.
        position: Whole,
        /// How probable it is that a deal in it is won, in percent.
        win_probability: Percent,
    }
}

#[async_trait]
impl Resource for DealStage {
    const NAME: &'static str = "deal-stages";
    const SINGULAR: &'static str = "deal_stage";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "The stages that deals go through, each of one pipeline.";
    const AREA: Area = Area::Sales;
    const MOVES_TO: Option<&'static str> = Some(Self::NAME);
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.deal_stages()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_deals().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let Some(before) = step.before else { return Ok(()) };
        match step.verb {
            Verb::Deleted => moving::clear(work, step, Holder::Stage(before.id)).await,
            Verb::Restored if data.pipeline.shown().is_none() => {
                let message = "The pipeline of this stage is deleted: restore that first.";
                Err(Error::Conflict(message.to_owned()))
            }
            _ if data.pipeline.kept() != before.data.pipeline.kept() => {
                let holder = Holder::Stage(before.id);
                moving::refuse(work, holder, "it stays in its pipeline until they are moved").await
            }
            _ => Ok(()),
        }
    }
}
