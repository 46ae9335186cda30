//! What a workspace has otherwise than its plan says.

use async_trait::async_trait;
use domain_kernel::field::{Choice, Choices, Count, Date, Flag, Key, LongText};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::query::ListQuery;
use domain_kernel::{Error, Operations, Records, Resource, Result, Step};

use super::FeatureFlag;
use crate::AccountsWork;

/// The limits of plans.
#[derive(Debug)]
pub enum LimitName {}

impl Choices for LimitName {
    const CODES: &'static [&'static str] = &["max_users", "max_deals", "max_api_calls_per_minute"];
}

domain_kernel::resource! {
    /// A feature that the workspace has or has not, or a limit that is another one, whatever its plan
    /// says. It names either a feature or a limit.
    pub struct PlanOverride, patch PlanOverridePatch {
        /// The feature.
        feature: Key<FeatureFlag>,
        /// Whether the workspace has the feature.
        enabled: Flag<true>,
        /// The limit.
        limit: Choice<LimitName>,
        /// The limit's value.
        value: Count<0>,
        /// Why.
        reason: LongText,
        /// Its last day.
        expires_at: Date,
    }
}

#[async_trait]
impl Resource for PlanOverride {
    const NAME: &'static str = "plan-overrides";
    const SINGULAR: &'static str = "plan_override";
    const MODULE: &'static str = "billing";
    const DESCRIPTION: &'static str = "What the workspace has otherwise than its plan says. The platform's staff write it, in the \
         workspace that it is for.";
    const AREA: Area = Area::Platform;
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.plan_overrides()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_workspace().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        match (data.feature.id(), &*data.limit) {
            (Some(_), "") | (None, "max_users" | "max_deals") => {}
            (None, "max_api_calls_per_minute") if data.value.0 > 0 => {}
            (None, "max_api_calls_per_minute") => {
                let message = "Ensure this value is greater than or equal to 1.";
                return Err(Error::field("value", message));
            }
            _ => {
                let message = "Name either a feature or a limit.";
                return Err(Error::field("non_field_errors", message));
            }
        }
        if step.verb == Verb::Deleted {
            return Ok(());
        }
        let others = work.plan_overrides().list(&ListQuery::every::<Self>()).await?.records;
        let taken = others.iter().any(|other| {
            let same = other.data.feature == data.feature && other.data.limit == data.limit;
            same && step.before.is_none_or(|before| before.id != other.id)
        });
        if taken {
            let message = "There is one for this feature or limit already.";
            return Err(Error::field("non_field_errors", message));
        }
        Ok(())
    }
}
