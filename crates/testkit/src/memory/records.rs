//! The repository of any resource.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use async_trait::async_trait;
use domain_kernel::query::{ListQuery, Listing};
use domain_kernel::{Error, Id, Record, Records, Result, Scope, TenantId, Which, id_of};
use jiff::Timestamp;

use super::list::list;
use super::state::{State, Stored};
use super::work::MemoryWork;

/// The rows of a resource within a unit of work.
pub(super) struct MemoryRecords<'w, T> {
    work: &'w mut MemoryWork,
    of: PhantomData<fn() -> T>,
}

impl<'w, T: Stored> MemoryRecords<'w, T> {
    pub(super) fn new(work: &'w mut MemoryWork) -> Self {
        Self { work, of: PhantomData }
    }
}

/// Whose rows a unit of work sees of a resource.
fn owner<T: Stored>(work: &MemoryWork) -> Result<TenantId> {
    match T::SCOPE {
        Scope::Workspace => work.tenant(),
        Scope::Platform => Ok(TenantId::PLATFORM),
    }
}

/// A row with its links as they are seen now.
fn seen<T: Stored>(row: &Record<T>, state: &State) -> Record<T> {
    let mut row = row.clone();
    T::see(&mut row, state);
    row
}

/// Refuses what the foreign keys refuse: a link to a row that never was in the workspace.
fn check_references<T: Stored>(data: &T, tenant: TenantId, state: &State) -> Result<()> {
    for (resource, id) in data.references() {
        if state.existing(tenant, resource, &[id], Which::Any)?.is_empty() {
            return Err(Error::internal(format!("a link to no row of {resource}: {id}")));
        }
    }
    Ok(())
}

#[async_trait]
impl<T: Stored> Records<T> for MemoryRecords<'_, T> {
    async fn find(&mut self, ids: &[Id<T>], which: Which) -> Result<Vec<Record<T>>> {
        let (tenant, state) = (owner::<T>(self.work)?, self.work.state());
        let ids: BTreeSet<Id<T>> = ids.iter().copied().collect();
        let rows = ids.iter().filter_map(|id| T::table(state).get(tenant, id.raw(), which));
        Ok(rows.map(|row| seen(row, state)).collect())
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<T>>> {
        let (tenant, state) = (owner::<T>(self.work)?, self.work.state());
        let rows = T::table(state).of(tenant).map(|row| seen(row, state));
        Ok(list(rows, query))
    }

    async fn insert(&mut self, data: T, now: Timestamp) -> Result<Record<T>> {
        let tenant = owner::<T>(self.work)?;
        let state = self.work.state_mut()?;
        if !state.accounts.has_organization(tenant) {
            return Err(Error::internal("a row of no workspace"));
        }
        check_references(&data, tenant, state)?;
        data.check(None, state)?;
        let row = Record {
            id: id_of(T::table_mut(state).next_id()),
            tenant,
            version: 1,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            data,
        };
        T::table_mut(state).put(row.clone());
        Ok(seen(&row, state))
    }

    async fn update(&mut self, record: &Record<T>) -> Result<bool> {
        let tenant = owner::<T>(self.work)?;
        let state = self.work.state_mut()?;
        let Some(stored) = T::table(state).get(tenant, record.id.raw(), Which::Any) else {
            return Ok(false);
        };
        if stored.version != record.version - 1 {
            return Ok(false);
        }
        // Whose a row is and when it was made never changes.
        let row = Record { tenant, created_at: stored.created_at, ..record.clone() };
        check_references(&row.data, tenant, state)?;
        row.data.check(Some(row.id.raw()), state)?;
        T::table_mut(state).put(row);
        Ok(true)
    }
}
