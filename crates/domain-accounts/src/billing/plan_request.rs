//! The queue of those who wish for another plan, which the platform's staff decide about.

use async_trait::async_trait;
use domain_kernel::field::{Choice, Choices, DoneBy, Key, LongText, Moment};
use domain_kernel::journal::{Entry, Verb};
use domain_kernel::policy::Area;
use domain_kernel::query::{Condition, ListQuery, Test};
use domain_kernel::{
    Error, Field, Fields as _, Id, OpContext, Operations, PLATFORM_FIELDS, Random, Record, Records,
    Resource, Result, Scope, Step, TenantId, Value, Which,
};
use jiff::Timestamp;

use super::{SubscriptionPlan, subscribe};
use crate::{AccountsWork, Workspace};

/// What becomes of a request.
#[derive(Debug)]
pub enum RequestStatus {}

impl Choices for RequestStatus {
    const CODES: &'static [&'static str] = &["pending", "approved", "refused", "withdrawn"];
}

domain_kernel::resource! {
    /// A workspace's wish for another plan. Approved, the workspace is on the plan at once.
    pub struct PlanRequest, patch PlanRequestPatch, beside PLATFORM_FIELDS {
        /// The workspace.
        workspace: Key<Workspace> [read_only],
        /// The plan that it wishes for.
        plan: Key<SubscriptionPlan> [read_only],
        /// Who asked.
        requested_by: DoneBy [read_only],
        /// `approved` and `refused` decide; a later wish makes the one before `withdrawn`.
        status: Choice<RequestStatus> [required],
        /// What the staff say to it; the workspace sees it.
        note: LongText,
        /// When it was decided.
        decided_at: Moment [read_only],
    }
}

#[async_trait]
impl Resource for PlanRequest {
    const NAME: &'static str = "plan-requests";
    const SINGULAR: &'static str = "plan_request";
    const MODULE: &'static str = "billing";
    const DESCRIPTION: &'static str = "Workspaces that wish for another plan.";
    const AREA: Area = Area::Platform;
    const SCOPE: Scope = Scope::Platform;
    const OPERATIONS: Operations = Operations::Changes;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.plan_requests()
    }

    async fn prepare(_: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let Some(before) = step.before else { return Ok(()) };
        if before.data.status == data.status {
            return Ok(());
        }
        if &*before.data.status != PENDING {
            return Err(Error::Conflict(format!("It is {} already.", &*before.data.status)));
        }
        data.decided_at = Moment(Some(step.now));
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        let was_open = step.before.is_some_and(|before| &*before.data.status == PENDING);
        let (Some(workspace), Some(plan)) = (record.data.workspace.id(), record.data.plan.id())
        else {
            return Ok(());
        };
        if !was_open || &*record.data.status != "approved" {
            return Ok(());
        }
        let plan = work.subscription_plans().find(&[Id::new(plan)], Which::Live).await?.pop();
        let plan = plan.ok_or_else(|| Error::Conflict("The plan is gone.".to_owned()))?;
        let workspace = TenantId::new(workspace);
        if work.organization(workspace).await?.is_none() {
            return Err(Error::Conflict("The workspace is closed.".to_owned()));
        }
        work.enter(workspace).await?;
        work.lock_workspace().await?;
        let home = step.ctx.tenant;
        let actor = if home == workspace { step.ctx.actor } else { step.ctx.actor.elsewhere() };
        let there = OpContext { tenant: workspace, actor, ..step.ctx.clone() };
        subscribe(work, &there, step.random, &plan, step.now).await?;
        work.enter(home).await
    }

    fn trail(record: &Record<Self>) -> TenantId {
        record.data.workspace.id().map_or(TenantId::PLATFORM, TenantId::new)
    }
}

/// The status of what nobody has decided.
const PENDING: &str = "pending";

/// The wish of a workspace that is not decided, if it has one.
pub(super) async fn pending(
    work: &mut dyn AccountsWork,
    workspace: TenantId,
) -> Result<Option<Record<PlanRequest>>> {
    let is = |name: &str, value: Value| Condition { field: field(name), test: Test::Equal, value };
    let conditions = vec![
        is("workspace", Value::Integer(workspace.raw())),
        is("status", Value::Text(PENDING.to_owned())),
    ];
    let query = ListQuery { conditions, ..ListQuery::all::<PlanRequest>() };
    Ok(work.plan_requests().list(&query).await?.records.pop())
}

fn field(name: &str) -> &'static Field {
    PlanRequest::FIELDS.iter().find(|field| field.name == name).unwrap_or(&PlanRequest::FIELDS[0])
}

/// Puts the wish of the caller's workspace into the queue, in place of the one before. The workspace is
/// locked by the caller.
pub(crate) async fn ask_for(
    work: &mut dyn AccountsWork,
    ctx: &OpContext,
    random: &dyn Random,
    plan: &Record<SubscriptionPlan>,
    now: Timestamp,
) -> Result<Record<PlanRequest>> {
    if let Some(before) = pending(work, ctx.tenant).await? {
        if before.data.plan.id() == Some(plan.id.raw()) {
            return Ok(before);
        }
        let mut data = before.data.clone();
        data.status = Choice::trusted("withdrawn");
        data.decided_at = Moment(Some(now));
        let withdrawn = before.rewritten(data, now);
        if !work.plan_requests().update(&withdrawn).await? {
            return Err(Error::Busy);
        }
        work.journal(Entry::of(ctx, random, Verb::Updated, Some(&before), &withdrawn)?);
    }
    let data = PlanRequest {
        workspace: Key::to(Some(ctx.tenant.raw())),
        plan: Key::to(Some(plan.id.raw())),
        requested_by: DoneBy(ctx.actor.person()),
        status: Choice::trusted(PENDING),
        note: LongText::trusted(""),
        decided_at: Moment(None),
    };
    let made = work.plan_requests().insert(data, now).await?;
    work.journal(Entry::of(ctx, random, Verb::Created, None, &made)?);
    Ok(made)
}
