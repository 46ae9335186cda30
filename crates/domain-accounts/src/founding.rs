//! Founding a workspace.

use domain_kernel::journal::Verb;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Error, OpContext, Random, Result, TenantId};
use jiff::Timestamp;
use serde_json::Value;

use crate::billing::{plan_by_key, subscribe};
use crate::{Accounts, AccountsWork, Acting, Organization, Person, Subject};

/// The plan of a new workspace.
pub(crate) const FIRST_PLAN: &str = "free";
/// How often a free slug is looked for before giving up.
const SLUG_ATTEMPTS: usize = 8;

impl Accounts {
    /// Founds a workspace on the first plan and makes its founder, if there is one, the admin.
    /// The unit of work is in the workspace afterwards.
    pub(crate) async fn found<'r>(
        &self,
        work: &mut dyn AccountsWork,
        name: &str,
        slug: Option<&str>,
        founder: Option<&Person>,
        acting: impl FnOnce(TenantId) -> Acting<'r>,
    ) -> Result<Organization> {
        let now = self.clock.now();
        let organization = match slug {
            Some(slug) => work
                .insert_organization(name, slug, now)
                .await?
                .ok_or_else(|| Error::field("slug", "A workspace with this slug exists."))?,
            None => self.insert_with_free_slug(work, name).await?,
        };
        work.enter(organization.id).await?;
        let acting = acting(organization.id);
        if let Some(person) = founder {
            work.insert_membership(person.id, RoleSet::ADMIN, now).await?;
        }
        let id = organization.id.raw();
        let subject = Subject { entity: "organizations", singular: "organization", id, version: 1 };
        self.note(work, &acting, Verb::Created, subject, &Value::Null, organization.reference());
        if let Some(person) = founder {
            self.note(work, &acting, Verb::Created, person.subject(), &Value::Null, person.json());
        }
        first_plan(work, &acting.context(), &*self.random, now).await?;
        Ok(organization)
    }

    async fn insert_with_free_slug(
        &self,
        work: &mut dyn AccountsWork,
        name: &str,
    ) -> Result<Organization> {
        let base = match slug::slugify(name) {
            empty if empty.is_empty() => "workspace".to_owned(),
            slug => slug.chars().take(200).collect(),
        };
        let mut slug = base.clone();
        for _ in 0..SLUG_ATTEMPTS {
            if let Some(made) = work.insert_organization(name, &slug, self.clock.now()).await? {
                return Ok(made);
            }
            slug = format!("{base}-{}", suffix(&*self.random));
        }
        Err(Error::Conflict("No free slug was found for this name.".to_owned()))
    }
}

/// Puts a new workspace on the first plan.
pub(crate) async fn first_plan(
    work: &mut dyn AccountsWork,
    ctx: &OpContext,
    random: &dyn Random,
    now: Timestamp,
) -> Result<()> {
    let plan = plan_by_key(work, FIRST_PLAN).await?;
    let plan = plan.ok_or_else(|| Error::internal("the first plan is missing"))?;
    subscribe(work, ctx, random, &plan, now).await.map(drop)
}

/// Five digits that tell slugs of the same name apart.
fn suffix(random: &dyn Random) -> String {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    format!("{:05}", u32::from_le_bytes(bytes) % 100_000)
}
