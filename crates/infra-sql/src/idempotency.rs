//! What requests with an idempotency key gave, and the lock while one is under way.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_kernel::{Error, IdempotencyKey, PersonId, Result, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::columns::At;
use crate::dialect::Handle;
use crate::rows::Rows;

diesel::table! {
    use crate::dialect::types::*;

    idempotency_keys (organization_id, user_id, key) {
        organization_id -> BigInt,
        user_id -> BigInt,
        key -> Text,
        fingerprint -> Binary,
        outcome -> JsonValue,
        created_at -> Moment,
    }
}

const TABLE: &str = "idempotency_keys";

/// The keys that are under way on this server. Outside the transaction: with one writing
/// connection, a second request would otherwise wait for the first instead of being told.
#[derive(Clone, Default)]
pub(crate) struct Locks(Arc<Mutex<HashSet<i64>>>);

/// The lock of one key; dropped, it is free.
pub(crate) struct KeyLock {
    locks: Locks,
    number: i64,
}

impl Locks {
    /// Takes the lock of a key.
    ///
    /// # Errors
    /// [`Error::IdempotencyInProgress`] when it is taken.
    pub(crate) fn take(&self, tenant: TenantId, person: PersonId, key: &str) -> Result<KeyLock> {
        let number = lock_number(tenant, person, key);
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number) {
            Ok(KeyLock { locks: self.clone(), number })
        } else {
            Err(Error::IdempotencyInProgress)
        }
    }
}

impl Drop for KeyLock {
    fn drop(&mut self) {
        self.locks.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

/// The number that stands for a key in locks: 64 bits of a digest.
pub(crate) fn lock_number(tenant: TenantId, person: PersonId, key: &str) -> i64 {
    number_of(&format!("{tenant}/{person}/{key}"))
}

/// The number that stands for a text where a lock needs one.
pub(crate) fn number_of(text: &str) -> i64 {
    let digest = Sha256::digest(text);
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

/// Keys that were used before this moment are forgotten.
pub(crate) fn horizon(now: Timestamp) -> At {
    let lifetime = SignedDuration::from_hours(IdempotencyKey::LIFETIME_HOURS);
    At(now.checked_sub(lifetime).unwrap_or(Timestamp::MIN))
}

/// The outcome that is remembered under a key: fingerprint and outcome.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn kept<'k>(tenant: TenantId, person: PersonId, key: &'k str, horizon: At) -> _ {
    let rows: Rows = Rows::all(tenant, TABLE);
    let person: i64 = person.raw();
    idempotency_keys::table
        .filter(rows)
        .filter(idempotency_keys::user_id.eq(person))
        .filter(idempotency_keys::key.eq(key))
        .filter(idempotency_keys::created_at.gt(horizon))
}

/// Remembers an outcome (person, key, fingerprint, outcome), in place of one that is too old.
/// `false` when a younger one is there: another request was done meanwhile, and this one must not.
pub(crate) async fn remember(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    (person, key, fingerprint, outcome): (PersonId, &str, &[u8], &Value),
    now: Timestamp,
) -> QueryResult<bool> {
    let anew = (
        idempotency_keys::fingerprint.eq(fingerprint),
        idempotency_keys::outcome.eq(outcome),
        idempotency_keys::created_at.eq(At(now)),
    );
    let upsert = diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::organization_id.eq(tenant.raw()),
            idempotency_keys::user_id.eq(person.raw()),
            idempotency_keys::key.eq(key),
            anew,
        ))
        .on_conflict((
            idempotency_keys::organization_id,
            idempotency_keys::user_id,
            idempotency_keys::key,
        ))
        .do_update()
        .set(anew);
    let upsert = diesel::query_dsl::methods::FilterDsl::filter(
        upsert,
        idempotency_keys::created_at.le(horizon(now)),
    );
    let written = upsert.execute(handle).await?;
    Ok(written == 1)
}

/// Deletes what a workspace remembers for too long; how much it was.
pub(crate) async fn sweep(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    now: Timestamp,
) -> QueryResult<usize> {
    let old = idempotency_keys::table
        .filter(Rows::all(tenant, TABLE))
        .filter(idempotency_keys::created_at.le(horizon(now)));
    diesel::delete(old).execute(handle).await
}
