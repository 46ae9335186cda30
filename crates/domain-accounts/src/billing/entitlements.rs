//! What a workspace may use.

use std::collections::BTreeSet;

use domain_kernel::Amount;
use jiff::civil::Date;
use serde::Serialize;

use super::PlanOverride;

/// A plan that workspaces subscribe to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// Its id.
    pub id: i64,
    /// `free`, `pro` or `enterprise`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// For whom it is.
    pub description: String,
    /// Per month.
    pub price_per_month: Amount,
    /// Most active memberships.
    pub max_users: i64,
    /// Most opportunities that are not deleted.
    pub max_deals: i64,
    /// Most calls in a minute.
    pub max_api_calls_per_minute: i64,
}

/// A plan with the codes of its features, for operators.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanFeatures {
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// The codes of what it includes.
    pub features: BTreeSet<String>,
}

/// A known feature and whether a workspace has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureState {
    /// The code that gates name.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What it gives.
    pub description: String,
    /// Whether the workspace has it.
    pub enabled: bool,
}

/// What a workspace may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Entitlements {
    /// The plan that it is subscribed to now, with the limits that the workspace has.
    pub plan: Plan,
    /// Every known feature.
    pub features: Vec<FeatureState>,
}

impl Entitlements {
    /// What a workspace on a plan may use on a day: every known feature by its id, as the plan has it,
    /// then what the workspace has otherwise.
    pub fn of(
        mut plan: Plan,
        features: Vec<(i64, FeatureState)>,
        overrides: &[PlanOverride],
        on: Date,
    ) -> Self {
        let lasts = |one: &&PlanOverride| one.expires_at.0.is_none_or(|last| last >= on);
        let valid: Vec<&PlanOverride> = overrides.iter().filter(lasts).collect();
        let features = features.into_iter().map(|(id, feature)| {
            let other = valid.iter().find(|one| one.feature.id() == Some(id));
            let enabled = other.map_or(feature.enabled, |one| one.enabled.0);
            FeatureState { enabled, ..feature }
        });
        let features = features.collect();
        for one in valid {
            match &*one.limit {
                "max_users" => plan.max_users = one.value.0,
                "max_deals" => plan.max_deals = one.value.0,
                "max_api_calls_per_minute" => plan.max_api_calls_per_minute = one.value.0,
                _ => {}
            }
        }
        Self { plan, features }
    }

    /// The codes of the features that the workspace has.
    pub fn enabled(&self) -> BTreeSet<String> {
        let on = self.features.iter().filter(|feature| feature.enabled);
        on.map(|feature| feature.code.clone()).collect()
    }
}
