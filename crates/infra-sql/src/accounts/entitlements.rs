//! What a workspace may use: its plan, every known feature, and what it has otherwise.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{Entitlements, FeatureState, Plan};
use domain_kernel::{Error, Result};
use jiff::civil::Date;

use super::features::{features, plan_features};
use super::plan_overrides::PlanOverrides;
use super::plans::{PlanRow, plans};
use super::subscriptions::Subscriptions;
use crate::errors::of_query;
use crate::work::SqlWork;

/// The plan of workspaces without a valid subscription.
const FALLBACK: &str = "free";

/// What a workspace may use on a day.
pub(crate) async fn entitlements(work: &mut SqlWork, on: Date) -> Result<Entitlements> {
    let current = Subscriptions(work.scope()).current(on).await?;
    let plan = match current.and_then(|current| current.data.plan.0) {
        Some(plan) => plan,
        None => fallback(work).await?,
    };
    let included =
        plan_features::feature_id.eq(features::id).and(plan_features::plan_id.eq(plan.id));
    let rows: Vec<(i64, String, String, String, Option<i64>)> = features::table
        .left_join(plan_features::table.on(included))
        .filter(features::deleted_at.is_null())
        .order(features::id)
        .select((
            features::id,
            features::code,
            features::name,
            features::description,
            plan_features::plan_id.nullable(),
        ))
        .load(&mut work.handle().await?)
        .await
        .map_err(of_query)?;
    let state = |(id, code, name, description, plan): (_, _, _, _, Option<i64>)| {
        (id, FeatureState { code, name, description, enabled: plan.is_some() })
    };
    let overrides = PlanOverrides(work.scope()).all().await?;
    Ok(Entitlements::of(plan, rows.into_iter().map(state).collect(), &overrides, on))
}

async fn fallback(work: &mut SqlWork) -> Result<Plan> {
    let found: Option<PlanRow> = plans::table
        .filter(plans::key.eq(FALLBACK))
        .select(PlanRow::as_select())
        .first(&mut work.handle().await?)
        .await
        .optional()
        .map_err(of_query)?;
    found.map(Into::into).ok_or_else(|| Error::internal("the free plan is missing"))
}
