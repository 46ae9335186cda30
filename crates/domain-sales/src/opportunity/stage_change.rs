//! How deals went through the stages.

use domain_kernel::field::{Count, DoneBy, Link, Moment, Word};
use domain_kernel::policy::Area;
use domain_kernel::{
    ENTRY_FIELDS, Field, OpContext, Operations, Record, Records, Resource, Result,
};
use jiff::Timestamp;

use super::{FEATURE, Opportunity};
use crate::{DealStage, SalesWork};

/// What is shown beside the fields: whose it is. When it was is among them.
const BESIDE: [Field; 2] = {
    let [id, organization, _] = ENTRY_FIELDS;
    [id, organization]
};

domain_kernel::resource! {
    /// A deal entered a stage.
    pub struct StageChange, patch StageChangePatch, beside BESIDE {
        /// The deal.
        opportunity: Link<Opportunity> [read_only],
        /// The stage that it was in; none when the deal was new.
        from_stage: Link<DealStage> [read_only],
        /// What that stage was called then.
        from_stage_name: Word<255> [read_only],
        /// The stage that it entered.
        to_stage: Link<DealStage> [read_only],
        /// What this stage was called then.
        to_stage_name: Word<255> [read_only],
        /// How long it had been in the former stage, in seconds; 0 when the deal was new.
        seconds_in_former_stage: Count<0> [read_only],
        /// Who did it; nobody when it was the system or its operator.
        changed_by: DoneBy [read_only],
        /// Their name.
        changed_by_name: Word<301> [read_only],
        /// When it was.
        changed_at: Moment [read_only],
    }
}

impl Resource for StageChange {
    const NAME: &'static str = "opportunity-stage-changes";
    const SINGULAR: &'static str = "opportunity_stage_change";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str =
        "How deals went through the stages, and how long they stayed.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    const OPERATIONS: Operations = Operations::ReadOnly;
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.stage_changes()
    }
}

impl StageChange {
    /// What happened between two states of a deal; without a former one it was made.
    pub(super) fn between(
        before: Option<&Record<Opportunity>>,
        after: &Record<Opportunity>,
        ctx: &OpContext,
    ) -> Self {
        let since = before.and_then(|before| before.data.stage_entered_at.0);
        let now = after.updated_at;
        let seconds = since.map_or(0, |since| now.duration_since(since).as_secs().max(0));
        Self {
            opportunity: Link::to(Some(after.id)),
            from_stage: Link::to(before.and_then(|before| before.data.stage.kept())),
            from_stage_name: before
                .map(|before| before.data.stage_name.clone())
                .unwrap_or_default(),
            to_stage: Link::to(after.data.stage.kept()),
            to_stage_name: after.data.stage_name.clone(),
            seconds_in_former_stage: Count(seconds),
            changed_by: DoneBy(ctx.actor.person()),
            changed_by_name: Word::default(),
            changed_at: Moment(Some(now)),
        }
    }

    /// Adds it to the history. It has no entry of its own in the trail: the deal's shows it.
    pub(super) async fn store(self, work: &mut dyn SalesWork, now: Timestamp) -> Result<()> {
        work.stage_changes().insert(self, now).await?;
        Ok(())
    }
}
