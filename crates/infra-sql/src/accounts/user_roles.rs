//! The table of members' roles.

use domain_accounts::{User, UserRole};
use domain_kernel::field::{Choice, Link, Moment};

use super::users::users;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    user_roles (id) {
        id -> BigInt,
        organization_id -> BigInt,
        user_id -> BigInt,
        role -> Text,
        assigned_at -> Moment,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = user_roles, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    user_id: i64,
    role: String,
    assigned_at: At,
}

impl From<&UserRole> for Columns {
    fn from(UserRole { user, role, assigned_at }: &UserRole) -> Self {
        Self {
            // Required, so it is there; what no request can be without, no row is.
            user_id: user.kept().map_or(0, |user| user.raw()),
            role: role.to_string(),
            assigned_at: At(assigned_at.0.unwrap_or_default()),
        }
    }
}

/// The member unless they are removed.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_user() -> _ {
    users::table
        .filter(users::organization_id.eq(user_roles::organization_id))
        .filter(users::id.eq(user_roles::user_id))
        .filter(users::deleted_at.is_null())
        .select(users::id)
        .single_value()
}

fn record((stamp, columns, user): (Stamp, Columns, Option<i64>)) -> Record<UserRole> {
    stamp.record(UserRole {
        user: Link::<User>::stored(Some(columns.user_id), user),
        role: Choice::trusted(&columns.role),
        assigned_at: Moment(Some(columns.assigned_at.0)),
    })
}

records! {
    /// The roles of the members of one workspace.
    UserRoles of UserRole in user_roles,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(user_roles), Columns::as_select(), live_user())
}
