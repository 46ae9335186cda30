//! The workspaces, as the platform's staff see them.

use async_trait::async_trait;
use domain_accounts::{AccountsWork as _, Organization, Workspace};
use domain_kernel::field::{ShortText, Slug};
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Error, Id, Record, Records, Result, TenantId, Which};
use jiff::Timestamp;

use super::accounts_state::AccountsState;
use super::list::list;
use super::work::MemoryWork;

/// The workspaces within a unit of work.
pub(super) struct MemoryWorkspaces<'w>(pub(super) &'w mut MemoryWork);

impl AccountsState {
    fn workspace(&self, organization: &Organization) -> Record<Workspace> {
        let (version, deleted_at) =
            self.written.get(&organization.id).copied().unwrap_or((1, None));
        Record {
            id: Id::new(organization.id.raw()),
            tenant: TenantId::PLATFORM,
            version,
            created_at: organization.created_at,
            updated_at: organization.updated_at,
            deleted_at,
            data: Workspace {
                name: ShortText::trusted(&organization.name),
                slug: Slug::trusted(&organization.slug),
            },
        }
    }

    fn workspaces(&self) -> impl Iterator<Item = Record<Workspace>> {
        self.organizations.iter().map(|organization| self.workspace(organization))
    }
}

#[async_trait]
impl Records<Workspace> for MemoryWorkspaces<'_> {
    async fn find(
        &mut self,
        ids: &[Id<Workspace>],
        which: Which,
    ) -> Result<Vec<Record<Workspace>>> {
        let wanted = self.0.state().accounts.workspaces().filter(|row| ids.contains(&row.id));
        Ok(wanted.filter(|row| which == Which::Any || row.deleted_at.is_none()).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Workspace>>> {
        Ok(list(self.0.state().accounts.workspaces(), query))
    }

    async fn insert(&mut self, data: Workspace, now: Timestamp) -> Result<Record<Workspace>> {
        let made = self.0.insert_organization(&data.name, &data.slug, now).await?;
        let taken = || Error::field("slug", "organization with this slug already exists.");
        let made = made.ok_or_else(taken)?;
        Ok(self.0.state().accounts.workspace(&made))
    }

    async fn update(&mut self, record: &Record<Workspace>) -> Result<bool> {
        let id = TenantId::new(record.id.raw());
        let accounts = &mut self.0.state_mut()?.accounts;
        let version = accounts.written.get(&id).map_or(1, |(version, _)| *version);
        let slug = &*record.data.slug;
        if accounts.organizations.iter().any(|one| one.slug == slug && one.id != id) {
            return Err(Error::field("slug", "organization with this slug already exists."));
        }
        let Some(stored) = accounts.organizations.iter_mut().find(|one| one.id == id) else {
            return Ok(false);
        };
        if version != record.version - 1 {
            return Ok(false);
        }
        stored.name = record.data.name.to_string();
        stored.slug = slug.to_owned();
        stored.updated_at = record.updated_at;
        accounts.written.insert(id, (record.version, record.deleted_at));
        Ok(true)
    }
}
