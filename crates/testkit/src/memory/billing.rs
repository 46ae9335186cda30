//! Plans, features, subscriptions, overrides and requests.

use domain_accounts::{
    Entitlements, FeatureFlag, FeatureState, Plan, PlanOverride, PlanRequest, Subscription,
    SubscriptionPlan, Workspace,
};
use domain_kernel::field::{Date, Embedded, Flag, Key};
use domain_kernel::{Error, Id, Record, Resource as _, Result, TenantId, Which};
use jiff::civil;

use super::plans::{PLANS, beginning, features, plans};
use super::state::{State, Stored, Table};

/// What is stored of what is sold.
#[derive(Clone)]
pub(super) struct BillingState {
    plans: Table<SubscriptionPlan>,
    features: Table<FeatureFlag>,
    subscriptions: Table<Subscription>,
    overrides: Table<PlanOverride>,
    requests: Table<PlanRequest>,
}

impl Default for BillingState {
    /// What the migrations write: the plans, and the last one for the platform's own workspace.
    fn default() -> Self {
        let last = i64::try_from(PLANS.len()).expect("there are few");
        let platforms = Subscription {
            plan: Embedded(None),
            plan_id: Key::to(Some(last)),
            started_at: Date(Some(civil::date(2026, 1, 1))),
            expires_at: Date(None),
            is_active: Flag(true),
        };
        let subscription = Record::new(Id::new(1), TenantId::PLATFORM, platforms, beginning());
        Self {
            plans: plans().collect(),
            features: features().collect(),
            subscriptions: [subscription].into_iter().collect(),
            overrides: Table::default(),
            requests: Table::default(),
        }
    }
}

impl BillingState {
    /// Removes what is a workspace's; rows by table.
    pub(super) fn erase(&mut self, tenant: TenantId) -> [(&'static str, usize); 3] {
        [
            ("plan_overrides", self.overrides.keep(|row| row.tenant != tenant)),
            (
                "plan_requests",
                self.requests.keep(|row| row.data.workspace.id() != Some(tenant.raw())),
            ),
            ("subscriptions", self.subscriptions.keep(|row| row.tenant != tenant)),
        ]
    }

    pub(super) fn has_plan(&self, id: i64) -> bool {
        self.plans.get(TenantId::PLATFORM, id, Which::Any).is_some()
    }

    pub(super) fn has_feature(&self, id: i64, which: Which) -> bool {
        self.features.get(TenantId::PLATFORM, id, which).is_some()
    }
}

impl State {
    /// The plan with an id.
    fn plan(&self, id: i64) -> Option<Plan> {
        self.billing.plans.get(TenantId::PLATFORM, id, Which::Any).map(Plan::from)
    }

    /// The subscription of a workspace that counts on a day.
    pub(super) fn current_subscription(
        &self,
        tenant: TenantId,
        on: civil::Date,
    ) -> Option<Record<Subscription>> {
        let counts = |one: &&Record<Subscription>| {
            let Subscription { started_at, expires_at, is_active, .. } = &one.data;
            one.deleted_at.is_none()
                && is_active.0
                && started_at.0.is_some_and(|first| first <= on)
                && expires_at.0.is_none_or(|last| last >= on)
        };
        let counting = self.billing.subscriptions.of(tenant).filter(counts);
        let mut last = counting.max_by_key(|one| (one.data.started_at.0, one.id.raw()))?.clone();
        last.data.relink(tenant, self);
        Some(last)
    }

    /// What a workspace may use on a day.
    pub(super) fn entitlements(&self, tenant: TenantId, on: civil::Date) -> Result<Entitlements> {
        let current = self.current_subscription(tenant, on);
        let plan = current.and_then(|one| one.data.plan.0).or_else(|| self.plan(1));
        let plan = plan.ok_or_else(|| Error::internal("the free plan is missing"))?;
        let live = self.billing.features.of(TenantId::PLATFORM);
        let state = |flag: &Record<FeatureFlag>| FeatureState {
            code: flag.data.code.to_string(),
            name: flag.data.name.to_string(),
            description: flag.data.description.to_string(),
            enabled: flag.data.plans.ids().any(|id| id == plan.id),
        };
        let live = live.filter(|flag| flag.deleted_at.is_none());
        let features = live.map(|flag| (flag.id.raw(), state(flag))).collect();
        let overrides = self.billing.overrides.of(tenant).filter(|one| one.deleted_at.is_none());
        let overrides: Vec<PlanOverride> = overrides.map(|one| one.data.clone()).collect();
        Ok(Entitlements::of(plan, features, &overrides, on))
    }
}

/// A resource whose rows are in one of the tables above.
macro_rules! stored {
    ($Resource:ident in $table:ident { $($more:item)* }) => {
        impl Stored for $Resource {
            fn table(state: &State) -> &Table<Self> {
                &state.billing.$table
            }

            fn table_mut(state: &mut State) -> &mut Table<Self> {
                &mut state.billing.$table
            }

            $($more)*
        }
    };
}

fn references(resource: &'static str, id: Option<i64>) -> Vec<(&'static str, i64)> {
    id.map(|id| (resource, id)).into_iter().collect()
}

stored! { SubscriptionPlan in plans {
    fn check(&self, id: Option<i64>, _: &State) -> Result<()> {
        let given = || Error::internal("the plans are those of the migrations");
        id.map(drop).ok_or_else(given)
    }
} }
stored! { FeatureFlag in features {
    fn references(&self) -> Vec<(&'static str, i64)> {
        self.plans.ids().map(|id| (SubscriptionPlan::NAME, id)).collect()
    }

    fn check(&self, id: Option<i64>, state: &State) -> Result<()> {
        let mut others = state.billing.features.of(TenantId::PLATFORM);
        let is_other = |other: &Record<Self>| Some(other.id.raw()) != id;
        let taken = others.any(|other| other.data.code == self.code && is_other(other));
        let message = "feature flag with this code already exists.";
        if taken { Err(Error::field("code", message)) } else { Ok(()) }
    }
} }
stored! { Subscription in subscriptions {
    fn references(&self) -> Vec<(&'static str, i64)> {
        references(SubscriptionPlan::NAME, self.plan_id.id())
    }

    fn relink(&mut self, _: TenantId, state: &State) {
        self.plan = Embedded(self.plan_id.id().and_then(|id| state.plan(id)));
    }
} }
stored! { PlanOverride in overrides {
    fn references(&self) -> Vec<(&'static str, i64)> {
        references(FeatureFlag::NAME, self.feature.id())
    }
} }
stored! { PlanRequest in requests {
    fn references(&self) -> Vec<(&'static str, i64)> {
        let plan = references(SubscriptionPlan::NAME, self.plan.id());
        plan.into_iter().chain(references(Workspace::NAME, self.workspace.id())).collect()
    }
} }
