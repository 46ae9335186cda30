//! How deals went through the stages: read from a view, which knows who did it, and added to a table.

use domain_kernel::Error;
use domain_kernel::field::{Count, DoneBy, Link, Moment, Word};
use domain_sales::StageChange;

use crate::records::ROWS;
use crate::records::prelude::*;
use crate::sales::deal_stages::deal_stages;
use crate::sales::opportunities::opportunities;

diesel::table! {
    use crate::dialect::types::*;

    opportunity_stage_changes (id) {
        id -> BigInt,
        organization_id -> BigInt,
        changed_at -> Moment,
        opportunity_id -> BigInt,
        from_stage_id -> Nullable<BigInt>,
        from_stage_name -> Text,
        to_stage_id -> BigInt,
        to_stage_name -> Text,
        seconds_in_former_stage -> BigInt,
        changed_by -> Nullable<BigInt>,
        changed_by_name -> Text,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    stage_changes (id) {
        id -> BigInt,
        organization_id -> BigInt,
        changed_at -> Moment,
        opportunity_id -> BigInt,
        from_stage_id -> Nullable<BigInt>,
        from_stage_name -> Text,
        to_stage_id -> BigInt,
        to_stage_name -> Text,
        seconds_in_former_stage -> BigInt,
        changed_by -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(opportunity_stage_changes, opportunities);
diesel::allow_tables_to_appear_in_same_query!(opportunity_stage_changes, deal_stages);

#[derive(Queryable, Selectable)]
#[diesel(table_name = opportunity_stage_changes, check_for_backend(Db))]
struct Seen {
    id: i64,
    organization_id: i64,
    changed_at: At,
    opportunity_id: i64,
    from_stage_id: Option<i64>,
    from_stage_name: String,
    to_stage_id: i64,
    to_stage_name: String,
    seconds_in_former_stage: i64,
    changed_by: Option<i64>,
    changed_by_name: String,
}

/// What it leads to and is not deleted: deal, former stage, stage.
type Linked = (Option<i64>, Option<i64>, Option<i64>);

fn record((seen, (deal, from, to)): (Seen, Linked)) -> Record<StageChange> {
    let data = StageChange {
        opportunity: Link::stored(Some(seen.opportunity_id), deal),
        from_stage: Link::stored(seen.from_stage_id, from),
        from_stage_name: Word::trusted(seen.from_stage_name),
        to_stage: Link::stored(Some(seen.to_stage_id), to),
        to_stage_name: Word::trusted(seen.to_stage_name),
        seconds_in_former_stage: Count(seen.seconds_in_former_stage),
        changed_by: DoneBy(seen.changed_by.map(Id::new)),
        changed_by_name: Word::trusted(seen.changed_by_name),
        changed_at: Moment(Some(seen.changed_at.0)),
    };
    Record::new(Id::new(seen.id), Id::new(seen.organization_id), data, seen.changed_at.0)
}

/// The deal unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_deal() -> _ {
    opportunities::table
        .filter(opportunities::organization_id.eq(opportunity_stage_changes::organization_id))
        .filter(opportunities::id.eq(opportunity_stage_changes::opportunity_id))
        .filter(opportunities::deleted_at.is_null())
        .select(opportunities::id)
        .single_value()
}

/// The stage that it was in unless that is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_from() -> _ {
    deal_stages::table
        .filter(deal_stages::organization_id.eq(opportunity_stage_changes::organization_id))
        .filter(deal_stages::id.nullable().eq(opportunity_stage_changes::from_stage_id))
        .filter(deal_stages::deleted_at.is_null())
        .select(deal_stages::id)
        .single_value()
}

/// The stage that it entered unless that is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_to() -> _ {
    deal_stages::table
        .filter(deal_stages::organization_id.eq(opportunity_stage_changes::organization_id))
        .filter(deal_stages::id.eq(opportunity_stage_changes::to_stage_id))
        .filter(deal_stages::deleted_at.is_null())
        .select(deal_stages::id)
        .single_value()
}

reads! {
    /// How the deals of one workspace went through the stages.
    StageChanges of StageChange in opportunity_stage_changes,
    rows (Seen, Linked), selected by (Seen::as_select(), (live_deal(), live_from(), live_to()))
}
port! { StageChanges of StageChange, with {
    async fn insert_many(
        &mut self,
        rows: Vec<StageChange>,
        now: Timestamp,
    ) -> Result<Vec<Record<StageChange>>> {
        StageChanges::insert_many(self, rows, now).await
    }
} }

#[derive(Insertable)]
#[diesel(table_name = stage_changes)]
struct Columns {
    organization_id: i64,
    changed_at: At,
    opportunity_id: i64,
    from_stage_id: Option<i64>,
    from_stage_name: String,
    to_stage_id: i64,
    to_stage_name: String,
    seconds_in_former_stage: i64,
    changed_by: Option<i64>,
}

impl Columns {
    fn of(data: &StageChange, tenant: TenantId, now: Timestamp) -> Self {
        Self {
            organization_id: tenant.raw(),
            changed_at: At(data.changed_at.0.unwrap_or(now)),
            // Whoever stores one says which deal entered which stage.
            opportunity_id: data.opportunity.kept().map_or(0, Id::raw),
            from_stage_id: data.from_stage.kept().map(Id::raw),
            from_stage_name: data.from_stage_name.to_string(),
            to_stage_id: data.to_stage.kept().map_or(0, Id::raw),
            to_stage_name: data.to_stage_name.to_string(),
            seconds_in_former_stage: data.seconds_in_former_stage.0,
            changed_by: data.changed_by.0.map(Id::raw),
        }
    }
}

impl StageChanges<'_> {
    async fn insert(&mut self, data: StageChange, now: Timestamp) -> Result<Record<StageChange>> {
        let mut made = self.insert_many(vec![data], now).await?;
        made.pop().ok_or_else(|| Error::internal("a row was not stored"))
    }

    async fn insert_many(
        &mut self,
        rows: Vec<StageChange>,
        now: Timestamp,
    ) -> Result<Vec<Record<StageChange>>> {
        let tenant = self.0.tenant()?;
        let handle = &mut self.0.lease.handle().await?;
        let mut ids = Vec::with_capacity(rows.len());
        for rows in rows.chunks(ROWS) {
            let values: Vec<_> = rows.iter().map(|row| Columns::of(row, tenant, now)).collect();
            let made = insert_counted!(handle, stage_changes::table, values, stage_changes::id);
            ids.extend(made.map_err(of_query)?);
        }
        let records = ids.into_iter().zip(rows);
        Ok(records.map(|(id, data)| Record::new(Id::new(id), tenant, data, now)).collect())
    }

    async fn update(&mut self, _: &Record<StageChange>) -> Result<bool> {
        Err(Error::internal("what happened stays as it was"))
    }
}
