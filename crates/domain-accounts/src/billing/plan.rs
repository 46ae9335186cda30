//! The plans that workspaces subscribe to.

use async_trait::async_trait;
use domain_kernel::field::{Choice, Choices, Count, Flag, LongText, Money, ShortText};
use domain_kernel::policy::Area;
use domain_kernel::query::ListQuery;
use domain_kernel::{
    Error, Operations, PLATFORM_FIELDS, Record, Records, Resource, Result, Scope, Step,
};

use super::Plan;
use crate::AccountsWork;

/// The plans that there are.
#[derive(Debug)]
pub enum PlanKey {}

impl Choices for PlanKey {
    const CODES: &'static [&'static str] = &["free", "pro", "enterprise"];
}

domain_kernel::resource! {
    /// A plan that workspaces subscribe to.
    pub struct SubscriptionPlan, patch SubscriptionPlanPatch, beside PLATFORM_FIELDS {
        /// What programs call it.
        key: Choice<PlanKey> [read_only],
        /// What people call it.
        name: ShortText<255> [required, searched],
        /// For whom it is.
        description: LongText,
        /// What it costs.
        price_per_month: Money<9, 2> [required],
        /// Most active members.
        max_users: Count<5>,
        /// Most opportunities that are not deleted.
        max_deals: Count<500>,
        /// Most calls in a minute.
        max_api_calls_per_minute: Count<120>,
        /// Whether a workspace's admins switch to it by themselves; otherwise the platform's staff
        /// decide.
        is_self_service: Flag<false>,
    }
}

#[async_trait]
impl Resource for SubscriptionPlan {
    const NAME: &'static str = "subscription-plans";
    const SINGULAR: &'static str = "subscription_plan";
    const MODULE: &'static str = "billing";
    const DESCRIPTION: &'static str = "The plans that workspaces subscribe to.";
    const AREA: Area = Area::Plans;
    const SCOPE: Scope = Scope::Platform;
    const OPERATIONS: Operations = Operations::Changes;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.subscription_plans()
    }

    async fn prepare(_: &mut Self::Work, _: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        // Whoever could not call at all could not even change the plan.
        if data.max_api_calls_per_minute.0 == 0 {
            let message = "Ensure this value is greater than or equal to 1.";
            return Err(Error::field("max_api_calls_per_minute", message));
        }
        Ok(())
    }
}

/// The plan with a key, if there is one.
pub(crate) async fn plan_by_key(
    work: &mut dyn AccountsWork,
    key: &str,
) -> Result<Option<Record<SubscriptionPlan>>> {
    let plans = work.subscription_plans().list(&ListQuery::every::<SubscriptionPlan>()).await?;
    Ok(plans.records.into_iter().find(|plan| &*plan.data.key == key))
}

impl From<&Record<SubscriptionPlan>> for Plan {
    fn from(record: &Record<SubscriptionPlan>) -> Self {
        let plan = &record.data;
        Self {
            id: record.id.raw(),
            key: plan.key.to_string(),
            name: plan.name.to_string(),
            description: plan.description.to_string(),
            price_per_month: plan.price_per_month.0,
            max_users: plan.max_users.0,
            max_deals: plan.max_deals.0,
            max_api_calls_per_minute: plan.max_api_calls_per_minute.0,
        }
    }
}
