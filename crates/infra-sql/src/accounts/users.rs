//! The members of a workspace: people joined with their memberships, in a view.

use domain_accounts::{NO_PASSWORD, Organization, PersonDraft, User};
use domain_kernel::field::{Email, Embedded, Flag, Locale, ShortText, ZoneName};
use domain_kernel::{Error, PersonId, policy::RoleSet};

use super::user_roles::user_roles;
use super::{memberships, people};
use crate::dialect::Handle;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    users (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        username -> Text,
        username_folded -> Text,
        email -> Text,
        email_folded -> Text,
        first_name -> Text,
        first_name_folded -> Text,
        last_name -> Text,
        last_name_folded -> Text,
        title -> Text,
        title_folded -> Text,
        timezone -> Text,
        timezone_folded -> Text,
        locale -> Text,
        locale_folded -> Text,
        is_active -> Bool,
        is_staff -> Bool,
        organization_name -> Text,
        organization_slug -> Text,
        organization_currency -> Text,
        organization_timezone -> Text,
        organization_created_at -> Moment,
        organization_updated_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, user_roles);

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Db))]
struct Columns {
    organization_id: i64,
    username: String,
    email: String,
    first_name: String,
    last_name: String,
    title: String,
    timezone: String,
    locale: String,
    is_active: bool,
    is_staff: bool,
    organization_name: String,
    organization_slug: String,
    organization_currency: String,
    organization_timezone: String,
    organization_created_at: At,
    organization_updated_at: At,
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<User> {
    let organization = Organization {
        id: Id::new(columns.organization_id),
        name: columns.organization_name,
        slug: columns.organization_slug,
        currency: columns.organization_currency,
        timezone: columns.organization_timezone,
        // Rows of members do not show it.
        requires_second_factor: false,
        created_at: columns.organization_created_at.0,
        updated_at: columns.organization_updated_at.0,
    };
    stamp.record(User {
        username: ShortText::trusted(columns.username),
        email: Email::trusted(columns.email),
        first_name: ShortText::trusted(columns.first_name),
        last_name: ShortText::trusted(columns.last_name),
        organization: Embedded(Some(organization)),
        title: ShortText::trusted(columns.title),
        timezone: ZoneName::trusted(columns.timezone),
        locale: Locale::trusted(columns.locale),
        is_active: Flag(columns.is_active),
        is_staff: Flag(columns.is_staff),
    })
}

reads! {
    /// The members of one workspace.
    Users of User in users,
    rows (Stamp, Columns), selected by (stamp!(users), Columns::as_select())
}
linked! { User in users }
port! { Users of User }

impl Users<'_> {
    /// Registers the person, without a password that opens anything, and makes them a member.
    async fn insert(&mut self, data: User, now: Timestamp) -> Result<Record<User>> {
        let tenant = self.0.tenant()?;
        let mut handle = self.0.lease.handle().await?;
        let person = people::insert(&mut handle, &(&data).into(), NO_PASSWORD, false, now).await?;
        let joined = memberships::insert(&mut handle, tenant, person.id, RoleSet::default(), now);
        joined.await.map_err(of_query)?;
        if !data.is_active.0 {
            self.set_membership(&person.id, false, None, now).await?;
        }
        let made = self.find(&[Id::new(person.id.raw())], Which::Any).await?.pop();
        made.ok_or_else(|| Error::internal("a new member is not there"))
    }

    /// Writes the one of the two rows that differs; the version in the view counts both.
    async fn update(&mut self, record: &Record<User>) -> Result<bool> {
        let person = PersonId::new(record.id.raw());
        let stored = self.find(&[record.id], Which::Any).await?.pop();
        let Some(stored) = stored.filter(|stored| stored.version == record.version - 1) else {
            return Ok(false);
        };
        let (now, active) = (record.updated_at, record.data.is_active.0);
        let theirs = !record.data.same_person(&stored.data);
        let here = active != stored.data.is_active.0 || record.deleted_at != stored.deleted_at;
        if here || !theirs {
            self.set_membership(&person, active, record.deleted_at, now).await?;
        }
        if theirs {
            let mut handle = self.0.lease.handle().await?;
            let raise = !here;
            people::rewrite(&mut handle, person, &(&record.data).into(), raise, now).await?;
        }
        Ok(true)
    }

    async fn set_membership(
        &mut self,
        person: &PersonId,
        is_active: bool,
        ended_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<()> {
        let tenant = self.0.tenant()?;
        let change = memberships::Change { is_active, ended_at };
        let mut handle = self.0.lease.handle().await?;
        memberships::update(&mut handle, tenant, *person, change, now).await.map_err(of_query)
    }
}

/// What somebody is called who is a member of a workspace or was. Nothing is locked for it.
pub(crate) async fn name_of(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    person: PersonId,
) -> QueryResult<Option<String>> {
    let row: Option<(String, String, String)> = users::table
        .filter(Rows::all(tenant, TABLE))
        .filter(users::id.eq(person.raw()))
        .select((users::username, users::first_name, users::last_name))
        .first(handle)
        .await
        .optional()?;
    let draft = row.map(|(username, first_name, last_name)| PersonDraft {
        username,
        first_name,
        last_name,
        ..PersonDraft::new()
    });
    Ok(draft.map(|draft| draft.display_name()))
}
