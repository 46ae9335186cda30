//! The table of who people are at identity providers.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::ProviderSubject;
use domain_kernel::{Id, PersonId};
use jiff::Timestamp;

use crate::columns::At;
use crate::dialect::Handle;

diesel::table! {
    use crate::dialect::types::*;

    identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> BigInt,
        created_at -> Moment,
    }
}

/// The person who is somebody at a provider.
pub(super) async fn person(
    handle: &mut Handle<'_>,
    ProviderSubject { issuer, subject }: &ProviderSubject,
) -> QueryResult<Option<PersonId>> {
    let row = identities::table.find((issuer, subject)).select(identities::user_id);
    Ok(row.first::<i64>(handle).await.optional()?.map(Id::new))
}

/// Stores who a person is; `false` when that is somebody's already.
pub(super) async fn insert(
    handle: &mut Handle<'_>,
    person: PersonId,
    ProviderSubject { issuer, subject }: &ProviderSubject,
    now: Timestamp,
) -> QueryResult<bool> {
    let inserted = diesel::insert_into(identities::table)
        .values((
            identities::issuer.eq(issuer),
            identities::subject.eq(subject),
            identities::user_id.eq(person.raw()),
            identities::created_at.eq(At(now)),
        ))
        .on_conflict_do_nothing()
        .execute(handle)
        .await?;
    Ok(inserted == 1)
}

/// Forgets who a person is at any provider.
pub(super) async fn delete_of(handle: &mut Handle<'_>, person: PersonId) -> QueryResult<()> {
    let theirs = identities::table.filter(identities::user_id.eq(person.raw()));
    diesel::delete(theirs).execute(handle).await?;
    Ok(())
}
