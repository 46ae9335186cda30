//! Making the workspace: its members, its address book, and its history.

use domain_accounts::{
    Accounts, NewMember, PersonDraft, Subscription, SubscriptionPatch, WorkspacePatch,
};
use domain_catalog::Catalog;
use domain_kernel::crud::Crud;
use domain_kernel::field::{Date, ShortText};
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::query::{Condition, ListQuery};
use domain_kernel::{Error, Id, OpContext, Patch, Resource, Result, TenantId, Value};
use domain_sales::{Sales, Trade};
use jiff::civil;

use crate::Stores;
use crate::history::Plan;
use crate::player::{Player, sellers};

/// The workspace's name in addresses.
pub const SLUG: &str = "demo";
/// The password of the three members. Everybody can read it here: it is for demonstrations only,
/// never for a workspace with real data in it.
pub const PASSWORD: &str = "northwind-sample-2026";

const NAME: &str = "Northwind Trading";
/// Its name until all of it is there.
const UNFINISHED: &str = "Northwind Trading (being filled)";
const PLAN: &str = "enterprise";
/// What the values are made from; another would make other companies, people and histories.
const SEED: u64 = 2026;
/// The request that the changes are journaled under.
const REQUEST: &str = "demo-data";

/// The members: e-mail (also the user name), first and last name, position, role.
const MEMBERS: [(&str, &str, &str, &str, Role); 3] = [
    ("demo@simplycrm.example", "Dana", "Whitfield", "Head of Sales Operations", Role::Admin),
    ("tomas.lindqvist@simplycrm.example", "Tomas", "Lindqvist", "Sales Manager", Role::Manager),
    ("priya.raman@simplycrm.example", "Priya", "Raman", "Sales Analyst", Role::Analyst),
];

/// How much is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many companies.
    pub companies: usize,
    /// How many contacts.
    pub contacts: usize,
    /// How many months the history has; it ends with the day before the one on which it is loaded.
    pub months: usize,
    /// How many products.
    pub products: usize,
    /// How many deals; about as many leads come in.
    pub deals: usize,
    /// How many orders, those of won deals included.
    pub orders: usize,
}

impl Size {
    /// Little enough for a test.
    pub const SMALL: Self =
        Self { companies: 20, contacts: 120, months: 2, products: 8, deals: 8, orders: 16 };
}

/// Two years of a business that grows: enough to try lists, search, reports and exports on.
impl Default for Size {
    fn default() -> Self {
        Self {
            companies: 400,
            contacts: 4_000,
            months: 24,
            products: 64,
            deals: 1_200,
            orders: 3_000,
        }
    }
}

/// What [`Progress`] is told the days of the history by.
pub const DAYS: &str = "days";

/// Is told how far the loading is.
pub trait Progress: Send + Sync {
    /// `done` of `total` things of a kind are stored.
    fn step(&self, label: &str, done: u64, total: u64);

    /// These can sign in by now, and find the address book filled; the rest is on its way.
    fn open(&self, _members: &[DemoMember]) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn step(&self, _label: &str, _done: u64, _total: u64) {}
}

/// The workspace as it is stored now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoWorkspace {
    /// Its name in addresses.
    pub slug: &'static str,
    /// Whether it was made now; otherwise it was there before and was left alone.
    pub created: bool,
    /// Whether all of it is there. One that was begun before is not while another program fills it,
    /// and stays so where that was interrupted.
    pub complete: bool,
    /// Those members who were made with it.
    pub members: Vec<DemoMember>,
    /// The password that they were made with; they may have changed it since.
    pub password: &'static str,
    /// How many companies it has.
    pub companies: u64,
    /// How many contacts it has.
    pub contacts: u64,
    /// How many products it has.
    pub products: u64,
    /// How many deals it has.
    pub deals: u64,
    /// How many orders it has.
    pub orders: u64,
    /// How many invoices it has.
    pub invoices: u64,
    /// How many payments it has.
    pub payments: u64,
}

impl DemoWorkspace {
    /// What to do about a workspace that is not complete.
    pub const REMEDY: &'static str = "It is being filled, or filling it was interrupted. To make it \
        anew: crm-admin org delete demo, then make it again.";
}

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoMember {
    /// What they sign in with: their e-mail address.
    pub username: String,
    /// Their name.
    pub name: String,
    /// The code of their role, or of several with commas.
    pub role: String,
}

/// Makes the workspace, unless one with its slug exists: that one is left alone.
///
/// Each step is a unit of work of its own. One that fails leaves those before it, and what an
/// interrupted call has made is not completed by the next: until it is complete, the workspace's name
/// says that it is not.
///
/// # Errors
/// Those of the use cases; [`Error::Invalid`] when one of the members' names is taken.
pub async fn load(
    accounts: &Accounts,
    stores: &Stores,
    size: Size,
    progress: &dyn Progress,
) -> Result<DemoWorkspace> {
    let found = match accounts.organization(SLUG).await {
        Ok((organization, ..)) => Some(organization),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let (tenant, created, complete) = match found {
        Some(found) => (found.id, false, found.name != UNFINISHED),
        None => (make(accounts, stores, size, progress).await?, true, true),
    };
    let ctx = OpContext::system(tenant, REQUEST);
    let (clock, random) = (&stores.clock, &stores.random);
    let catalog = Catalog::new(stores.catalog.clone(), clock.clone(), random.clone());
    let sales = Sales::new(stores.sales.clone(), clock.clone(), random.clone());
    let trade = Trade::new(stores.trade.clone(), clock.clone(), random.clone());
    Ok(DemoWorkspace {
        slug: SLUG,
        created,
        complete,
        members: members(accounts).await?,
        password: PASSWORD,
        companies: count(&sales.companies, &ctx).await?,
        contacts: count(&sales.contacts, &ctx).await?,
        products: count(&catalog.products, &ctx).await?,
        deals: count(&sales.opportunities, &ctx).await?,
        orders: count(&trade.orders, &ctx).await?,
        invoices: count(&trade.invoices, &ctx).await?,
        payments: count(&trade.payments, &ctx).await?,
    })
}

/// Makes the workspace with all that is in it.
async fn make(
    accounts: &Accounts,
    stores: &Stores,
    size: Size,
    progress: &dyn Progress,
) -> Result<TenantId> {
    let tenant = accounts.create_organization(UNFINISHED, Some(SLUG)).await?.id;
    let ctx = OpContext::system(tenant, REQUEST);
    let plan = Plan::new(SEED, size, stores.clock.now());
    // First of all: the one that workspaces begin on allows fewer members.
    subscribe(accounts, &ctx, plan.calendar.date(0)).await?;
    create_members(accounts, progress).await?;
    let (_, people, _) = accounts.organization(SLUG).await?;
    let sellers = sellers(&people, [MEMBERS[0].0, MEMBERS[1].0])?;
    let mut player = Player::new(&plan, stores, ctx, sellers);
    player.meet(progress).await?;
    progress.open(&members(accounts).await?);
    player.play(progress).await?;
    let patch =
        WorkspacePatch { name: Patch::Set(ShortText::trusted(NAME)), ..WorkspacePatch::default() };
    let platform = OpContext::system(TenantId::PLATFORM, REQUEST);
    accounts.workspaces.update(&platform, Id::new(tenant.raw()), patch, None).await?;
    Ok(tenant)
}

/// Puts the workspace on its plan, as if it had been on it since a day: the rules of the history ask
/// what it might have then.
async fn subscribe(accounts: &Accounts, ctx: &OpContext, since: civil::Date) -> Result<()> {
    accounts.set_plan(SLUG, PLAN).await?;
    let active = Condition::equal::<Subscription>("is_active", Value::Flag(true))?;
    let active = ListQuery::every::<Subscription>().and(active);
    for subscription in accounts.subscriptions.list(ctx, &active).await?.records {
        let started_at = Patch::Set(Date(Some(since)));
        let patch = SubscriptionPatch { started_at, ..SubscriptionPatch::default() };
        accounts.subscriptions.update(ctx, subscription.id, patch, None).await?;
    }
    Ok(())
}

async fn create_members(accounts: &Accounts, progress: &dyn Progress) -> Result<()> {
    for (done, (email, first_name, last_name, title, role)) in (1..).zip(MEMBERS) {
        let person = PersonDraft {
            username: email.to_owned(),
            email: email.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            title: title.to_owned(),
            ..PersonDraft::new()
        };
        let (password, organization) = (PASSWORD.to_owned(), SLUG.to_owned());
        let new = NewMember { person, password, organization, roles: vec![role] };
        accounts.create_member(new).await?;
        progress.step("members", done, MEMBERS.len() as u64);
    }
    Ok(())
}

/// Those of our members who are (still) in the workspace.
async fn members(accounts: &Accounts) -> Result<Vec<DemoMember>> {
    let (_, members, _) = accounts.organization(SLUG).await?;
    let ours = members
        .into_iter()
        .filter(|(person, _)| MEMBERS.iter().any(|(email, ..)| *email == person.draft.username));
    let shown = ours.map(|(person, roles)| DemoMember {
        name: format!("{} {}", person.draft.first_name, person.draft.last_name),
        username: person.draft.username,
        role: role_text(roles),
    });
    Ok(shown.collect())
}

fn role_text(roles: RoleSet) -> String {
    let codes: Vec<&str> = roles.iter().map(Role::code).collect();
    codes.join(", ")
}

async fn count<T: Resource>(crud: &Crud<T>, ctx: &OpContext) -> Result<u64> {
    let listing = crud.list(ctx, &ListQuery::all::<T>()).await?;
    Ok(u64::try_from(listing.total.unwrap_or_default()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_long_and_holds_nothing_of_the_members() {
        assert!((12..=128).contains(&PASSWORD.chars().count()));
        for (email, first_name, last_name, ..) in MEMBERS {
            let local_part = email.split('@').next().expect("a first part");
            for hint in [email, local_part, first_name, last_name] {
                assert!(!PASSWORD.contains(&hint.to_lowercase()), "{hint}");
            }
        }
    }

    #[test]
    fn loading_can_be_spawned() {
        fn sendable<F: Future + Send>(_: impl FnOnce(&'static Accounts, &'static Stores) -> F) {}
        sendable(|accounts, stores| load(accounts, stores, Size::SMALL, &Quiet));
    }
}
