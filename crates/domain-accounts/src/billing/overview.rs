//! A workspace's plan, what it uses of it, and what else there is.

use domain_kernel::policy::{Action, Area};
use domain_kernel::query::{ListQuery, OrderBy};
use domain_kernel::{Fields as _, OpContext, Record, Result};

use super::plan_request::pending;
use super::{Entitlements, PlanRequest, Subscription, SubscriptionPlan};
use crate::sign_in::organization;
use crate::{Accounts, AccountsWork, done};

/// What a workspace uses of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Active members.
    pub users: i64,
    /// Deals that are not deleted.
    pub deals: i64,
}

impl Usage {
    /// What the workspace of a unit of work uses now.
    pub(crate) async fn of(work: &mut dyn AccountsWork) -> Result<Self> {
        let users = i64::try_from(work.members().await?.len()).unwrap_or(i64::MAX);
        Ok(Self { users, deals: work.deals_in_use().await? })
    }
}

/// What `billing/overview` shows.
#[derive(Debug, Clone)]
pub struct BillingOverview {
    /// The subscription that counts today; none is the free plan.
    pub current: Option<Record<Subscription>>,
    /// What the workspace may use today.
    pub entitlements: Entitlements,
    /// What it uses.
    pub usage: Usage,
    /// The plans, in order of price.
    pub plans: Vec<Record<SubscriptionPlan>>,
    /// The wish for another plan that nobody has decided.
    pub pending: Option<Record<PlanRequest>>,
}

impl Accounts {
    /// The workspace's plan, what it uses of it, and what else there is.
    ///
    /// # Errors
    /// [`Error::Forbidden`](domain_kernel::Error::Forbidden) for who may not see it.
    pub async fn billing_overview(&self, ctx: &OpContext) -> Result<BillingOverview> {
        ctx.require(Area::Billing, Action::Read)?;
        let mut work = self.store.begin_read(ctx).await?;
        let today = organization(&mut *work, ctx.tenant).await?.day_of(self.clock.now());
        let plans = work.subscription_plans().list(&by_price()).await?.records;
        let overview = BillingOverview {
            current: work.current_subscription(today).await?,
            entitlements: work.entitlements(today).await?,
            usage: Usage::of(&mut *work).await?,
            plans,
            pending: pending(&mut *work, ctx.tenant).await?,
        };
        done(work, overview).await
    }
}

/// Every plan, in order of price.
pub(crate) fn by_price() -> ListQuery {
    let mut query = ListQuery::every::<SubscriptionPlan>();
    let price = SubscriptionPlan::FIELDS.iter().find(|field| field.name == "price_per_month");
    let first = price.map(|field| OrderBy { field, descending: false });
    query.ordering = first.into_iter().chain(query.ordering).collect();
    query
}
