//! A workspace changes its plan, or asks for another one.

use domain_kernel::field::{Key, ShortText};
use domain_kernel::policy::{Action, Area};
use domain_kernel::{
    Error, Field, FieldType, Id, Input, OpContext, Record, Result, Which, replayed,
};
use serde_json::{Value, json};

use super::subscription::may_take;
use super::{Subscription, SubscriptionPlan, ask_for, plan_by_key, subscribe};
use crate::founding::FIRST_PLAN;
use crate::sign_in::organization;
use crate::{Accounts, AccountsWork};

/// The fields of a change of plan; one of them is given.
pub const CHANGE_PLAN_FIELDS: [Field; 2] = [
    Field::new("plan_key", "The plan, by its key.", ShortText::<64>::KIND, false),
    Field::new("plan_id", "The plan, by its id.", Key::<SubscriptionPlan>::KIND, true),
];

/// The plan that is wished for.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanWish {
    /// By its key.
    Key(String),
    /// By its id.
    Id(i64),
}

impl PlanWish {
    /// Reads a wish from a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] unless it names one plan.
    pub fn read(json: Value) -> Result<Self> {
        let [key, id] = &CHANGE_PLAN_FIELDS;
        let mut input = Input::new(json)?;
        let key = input.take::<ShortText<64>>(key).filter(|key| !key.is_empty());
        let id = input.take::<Key<SubscriptionPlan>>(id).and_then(|id| id.id());
        if key.is_some() == id.is_some() {
            input.error("non_field_errors", "Give either plan_key or plan_id.");
        }
        input.finish()?;
        match (key, id) {
            (Some(key), _) => Ok(Self::Key(key.to_string())),
            (None, id) => Ok(Self::Id(id.unwrap_or_default())),
        }
    }

    /// The plan, if there is one.
    async fn find(&self, work: &mut dyn AccountsWork) -> Result<Record<SubscriptionPlan>> {
        match self {
            Self::Key(key) => {
                let found = plan_by_key(work, key).await?;
                found.ok_or_else(|| Error::field("plan_key", "There is no such plan."))
            }
            Self::Id(id) => {
                let found = work.subscription_plans().find(&[Id::new(*id)], Which::Live).await?;
                let none = || format!("Invalid pk \"{id}\" - object does not exist.");
                found.into_iter().next().ok_or_else(|| Error::field("plan_id", none()))
            }
        }
    }
}

/// What became of a wish for a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanChange {
    /// The workspace is on the plan from today; the subscription.
    Changed(Value),
    /// It was on it already; the subscription.
    Same(Value),
    /// The platform's staff are asked; the request.
    Waits(Value),
}

impl PlanChange {
    /// As it is remembered for a repeated request.
    fn json(&self) -> Value {
        match self {
            Self::Changed(shown) => json!({ "changed": shown }),
            Self::Same(shown) => json!({ "same": shown }),
            Self::Waits(shown) => json!({ "waits": shown }),
        }
    }

    fn remembered(mut json: Value) -> Result<Self> {
        let mut take = |name: &str| json.get_mut(name).map(Value::take);
        let changed = take("changed").map(Self::Changed);
        let other = changed.or_else(|| take("same").map(Self::Same));
        let other = other.or_else(|| take("waits").map(Self::Waits));
        other.ok_or_else(|| Error::internal("a change of plan was remembered as something else"))
    }
}

impl Accounts {
    /// Puts the workspace on a plan: at once where its admins may, else when the staff approve.
    /// The flag says whether the answer is that of an earlier request.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who does not administer the workspace; [`Error::Invalid`] when there
    /// is no such plan; [`Error::Conflict`] when the workspace uses more than the plan allows.
    pub async fn change_plan(&self, ctx: &OpContext, wish: PlanWish) -> Result<(PlanChange, bool)> {
        ctx.require(Area::Billing, Action::Update)?;
        let mut work = self.store.begin_write(ctx).await?;
        if let Some(outcome) = replayed(ctx, &mut *work).await? {
            return Ok((PlanChange::remembered(outcome)?, true));
        }
        work.lock_workspace().await?;
        let plan = wish.find(&mut *work).await?;
        let now = self.clock.now();
        let today = organization(&mut *work, ctx.tenant).await?.day_of(now);
        let before = work.current_subscription(today).await?;
        let is_same = |one: &&Record<Subscription>| one.data.plan_id.id() == Some(plan.id.raw());
        let change = match before.as_ref().filter(is_same) {
            Some(before) => PlanChange::Same(before.json()?),
            None if may_take(ctx, &plan) => {
                let begun = subscribe(&mut *work, ctx, &*self.random, &plan, now).await?;
                PlanChange::Changed(begun.json()?)
            }
            None => {
                let request = ask_for(&mut *work, ctx, &*self.random, &plan, now).await?;
                PlanChange::Waits(request.json()?)
            }
        };
        if ctx.idempotency.is_some() {
            work.remember(change.json());
        }
        work.commit().await?;
        self.signed_in.forget_all();
        Ok((change, false))
    }
}

impl Accounts {
    /// Puts a new workspace on the plan that its founder wishes for, or asks for it; an empty key is no
    /// wish.
    pub(crate) async fn wish_for_plan(
        &self,
        work: &mut dyn AccountsWork,
        ctx: &OpContext,
        key: &str,
    ) -> Result<()> {
        if key.is_empty() || key == FIRST_PLAN {
            return Ok(());
        }
        let plan = PlanWish::Key(key.to_owned()).find(work).await?;
        if may_take(ctx, &plan) {
            subscribe(work, ctx, &*self.random, &plan, self.clock.now()).await?;
        } else {
            ask_for(work, ctx, &*self.random, &plan, self.clock.now()).await?;
        }
        Ok(())
    }
}
