//! What is to be done about deals: read from a view, which knows how it stands now, and written to its
//! table.

use domain_kernel::field::{Flag, Link, LongText, Member, Moment, ShortText, Word};
use domain_kernel::fold;
use domain_sales::Activity;

use crate::records::prelude::*;
use crate::sales::opportunities::opportunities;

diesel::table! {
    use crate::dialect::types::*;

    deal_activities (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        opportunity_id -> BigInt,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Text,
        subject_folded -> Text,
        notes -> Text,
        due_at -> Nullable<Moment>,
        completed_at -> Nullable<Moment>,
        owner -> Nullable<BigInt>,
        owner_name -> Text,
        overdue -> Bool,
        upcoming -> Bool,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    activities (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        opportunity_id -> BigInt,
        #[sql_name = "type"]
        kind -> Text,
        #[sql_name = "type_folded"]
        kind_folded -> Text,
        subject -> Text,
        subject_folded -> Text,
        notes -> Text,
        due_at -> Nullable<Moment>,
        completed_at -> Nullable<Moment>,
        owner -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(deal_activities, opportunities);

#[derive(Queryable, Selectable)]
#[diesel(table_name = deal_activities, check_for_backend(Db))]
struct Seen {
    opportunity_id: i64,
    kind: String,
    subject: String,
    notes: String,
    due_at: Option<At>,
    completed_at: Option<At>,
    owner: Option<i64>,
    owner_name: String,
    overdue: bool,
    upcoming: bool,
}

fn record((stamp, seen, opportunity): (Stamp, Seen, Option<i64>)) -> Record<Activity> {
    stamp.record(Activity {
        opportunity: Link::stored(Some(seen.opportunity_id), opportunity),
        r#type: ShortText::trusted(seen.kind),
        subject: ShortText::trusted(seen.subject),
        notes: LongText::trusted(seen.notes),
        due_at: Moment(seen.due_at.map(|at| at.0)),
        completed_at: Moment(seen.completed_at.map(|at| at.0)),
        owner: Member(seen.owner.map(Id::new)),
        owner_name: Word::trusted(seen.owner_name),
        overdue: Flag(seen.overdue),
        upcoming: Flag(seen.upcoming),
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = activities, treat_none_as_null = true)]
struct Columns {
    opportunity_id: i64,
    kind: String,
    kind_folded: String,
    subject: String,
    subject_folded: String,
    notes: String,
    due_at: Option<At>,
    completed_at: Option<At>,
    owner: Option<i64>,
}

impl From<&Activity> for Columns {
    fn from(activity: &Activity) -> Self {
        Self {
            // Required, so it is there; what no request can be without, no row is.
            opportunity_id: activity.opportunity.kept().map_or(0, Id::raw),
            kind: activity.r#type.to_string(),
            kind_folded: fold(&activity.r#type),
            subject: activity.subject.to_string(),
            subject_folded: fold(&activity.subject),
            notes: activity.notes.to_string(),
            due_at: activity.due_at.0.map(At),
            completed_at: activity.completed_at.0.map(At),
            owner: activity.owner.0.map(Id::raw),
        }
    }
}

/// The deal unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_opportunity() -> _ {
    opportunities::table
        .filter(opportunities::organization_id.eq(deal_activities::organization_id))
        .filter(opportunities::id.eq(deal_activities::opportunity_id))
        .filter(opportunities::deleted_at.is_null())
        .select(opportunities::id)
        .single_value()
}

reads! {
    /// What is to be done about the deals of one workspace.
    Activities of Activity in deal_activities,
    rows (Stamp, Seen, Option<i64>), selected by (
        stamp!(deal_activities),
        Seen::as_select(),
        live_opportunity(),
    )
}
port! { Activities of Activity }
inserts! { Activities of Activity in activities }
updates! { Activities of Activity in activities }
