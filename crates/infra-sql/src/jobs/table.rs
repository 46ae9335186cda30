//! The tables, and a job's row as it is seen.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain_jobs::{JobRow, Progress, State};
use domain_kernel::{Id, Priority};
use serde_json::Value;

use crate::columns::At;
use crate::dialect::Db;

diesel::table! {
    use crate::dialect::types::*;

    jobs (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        started_by -> Nullable<BigInt>,
        kind -> Text,
        payload -> JsonValue,
        priority -> BigInt,
        state -> Text,
        run_at -> Moment,
        unique_key -> Nullable<Text>,
        attempts -> BigInt,
        max_attempts -> BigInt,
        claim_number -> BigInt,
        worker -> Text,
        leased_until -> Nullable<Moment>,
        progress -> BigInt,
        progress_note -> Text,
        started_at -> Nullable<Moment>,
        finished_at -> Nullable<Moment>,
        outcome -> Nullable<JsonValue>,
        last_error -> Text,
        request_id -> Text,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    schedules (id) {
        id -> BigInt,
        organization_id -> BigInt,
        name -> Text,
        cron -> Text,
        time_zone -> Text,
        kind -> Text,
        payload -> JsonValue,
        priority -> BigInt,
        max_attempts -> BigInt,
        next_at -> Moment,
        last_at -> Nullable<Moment>,
    }
}

/// The jobs that wait, in words that the planners of both databases match with partial indexes: a
/// bound value they would not.
pub(super) fn waiting() -> SqlLiteral<Bool> {
    sql("jobs.state = 'waiting'")
}

/// The jobs that somebody holds.
pub(super) fn running() -> SqlLiteral<Bool> {
    sql("jobs.state = 'running'")
}

/// The jobs that count for unique keys.
pub(super) fn live() -> SqlLiteral<Bool> {
    sql("jobs.state IN ('waiting', 'running')")
}

/// A job as operators see it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Db))]
pub(super) struct Seen {
    id: i64,
    organization_id: i64,
    started_by: Option<i64>,
    kind: String,
    state: String,
    priority: i64,
    progress: i64,
    progress_note: String,
    attempts: i64,
    max_attempts: i64,
    created_at: At,
    run_at: At,
    started_at: Option<At>,
    finished_at: Option<At>,
    leased_until: Option<At>,
    worker: String,
    outcome: Option<Value>,
    last_error: String,
    request_id: String,
}

impl From<Seen> for JobRow {
    fn from(row: Seen) -> Self {
        let at = |at: Option<At>| at.map(|At(at)| at);
        Self {
            id: Id::new(row.id),
            tenant: Id::new(row.organization_id),
            person: row.started_by.map(Id::new),
            kind: row.kind,
            // The database admits no other word.
            state: State::from_code(&row.state).unwrap_or(State::Dead),
            priority: Priority::from_rank(row.priority),
            progress: Progress {
                percent: u8::try_from(row.progress).unwrap_or(100),
                note: row.progress_note,
            },
            attempts: count(row.attempts),
            max_attempts: count(row.max_attempts),
            created_at: row.created_at.0,
            run_at: row.run_at.0,
            started_at: at(row.started_at),
            finished_at: at(row.finished_at),
            leased_until: at(row.leased_until),
            worker: row.worker,
            outcome: row.outcome,
            last_error: row.last_error,
            request_id: row.request_id,
        }
    }
}

/// A count of attempts as stored.
pub(super) fn count(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}
