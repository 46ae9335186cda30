//! What is sold and what a workspace has of it: plans, feature flags, subscriptions, what a workspace
//! has otherwise than its plan says, and how it comes to another plan.

mod change_plan;
mod entitlements;
mod feature_flag;
mod overview;
mod plan;
mod plan_override;
mod plan_request;
mod subscription;

pub use change_plan::{CHANGE_PLAN_FIELDS, PlanChange, PlanWish};
pub use entitlements::{Entitlements, FeatureState, Plan, PlanFeatures};
pub use feature_flag::{FeatureFlag, FeatureFlagPatch};
pub(crate) use overview::by_price;
pub use overview::{BillingOverview, Usage};
pub(crate) use plan::plan_by_key;
pub use plan::{PlanKey, SubscriptionPlan, SubscriptionPlanPatch};
pub use plan_override::{LimitName, PlanOverride, PlanOverridePatch};
pub(crate) use plan_request::ask_for;
pub use plan_request::{PlanRequest, PlanRequestPatch, RequestStatus};
pub(crate) use subscription::subscribe;
pub use subscription::{Subscription, SubscriptionPatch};
