//! Invitations: read from a view, which knows who made them and whether they are good still, and
//! written to their table.

use domain_accounts::Invite;
use domain_kernel::field::{Choice, DoneBy, Email, Flag, Moment, Word};
use domain_kernel::fold;

use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    organization_invites (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        email -> Text,
        email_folded -> Text,
        token -> Text,
        role -> Text,
        expires_at -> Moment,
        accepted_at -> Nullable<Moment>,
        created_by -> Nullable<BigInt>,
        created_by_name -> Text,
        is_active -> Bool,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    invites (id) {
        id -> BigInt,
        organization_id -> BigInt,
        email -> Text,
        email_folded -> Text,
        role -> Text,
        expires_at -> Moment,
        accepted_at -> Nullable<Moment>,
        created_by -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = organization_invites, check_for_backend(Db))]
struct Seen {
    email: String,
    token: String,
    role: String,
    expires_at: At,
    accepted_at: Option<At>,
    created_by: Option<i64>,
    created_by_name: String,
    is_active: bool,
}

fn record((stamp, seen): (Stamp, Seen)) -> Record<Invite> {
    stamp.record(Invite {
        email: Email::trusted(seen.email),
        token: Word::trusted(seen.token),
        role: Choice::trusted(&seen.role),
        expires_at: Moment(Some(seen.expires_at.0)),
        accepted_at: Moment(seen.accepted_at.map(|at| at.0)),
        created_by: DoneBy(seen.created_by.map(Id::new)),
        created_by_name: Word::trusted(seen.created_by_name),
        is_active: Flag(seen.is_active),
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = invites, treat_none_as_null = true)]
struct Columns {
    email: String,
    email_folded: String,
    role: String,
    expires_at: At,
    accepted_at: Option<At>,
    created_by: Option<i64>,
}

impl From<&Invite> for Columns {
    fn from(invite: &Invite) -> Self {
        Self {
            email: invite.email.to_string(),
            email_folded: fold(&invite.email),
            role: invite.role.to_string(),
            // Whoever stores one gives it a time.
            expires_at: At(invite.expires_at.0.unwrap_or_default()),
            accepted_at: invite.accepted_at.0.map(At),
            created_by: invite.created_by.0.map(|person| person.raw()),
        }
    }
}

reads! {
    /// The invitations of one workspace.
    Invites of Invite in organization_invites,
    rows (Stamp, Seen), selected by (stamp!(organization_invites), Seen::as_select())
}
port! { Invites of Invite }

impl Invites<'_> {
    async fn insert(&mut self, data: Invite, now: Timestamp) -> Result<Record<Invite>> {
        let tenant = self.0.tenant()?;
        let id: i64 = diesel::insert_into(invites::table)
            .values((
                invites::organization_id.eq(tenant.raw()),
                invites::version.eq(1),
                invites::created_at.eq(At(now)),
                invites::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .returning(invites::id)
            .get_result(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(Record::new(Id::new(id), tenant, data, now))
    }

    async fn update(&mut self, record: &Record<Invite>) -> Result<bool> {
        let row = invites::table
            .filter(Rows::all(self.0.tenant()?, "invites"))
            .filter(invites::id.eq(record.id.raw()))
            .filter(invites::version.eq(record.version - 1));
        let written = diesel::update(row)
            .set((
                invites::version.eq(record.version),
                invites::updated_at.eq(At(record.updated_at)),
                invites::deleted_at.eq(record.deleted_at.map(At)),
                Columns::from(&record.data),
            ))
            .execute(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(written == 1)
    }
}
