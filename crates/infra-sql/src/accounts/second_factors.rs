//! The tables of second factors and of their recovery codes.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{RecoveryDigest, StoredFactor};
use domain_kernel::PersonId;

use crate::dialect::Handle;

diesel::table! {
    use crate::dialect::types::*;

    second_factors (id) {
        id -> BigInt,
        user_id -> BigInt,
        sealed -> Binary,
        last_step -> BigInt,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    recovery_codes (user_id, digest) {
        user_id -> BigInt,
        digest -> Binary,
    }
}

pub(super) async fn find(
    handle: &mut Handle<'_>,
    person: PersonId,
) -> QueryResult<Option<StoredFactor>> {
    let row = second_factors::table.filter(second_factors::user_id.eq(person.raw()));
    let found: Option<(Vec<u8>, i64)> = row
        .select((second_factors::sealed, second_factors::last_step))
        .first(handle)
        .await
        .optional()?;
    Ok(found.map(|(sealed, last_step)| StoredFactor { sealed, last_step }))
}

/// Stores one in the place of that before.
pub(super) async fn put(
    handle: &mut Handle<'_>,
    person: PersonId,
    StoredFactor { sealed, last_step }: &StoredFactor,
) -> QueryResult<()> {
    diesel::insert_into(second_factors::table)
        .values((
            second_factors::user_id.eq(person.raw()),
            second_factors::sealed.eq(sealed),
            second_factors::last_step.eq(last_step),
        ))
        .on_conflict(second_factors::user_id)
        .do_update()
        .set((second_factors::sealed.eq(sealed), second_factors::last_step.eq(last_step)))
        .execute(handle)
        .await?;
    Ok(())
}

/// Deletes one with its codes; `false` when there was none.
pub(super) async fn delete(handle: &mut Handle<'_>, person: PersonId) -> QueryResult<bool> {
    replace_codes(handle, person, &[]).await?;
    let row = second_factors::table.filter(second_factors::user_id.eq(person.raw()));
    Ok(diesel::delete(row).execute(handle).await? == 1)
}

pub(super) async fn replace_codes(
    handle: &mut Handle<'_>,
    person: PersonId,
    digests: &[RecoveryDigest],
) -> QueryResult<()> {
    let rows = recovery_codes::table.filter(recovery_codes::user_id.eq(person.raw()));
    diesel::delete(rows).execute(handle).await?;
    for digest in digests {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::user_id.eq(person.raw()),
                recovery_codes::digest.eq(digest.0.as_slice()),
            ))
            .execute(handle)
            .await?;
    }
    Ok(())
}

/// Takes a code out of the table; `false` when it is not there.
pub(super) async fn take_code(
    handle: &mut Handle<'_>,
    person: PersonId,
    digest: &RecoveryDigest,
) -> QueryResult<bool> {
    let row = recovery_codes::table
        .filter(recovery_codes::user_id.eq(person.raw()))
        .filter(recovery_codes::digest.eq(digest.0.as_slice()));
    Ok(diesel::delete(row).execute(handle).await? == 1)
}

pub(super) async fn codes_left(handle: &mut Handle<'_>, person: PersonId) -> QueryResult<i64> {
    let rows = recovery_codes::table.filter(recovery_codes::user_id.eq(person.raw()));
    rows.count().get_result(handle).await
}
