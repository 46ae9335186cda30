//! The tables of plans, features and subscriptions.

use std::collections::BTreeSet;

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{Entitlements, FeatureState, Plan, PlanFeatures};
use domain_kernel::{Amount, Error, Result, TenantId};
use jiff::civil::Date;

use crate::columns::Day;
use crate::dialect::{Db, Handle};
use crate::errors::of_query;
use crate::rows::Rows;

diesel::table! {
    use crate::dialect::types::*;

    plans (id) {
        id -> BigInt,
        key -> Text,
        name -> Text,
        description -> Text,
        price_per_month -> BigInt,
        max_users -> BigInt,
        max_deals -> BigInt,
        max_api_calls_per_minute -> BigInt,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    features (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        description -> Text,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    plan_features (plan_id, feature_id) {
        plan_id -> BigInt,
        feature_id -> BigInt,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    subscriptions (id) {
        id -> BigInt,
        organization_id -> BigInt,
        plan_id -> BigInt,
        started_at -> Day,
        expires_at -> Nullable<Day>,
        is_active -> Bool,
    }
}

diesel::joinable!(plan_features -> features (feature_id));
diesel::joinable!(subscriptions -> plans (plan_id));
diesel::allow_tables_to_appear_in_same_query!(plans, features, plan_features, subscriptions);

/// The plan of workspaces without a valid subscription.
const FALLBACK: &str = "free";

#[derive(Queryable, Selectable)]
#[diesel(table_name = plans, check_for_backend(Db))]
struct PlanRow {
    id: i64,
    key: String,
    name: String,
    description: String,
    price_per_month: i64,
    max_users: i64,
    max_deals: i64,
    max_api_calls_per_minute: i64,
}

impl From<PlanRow> for Plan {
    fn from(row: PlanRow) -> Self {
        Self {
            id: row.id,
            key: row.key,
            name: row.name,
            description: row.description,
            price_per_month: Amount::from_ten_thousandths(row.price_per_month),
            max_users: row.max_users,
            max_deals: row.max_deals,
            max_api_calls_per_minute: row.max_api_calls_per_minute,
        }
    }
}

/// Every plan with its features, in order of price.
pub(super) async fn all(handle: &mut Handle<'_>) -> QueryResult<Vec<PlanFeatures>> {
    let rows: Vec<PlanRow> = plans::table
        .order((plans::price_per_month, plans::id))
        .select(PlanRow::as_select())
        .load(handle)
        .await?;
    let given: Vec<(i64, String)> = plan_features::table
        .inner_join(features::table)
        .select((plan_features::plan_id, features::code))
        .load(handle)
        .await?;
    let with_features = |row: PlanRow| {
        let of_plan = given.iter().filter(|(plan, _)| *plan == row.id);
        let features: BTreeSet<String> = of_plan.map(|(_, code)| code.clone()).collect();
        PlanFeatures { plan: row.into(), features }
    };
    Ok(rows.into_iter().map(with_features).collect())
}

/// Subscribes a workspace to a plan and ends the subscription before; `false` when there is no
/// such plan.
pub(super) async fn subscribe(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    plan_key: &str,
    from: Date,
) -> QueryResult<bool> {
    let plan = plans::table.filter(plans::key.eq(plan_key)).select(plans::id);
    let Some(plan): Option<i64> = plan.first(handle).await.optional()? else {
        return Ok(false);
    };
    let before = subscriptions::table
        .filter(Rows::all(tenant, "subscriptions"))
        .filter(subscriptions::is_active.eq(true));
    diesel::update(before)
        .set((subscriptions::is_active.eq(false), subscriptions::expires_at.eq(Day(from))))
        .execute(handle)
        .await?;
    diesel::insert_into(subscriptions::table)
        .values((
            subscriptions::organization_id.eq(tenant.raw()),
            subscriptions::plan_id.eq(plan),
            subscriptions::started_at.eq(Day(from)),
            subscriptions::is_active.eq(true),
        ))
        .execute(handle)
        .await?;
    Ok(true)
}

/// What a workspace may use on a day.
pub(super) async fn entitlements(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    on: Date,
) -> Result<Entitlements> {
    let subscribed: Option<PlanRow> = subscriptions::table
        .inner_join(plans::table)
        .filter(Rows::all(tenant, "subscriptions"))
        .filter(subscriptions::is_active.eq(true))
        .filter(subscriptions::started_at.le(Day(on)))
        .filter(subscriptions::expires_at.is_null().or(subscriptions::expires_at.ge(Day(on))))
        .select(PlanRow::as_select())
        .first(handle)
        .await
        .optional()
        .map_err(of_query)?;
    let plan = match subscribed {
        Some(row) => row,
        None => plans::table
            .filter(plans::key.eq(FALLBACK))
            .select(PlanRow::as_select())
            .first(handle)
            .await
            .optional()
            .map_err(of_query)?
            .ok_or_else(|| Error::internal("the free plan is missing"))?,
    };
    let rows: Vec<(String, String, String, Option<i64>)> =
        features::table
            .left_join(plan_features::table.on(
                plan_features::feature_id.eq(features::id).and(plan_features::plan_id.eq(plan.id)),
            ))
            .order(features::id)
            .select((
                features::code,
                features::name,
                features::description,
                plan_features::plan_id.nullable(),
            ))
            .load(handle)
            .await
            .map_err(of_query)?;
    let state = |(code, name, description, plan): (_, _, _, Option<i64>)| FeatureState {
        code,
        name,
        description,
        enabled: plan.is_some(),
    };
    Ok(Entitlements { plan: plan.into(), features: rows.into_iter().map(state).collect() })
}
