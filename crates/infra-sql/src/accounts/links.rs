//! The table of links that let somebody do one thing once.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{LinkDigest, LinkPurpose, OneTimeLink};
use domain_kernel::{Id, PersonId};
use jiff::Timestamp;

use crate::columns::At;
use crate::dialect::Handle;

diesel::table! {
    use crate::dialect::types::*;

    links (digest) {
        digest -> Binary,
        purpose -> Text,
        user_id -> BigInt,
        email -> Text,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

type Columns = (String, i64, String, At);

/// The link of a row; none for a purpose of another version's.
fn link((purpose, person, email, expires_at): Columns) -> Option<OneTimeLink> {
    let purpose = LinkPurpose::from_code(&purpose)?;
    Some(OneTimeLink { purpose, person: Id::new(person), email, expires_at: expires_at.0 })
}

fn codes(purposes: &[LinkPurpose]) -> Vec<&'static str> {
    purposes.iter().map(|purpose| purpose.code()).collect()
}

/// The row of a link that is good.
#[diesel::dsl::auto_type(no_type_alias)]
fn good<'q>(digest: &'q [u8], codes: &'q [&'static str], now: At) -> _ {
    links::table
        .filter(links::digest.eq(digest))
        .filter(links::purpose.eq_any(codes))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(now))
}

pub(super) async fn insert(
    handle: &mut Handle<'_>,
    digest: &LinkDigest,
    OneTimeLink { purpose, person, email, expires_at }: &OneTimeLink,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(links::table)
        .values((
            links::digest.eq(digest.0.as_slice()),
            links::purpose.eq(purpose.code()),
            links::user_id.eq(person.raw()),
            links::email.eq(email),
            links::created_at.eq(At(now)),
            links::expires_at.eq(At(*expires_at)),
        ))
        .execute(handle)
        .await?;
    Ok(())
}

/// The link, if it is good.
pub(super) async fn find(
    handle: &mut Handle<'_>,
    digest: &LinkDigest,
    purposes: &[LinkPurpose],
    now: Timestamp,
) -> QueryResult<Option<OneTimeLink>> {
    let codes = codes(purposes);
    let found: Option<Columns> = good(&digest.0, &codes, At(now))
        .select((links::purpose, links::user_id, links::email, links::expires_at))
        .first(handle)
        .await
        .optional()?;
    Ok(found.and_then(link))
}

/// Uses a link up, if it is good. Of several at the same time, one gets it.
pub(super) async fn take(
    handle: &mut Handle<'_>,
    digest: &LinkDigest,
    purposes: &[LinkPurpose],
    now: Timestamp,
) -> QueryResult<Option<OneTimeLink>> {
    let codes = codes(purposes);
    let found: Option<Columns> = diesel::update(good(&digest.0, &codes, At(now)))
        .set(links::used_at.eq(At(now)))
        .returning((links::purpose, links::user_id, links::email, links::expires_at))
        .get_result(handle)
        .await
        .optional()?;
    Ok(found.and_then(link))
}

/// Ends a person's links for some purposes.
pub(super) async fn end_of(
    handle: &mut Handle<'_>,
    person: PersonId,
    purposes: &[LinkPurpose],
    now: Timestamp,
) -> QueryResult<()> {
    let good = links::table
        .filter(links::user_id.eq(person.raw()))
        .filter(links::purpose.eq_any(codes(purposes)))
        .filter(links::used_at.is_null());
    diesel::update(good).set(links::used_at.eq(At(now))).execute(handle).await?;
    Ok(())
}

/// Deletes those that nobody can use any more; how many rows it was.
pub(crate) async fn sweep(handle: &mut Handle<'_>, now: Timestamp) -> QueryResult<usize> {
    let over = links::table.filter(links::expires_at.le(At(now)));
    diesel::delete(over).execute(handle).await
}
