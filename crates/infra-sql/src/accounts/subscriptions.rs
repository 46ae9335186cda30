//! The table of subscriptions.

use std::collections::BTreeMap;

use domain_accounts::{Plan, Subscription};
use domain_kernel::field::{Date, Embedded, Flag, Key};
use jiff::civil;

use super::plans::{PlanRow, plans};
use crate::columns::Day;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    subscriptions (id) {
        id -> BigInt,
        organization_id -> BigInt,
        plan_id -> BigInt,
        started_at -> Day,
        expires_at -> Nullable<Day>,
        is_active -> Bool,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subscriptions, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    plan_id: i64,
    started_at: Day,
    expires_at: Option<Day>,
    is_active: bool,
}

impl From<&Subscription> for Columns {
    fn from(subscription: &Subscription) -> Self {
        let Subscription { plan: _, plan_id, started_at, expires_at, is_active } = subscription;
        Self {
            // Both are required, so they are there; what no request can be without, no row is.
            plan_id: plan_id.id().unwrap_or_default(),
            started_at: Day(started_at.0.unwrap_or_default()),
            expires_at: expires_at.0.map(Day),
            is_active: is_active.0,
        }
    }
}

/// Without the plan as an object; it is in a table of its own.
fn record((stamp, columns): (Stamp, Columns)) -> Record<Subscription> {
    stamp.record(Subscription {
        plan: Embedded(None),
        plan_id: Key::to(Some(columns.plan_id)),
        started_at: Date(Some(columns.started_at.0)),
        expires_at: Date(columns.expires_at.map(|day| day.0)),
        is_active: Flag(columns.is_active),
    })
}

reads! {
    /// The subscriptions of one workspace.
    Subscriptions of Subscription in subscriptions,
    rows (Stamp, Columns), selected by (stamp!(subscriptions), Columns::as_select())
}
updates! { Subscriptions of Subscription in subscriptions }

impl Subscriptions<'_> {
    /// The same with their plans as objects.
    async fn with_plans(
        &mut self,
        mut found: Vec<Record<Subscription>>,
    ) -> Result<Vec<Record<Subscription>>> {
        if found.is_empty() {
            return Ok(found);
        }
        let rows: Vec<PlanRow> = plans::table
            .select(PlanRow::as_select())
            .load(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        let plans: BTreeMap<i64, Plan> = rows.into_iter().map(|row| (row.id, row.into())).collect();
        for record in &mut found {
            let id = record.data.plan_id.id();
            record.data.plan = Embedded(id.and_then(|id| plans.get(&id)).cloned());
        }
        Ok(found)
    }

    /// The one that counts on a day.
    pub(super) async fn current(
        &mut self,
        on: civil::Date,
    ) -> Result<Option<Record<Subscription>>> {
        let rows = Rows::seen_by::<Subscription>(Some(self.0.tenant()?), TABLE, Which::Live);
        let found: Option<(Stamp, Columns)> = subscriptions::table
            .filter(rows)
            .filter(subscriptions::is_active.eq(true))
            .filter(subscriptions::started_at.le(Day(on)))
            .filter(subscriptions::expires_at.is_null().or(subscriptions::expires_at.ge(Day(on))))
            .order((subscriptions::started_at.desc(), subscriptions::id.desc()))
            .select((stamp!(subscriptions), Columns::as_select()))
            .first(&mut self.0.lease.handle().await?)
            .await
            .optional()
            .map_err(of_query)?;
        Ok(self.with_plans(found.map(record).into_iter().collect()).await?.pop())
    }
}

#[async_trait]
impl Records<Subscription> for Subscriptions<'_> {
    async fn find(
        &mut self,
        ids: &[Id<Subscription>],
        which: Which,
    ) -> Result<Vec<Record<Subscription>>> {
        let found = Subscriptions::find(self, ids, which).await?;
        self.with_plans(found).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Subscription>>> {
        let mut listing = Subscriptions::list(self, query).await?;
        listing.records = self.with_plans(listing.records).await?;
        Ok(listing)
    }

    async fn insert(&mut self, data: Subscription, now: Timestamp) -> Result<Record<Subscription>> {
        let tenant = self.0.tenant()?;
        let id: i64 = diesel::insert_into(subscriptions::table)
            .values((
                subscriptions::organization_id.eq(tenant.raw()),
                subscriptions::version.eq(1),
                subscriptions::created_at.eq(At(now)),
                subscriptions::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .returning(subscriptions::id)
            .get_result(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(Record::new(Id::new(id), tenant, data, now))
    }

    async fn update(&mut self, record: &Record<Subscription>) -> Result<bool> {
        Subscriptions::update(self, record).await
    }
}
