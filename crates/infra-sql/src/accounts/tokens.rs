//! The table of access tokens.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::TokenDigest;
use domain_kernel::{Id, PersonId, TenantId};
use jiff::Timestamp;

use crate::columns::At;
use crate::dialect::Handle;

diesel::table! {
    use crate::dialect::types::*;

    tokens (id) {
        id -> BigInt,
        digest -> Binary,
        organization_id -> BigInt,
        user_id -> BigInt,
        created_at -> Moment,
        revoked_at -> Nullable<Moment>,
    }
}

/// Whose token this is, unless it is revoked.
pub(super) async fn find(
    handle: &mut Handle<'_>,
    digest: &TokenDigest,
) -> QueryResult<Option<(TenantId, PersonId)>> {
    let found: Option<(i64, i64)> = tokens::table
        .filter(tokens::digest.eq(digest.0.as_slice()))
        .filter(tokens::revoked_at.is_null())
        .select((tokens::organization_id, tokens::user_id))
        .first(handle)
        .await
        .optional()?;
    Ok(found.map(|(tenant, person)| (Id::new(tenant), Id::new(person))))
}

pub(super) async fn insert(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    person: PersonId,
    digest: &TokenDigest,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(tokens::table)
        .values((
            tokens::digest.eq(digest.0.as_slice()),
            tokens::organization_id.eq(tenant.raw()),
            tokens::user_id.eq(person.raw()),
            tokens::created_at.eq(At(now)),
        ))
        .execute(handle)
        .await?;
    Ok(())
}

/// Revokes a token; `false` when it was not valid.
pub(super) async fn revoke(
    handle: &mut Handle<'_>,
    digest: &TokenDigest,
    now: Timestamp,
) -> QueryResult<bool> {
    let valid = tokens::table
        .filter(tokens::digest.eq(digest.0.as_slice()))
        .filter(tokens::revoked_at.is_null());
    let changed = diesel::update(valid).set(tokens::revoked_at.eq(At(now))).execute(handle).await?;
    Ok(changed == 1)
}

/// Revokes all tokens of a person, but for one that is kept; the digests of those that were valid.
pub(super) async fn revoke_all(
    handle: &mut Handle<'_>,
    person: PersonId,
    kept: Option<&TokenDigest>,
    now: Timestamp,
) -> QueryResult<Vec<TokenDigest>> {
    // No token has an empty digest.
    let kept = kept.map_or(&[][..], |kept| kept.0.as_slice());
    let valid = tokens::table
        .filter(tokens::user_id.eq(person.raw()))
        .filter(tokens::digest.ne(kept))
        .filter(tokens::revoked_at.is_null());
    let digests: Vec<Vec<u8>> = diesel::update(valid)
        .set(tokens::revoked_at.eq(At(now)))
        .returning(tokens::digest)
        .get_results(handle)
        .await?;
    Ok(digests.into_iter().filter_map(|bytes| bytes.try_into().ok()).map(TokenDigest).collect())
}

/// Revokes a person's tokens in a workspace; how many were valid.
pub(super) async fn revoke_here(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    person: PersonId,
    now: Timestamp,
) -> QueryResult<usize> {
    let valid = tokens::table
        .filter(tokens::organization_id.eq(tenant.raw()))
        .filter(tokens::user_id.eq(person.raw()))
        .filter(tokens::revoked_at.is_null());
    diesel::update(valid).set(tokens::revoked_at.eq(At(now))).execute(handle).await
}
