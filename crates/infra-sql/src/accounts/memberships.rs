//! The tables of memberships and of members' roles.

use std::collections::BTreeMap;

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::Membership;
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::{Id, PersonId, TenantId};
use jiff::Timestamp;

use super::organizations::organizations;
use super::user_roles::user_roles;
use crate::columns::At;
use crate::dialect::Handle;
use crate::rows::Rows;

diesel::table! {
    use crate::dialect::types::*;

    memberships (id) {
        id -> BigInt,
        organization_id -> BigInt,
        user_id -> BigInt,
        is_active -> Bool,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        ended_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(memberships, user_roles, organizations);

/// The workspaces of a person, in the order of joining.
pub(super) async fn of_person(
    handle: &mut Handle<'_>,
    person: PersonId,
) -> QueryResult<Vec<TenantId>> {
    let open =
        organizations::table.filter(organizations::deleted_at.is_null()).select(organizations::id);
    let found: Vec<i64> = memberships::table
        .filter(memberships::user_id.eq(person.raw()))
        .filter(memberships::ended_at.is_null())
        .filter(memberships::is_active)
        .filter(memberships::organization_id.eq_any(open))
        .filter(memberships::is_active)
        .order(memberships::id)
        .select(memberships::organization_id)
        .load(handle)
        .await?;
    Ok(found.into_iter().map(Id::new).collect())
}

/// The active members of a workspace, or one of them.
pub(super) async fn active(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    person: Option<PersonId>,
) -> QueryResult<Vec<Membership>> {
    let members = memberships::table
        .left_join(
            user_roles::table.on(user_roles::organization_id
                .eq(memberships::organization_id)
                .and(user_roles::user_id.eq(memberships::user_id))
                .and(user_roles::deleted_at.is_null())),
        )
        .filter(Rows::all(tenant, "memberships"))
        .filter(memberships::ended_at.is_null())
        .filter(memberships::is_active)
        .order(memberships::id)
        .select((memberships::user_id, user_roles::role.nullable()))
        .into_boxed();
    let members = match person {
        Some(person) => members.filter(memberships::user_id.eq(person.raw())),
        None => members,
    };
    let mut roles: BTreeMap<i64, Vec<Role>> = BTreeMap::new();
    for (user, role) in members.load::<(i64, Option<String>)>(handle).await? {
        let of_user = roles.entry(user).or_default();
        of_user.extend(role.as_deref().and_then(Role::from_code));
    }
    let member = |(user, roles): (i64, Vec<Role>)| Membership {
        tenant,
        person: Id::new(user),
        roles: roles.into_iter().collect(),
    };
    Ok(roles.into_iter().map(member).collect())
}

/// Makes a person a member with roles.
pub(super) async fn insert(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    person: PersonId,
    roles: RoleSet,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(memberships::table)
        .values((
            memberships::organization_id.eq(tenant.raw()),
            memberships::user_id.eq(person.raw()),
            memberships::is_active.eq(true),
            memberships::version.eq(1),
            memberships::created_at.eq(At(now)),
            memberships::updated_at.eq(At(now)),
        ))
        .execute(handle)
        .await?;
    for role in roles.iter() {
        diesel::insert_into(user_roles::table)
            .values((
                user_roles::organization_id.eq(tenant.raw()),
                user_roles::user_id.eq(person.raw()),
                user_roles::role.eq(role.code()),
                user_roles::assigned_at.eq(At(now)),
                user_roles::version.eq(1),
                user_roles::created_at.eq(At(now)),
                user_roles::updated_at.eq(At(now)),
            ))
            .execute(handle)
            .await?;
    }
    Ok(())
}

/// What of a membership changes.
pub(super) struct Change {
    pub(super) is_active: bool,
    pub(super) ended_at: Option<Timestamp>,
}

/// Changes a membership, and raises its version.
pub(super) async fn update(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    person: PersonId,
    Change { is_active, ended_at }: Change,
    now: Timestamp,
) -> QueryResult<()> {
    let row = memberships::table
        .filter(Rows::all(tenant, "memberships"))
        .filter(memberships::user_id.eq(person.raw()));
    diesel::update(row)
        .set((
            memberships::is_active.eq(is_active),
            memberships::ended_at.eq(ended_at.map(At)),
            memberships::version.eq(memberships::version + 1),
            memberships::updated_at.eq(At(now)),
        ))
        .execute(handle)
        .await?;
    Ok(())
}
