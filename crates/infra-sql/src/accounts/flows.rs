//! The table of sign-ins that have begun at a provider.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{Flow, FlowDigest};
use jiff::Timestamp;

use crate::columns::At;
use crate::dialect::Handle;

diesel::table! {
    use crate::dialect::types::*;

    sign_in_flows (digest) {
        digest -> Binary,
        provider -> Text,
        next -> Text,
        ends_at -> Moment,
        kind -> Text,
    }
}

pub(super) async fn insert(
    handle: &mut Handle<'_>,
    digest: &FlowDigest,
    Flow { provider, next, kind, ends_at }: &Flow,
) -> QueryResult<()> {
    diesel::insert_into(sign_in_flows::table)
        .values((
            sign_in_flows::digest.eq(digest.0.as_slice()),
            sign_in_flows::provider.eq(provider),
            sign_in_flows::next.eq(next),
            sign_in_flows::kind.eq(kind.code()),
            sign_in_flows::ends_at.eq(At(*ends_at)),
        ))
        .execute(handle)
        .await?;
    Ok(())
}

/// Takes a sign-in out of the table, unless its time is over. Of several at the same time, one
/// gets it.
pub(super) async fn take(
    handle: &mut Handle<'_>,
    digest: &FlowDigest,
    now: Timestamp,
) -> QueryResult<Option<Flow>> {
    let row = sign_in_flows::table
        .filter(sign_in_flows::digest.eq(digest.0.as_slice()))
        .filter(sign_in_flows::ends_at.gt(At(now)));
    let found: Option<(String, String, String, At)> = diesel::delete(row)
        .returning((
            sign_in_flows::provider,
            sign_in_flows::next,
            sign_in_flows::kind,
            sign_in_flows::ends_at,
        ))
        .get_result(handle)
        .await
        .optional()?;
    Ok(found.map(|(provider, next, kind, At(ends_at))| {
        let kind = super::tokens::kind(&kind);
        Flow { provider, next, kind, ends_at }
    }))
}

/// Deletes those whose time is over; how many rows it was.
pub(crate) async fn sweep(handle: &mut Handle<'_>, now: Timestamp) -> QueryResult<usize> {
    let over = sign_in_flows::table.filter(sign_in_flows::ends_at.le(At(now)));
    diesel::delete(over).execute(handle).await
}
