//! Everything that is stored.

use std::collections::{BTreeMap, BTreeSet};

use domain_accounts::{FeatureFlag, Invite, Seal, SubscriptionPlan, User, UserRole, Workspace};
use domain_kernel::field::Link;
use domain_kernel::journal::Entry;
use domain_kernel::{Record, Remembered, Resource, Result, TenantId, Which};
use domain_sales::{
    Company, Contact, DealStage, Invoice, Lead, Opportunity, Order, OrderLine, Payment, Pipeline,
};
use jiff::Timestamp;

use super::accounts_state::AccountsState;
use super::billing::BillingState;
use super::catalog::CatalogState;
use super::claims::Request;
use super::jobs::JobsState;
use super::orders::TradeState;
use super::sales::SalesState;

/// Everything that is stored.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(super) accounts: AccountsState,
    pub(super) billing: BillingState,
    pub(super) companies: Table<Company>,
    pub(super) contacts: Table<Contact>,
    pub(super) sales: SalesState,
    pub(super) catalog: CatalogState,
    pub(super) orders: TradeState,
    pub(super) jobs: JobsState,
    pub(super) user_roles: Table<UserRole>,
    pub(super) invites: Table<Invite>,
    pub(super) journal: Vec<Entry>,
    pub(super) seals: Vec<(TenantId, Seal)>,
    pub(super) remembered: BTreeMap<Request, (Remembered, Timestamp)>,
}

impl State {
    /// Which of the ids are rows of a resource in a workspace.
    pub(super) fn existing(
        &self,
        tenant: TenantId,
        resource: &str,
        ids: &[i64],
        which: Which,
    ) -> Result<BTreeSet<i64>> {
        let is_there: &dyn Fn(i64) -> bool = match resource {
            Company::NAME => &|id| self.companies.get(tenant, id, which).is_some(),
            User::NAME => &|id| {
                let mut users = self.users(tenant);
                let seen = |user: &Record<User>| which == Which::Any || user.deleted_at.is_none();
                users.any(|user| user.id.raw() == id && seen(&user))
            },
            SubscriptionPlan::NAME => &|id| self.billing.has_plan(id),
            FeatureFlag::NAME => &|id| self.billing.has_feature(id, which),
            Workspace::NAME => &|id| self.accounts.has_organization(TenantId::new(id)),
            Contact::NAME => &|id| self.contacts.get(tenant, id, which).is_some(),
            Lead::NAME => &|id| self.sales.leads.get(tenant, id, which).is_some(),
            Pipeline::NAME => &|id| self.sales.pipelines.get(tenant, id, which).is_some(),
            DealStage::NAME => &|id| self.sales.deal_stages.get(tenant, id, which).is_some(),
            Opportunity::NAME => &|id| self.sales.opportunities.get(tenant, id, which).is_some(),
            Order::NAME | OrderLine::NAME | Invoice::NAME | Payment::NAME => {
                return self.orders.existing(tenant, resource, ids, which);
            }
            other => return self.catalog.existing(tenant, other, ids, which),
        };
        Ok(ids.iter().copied().filter(|id| is_there(*id)).collect())
    }
}

/// A resource with a table here.
pub(crate) trait Stored: Resource {
    /// Its rows.
    fn table(state: &State) -> &Table<Self>;

    /// Its rows, to be written.
    fn table_mut(state: &mut State) -> &mut Table<Self>;

    /// The rows that it names in its links, hidden ones too: resource and id.
    fn references(&self) -> Vec<(&'static str, i64)> {
        Vec::new()
    }

    /// Refuses what a unique constraint refuses; the row has an id unless it is new.
    fn check(&self, _id: Option<i64>, _state: &State) -> Result<()> {
        Ok(())
    }

    /// Shows in a row what it has of others.
    fn see(row: &mut Record<Self>, state: &State) {
        row.data.relink(row.tenant, state);
    }

    /// Hides its links to rows that are deleted now and shows the others.
    fn relink(&mut self, _tenant: TenantId, _state: &State) {}
}

impl Stored for Company {
    fn table(state: &State) -> &Table<Self> {
        &state.companies
    }

    fn table_mut(state: &mut State) -> &mut Table<Self> {
        &mut state.companies
    }
}

impl Stored for Contact {
    fn table(state: &State) -> &Table<Self> {
        &state.contacts
    }

    fn table_mut(state: &mut State) -> &mut Table<Self> {
        &mut state.contacts
    }

    fn references(&self) -> Vec<(&'static str, i64)> {
        self.company.kept().map(|id| (Company::NAME, id.raw())).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.company = relinked(&self.company, tenant, state);
    }
}

impl Stored for UserRole {
    fn table(state: &State) -> &Table<Self> {
        &state.user_roles
    }

    fn table_mut(state: &mut State) -> &mut Table<Self> {
        &mut state.user_roles
    }

    fn references(&self) -> Vec<(&'static str, i64)> {
        self.user.kept().map(|id| (User::NAME, id.raw())).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        let id = self.user.kept().map(|id| id.raw());
        let live = |id: &i64| {
            let mut users = state.users(tenant).filter(|user| user.deleted_at.is_none());
            users.any(|user| user.id.raw() == *id)
        };
        self.user = Link::stored(id, id.filter(live));
    }
}

/// A link as it is seen now.
pub(super) fn relinked<T: Stored>(link: &Link<T>, tenant: TenantId, state: &State) -> Link<T> {
    let id = link.kept().map(|id| id.raw());
    let shown = id.filter(|id| T::table(state).get(tenant, *id, Which::Live).is_some());
    Link::stored(id, shown)
}

/// The rows of one resource, of all workspaces.
#[derive(Clone)]
pub(crate) struct Table<T> {
    rows: BTreeMap<i64, Record<T>>,
    last_id: i64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), last_id: 0 }
    }
}

impl<T> FromIterator<Record<T>> for Table<T> {
    fn from_iter<I: IntoIterator<Item = Record<T>>>(rows: I) -> Self {
        let mut table = Self::default();
        rows.into_iter().for_each(|row| table.put(row));
        table
    }
}

impl<T> Table<T> {
    /// The row with an id, if it is the workspace's.
    pub(super) fn get(&self, tenant: TenantId, id: i64, which: Which) -> Option<&Record<T>> {
        self.rows
            .get(&id)
            .filter(|row| row.tenant == tenant && (which == Which::Any || row.deleted_at.is_none()))
    }

    /// The workspace's rows, deleted or not.
    pub(super) fn of(&self, tenant: TenantId) -> impl Iterator<Item = &Record<T>> {
        self.rows.values().filter(move |row| row.tenant == tenant)
    }

    /// Removes the rows that are not wanted; how many.
    pub(super) fn keep(&mut self, wanted: impl Fn(&Record<T>) -> bool) -> usize {
        let before = self.rows.len();
        self.rows.retain(|_, row| wanted(row));
        before - self.rows.len()
    }

    /// An id that no row has had.
    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// Stores a row, in place of the one with its id if there is one.
    pub(super) fn put(&mut self, row: Record<T>) {
        let id = row.id.raw();
        self.last_id = self.last_id.max(id);
        self.rows.insert(id, row);
    }
}
