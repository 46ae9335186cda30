//! The table of access tokens, sessions among them.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{MOST_TOKENS_SHOWN, NewToken, StoredToken, TokenDigest, TokenKind};
use domain_kernel::{Id, PersonId, TenantId};
use jiff::Timestamp;

use crate::columns::At;
use crate::dialect::{Db, Handle};

diesel::table! {
    use crate::dialect::types::*;

    tokens (id) {
        id -> BigInt,
        digest -> Binary,
        organization_id -> BigInt,
        user_id -> BigInt,
        created_at -> Moment,
        revoked_at -> Nullable<Moment>,
        kind -> Text,
        ends_at -> Nullable<Moment>,
        used_at -> Nullable<Moment>,
        address -> Text,
        user_agent -> Text,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens, check_for_backend(Db))]
struct Row {
    id: i64,
    digest: Vec<u8>,
    organization_id: i64,
    user_id: i64,
    created_at: At,
    kind: String,
    ends_at: Option<At>,
    used_at: Option<At>,
    address: String,
    user_agent: String,
}

impl From<Row> for StoredToken {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            // As the table's check has it.
            digest: TokenDigest(row.digest.try_into().unwrap_or_default()),
            kind: kind(&row.kind),
            tenant: Id::new(row.organization_id),
            person: Id::new(row.user_id),
            created_at: row.created_at.0,
            // What was made before uses were noted has none.
            used_at: row.used_at.unwrap_or(row.created_at).0,
            ends_at: row.ends_at.map(|at| at.0),
            address: row.address,
            user_agent: row.user_agent,
        }
    }
}

/// The kind with this name; the table has no other.
pub(super) fn kind(code: &str) -> TokenKind {
    let session = code == TokenKind::Session.code();
    if session { TokenKind::Session } else { TokenKind::Token }
}

/// What tokens must be to be valid.
macro_rules! valid {
    ($now:expr) => {
        tokens::revoked_at
            .is_null()
            .and(tokens::ends_at.is_null().or(tokens::ends_at.assume_not_null().gt(At($now))))
    };
}

/// The token with this digest, if it is valid.
pub(super) async fn find(
    handle: &mut Handle<'_>,
    digest: &TokenDigest,
    now: Timestamp,
) -> QueryResult<Option<StoredToken>> {
    let found = tokens::table.filter(tokens::digest.eq(digest.0.as_slice())).filter(valid!(now));
    let row = found.select(Row::as_select()).first(handle).await.optional()?;
    Ok(row.map(Into::into))
}

/// A person's valid tokens, the most recently used first.
pub(super) async fn of_person(
    handle: &mut Handle<'_>,
    person: PersonId,
    now: Timestamp,
) -> QueryResult<Vec<StoredToken>> {
    let theirs = tokens::table.filter(tokens::user_id.eq(person.raw())).filter(valid!(now));
    let most = i64::try_from(MOST_TOKENS_SHOWN).unwrap_or(i64::MAX);
    let rows: Vec<Row> = theirs
        .order((tokens::used_at.desc(), tokens::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load(handle)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn insert(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    person: PersonId,
    token: &NewToken,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(tokens::table)
        .values((
            tokens::digest.eq(token.digest.0.as_slice()),
            tokens::organization_id.eq(tenant.raw()),
            tokens::user_id.eq(person.raw()),
            tokens::created_at.eq(At(now)),
            tokens::kind.eq(token.kind.code()),
            tokens::ends_at.eq(token.ends_at.map(At)),
            tokens::used_at.eq(At(now)),
            tokens::address.eq(&token.address),
            tokens::user_agent.eq(&token.user_agent),
        ))
        .execute(handle)
        .await?;
    Ok(())
}

/// Notes a use; `false` when a later one is noted already, or the token is revoked.
pub(super) async fn touch(
    handle: &mut Handle<'_>,
    token: &StoredToken,
    now: Timestamp,
    ends_at: Option<Timestamp>,
) -> QueryResult<bool> {
    let unused = tokens::used_at.is_null();
    let same = unused.or(tokens::used_at.assume_not_null().le(At(token.used_at)));
    let row = tokens::table
        .filter(tokens::id.eq(token.id))
        .filter(tokens::revoked_at.is_null())
        .filter(same);
    let changed = diesel::update(row)
        .set((tokens::used_at.eq(At(now)), tokens::ends_at.eq(ends_at.map(At))))
        .execute(handle)
        .await?;
    Ok(changed == 1)
}

/// Revokes one of a person's valid tokens.
pub(super) async fn end(
    handle: &mut Handle<'_>,
    person: PersonId,
    id: i64,
    now: Timestamp,
) -> QueryResult<Option<StoredToken>> {
    let row = tokens::table
        .filter(tokens::id.eq(id))
        .filter(tokens::user_id.eq(person.raw()))
        .filter(valid!(now));
    let ended: Option<Row> = diesel::update(row)
        .set(tokens::revoked_at.eq(At(now)))
        .returning(Row::as_returning())
        .get_result(handle)
        .await
        .optional()?;
    Ok(ended.map(Into::into))
}

/// Revokes all of a person's valid tokens but one.
pub(super) async fn end_but(
    handle: &mut Handle<'_>,
    person: PersonId,
    kept: &TokenDigest,
    now: Timestamp,
) -> QueryResult<Vec<StoredToken>> {
    let rows = tokens::table
        .filter(tokens::user_id.eq(person.raw()))
        .filter(tokens::digest.ne(kept.0.as_slice()))
        .filter(valid!(now));
    let ended: Vec<Row> = diesel::update(rows)
        .set(tokens::revoked_at.eq(At(now)))
        .returning(Row::as_returning())
        .get_results(handle)
        .await?;
    let mut ended: Vec<StoredToken> = ended.into_iter().map(Into::into).collect();
    // The trail is written workspace by workspace.
    ended.sort_by_key(|token| (token.tenant, token.id));
    Ok(ended)
}

/// Revokes a token; `false` when it was not valid.
pub(super) async fn revoke(
    handle: &mut Handle<'_>,
    digest: &TokenDigest,
    now: Timestamp,
) -> QueryResult<bool> {
    let row = tokens::table.filter(tokens::digest.eq(digest.0.as_slice())).filter(valid!(now));
    let changed = diesel::update(row).set(tokens::revoked_at.eq(At(now))).execute(handle).await?;
    Ok(changed == 1)
}

/// Revokes all tokens of a person; the digests of those that were valid.
pub(super) async fn revoke_all(
    handle: &mut Handle<'_>,
    person: PersonId,
    now: Timestamp,
) -> QueryResult<Vec<TokenDigest>> {
    let rows = tokens::table.filter(tokens::user_id.eq(person.raw())).filter(valid!(now));
    let digests: Vec<Vec<u8>> = diesel::update(rows)
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
    let rows = tokens::table
        .filter(tokens::organization_id.eq(tenant.raw()))
        .filter(tokens::user_id.eq(person.raw()))
        .filter(valid!(now));
    diesel::update(rows).set(tokens::revoked_at.eq(At(now))).execute(handle).await
}

/// Deletes those that are over; how many rows it was.
pub(crate) async fn sweep(handle: &mut Handle<'_>, now: Timestamp) -> QueryResult<usize> {
    let over = tokens::table.filter(tokens::ends_at.le(At(now)));
    diesel::delete(over).execute(handle).await
}
