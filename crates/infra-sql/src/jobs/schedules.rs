//! The table of schedules.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_jobs::{Schedule, ScheduleRow};
use domain_kernel::{Id, Priority};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::enqueue;
use super::table::{count, schedules};
use crate::columns::At;
use crate::dialect::{Db, Handle, load_unlocked};

/// When a schedule is tried again whose expression this version cannot read.
const UNREADABLE: SignedDuration = SignedDuration::from_hours(1);

#[derive(Queryable, Selectable)]
#[diesel(table_name = schedules, check_for_backend(Db))]
struct Row {
    id: i64,
    organization_id: i64,
    name: String,
    cron: String,
    time_zone: String,
    kind: String,
    payload: Value,
    priority: i64,
    max_attempts: i64,
    next_at: At,
    last_at: Option<At>,
}

impl From<Row> for ScheduleRow {
    fn from(row: Row) -> Self {
        Self {
            schedule: Schedule {
                name: row.name,
                tenant: Id::new(row.organization_id),
                cron: row.cron,
                time_zone: row.time_zone,
                kind: row.kind,
                payload: row.payload,
                priority: Priority::from_rank(row.priority),
                max_attempts: count(row.max_attempts),
            },
            next_at: row.next_at.0,
            last_at: row.last_at.map(|At(at)| at),
        }
    }
}

/// The stored schedule with the name of one.
pub(super) async fn find(
    handle: &mut Handle<'_>,
    schedule: &Schedule,
) -> QueryResult<Option<Schedule>> {
    let row: Option<Row> = schedules::table
        .filter(schedules::organization_id.eq(schedule.tenant.raw()))
        .filter(schedules::name.eq(&schedule.name))
        .select(Row::as_select())
        .first(handle)
        .await
        .optional()?;
    Ok(row.map(|row| ScheduleRow::from(row).schedule))
}

/// Stores a schedule, in place of the one with its name.
pub(super) async fn put(
    handle: &mut Handle<'_>,
    schedule: &Schedule,
    next_at: Timestamp,
) -> QueryResult<()> {
    let anew = (
        schedules::cron.eq(&schedule.cron),
        schedules::time_zone.eq(&schedule.time_zone),
        schedules::kind.eq(&schedule.kind),
        schedules::payload.eq(&schedule.payload),
        schedules::priority.eq(schedule.priority.rank()),
        schedules::max_attempts.eq(i64::from(schedule.max_attempts)),
        schedules::next_at.eq(At(next_at)),
    );
    diesel::insert_into(schedules::table)
        .values((
            schedules::organization_id.eq(schedule.tenant.raw()),
            schedules::name.eq(&schedule.name),
            anew,
        ))
        .on_conflict((schedules::organization_id, schedules::name))
        .do_update()
        .set(anew)
        .execute(handle)
        .await?;
    Ok(())
}

/// Enqueues the jobs of the due schedules and moves these on; how many. What another transaction
/// is at is passed over.
pub(super) async fn fire(
    handle: &mut Handle<'_>,
    kinds: &[&str],
    now: Timestamp,
) -> QueryResult<usize> {
    let due = schedules::table
        .filter(schedules::next_at.le(At(now)))
        .filter(schedules::kind.eq_any(kinds))
        .order(schedules::next_at)
        .select(Row::as_select());
    let due: QueryResult<Vec<Row>> = load_unlocked!(due, handle);
    let due = due?;
    let fired = due.len();
    for row in due {
        let id = row.id;
        let ScheduleRow { schedule, .. } = row.into();
        let next = schedule.next_after(now).or_else(|error| {
            let name = &schedule.name;
            tracing::error!(%error, schedule = name, "a schedule cannot be read");
            now.checked_add(UNREADABLE)
        });
        let next = next.map_err(|error| diesel::result::Error::QueryBuilderError(error.into()))?;
        enqueue::insert(handle, &schedule.job(now), now).await?;
        diesel::update(schedules::table.find(id))
            .set((schedules::next_at.eq(At(next)), schedules::last_at.eq(At(now))))
            .execute(handle)
            .await?;
    }
    Ok(fired)
}

pub(super) async fn all(handle: &mut Handle<'_>) -> QueryResult<Vec<ScheduleRow>> {
    let query = schedules::table.order((schedules::organization_id, schedules::name));
    let rows: Vec<Row> = query.select(Row::as_select()).load(handle).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
