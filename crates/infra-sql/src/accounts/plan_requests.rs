//! The table of those who wish for another plan.

use diesel::IntoSql as _;
use domain_accounts::PlanRequest;
use domain_kernel::field::{Choice, DoneBy, Key, LongText, Moment};

use crate::dialect::types;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    plan_requests (id) {
        id -> BigInt,
        workspace -> BigInt,
        plan -> BigInt,
        requested_by -> Nullable<BigInt>,
        status -> Text,
        note -> Text,
        decided_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = plan_requests, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    workspace: i64,
    plan: i64,
    requested_by: Option<i64>,
    status: String,
    note: String,
    decided_at: Option<At>,
}

impl From<&PlanRequest> for Columns {
    fn from(request: &PlanRequest) -> Self {
        let PlanRequest { workspace, plan, requested_by, status, note, decided_at } = request;
        Self {
            // Both are there from the beginning: the server writes them.
            workspace: workspace.id().unwrap_or_default(),
            plan: plan.id().unwrap_or_default(),
            requested_by: requested_by.0.map(|person| person.raw()),
            status: status.to_string(),
            note: note.to_string(),
            decided_at: decided_at.0.map(At),
        }
    }
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<PlanRequest> {
    stamp.record(PlanRequest {
        workspace: Key::to(Some(columns.workspace)),
        plan: Key::to(Some(columns.plan)),
        requested_by: DoneBy(columns.requested_by.map(Id::new)),
        status: Choice::trusted(&columns.status),
        note: LongText::trusted(columns.note),
        decided_at: Moment(columns.decided_at.map(|at| at.0)),
    })
}

reads! {
    /// The queue over all workspaces.
    PlanRequests of PlanRequest in plan_requests,
    rows (Stamp, Columns), selected by (platform_stamp!(plan_requests), Columns::as_select())
}
updates! { PlanRequests of PlanRequest in plan_requests }
port! { PlanRequests of PlanRequest }

impl PlanRequests<'_> {
    async fn insert(&mut self, data: PlanRequest, now: Timestamp) -> Result<Record<PlanRequest>> {
        let id: i64 = diesel::insert_into(plan_requests::table)
            .values((
                plan_requests::version.eq(1),
                plan_requests::created_at.eq(At(now)),
                plan_requests::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .returning(plan_requests::id)
            .get_result(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(Record::new(Id::new(id), TenantId::PLATFORM, data, now))
    }
}
