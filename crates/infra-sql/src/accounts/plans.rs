//! The table of plans.

use diesel::IntoSql as _;
use domain_accounts::{Plan, SubscriptionPlan};
use domain_kernel::field::{Choice, Count, Flag, LongText, Money, ShortText};
use domain_kernel::{Amount, fold};

use crate::dialect::types;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    plans (id) {
        id -> BigInt,
        key -> Text,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        price_per_month -> BigInt,
        max_users -> BigInt,
        max_deals -> BigInt,
        max_api_calls_per_minute -> BigInt,
        is_self_service -> Bool,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = plans, check_for_backend(Db))]
pub(super) struct Columns {
    key: String,
    name: String,
    name_folded: String,
    description: String,
    price_per_month: i64,
    max_users: i64,
    max_deals: i64,
    max_api_calls_per_minute: i64,
    is_self_service: bool,
}

impl From<&SubscriptionPlan> for Columns {
    fn from(plan: &SubscriptionPlan) -> Self {
        Self {
            key: plan.key.to_string(),
            name: plan.name.to_string(),
            name_folded: fold(&plan.name),
            description: plan.description.to_string(),
            price_per_month: plan.price_per_month.0.ten_thousandths(),
            max_users: plan.max_users.0,
            max_deals: plan.max_deals.0,
            max_api_calls_per_minute: plan.max_api_calls_per_minute.0,
            is_self_service: plan.is_self_service.0,
        }
    }
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<SubscriptionPlan> {
    stamp.record(SubscriptionPlan {
        key: Choice::trusted(&columns.key),
        name: ShortText::trusted(columns.name),
        description: LongText::trusted(columns.description),
        price_per_month: Money(Amount::from_ten_thousandths(columns.price_per_month)),
        max_users: Count(columns.max_users),
        max_deals: Count(columns.max_deals),
        max_api_calls_per_minute: Count(columns.max_api_calls_per_minute),
        is_self_service: Flag(columns.is_self_service),
    })
}

reads! {
    /// The plans of the platform.
    SubscriptionPlans of SubscriptionPlan in plans,
    rows (Stamp, Columns), selected by (platform_stamp!(plans), Columns::as_select())
}
updates! { SubscriptionPlans of SubscriptionPlan in plans }
port! { SubscriptionPlans of SubscriptionPlan }

impl SubscriptionPlans<'_> {
    async fn insert(
        &mut self,
        _: SubscriptionPlan,
        _: Timestamp,
    ) -> Result<Record<SubscriptionPlan>> {
        Err(domain_kernel::Error::internal("the plans are those of the migrations"))
    }
}

/// Which of the ids are plans.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn existing<'i>(ids: &'i [i64]) -> _ {
    plans::table.filter(plans::id.eq_any(ids)).select(plans::id)
}

/// The columns of a plan as other rows show it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = plans, check_for_backend(Db))]
pub(super) struct PlanRow {
    pub(super) id: i64,
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
