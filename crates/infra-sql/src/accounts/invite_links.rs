//! The table of links that carry invitations: an identity table, read before the workspace is known.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{InviteLink, LinkDigest};
use domain_kernel::Id;
use jiff::Timestamp;

use crate::columns::At;
use crate::dialect::Handle;

diesel::table! {
    use crate::dialect::types::*;

    invite_links (digest) {
        digest -> Binary,
        organization_id -> BigInt,
        invite_id -> BigInt,
        email -> Text,
        created_at -> Moment,
    }
}

pub(super) async fn insert(
    handle: &mut Handle<'_>,
    digest: &LinkDigest,
    InviteLink { tenant, invite, email }: &InviteLink,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(invite_links::table)
        .values((
            invite_links::digest.eq(digest.0.as_slice()),
            invite_links::organization_id.eq(tenant.raw()),
            invite_links::invite_id.eq(invite.raw()),
            invite_links::email.eq(email),
            invite_links::created_at.eq(At(now)),
        ))
        .execute(handle)
        .await?;
    Ok(())
}

/// The link with this digest.
pub(super) async fn find(
    handle: &mut Handle<'_>,
    digest: &LinkDigest,
) -> QueryResult<Option<InviteLink>> {
    let found: Option<(i64, i64, String)> = invite_links::table
        .filter(invite_links::digest.eq(digest.0.as_slice()))
        .select((invite_links::organization_id, invite_links::invite_id, invite_links::email))
        .first(handle)
        .await
        .optional()?;
    Ok(found.map(|(tenant, invite, email)| InviteLink {
        tenant: Id::new(tenant),
        invite: Id::new(invite),
        email,
    }))
}
