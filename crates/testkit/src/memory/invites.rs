//! Invitations: what is stored of them, and what follows from it when they are seen.

use async_trait::async_trait;
use domain_accounts::{Invite, Person};
use domain_kernel::field::{Flag, Word};
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Id, Record, Records, Result, Which};
use jiff::Timestamp;

use super::list::list;
use super::work::MemoryWork;

/// The invitations of a workspace within a unit of work.
pub(super) struct MemoryInvites<'w>(pub(super) &'w mut MemoryWork);

impl MemoryInvites<'_> {
    /// A row as it is seen now.
    fn seen(&self, row: &Record<Invite>) -> Record<Invite> {
        let mut row = row.clone();
        let mut people = self.0.state().accounts.people.iter().map(|(person, _)| person);
        let maker = people.find(|person| Some(person.id) == row.data.created_by.0);
        row.data.created_by_name =
            Word::trusted(maker.map(Person::display_name).unwrap_or_default());
        row.data.is_active = Flag(row.deleted_at.is_none() && row.data.is_open(self.0.now()));
        row.data.token = Word::default();
        row
    }
}

#[async_trait]
impl Records<Invite> for MemoryInvites<'_> {
    async fn find(&mut self, ids: &[Id<Invite>], which: Which) -> Result<Vec<Record<Invite>>> {
        let (tenant, state) = (self.0.tenant()?, self.0.state());
        let rows = state.invites.of(tenant).filter(|row| ids.contains(&row.id));
        let rows = rows.filter(|row| which == Which::Any || row.deleted_at.is_none());
        Ok(rows.map(|row| self.seen(row)).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Invite>>> {
        let (tenant, state) = (self.0.tenant()?, self.0.state());
        Ok(list(state.invites.of(tenant).map(|row| self.seen(row)), query))
    }

    async fn insert(&mut self, data: Invite, now: Timestamp) -> Result<Record<Invite>> {
        let tenant = self.0.tenant()?;
        let invites = &mut self.0.state_mut()?.invites;
        let record = Record::new(Id::new(invites.next_id()), tenant, data, now);
        invites.put(record.clone());
        Ok(record)
    }

    async fn update(&mut self, record: &Record<Invite>) -> Result<bool> {
        let tenant = self.0.tenant()?;
        let invites = &mut self.0.state_mut()?.invites;
        let stored = invites.get(tenant, record.id.raw(), Which::Any);
        let Some(stored) = stored.filter(|stored| stored.version == record.version - 1) else {
            return Ok(false);
        };
        let created_at = stored.created_at;
        invites.put(Record { tenant, created_at, ..record.clone() });
        Ok(true)
    }
}
