//! The table of what workspaces have otherwise than their plans say.

use domain_accounts::PlanOverride;
use domain_kernel::field::{Choice, Count, Date, Flag, Key, LongText};

use crate::columns::Day;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    plan_overrides (id) {
        id -> BigInt,
        organization_id -> BigInt,
        feature -> Nullable<BigInt>,
        enabled -> Bool,
        limit -> Text,
        value -> BigInt,
        reason -> Text,
        expires_at -> Nullable<Day>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = plan_overrides, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    feature: Option<i64>,
    enabled: bool,
    limit: String,
    value: i64,
    reason: String,
    expires_at: Option<Day>,
}

impl From<&PlanOverride> for Columns {
    fn from(row: &PlanOverride) -> Self {
        let PlanOverride { feature, enabled, limit, value, reason, expires_at } = row;
        Self {
            feature: feature.id(),
            enabled: enabled.0,
            limit: limit.to_string(),
            value: value.0,
            reason: reason.to_string(),
            expires_at: expires_at.0.map(Day),
        }
    }
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<PlanOverride> {
    stamp.record(columns.data())
}

impl Columns {
    fn data(self) -> PlanOverride {
        PlanOverride {
            feature: Key::to(self.feature),
            enabled: Flag(self.enabled),
            limit: Choice::trusted(&self.limit),
            value: Count(self.value),
            reason: LongText::trusted(self.reason),
            expires_at: Date(self.expires_at.map(|day| day.0)),
        }
    }
}

reads! {
    /// What one workspace has otherwise.
    PlanOverrides of PlanOverride in plan_overrides,
    rows (Stamp, Columns), selected by (stamp!(plan_overrides), Columns::as_select())
}
updates! { PlanOverrides of PlanOverride in plan_overrides }
port! { PlanOverrides of PlanOverride }

impl PlanOverrides<'_> {
    async fn insert(&mut self, data: PlanOverride, now: Timestamp) -> Result<Record<PlanOverride>> {
        let tenant = self.0.tenant()?;
        let id: i64 = diesel::insert_into(plan_overrides::table)
            .values((
                plan_overrides::organization_id.eq(tenant.raw()),
                plan_overrides::version.eq(1),
                plan_overrides::created_at.eq(At(now)),
                plan_overrides::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .returning(plan_overrides::id)
            .get_result(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(Record::new(Id::new(id), tenant, data, now))
    }

    /// All that are not deleted.
    pub(super) async fn all(&mut self) -> Result<Vec<PlanOverride>> {
        let rows = Rows::seen_by::<PlanOverride>(Some(self.0.tenant()?), TABLE, Which::Live);
        let found: Vec<Columns> = plan_overrides::table
            .filter(rows)
            .order(plan_overrides::id)
            .select(Columns::as_select())
            .load(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(found.into_iter().map(Columns::data).collect())
    }
}
