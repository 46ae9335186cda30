//! The table of workspaces.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::Organization;
use domain_kernel::{Id, TenantId, fold};
use jiff::Timestamp;

use crate::columns::At;
use crate::dialect::{Db, Handle, load_found, load_locked};

diesel::table! {
    use crate::dialect::types::*;

    organizations (id) {
        id -> BigInt,
        name -> Text,
        name_folded -> Text,
        slug -> Text,
        currency -> Text,
        timezone -> Text,
        requires_second_factor -> Bool,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = organizations, check_for_backend(Db))]
struct Row {
    id: i64,
    name: String,
    slug: String,
    currency: String,
    timezone: String,
    requires_second_factor: bool,
    created_at: At,
    updated_at: At,
}

impl From<Row> for Organization {
    fn from(row: Row) -> Self {
        Self {
            id: Id::new(row.id),
            name: row.name,
            slug: row.slug,
            currency: row.currency,
            timezone: row.timezone,
            requires_second_factor: row.requires_second_factor,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

/// Makes a workspace; none when the slug is taken.
pub(super) async fn insert(
    handle: &mut Handle<'_>,
    name: &str,
    slug: &str,
    now: Timestamp,
) -> QueryResult<Option<Organization>> {
    let row: Option<Row> = diesel::insert_into(organizations::table)
        .values((
            organizations::name.eq(name),
            organizations::name_folded.eq(fold(name)),
            organizations::slug.eq(slug),
            organizations::version.eq(1),
            organizations::created_at.eq(At(now)),
            organizations::updated_at.eq(At(now)),
        ))
        .on_conflict(organizations::slug)
        .do_nothing()
        .returning(Row::as_returning())
        .get_result(handle)
        .await
        .optional()?;
    Ok(row.map(Into::into))
}

pub(crate) async fn by_id(
    handle: &mut Handle<'_>,
    id: TenantId,
) -> QueryResult<Option<Organization>> {
    let live = organizations::table.filter(organizations::deleted_at.is_null());
    let query = live.filter(organizations::id.eq(id.raw())).select(Row::as_select());
    Ok(query.first(handle).await.optional()?.map(Into::into))
}

pub(super) async fn by_slug(
    handle: &mut Handle<'_>,
    slug: &str,
) -> QueryResult<Option<Organization>> {
    let live = organizations::table.filter(organizations::deleted_at.is_null());
    let query = live.filter(organizations::slug.eq(slug));
    Ok(query.select(Row::as_select()).first(handle).await.optional()?.map(Into::into))
}

pub(super) async fn all(handle: &mut Handle<'_>) -> QueryResult<Vec<Organization>> {
    let live = organizations::table.filter(organizations::deleted_at.is_null());
    let query = live.order(organizations::id).select(Row::as_select());
    Ok(query.load(handle).await?.into_iter().map(Into::into).collect())
}

/// Notes whether the workspace requires a second factor.
pub(super) async fn require_factor(
    handle: &mut Handle<'_>,
    id: TenantId,
    required: bool,
) -> QueryResult<()> {
    diesel::update(organizations::table.find(id.raw()))
        .set(organizations::requires_second_factor.eq(required))
        .execute(handle)
        .await?;
    Ok(())
}

/// Every workspace, closed or not, in order of id.
pub(super) async fn ids(handle: &mut Handle<'_>) -> QueryResult<Vec<TenantId>> {
    let query = organizations::table.order(organizations::id).select(organizations::id);
    let ids: Vec<i64> = query.load(handle).await?;
    Ok(ids.into_iter().map(TenantId::new).collect())
}

/// Closes a workspace.
pub(super) async fn close(
    handle: &mut Handle<'_>,
    id: TenantId,
    now: Timestamp,
) -> QueryResult<usize> {
    let row = organizations::table.filter(organizations::id.eq(id.raw()));
    diesel::update(row).set(organizations::deleted_at.eq(At(now))).execute(handle).await
}

/// Makes others who lock the workspace wait until the unit ends.
pub(super) async fn lock(handle: &mut Handle<'_>, id: TenantId) -> QueryResult<()> {
    let query =
        organizations::table.filter(organizations::id.eq(id.raw())).select(organizations::id);
    let locked: QueryResult<Vec<i64>> = load_locked!(query, organizations::id, handle);
    locked.map(drop)
}

/// The same, but who only adds rows of the workspace goes on.
pub(crate) async fn reserve(handle: &mut Handle<'_>, id: TenantId) -> QueryResult<()> {
    let query =
        organizations::table.filter(organizations::id.eq(id.raw())).select(organizations::id);
    let locked: QueryResult<Vec<i64>> = load_found!(query, organizations::id, true, handle);
    locked.map(drop)
}
