//! The table of failed sign-ins, for servers that share no Redis.
//!
//! It belongs to no workspace: who fails to sign in is nobody yet. Its rows are locked in the order
//! of their key, by everybody, so that no two wait for each other.

use std::time::Duration;

use async_trait::async_trait;
use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{Ceiling, FailedSignIns, FailureKey, NameDigest, Tally};
use domain_kernel::{Result, Work as _};
use jiff::Timestamp;

use crate::SqlStore;
use crate::columns::At;
use crate::dialect::{Handle, load_locked};
use crate::errors::of_query;

diesel::table! {
    use crate::dialect::types::*;

    sign_in_failures (name, address) {
        name -> Binary,
        address -> Text,
        used -> BigInt,
        ends_at -> Moment,
    }
}

/// The key in order.
const KEY: (sign_in_failures::name, sign_in_failures::address) =
    (sign_in_failures::name, sign_in_failures::address);

#[async_trait]
impl FailedSignIns for SqlStore {
    async fn reserve(&self, guess: &[(FailureKey, Ceiling)]) -> Result<Option<Duration>> {
        let mut guess = guess.to_vec();
        guess.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (mut work, now) = (self.upkeep().await?, self.clock().now());
        let locked = reserve(&mut work.handle().await?, &guess, now).await.map_err(of_query)?;
        Box::new(work).commit().await?;
        Ok(locked)
    }

    async fn settle(&self, cleared: &[FailureKey], taken_back: &[FailureKey]) -> Result<()> {
        let mut keys: Vec<(&FailureKey, bool)> = cleared.iter().map(|key| (key, true)).collect();
        keys.extend(taken_back.iter().map(|key| (key, false)));
        keys.sort();
        let mut work = self.upkeep().await?;
        let mut handle = work.handle().await?;
        for (key, clear) in keys {
            settle(&mut handle, key, clear).await.map_err(of_query)?;
        }
        Box::new(work).commit().await
    }

    async fn clear_name(&self, name: NameDigest) -> Result<()> {
        let mut work = self.upkeep().await?;
        let rows = sign_in_failures::table.filter(sign_in_failures::name.eq(name.0.as_slice()));
        diesel::delete(rows).execute(&mut work.handle().await?).await.map_err(of_query)?;
        Box::new(work).commit().await
    }
}

async fn reserve(
    handle: &mut Handle<'_>,
    guess: &[(FailureKey, Ceiling)],
    now: Timestamp,
) -> QueryResult<Option<Duration>> {
    // A row that is not there cannot be locked, so each is made first.
    for (key, _) in guess {
        let (name, address) = key.parts();
        diesel::insert_into(sign_in_failures::table)
            .values((
                sign_in_failures::name.eq(name),
                sign_in_failures::address.eq(address),
                sign_in_failures::used.eq(0),
                sign_in_failures::ends_at.eq(At(now)),
            ))
            .on_conflict_do_nothing()
            .execute(handle)
            .await?;
    }
    // Every name with every address: more than the keys only where a row is made of both.
    let names = guess.iter().map(|(key, _)| key.parts().0);
    let addresses = guess.iter().map(|(key, _)| key.parts().1);
    let query = sign_in_failures::table
        .filter(sign_in_failures::name.eq_any(names))
        .filter(sign_in_failures::address.eq_any(addresses));
    let kept: Vec<(Vec<u8>, String, i64, At)> = load_locked!(query, KEY, handle)?;
    let tried = guess.iter().map(|(key, ceiling)| {
        let row = kept.iter().find(|row| (row.0.as_slice(), row.1.as_str()) == key.parts());
        let used = |used: i64| u32::try_from(used).unwrap_or(u32::MAX);
        ceiling.reserve(row.map(|row| Tally { used: used(row.2), ends_at: row.3.0 }), now)
    });
    let tried: Vec<Result<Tally, Duration>> = tried.collect();
    let locked = tried.iter().filter_map(|tried| tried.err()).max();
    if locked.is_none() {
        for ((key, _), tally) in guess.iter().zip(tried.into_iter().flatten()) {
            diesel::update(sign_in_failures::table.find(key.parts()))
                .set((
                    sign_in_failures::used.eq(i64::from(tally.used)),
                    sign_in_failures::ends_at.eq(At(tally.ends_at)),
                ))
                .execute(handle)
                .await?;
        }
    }
    Ok(locked)
}

/// Forgets what is counted under a key, or takes one back.
async fn settle(handle: &mut Handle<'_>, key: &FailureKey, clear: bool) -> QueryResult<()> {
    let row = sign_in_failures::table.find(key.parts());
    if clear {
        diesel::delete(row).execute(handle).await?;
    } else {
        diesel::update(row)
            .filter(sign_in_failures::used.gt(0))
            .set(sign_in_failures::used.eq(sign_in_failures::used - 1))
            .execute(handle)
            .await?;
    }
    Ok(())
}

/// Deletes what counts no more; how many rows it was.
pub(crate) async fn sweep(handle: &mut Handle<'_>, now: Timestamp) -> QueryResult<usize> {
    let old = sign_in_failures::table.filter(sign_in_failures::ends_at.le(At(now)));
    diesel::delete(old).execute(handle).await
}
