//! The plans and features that the migrations write; a test compares the two.

use std::collections::BTreeSet;

use domain_accounts::{FeatureFlag, FeatureState, Plan, SubscriptionPlan};
use domain_kernel::field::{Choice, Count, Flag, Links, LongText, Money, ShortText, Word};
use domain_kernel::{Amount, Id, Record, TenantId};
use jiff::Timestamp;

/// A plan as the migrations write it.
pub struct PlanRow {
    /// Its key.
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// For whom it is.
    pub description: &'static str,
    /// In ten-thousandths of a unit.
    pub price_per_month: i64,
    /// Most active memberships.
    pub max_users: i64,
    /// Most opportunities.
    pub max_deals: i64,
    /// Most calls in a minute.
    pub max_api_calls_per_minute: i64,
    /// How many of [`FEATURES`] it includes, from the first.
    pub features: usize,
}

/// A feature as the migrations write it.
pub struct FeatureRow {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it gives.
    pub description: &'static str,
}

/// The plans, in order of id and of price; each includes what the one before does.
pub const PLANS: [PlanRow; 3] = [
    PlanRow {
        key: "free",
        name: "Free",
        description: "For a first look and for small teams.",
        price_per_month: 0,
        max_users: 5,
        max_deals: 500,
        max_api_calls_per_minute: 60,
        features: 3,
    },
    PlanRow {
        key: "pro",
        name: "Pro",
        description: "For a sales team with a catalog, orders and invoices.",
        price_per_month: 59_000_000,
        max_users: 25,
        max_deals: 5_000,
        max_api_calls_per_minute: 240,
        features: 16,
    },
    PlanRow {
        key: "enterprise",
        name: "Enterprise",
        description: "Everything, with automation and integrations.",
        price_per_month: 129_000_000,
        max_users: 100,
        max_deals: 20_000,
        max_api_calls_per_minute: 600,
        features: FEATURES.len(),
    },
];

const fn feature(code: &'static str, name: &'static str, description: &'static str) -> FeatureRow {
    FeatureRow { code, name, description }
}

/// The features, in order of id.
pub const FEATURES: [FeatureRow; 32] = [
    feature("catalog.read", "Read the catalog", "See products, variants and categories."),
    feature("sales.pipeline", "Sales pipeline", "Pipelines, stages, leads and activities."),
    feature("assistant.chat", "Assistant", "Ask the assistant about your figures."),
    feature("catalog.manage", "Manage the catalog", "Create and change products and variants."),
    feature("catalog.manage_suppliers", "Suppliers", "Keep suppliers of the catalog."),
    feature("inventory.advanced_tracking", "Advanced inventory", "Lots, expiry and locations."),
    feature("pricing.history_view", "Price history", "See how prices changed."),
    feature(
        "sales.advanced_pipeline",
        "Opportunities",
        "Opportunities with amounts and probabilities.",
    ),
    feature("sales.order_management", "Orders", "Orders and their lines."),
    feature("billing.invoices", "Invoices", "Invoices for orders."),
    feature("billing.payments", "Payments", "Payments of invoices."),
    feature("logistics.shipments", "Shipments", "Shipments of orders."),
    feature("analytics.standard", "Analytics", "Dashboards, insights and sales metrics."),
    feature("analytics.custom_metrics", "Custom metrics", "Metrics of your own definition."),
    feature("analytics.forecasting", "Forecasting", "Demand forecasts and next best actions."),
    feature(
        "analytics.customer_segments",
        "Customer segments",
        "Segments of customers by behaviour.",
    ),
    feature(
        "billing.manage_subscriptions",
        "Manage subscriptions",
        "See and change the workspace's subscriptions.",
    ),
    feature("analytics.automated_reports", "Automated reports", "Reports on a schedule."),
    feature("analytics.mlops", "Model training", "Training runs of models."),
    feature("analytics.integrations", "Data sources", "Analytics over outside data."),
    feature("analytics.insights", "Insights", "Anomalies and price recommendations."),
    feature("automation.core", "Automation", "The automation engine."),
    feature("automation.rules", "Automation rules", "Rules that act on events."),
    feature("automation.campaigns", "Campaigns", "Campaigns in several steps."),
    feature("automation.notifications", "Notifications", "Notifications over several channels."),
    feature("automation.webhooks", "Outgoing events", "Events sent to other systems."),
    feature("integrations.core", "Integrations", "The integrations module."),
    feature("integrations.api_keys", "API keys", "Keys for other programs."),
    feature("integrations.webhooks", "Webhooks", "Webhook subscriptions."),
    feature("integrations.connectors", "Connectors", "Connections to other services."),
    feature("integrations.imports", "Imports", "Imports of data in the background."),
    feature("compliance.audit_logs", "Audit log", "Who did what and when."),
];

impl PlanRow {
    /// The plan with an id.
    pub(crate) fn plan(&self, id: i64) -> Plan {
        Plan::from(&platforms(id, self.resource()))
    }

    /// The plan as a resource.
    fn resource(&self) -> SubscriptionPlan {
        SubscriptionPlan {
            key: Choice::trusted(self.key),
            name: ShortText::trusted(self.name),
            description: LongText::trusted(self.description),
            price_per_month: Money(Amount::from_ten_thousandths(self.price_per_month)),
            max_users: Count(self.max_users),
            max_deals: Count(self.max_deals),
            max_api_calls_per_minute: Count(self.max_api_calls_per_minute),
            is_self_service: Flag(self.key == "free"),
        }
    }

    /// The codes of its features.
    pub(crate) fn codes(&self) -> BTreeSet<String> {
        FEATURES[..self.features].iter().map(|feature| feature.code.to_owned()).collect()
    }

    /// Every known feature, and whether the plan includes it.
    pub(crate) fn feature_states(&self) -> Vec<FeatureState> {
        let state = |(place, feature): (usize, &FeatureRow)| FeatureState {
            code: feature.code.to_owned(),
            name: feature.name.to_owned(),
            description: feature.description.to_owned(),
            enabled: place < self.features,
        };
        FEATURES.iter().enumerate().map(state).collect()
    }
}

/// When the migrations say that their rows were made.
pub(super) fn beginning() -> Timestamp {
    let day = jiff::civil::date(2026, 1, 1);
    jiff::tz::TimeZone::UTC.to_timestamp(day.into()).expect("a moment")
}

/// A row of the platform's as the migrations write it.
fn platforms<T>(id: i64, data: T) -> Record<T> {
    Record::new(Id::new(id), TenantId::PLATFORM, data, beginning())
}

/// The plans, with their places as ids.
pub(super) fn plans() -> impl Iterator<Item = Record<SubscriptionPlan>> {
    (1..).zip(&PLANS).map(|(id, plan)| platforms(id, plan.resource()))
}

/// The features, with their places as ids.
pub(super) fn features() -> impl Iterator<Item = Record<FeatureFlag>> {
    let included = |place: usize| {
        let plans = (1..).zip(&PLANS).filter(move |(_, plan)| place < plan.features);
        Links::to(plans.map(|(id, _)| id))
    };
    FEATURES.iter().enumerate().map(move |(place, feature)| {
        let id = i64::try_from(place).expect("there are few") + 1;
        let data = FeatureFlag {
            code: Word::trusted(feature.code),
            name: ShortText::trusted(feature.name),
            description: LongText::trusted(feature.description),
            plans: included(place),
        };
        platforms(id, data)
    })
}
