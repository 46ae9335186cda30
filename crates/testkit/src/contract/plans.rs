//! Plans, subscriptions and what they include.

use std::collections::BTreeSet;

use domain_accounts::{
    AccountsWork, Entitlements, FeatureFlag, Plan, PlanOverride, PlanRequest, Subscription,
    SubscriptionPlan,
};
use domain_kernel::field::{
    self, Choice, Count, DoneBy, Embedded, Flag, Key, Links, LongText, ShortText, Word,
};
use domain_kernel::query::ListQuery;
use domain_kernel::{Error, Record, Resource, TenantId, Which};
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

    /// The subscription that counts on a day.
    async fn current(&self, tenant: TenantId, on: Date) -> Option<Record<Subscription>> {
        let mut work = self.looking().await;
        work.enter(tenant).await.expect("entering");
        work.current_subscription(on).await.expect("a look-up")
    }

    /// The plan with a key.
    async fn sold(&self, key: &str) -> Record<SubscriptionPlan> {
        let mut work = self.looking().await;
        let all = ListQuery::every::<SubscriptionPlan>();
        let plans = work.subscription_plans().list(&all).await.expect("a list").records;
        plans.into_iter().find(|plan| &*plan.data.key == key).expect("it is sold")
    }

    /// Subscribes a workspace to a plan from a day to another, if it ends.
    async fn subscribe(
        &self,
        tenant: TenantId,
        plan: &str,
        (first, last): (Date, Option<Date>),
    ) -> Record<Subscription> {
        let plan = self.sold(plan).await;
        let data = Subscription {
            plan: Embedded(Some(Plan::from(&plan))),
            plan_id: Key::to(Some(plan.id.raw())),
            started_at: field::Date(Some(first)),
            expires_at: field::Date(last),
            is_active: Flag(true),
        };
        self.stored(tenant, data).await
    }

    /// Stores a row in a workspace.
    async fn stored<T>(&self, tenant: TenantId, data: T) -> Record<T>
    where
        T: Resource<Work = dyn AccountsWork>,
    {
        let mut work = self.changing().await;
        work.enter(tenant).await.expect("entering");
        let made = T::records(&mut *work).insert(data, self.now()).await.expect("a row");
        work.commit().await.expect("a commit");
        made
    }

    /// Stores a row of a workspace anew.
    async fn rewritten<T>(&self, tenant: TenantId, row: &Record<T>, data: T) -> Record<T>
    where
        T: Resource<Work = dyn AccountsWork>,
    {
        let next = row.rewritten(data, self.now());
        let mut work = self.changing().await;
        work.enter(tenant).await.expect("entering");
        assert!(T::records(&mut *work).update(&next).await.expect("an update"), "it was its turn");
        work.commit().await.expect("a commit");
        next
    }
}

/// What a plan gives, with the id that the store has given it.
fn entitlements(plan: &PlanRow, id: i64) -> Entitlements {
    Entitlements { plan: plan.plan(id), features: plan.feature_states() }
}

/// The plans are those that are sold, with their features.
pub async fn the_plans_are_those_that_are_sold(fixture: &Fixture) {
    let mut work = fixture.looking().await;
    let all = ListQuery::every::<FeatureFlag>();
    let flags = work.feature_flags().list(&all).await.expect("a list").records;
    let all = ListQuery::every::<SubscriptionPlan>();
    let found = work.subscription_plans().list(&all).await.expect("a list").records;
    assert_eq!(found.len(), PLANS.len(), "every plan is listed once");
    assert_eq!(flags.len(), FEATURES.len(), "and every feature");
    for (found, sold) in found.iter().zip(&PLANS) {
        assert_eq!(Plan::from(found), sold.plan(found.id.raw()), "the plan is as it is sold");
        assert_eq!(
            found.data.is_self_service.0,
            sold.key == "free",
            "only this one is taken freely"
        );
        let includes =
            |flag: &&Record<FeatureFlag>| flag.data.plans.ids().any(|plan| plan == found.id.raw());
        let codes: BTreeSet<String> =
            flags.iter().filter(includes).map(|flag| flag.data.code.to_string()).collect();
        assert_eq!(codes, sold.codes(), "and includes what is sold with it");
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
        let made = fixture.subscribe(tenant, plan, (first, None)).await;
        assert_eq!(fixture.plan(tenant, first).await, plan, "it counts on its first day");
        let later = first.saturating_add(400.days());
        assert_eq!(fixture.plan(tenant, later).await, plan, "and on every day that follows");
        let before = first.yesterday().expect("there is one");
        assert_eq!(fixture.plan(tenant, before).await, "free", "but not before");
        let current = fixture.current(tenant, first).await.expect("it counts");
        assert_eq!(current, made, "it is the one that is told, with its plan");
    }
    fixture.subscribe(tenant, "pro", (first, None)).await;
    let enabled = fixture.entitlements(tenant, first).await.enabled();
    assert_eq!(enabled, PLANS[1].codes(), "what the plan includes is enabled");
}

/// Of several subscriptions the one that began last counts, until it ends.
pub async fn the_last_subscription_counts(fixture: &Fixture) {
    let tenant = fixture.member().await.organization.id;
    let day = today(fixture.now());
    let at = |days: i64| day.saturating_add(days.days());
    fixture.subscribe(tenant, "pro", (at(0), None)).await;
    fixture.subscribe(tenant, "enterprise", (at(10), Some(at(20)))).await;
    for (days, plan) in
        [(0, "pro"), (9, "pro"), (10, "enterprise"), (20, "enterprise"), (21, "pro")]
    {
        assert_eq!(fixture.plan(tenant, at(days)).await, plan, "on day {days}");
    }
}

/// A subscription that is not active, or deleted, does not count.
pub async fn an_inactive_subscription_does_not_count(fixture: &Fixture) {
    let tenant = fixture.member().await.organization.id;
    let day = today(fixture.now());
    let pro = fixture.subscribe(tenant, "pro", (day, None)).await;
    let data = Subscription { is_active: Flag(false), ..pro.data.clone() };
    let pro = fixture.rewritten(tenant, &pro, data).await;
    assert_eq!(fixture.plan(tenant, day).await, "free", "while it is not active");
    let data = Subscription { is_active: Flag(true), ..pro.data.clone() };
    let pro = fixture.rewritten(tenant, &pro, data).await;
    assert_eq!(fixture.plan(tenant, day).await, "pro", "active it counts again");
    let gone = Record { deleted_at: Some(fixture.now()), ..pro };
    fixture.rewritten(tenant, &gone, gone.data.clone()).await;
    assert_eq!(fixture.plan(tenant, day).await, "free", "deleted it does not");
    assert_eq!(fixture.current(tenant, day).await, None, "nor is it told");
}

/// An expired subscription falls back to the free plan.
pub async fn an_expired_subscription_falls_back_to_the_free_plan(fixture: &Fixture) {
    let tenant = fixture.member().await.organization.id;
    let day = today(fixture.now());
    let end = day.saturating_add(10.days());
    fixture.subscribe(tenant, "enterprise", (day, Some(end))).await;
    assert_eq!(
        fixture.plan(tenant, end).await,
        "enterprise",
        "a subscription counts until it ends"
    );
    let after = fixture.entitlements(tenant, end.saturating_add(1.days())).await;
    assert_eq!(after.plan.key, "free", "then it is the free plan");
    assert_eq!(after.enabled(), PLANS[0].codes(), "with its features");
}

/// What a workspace has otherwise counts before what its plan says, until it ends.
pub async fn an_override_counts_before_the_plan(fixture: &Fixture) {
    let (tenant, other) =
        (fixture.member().await.organization.id, fixture.member().await.organization.id);
    let day = today(fixture.now());
    let feature = |code: &str| {
        let place = FEATURES.iter().position(|feature| feature.code == code).expect("it is known");
        Key::to(Some(i64::try_from(place).expect("there are few") + 1))
    };
    let last = day.saturating_add(3.days());
    let more = PlanOverride {
        feature: feature("compliance.audit_logs"),
        expires_at: field::Date(Some(last)),
        ..PlanOverride::default()
    };
    let less = PlanOverride {
        feature: feature("assistant.chat"),
        enabled: Flag(false),
        ..PlanOverride::default()
    };
    let limit = PlanOverride {
        limit: Choice::trusted("max_users"),
        value: Count(77),
        ..PlanOverride::default()
    };
    let more = fixture.stored(tenant, more).await;
    fixture.stored(tenant, less).await;
    fixture.stored(tenant, limit).await;
    let has = |found: &Entitlements, code: &str| found.enabled().contains(code);
    let found = fixture.entitlements(tenant, last).await;
    assert!(has(&found, "compliance.audit_logs"), "on its last day, too");
    assert!(!has(&found, "assistant.chat"), "a feature can be off");
    assert_eq!((found.plan.max_users, found.plan.max_deals), (77, 500), "a limit is another one");
    let after = fixture.entitlements(tenant, last.saturating_add(1.days())).await;
    assert!(!has(&after, "compliance.audit_logs"), "not after it");
    let others = fixture.entitlements(other, day).await;
    assert_eq!(others.plan.max_users, 5, "another workspace has its plan");
    let gone = Record { deleted_at: Some(fixture.now()), ..more };
    fixture.rewritten(tenant, &gone, gone.data.clone()).await;
    let found = fixture.entitlements(tenant, day).await;
    assert!(!has(&found, "compliance.audit_logs"), "deleted it is gone");
}

/// A feature belongs to the plans that it names; deleted, to none. Its code is one feature's.
pub async fn a_feature_belongs_to_the_plans_that_it_names(fixture: &Fixture) {
    let tenant = fixture.member().await.organization.id;
    let day = today(fixture.now());
    let free = fixture.sold("free").await.id.raw();
    let data = FeatureFlag {
        code: Word::trusted("beta.thing"),
        name: ShortText::trusted("Thing"),
        description: LongText::trusted("Something new."),
        plans: Links::to([free]),
    };
    let made = fixture.stored(tenant, data.clone()).await;
    let has = async || fixture.entitlements(tenant, day).await.enabled().contains("beta.thing");
    assert!(has().await, "the plan includes it");
    let made = fixture
        .rewritten(tenant, &made, FeatureFlag { plans: Links::to([]), ..data.clone() })
        .await;
    assert!(!has().await, "no plan includes it");
    let made = fixture.rewritten(tenant, &made, data.clone()).await;
    assert!(has().await, "it does again");
    let mut work = fixture.looking().await;
    let found = work.feature_flags().find(&[made.id], Which::Live).await.expect("a look-up").pop();
    assert_eq!(found, Some(made.clone()), "it is found as it was stored");
    drop(work);
    let gone = Record { deleted_at: Some(fixture.now()), ..made };
    fixture.rewritten(tenant, &gone, data.clone()).await;
    assert!(!has().await, "deleted nobody has it");
    let mut work = fixture.changing().await;
    let again = work.feature_flags().insert(data.clone(), fixture.now()).await.err();
    assert!(matches!(again, Some(Error::Invalid(_))), "its code is taken: {again:?}");
    drop(work);
    let other = FeatureFlag { code: Word::trusted("beta.other"), ..data.clone() };
    let other = fixture.stored(tenant, other).await;
    let mut work = fixture.changing().await;
    let renamed = other.rewritten(data, fixture.now());
    let again = work.feature_flags().update(&renamed).await.err();
    assert!(matches!(again, Some(Error::Invalid(_))), "for a change, too: {again:?}");
}

/// Every workspace's wish is in one queue.
pub async fn every_wish_is_in_one_queue(fixture: &Fixture) {
    let (one, two) = (fixture.member().await, fixture.member().await);
    let pro = fixture.sold("pro").await.id.raw();
    let wish = |member: &crate::builders::Member| PlanRequest {
        workspace: Key::to(Some(member.organization.id.raw())),
        plan: Key::to(Some(pro)),
        requested_by: DoneBy(Some(member.person.id)),
        status: Choice::trusted("pending"),
        ..PlanRequest::default()
    };
    let first = fixture.stored(one.organization.id, wish(&one)).await;
    let second = fixture.stored(two.organization.id, wish(&two)).await;
    let mut work = fixture.looking().await;
    let found = work.plan_requests().list(&ListQuery::all::<PlanRequest>()).await.expect("a list");
    assert_eq!(found.records, [first.clone(), second], "outside of every workspace all are seen");
    drop(work);
    let data = PlanRequest { status: Choice::trusted("refused"), ..first.data.clone() };
    let decided = fixture.rewritten(TenantId::PLATFORM, &first, data).await;
    let mut work = fixture.looking().await;
    let found = work.plan_requests().find(&[first.id], Which::Live).await.expect("a look-up").pop();
    assert_eq!(found, Some(decided), "and decided");
}

/// One workspace's subscription is not another's.
pub async fn one_workspaces_subscription_is_not_anothers(fixture: &Fixture) {
    let (one, two) = (fixture.member().await, fixture.member().await);
    let day = today(fixture.now());
    fixture.subscribe(one.organization.id, "enterprise", (day, None)).await;
    assert_eq!(fixture.plan(two.organization.id, day).await, "free", "each has its own");
    fixture.subscribe(two.organization.id, "pro", (day, None)).await;
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
