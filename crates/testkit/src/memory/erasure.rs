//! Removing a workspace with everything in it.

use std::collections::BTreeMap;

use domain_kernel::{PersonId, TenantId};

use super::state::State;

/// How many rows were removed of which table.
struct Removed(BTreeMap<String, i64>);

impl Removed {
    fn note(&mut self, table: &str, rows: usize) {
        *self.0.entry(table.to_owned()).or_insert(0) += i64::try_from(rows).expect("few");
    }

    /// Keeps of a list what is wanted.
    fn keep<T>(&mut self, table: &str, list: &mut Vec<T>, wanted: impl Fn(&T) -> bool) {
        let before = list.len();
        list.retain(wanted);
        self.note(table, before - list.len());
    }
}

/// Removes a workspace, and the people who belong to no other.
pub(super) fn erase(state: &mut State, tenant: TenantId) -> BTreeMap<String, i64> {
    let mut removed = Removed(BTreeMap::new());
    let entries = state.journal.len();
    removed.keep("audit_seals", &mut state.seals, |(of, _)| *of != tenant);
    removed.keep("audit_entries", &mut state.journal, |entry| entry.tenant != tenant);
    removed.note("events", entries - state.journal.len());
    let keys = state.remembered.len();
    state.remembered.retain(|(of, ..), _| *of != tenant);
    removed.note("idempotency_keys", keys - state.remembered.len());
    let (jobs, schedules) = state.jobs.erase(tenant);
    removed.note("jobs", jobs);
    removed.note("schedules", schedules);
    for (table, rows) in state.sales.erase(tenant) {
        removed.note(table, rows);
    }
    removed.note("contacts", state.contacts.keep(|row| row.tenant != tenant));
    removed.note("companies", state.companies.keep(|row| row.tenant != tenant));
    for (table, rows) in state.orders.erase(tenant) {
        removed.note(table, rows);
    }
    for (table, rows) in state.catalog.erase(tenant) {
        removed.note(table, rows);
    }
    for (table, rows) in state.billing.erase(tenant) {
        removed.note(table, rows);
    }
    removed.note("invites", state.invites.keep(|row| row.tenant != tenant));
    removed.note("user_roles", state.user_roles.keep(|row| row.tenant != tenant));
    let accounts = &mut state.accounts;
    let links = accounts.invite_links.len();
    accounts.invite_links.retain(|_, link| link.tenant != tenant);
    removed.note("invite_links", links - accounts.invite_links.len());
    removed.keep("tokens", &mut accounts.tokens.0, |(token, _)| token.tenant != tenant);
    let of_workspace = accounts.memberships.iter().filter(|one| one.tenant == tenant);
    let people: Vec<PersonId> = of_workspace.map(|one| one.person).collect();
    removed.keep("memberships", &mut accounts.memberships, |one| one.tenant != tenant);
    for person in people {
        let is_staff =
            |(one, _): &(domain_accounts::Person, String)| one.id == person && one.is_superuser;
        let elsewhere = accounts.memberships.iter().any(|one| one.person == person);
        if elsewhere || accounts.people.iter().any(is_staff) {
            continue;
        }
        accounts.addresses.retain(|(of, _), _| *of != person);
        accounts.identities.retain(|_, of| *of != person);
        accounts.links.retain(|_, link| link.person != person);
        accounts.second_factors.remove(&person);
        accounts.recovery_codes.retain(|(of, _)| *of != person);
        removed.keep("people", &mut accounts.people, |(one, _)| one.id != person);
    }
    removed.keep("organizations", &mut accounts.organizations, |one| one.id != tenant);
    accounts.written.remove(&tenant);
    removed.0
}
