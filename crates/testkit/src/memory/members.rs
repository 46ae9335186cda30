//! The members of a workspace: people joined with their memberships.

use async_trait::async_trait;
use domain_accounts::{AccountsWork as _, Membership, NO_PASSWORD, Person, PersonDraft, User};
use domain_kernel::field::{Email, Embedded, Flag, Locale, ShortText, ZoneName};
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Error, Id, PersonId, Record, Records, Result, TenantId, Which};
use jiff::Timestamp;

use super::accounts::still_verified;
use super::list::list;
use super::state::State;
use super::work::MemoryWork;

/// A membership as stored; the roles are in a table of their own.
#[derive(Clone)]
pub(super) struct StoredMembership {
    pub(super) tenant: TenantId,
    pub(super) person: PersonId,
    pub(super) is_active: bool,
    pub(super) version: i64,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
}

impl StoredMembership {
    pub(super) fn new(tenant: TenantId, person: PersonId, now: Timestamp) -> Self {
        let (is_active, version, ended_at) = (true, 1, None);
        Self { tenant, person, is_active, version, created_at: now, updated_at: now, ended_at }
    }

    /// Whether the person may use it.
    pub(super) fn is_open(&self) -> bool {
        self.is_active && self.ended_at.is_none()
    }
}

impl State {
    /// A membership with its roles.
    pub(super) fn membership_of(&self, stored: &StoredMembership) -> Membership {
        let (tenant, person) = (stored.tenant, stored.person);
        let live = self.user_roles.of(tenant).filter(|row| row.deleted_at.is_none());
        let theirs =
            live.filter(|row| row.data.user.kept().is_some_and(|user| user.raw() == person.raw()));
        let roles: RoleSet = theirs.filter_map(|row| Role::from_code(&row.data.role)).collect();
        Membership { tenant, person, roles }
    }

    /// The members of a workspace, removed ones included.
    pub(super) fn users(&self, tenant: TenantId) -> impl Iterator<Item = Record<User>> {
        let of_tenant = self.accounts.memberships.iter().filter(move |one| one.tenant == tenant);
        of_tenant.filter_map(|membership| {
            let mut people = self.accounts.people.iter();
            let (person, _) = people.find(|(person, _)| person.id == membership.person)?;
            Some(self.user(membership, person))
        })
    }

    fn user(&self, membership: &StoredMembership, person: &Person) -> Record<User> {
        let mut organizations = self.accounts.organizations.iter();
        let organization = organizations.find(|one| one.id == membership.tenant).cloned();
        let PersonDraft { username, email, first_name, last_name, title, timezone, locale } =
            person.draft.clone();
        Record {
            id: Id::new(person.id.raw()),
            tenant: membership.tenant,
            version: membership.version + person.version - 1,
            created_at: membership.created_at,
            updated_at: membership.updated_at,
            deleted_at: membership.ended_at,
            data: User {
                username: ShortText::trusted(username),
                email: Email::trusted(email),
                first_name: ShortText::trusted(first_name),
                last_name: ShortText::trusted(last_name),
                organization: Embedded(organization),
                title: ShortText::trusted(title),
                timezone: ZoneName::trusted(timezone),
                locale: Locale::trusted(locale),
                is_active: Flag(membership.is_active && person.is_active),
                is_staff: Flag(person.is_superuser),
            },
        }
    }
}

/// The members of a workspace within a unit of work.
pub(super) struct MemoryUsers<'w>(pub(super) &'w mut MemoryWork);

#[async_trait]
impl Records<User> for MemoryUsers<'_> {
    async fn find(&mut self, ids: &[Id<User>], which: Which) -> Result<Vec<Record<User>>> {
        let users = self.0.state().users(self.0.tenant()?);
        let wanted = users.filter(|user| ids.contains(&user.id));
        Ok(wanted.filter(|user| which == Which::Any || user.deleted_at.is_none()).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<User>>> {
        Ok(list(self.0.state().users(self.0.tenant()?), query))
    }

    async fn insert(&mut self, data: User, now: Timestamp) -> Result<Record<User>> {
        let tenant = self.0.tenant()?;
        let person = self.0.insert_person(&(&data).into(), NO_PASSWORD, false, now).await?;
        self.0.insert_membership(person.id, RoleSet::default(), now).await?;
        let state = self.0.state_mut()?;
        let made = state.accounts.memberships.last_mut();
        if let Some(made) = made.filter(|_| !data.is_active.0) {
            made.is_active = false;
            made.version += 1;
        }
        let mut made = state.users(tenant).filter(|user| user.id.raw() == person.id.raw());
        made.next().ok_or_else(|| Error::internal("a new member is not there"))
    }

    async fn update(&mut self, record: &Record<User>) -> Result<bool> {
        let stored = self.find(&[record.id], Which::Any).await?.pop();
        let Some(stored) = stored.filter(|stored| stored.version == record.version - 1) else {
            return Ok(false);
        };
        let (tenant, person) = (self.0.tenant()?, PersonId::new(record.id.raw()));
        let accounts = &mut self.0.state_mut()?.accounts;
        if !record.data.same_person(&stored.data) {
            accounts.check_names(&(&record.data).into(), Some(person))?;
            if let Some((stored, _)) = accounts.person_mut(person) {
                let draft = PersonDraft::from(&record.data);
                stored.email_verified_at = still_verified(stored, &draft.email);
                stored.draft = draft;
            }
        }
        let mut memberships = accounts.memberships.iter_mut();
        let mine = memberships.find(|one| (one.tenant, one.person) == (tenant, person));
        if let Some(mine) = mine {
            mine.is_active = record.data.is_active.0;
            mine.ended_at = record.deleted_at;
            mine.version += 1;
            mine.updated_at = record.updated_at;
        }
        Ok(true)
    }
}
