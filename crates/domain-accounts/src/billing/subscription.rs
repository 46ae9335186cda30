//! What a workspace is subscribed to, and was.

use async_trait::async_trait;
use domain_kernel::field::{Date, Embedded, Flag, Key};
use domain_kernel::journal::{Entry, Verb};
use domain_kernel::policy::Area;
use domain_kernel::{
    Error, Id, OpContext, Operations, Random, Record, Records, Resource, Result, Step, Which,
};
use jiff::Timestamp;

use super::{Plan, SubscriptionPlan, Usage};
use crate::AccountsWork;
use crate::sign_in::organization;

domain_kernel::resource! {
    /// A subscription of the workspace to a plan. Of those that are active today, the one that began
    /// last counts; without one it is the free plan.
    pub struct Subscription, patch SubscriptionPatch {
        /// The plan.
        plan: Embedded<Plan> [read_only],
        /// The plan's id.
        plan_id: Key<SubscriptionPlan> [required],
        /// Its first day.
        started_at: Date [required],
        /// Its last day.
        expires_at: Date,
        /// Whether it counts at all.
        is_active: Flag<true>,
    }
}

#[async_trait]
impl Resource for Subscription {
    const NAME: &'static str = "subscriptions";
    const SINGULAR: &'static str = "subscription";
    const MODULE: &'static str = "billing";
    const DESCRIPTION: &'static str = "What the workspace is subscribed to, and was.";
    const AREA: Area = Area::Billing;
    const FEATURE: Option<&'static str> = Some("billing.manage_subscriptions");
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.subscriptions()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_workspace().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if data.expires_at.0.is_some_and(|last| Some(last) < data.started_at.0) {
            return Err(Error::field("expires_at", "It ends before it begins."));
        }
        let plan = plan_of(work, data).await?;
        let (Some(plan), true) = (plan, step.verb != Verb::Deleted) else { return Ok(()) };
        if !may_take(step.ctx, &plan) {
            let message = "This plan is given on request: POST /api/billing/change-plan/.";
            return Err(Error::field("plan_id", message));
        }
        data.plan = Embedded(Some(Plan::from(&plan)));
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        _: &mut Record<Self>,
    ) -> Result<()> {
        check_use(work, step.ctx, step.now).await
    }
}

/// Whether somebody puts a workspace on a plan without asking.
pub(super) fn may_take(ctx: &OpContext, plan: &Record<SubscriptionPlan>) -> bool {
    ctx.roles.is_staff() || plan.data.is_self_service.0
}

/// The plan that a subscription names, if there is one.
async fn plan_of(
    work: &mut dyn AccountsWork,
    data: &Subscription,
) -> Result<Option<Record<SubscriptionPlan>>> {
    let Some(id) = data.plan_id.id() else { return Ok(None) };
    Ok(work.subscription_plans().find(&[Id::new(id)], Which::Live).await?.pop())
}

/// Refuses what would leave a workspace with less than it uses.
pub(super) async fn check_use(
    work: &mut dyn AccountsWork,
    ctx: &OpContext,
    now: Timestamp,
) -> Result<()> {
    let today = organization(work, ctx.tenant).await?.day_of(now);
    let plan = work.entitlements(today).await?.plan;
    let Usage { users, deals } = Usage::of(work).await?;
    for (what, allowed, used) in
        [("members", plan.max_users, users), ("deals", plan.max_deals, deals)]
    {
        if used > allowed {
            return Err(Error::Conflict(format!(
                "The plan {} allows {allowed} {what} and the workspace has {used}: remove some \
                 first.",
                plan.name
            )));
        }
    }
    Ok(())
}

/// Puts the workspace of a unit of work on a plan from a day, and ends what counted until then. Both
/// are journaled.
///
/// # Errors
/// [`Error::Conflict`] when the workspace uses more than the plan allows.
pub(crate) async fn subscribe(
    work: &mut dyn AccountsWork,
    ctx: &OpContext,
    random: &dyn Random,
    plan: &Record<SubscriptionPlan>,
    now: Timestamp,
) -> Result<Record<Subscription>> {
    let today = organization(work, ctx.tenant).await?.day_of(now);
    if let Some(before) = work.current_subscription(today).await? {
        let mut data = before.data.clone();
        data.is_active = Flag(false);
        data.expires_at = Date(Some(today));
        let ended = before.rewritten(data, now);
        if !work.subscriptions().update(&ended).await? {
            return Err(Error::Busy);
        }
        work.journal(Entry::of(ctx, random, Verb::Updated, Some(&before), &ended)?);
    }
    let data = Subscription {
        plan: Embedded(Some(Plan::from(plan))),
        plan_id: Key::to(Some(plan.id.raw())),
        started_at: Date(Some(today)),
        expires_at: Date(None),
        is_active: Flag(true),
    };
    let begun = work.subscriptions().insert(data, now).await?;
    work.journal(Entry::of(ctx, random, Verb::Created, None, &begun)?);
    check_use(work, ctx, now).await?;
    Ok(begun)
}
