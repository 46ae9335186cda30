//! Plans, subscriptions and what they include.

use domain_accounts::Entitlements;
use domain_kernel::TenantId;
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use serde_json::json;

use super::Fixture;
use crate::builders::today;
use crate::{FEATURES, PLANS, PlanRow};

impl Fixture {
    /// What a workspace may use on a day.
    async fn entitlements(&self, tenant: TenantId, on: Date) -> Entitlements {
        let mut work = self.looking().await;
        work.enter(tenant).await.expect("entering");
        let found = work.entitlements(on).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
    }

    /// The key of a workspace's plan on a day.
    async fn plan(&self, tenant: TenantId, on: Date) -> String {
        self.entitlements(tenant, on).await.plan.key
    }

    /// Subscribes a workspace to a plan; whether there is one.
    async fn subscribe(&self, tenant: TenantId, plan: &str, from: Date) -> bool {
        let mut work = self.changing().await;
        work.enter(tenant).await.expect("entering");
        let done = work.subscribe(plan, from).await.expect("a subscription");
        work.commit().await.expect("a commit");
        done
    }
}

/// What a plan gives, with the id that the store has given it.
fn entitlements(plan: &PlanRow, id: i64) -> Entitlements {
    let plan_id = domain_accounts::Plan { id, ..plan.plan() };
    Entitlements { plan: plan_id, features: plan.feature_states() }
}

/// The plans are those that are sold, in order of price.
pub async fn the_plans_are_those_that_are_sold(fixture: &Fixture) {
    let found = fixture.looking().await.plans().await.expect("a list");
    assert_eq!(found.len(), PLANS.len(), "every plan is listed once");
    for (found, sold) in found.iter().zip(&PLANS) {
        let mut expected = sold.with_features();
        expected.plan.id = found.plan.id;
        assert_eq!(*found, expected, "plans come in order of price, with their features");
    }
}

/// A new workspace may use the free plan.
pub async fn a_new_workspace_may_use_the_free_plan(fixture: &Fixture) {
    let mut work = fixture.changing().await;
    let slug = fixture.name("unsubscribed");
    let made = work.insert_organization("New", &slug, fixture.now()).await;
    let tenant = made.expect("a workspace").expect("a free slug").id;
    work.enter(tenant).await.expect("entering");
    let found = work.entitlements(today(fixture.now())).await.expect("a look-up");
    assert_eq!(found.plan.key, "free", "without a subscription it is the free plan");
    work.commit().await.expect("a commit");
    let mut found = fixture.entitlements(tenant, today(fixture.now())).await;
    let mut expected = entitlements(&PLANS[0], found.plan.id);
    found.features.sort_by(|one, two| one.code.cmp(&two.code));
    expected.features.sort_by(|one, two| one.code.cmp(&two.code));
    assert_eq!(found, expected, "every known feature is told, the plan's are enabled");
    assert_eq!(found.features.len(), FEATURES.len());
}

/// A subscription counts from its first day.
pub async fn a_subscription_counts_from_its_first_day(fixture: &Fixture) {
    let tenant = fixture.member().await.organization.id;
    let first = today(fixture.now());
    for plan in ["pro", "enterprise", "free"] {
        assert!(fixture.subscribe(tenant, plan, first).await, "there is the plan {plan}");
        assert_eq!(fixture.plan(tenant, first).await, plan, "it counts on its first day");
        let later = first.saturating_add(400.days());
        assert_eq!(fixture.plan(tenant, later).await, plan, "and on every day that follows");
        let before = first.yesterday().expect("there is one");
        assert_eq!(fixture.plan(tenant, before).await, "free", "but not before");
    }
    assert!(fixture.subscribe(tenant, "pro", first).await);
    let enabled = fixture.entitlements(tenant, first).await.enabled();
    assert_eq!(enabled, PLANS[1].with_features().features, "what the plan includes is enabled");
}

/// The last subscription counts; the one before has ended.
pub async fn the_last_subscription_counts(fixture: &Fixture) {
    let tenant = fixture.member().await.organization.id;
    let mut day = today(fixture.now());
    for plan in ["enterprise", "free", "pro", "pro"] {
        day = day.tomorrow().expect("there is one");
        fixture.subscribe(tenant, plan, day).await;
        assert_eq!(fixture.plan(tenant, day).await, plan, "the last subscription counts");
    }
}

/// A subscription to no plan changes nothing.
pub async fn a_subscription_to_no_plan_changes_nothing(fixture: &Fixture) {
    let tenant = fixture.member().await.organization.id;
    let day = today(fixture.now());
    fixture.subscribe(tenant, "pro", day).await;
    for unknown in ["platinum", "", "PRO", "%"] {
        assert!(!fixture.subscribe(tenant, unknown, day).await, "there is no plan {unknown:?}");
        assert_eq!(fixture.plan(tenant, day).await, "pro", "the subscription before goes on");
    }
}

/// An expired subscription falls back to the free plan.
pub async fn an_expired_subscription_falls_back_to_the_free_plan(fixture: &Fixture) {
    let tenant = fixture.member().await.organization.id;
    let day = today(fixture.now());
    fixture.subscribe(tenant, "enterprise", day).await;
    let end = day.saturating_add(10.days());
    fixture.backdoor.expire_subscription(tenant, end).await;
    let before = fixture.plan(tenant, day.saturating_add(5.days())).await;
    assert_eq!(before, "enterprise", "a subscription counts until it ends");
    let after = fixture.entitlements(tenant, day.saturating_add(15.days())).await;
    assert_eq!(after.plan.key, "free", "then it is the free plan");
    assert_eq!(after.enabled(), PLANS[0].with_features().features, "with its features");
}

/// One workspace's subscription is not another's.
pub async fn one_workspaces_subscription_is_not_anothers(fixture: &Fixture) {
    let (one, two) = (fixture.member().await, fixture.member().await);
    let day = today(fixture.now());
    fixture.subscribe(one.organization.id, "enterprise", day).await;
    assert_eq!(fixture.plan(two.organization.id, day).await, "free", "each has its own");
    fixture.subscribe(two.organization.id, "pro", day).await;
    assert_eq!(fixture.plan(one.organization.id, day).await, "enterprise", "each keeps its own");
}

/// Outcomes are remembered across the stores: a key is a key, whichever use case it came to.
pub async fn outcomes_are_remembered_across_the_stores(fixture: &Fixture) {
    let ctx = fixture.member().await.repeating("key", b"print");
    let mut work = fixture.accounts.begin_write(&ctx).await.expect("a unit for writing");
    assert_eq!(work.remembered().await.expect("a look-up"), None, "at first there is none");
    work.remember(json!({ "from": "accounts" }));
    work.commit().await.expect("a commit");
    let mut work = fixture.writing(&ctx).await;
    let found = work.remembered().await.expect("a look-up").map(|found| found.outcome);
    assert_eq!(found, Some(json!({ "from": "accounts" })), "the other store remembers it");
    drop(work);
    fixture.clock.advance(SignedDuration::from_hours(25));
    let begun = fixture.accounts.begin_read(&ctx).await;
    let mut work = begun.expect("a unit for reading");
    assert_eq!(work.remembered().await.expect("a look-up"), None, "for a day");
}
