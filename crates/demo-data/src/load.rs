//! Storing the workspace through the use cases.

use domain_accounts::{Accounts, NewMember, PersonDraft};
use domain_kernel::crud::{BulkItem, BulkOutcome, BulkResult, Crud, MAX_BULK_ITEMS};
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::query::ListQuery;
use domain_kernel::{Error, Id, OpContext, Resource, Result};
use domain_sales::{Company, Contact, Sales};
use serde_json::Value;

use crate::Generator;

/// The workspace's name in addresses.
pub const SLUG: &str = "demo";
/// The password of the three members. Everybody can read it here: it is for demonstrations only,
/// never for a workspace with real data in it.
pub const PASSWORD: &str = "northwind-sample-2026";

const NAME: &str = "Northwind Trading";
const PLAN: &str = "enterprise";
/// What the values are made from; another would make other companies and people.
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
}

impl Size {
    /// Little enough for a test.
    pub const SMALL: Self = Self { companies: 20, contacts: 120 };
}

/// Enough to try lists, search and exports on: 400 companies, 4,000 contacts.
impl Default for Size {
    fn default() -> Self {
        Self { companies: 400, contacts: 4_000 }
    }
}

/// Is told how far the loading is.
pub trait Progress: Send + Sync {
    /// `done` of `total` things of a kind are stored.
    fn step(&self, label: &str, done: u64, total: u64);
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
    /// Those members who were made with it.
    pub members: Vec<DemoMember>,
    /// The password that they were made with; they may have changed it since.
    pub password: &'static str,
    /// How many companies it has.
    pub companies: u64,
    /// How many contacts it has.
    pub contacts: u64,
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
/// Each step is a unit of work of its own. One that fails leaves those before it, so what an
/// interrupted call has made is not completed by the next.
///
/// # Errors
/// Those of the use cases; [`Error::Invalid`] when one of the members' names is taken.
pub async fn load(
    accounts: &Accounts,
    sales: &Sales,
    size: Size,
    progress: &dyn Progress,
) -> Result<DemoWorkspace> {
    let (tenant, created) = match accounts.organization(SLUG).await {
        Ok((organization, ..)) => (organization.id, false),
        Err(Error::NotFound) => (accounts.create_organization(NAME, Some(SLUG)).await?.id, true),
        Err(error) => return Err(error),
    };
    let ctx = OpContext::system(tenant, REQUEST);
    if created {
        // The plan first: the one that workspaces begin on allows fewer members.
        accounts.set_plan(SLUG, PLAN).await?;
        create_members(accounts, progress).await?;
        let mut generator = Generator::new(SEED);
        let companies = generator.companies(size.companies);
        let companies = create(&sales.companies, &ctx, companies, progress).await?;
        let contacts = generator.contacts(size.contacts, &companies);
        create(&sales.contacts, &ctx, contacts, progress).await?;
    }
    Ok(DemoWorkspace {
        slug: SLUG,
        created,
        members: members(accounts).await?,
        password: PASSWORD,
        companies: count::<Company>(&sales.companies, &ctx).await?,
        contacts: count::<Contact>(&sales.contacts, &ctx).await?,
    })
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

/// Creates rows, as many at a time as is allowed; their ids in the same order.
async fn create<T: Resource>(
    crud: &Crud<T>,
    ctx: &OpContext,
    rows: Vec<T>,
    progress: &dyn Progress,
) -> Result<Vec<Id<T>>> {
    let mut ids = Vec::with_capacity(rows.len());
    for batch in rows.chunks(MAX_BULK_ITEMS) {
        let items = batch.iter().cloned().map(BulkItem::Create).map(Ok).collect();
        let outcome = crud.bulk(ctx, items, true, |_| Ok(Value::Null)).await?;
        let BulkOutcome::Fresh { results, .. } = outcome else {
            return Err(Error::internal("a bulk without an idempotency key was replayed"));
        };
        for result in results {
            match result {
                BulkResult::Created(record) => ids.push(record.id),
                BulkResult::Failed(error) => return Err(error),
                // Another item failed; its error comes.
                _ => {}
            }
        }
        progress.step(T::NAME, ids.len() as u64, rows.len() as u64);
    }
    Ok(ids)
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
        fn sendable<F: Future + Send>(_: impl FnOnce(&'static Accounts, &'static Sales) -> F) {}
        sendable(|accounts, sales| load(accounts, sales, Size::SMALL, &Quiet));
    }
}
