//! The table of addresses that people signed in from.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::ADDRESS_KNOWN_DAYS;
use domain_kernel::PersonId;
use domain_kernel::limit::ClientAddress;
use jiff::{SignedDuration, Timestamp};

use crate::columns::At;
use crate::dialect::Handle;

diesel::table! {
    use crate::dialect::types::*;

    known_addresses (user_id, address) {
        user_id -> BigInt,
        address -> Text,
        seen_at -> Moment,
    }
}

/// Addresses that were seen before this moment are not known any more.
fn horizon(now: Timestamp) -> At {
    let known = SignedDuration::from_hours(ADDRESS_KNOWN_DAYS * 24);
    At(now.checked_sub(known).unwrap_or(Timestamp::MIN))
}

/// Whether a person signed in from an address lately.
pub(super) async fn knows(
    handle: &mut Handle<'_>,
    person: PersonId,
    address: &ClientAddress,
    now: Timestamp,
) -> QueryResult<bool> {
    let row = known_addresses::table
        .filter(known_addresses::user_id.eq(person.raw()))
        .filter(known_addresses::address.eq(address.as_str()))
        .filter(known_addresses::seen_at.gt(horizon(now)));
    let found: Option<i64> = row.select(known_addresses::user_id).first(handle).await.optional()?;
    Ok(found.is_some())
}

/// Notes that a person signs in from an address.
pub(super) async fn note(
    handle: &mut Handle<'_>,
    person: PersonId,
    address: &ClientAddress,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(known_addresses::table)
        .values((
            known_addresses::user_id.eq(person.raw()),
            known_addresses::address.eq(address.as_str()),
            known_addresses::seen_at.eq(At(now)),
        ))
        .on_conflict((known_addresses::user_id, known_addresses::address))
        .do_update()
        .set(known_addresses::seen_at.eq(At(now)))
        .execute(handle)
        .await?;
    Ok(())
}

/// Deletes what is not known any more; how many rows it was.
pub(crate) async fn sweep(handle: &mut Handle<'_>, now: Timestamp) -> QueryResult<usize> {
    let old = known_addresses::table.filter(known_addresses::seen_at.le(horizon(now)));
    diesel::delete(old).execute(handle).await
}
