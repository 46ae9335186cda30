//! What operators do at the command line.

use domain_kernel::journal::Verb;
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::query::ListQuery;
use domain_kernel::{Actor, Error, PersonId, Record, Result, TenantId, fold};
use serde_json::{Value, json};

use crate::billing::{by_price, plan_by_key, subscribe};
use crate::draft::check_draft;
use crate::password::bad_password;
use crate::workspace::make_room;
use crate::{
    Accounts, AccountsWork, Acting, Entitlements, FeatureFlag, LinkPurpose, NameDigest,
    Organization, Person, PersonDraft, Plan, PlanFeatures, SubscriptionPlan, done,
};

/// The request that operators' changes are journaled under.
const OPERATOR: &str = "crm-admin";

/// A new member, as an operator gives them.
pub struct NewMember {
    /// Name and e-mail.
    pub person: PersonDraft,
    /// Their password.
    pub password: String,
    /// The workspace, by its slug.
    pub organization: String,
    /// What they may do.
    pub roles: Vec<Role>,
}

/// A person with their workspaces, as operators see them.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// The person.
    pub person: Person,
    /// Slug and roles of each workspace.
    pub memberships: Vec<(String, RoleSet)>,
}

impl Accounts {
    /// Registers a member of the platform's staff, who belongs to the platform's own workspace.
    ///
    /// # Errors
    /// [`Error::Invalid`] by field.
    pub async fn create_superuser(&self, person: PersonDraft, password: &str) -> Result<Person> {
        self.check_person(&person, password).await?;
        let hash = self.passwords.hash(password).await?;
        let mut work = self.store.open_write().await?;
        let now = self.clock.now();
        let person = work.insert_person(&person, &hash, true, now).await?;
        work.enter(TenantId::PLATFORM).await?;
        work.insert_membership(person.id, RoleSet::ADMIN, now).await?;
        let acting = operator(TenantId::PLATFORM);
        let subject = person.subject();
        self.note(&mut *work, &acting, Verb::Created, subject, &Value::Null, person.json());
        done(work, person).await
    }

    /// Registers a person as a member of a workspace.
    ///
    /// # Errors
    /// [`Error::Invalid`] by field; [`Error::LimitReached`] when the plan allows no more members.
    pub async fn create_member(&self, new: NewMember) -> Result<Person> {
        self.check_person(&new.person, &new.password).await?;
        let hash = self.passwords.hash(&new.password).await?;
        let mut work = self.store.open_write().await?;
        let organization = work
            .organization_by_slug(&new.organization)
            .await?
            .ok_or_else(|| Error::field("org", "There is no workspace with this slug."))?;
        if organization.id == TenantId::PLATFORM {
            return Err(Error::field("org", "The platform's staff are made by createsuperuser."));
        }
        work.enter(organization.id).await?;
        work.lock_workspace().await?;
        let now = self.clock.now();
        make_room(&mut *work, organization.id, now).await?;
        let person = work.insert_person(&new.person, &hash, false, now).await?;
        work.insert_membership(person.id, new.roles.iter().copied().collect(), now).await?;
        let acting = operator(organization.id);
        let subject = person.subject();
        self.note(&mut *work, &acting, Verb::Created, subject, &Value::Null, person.json());
        done(work, person).await
    }

    /// Everybody, with their workspaces.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn people(&self) -> Result<Vec<MemberRow>> {
        let mut work = self.store.open_read().await?;
        let mut rows: Vec<MemberRow> = work
            .people()
            .await?
            .into_iter()
            .map(|person| MemberRow { person, memberships: Vec::new() })
            .collect();
        for organization in work.organizations().await? {
            work.enter(organization.id).await?;
            for member in work.members().await? {
                if let Some(row) = rows.iter_mut().find(|row| row.person.id == member.person) {
                    row.memberships.push((organization.slug.clone(), member.roles));
                }
            }
        }
        done(work, rows).await
    }

    /// Gives a person another password and ends what they signed in with.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for a password that is too weak.
    pub async fn set_password(&self, login: &str, password: &str) -> Result<Person> {
        let person = self.person_named(login).await?;
        self.check_password("password", password, &person.draft).await?;
        let hash = self.passwords.hash(password).await?;
        let mut work = self.store.open_write().await?;
        // Who signs in with the old password meanwhile waits here, and is refused then.
        work.lock_person(person.id).await?;
        work.set_password_hash(person.id, &hash).await?;
        let now = self.clock.now();
        work.end_links_of(person.id, &LinkPurpose::OF_PASSWORDS, now).await?;
        let revoked = work.revoke_tokens_of(person.id, now).await?;
        for tenant in trails(&mut *work, person.id).await? {
            work.enter(tenant).await?;
            // The object shows no password; that it is another one shows in what changed.
            let (mut before, after) = (person.json(), person.json());
            before["password"] = json!("replaced");
            self.note(
                &mut *work,
                &operator(tenant),
                Verb::Updated,
                person.subject(),
                &before,
                after,
            );
        }
        work.commit().await?;
        for digest in revoked {
            self.signed_in.forget(&digest).await;
        }
        Ok(person)
    }

    /// Disables a person or lets them in again; disabled, what they signed in with ends.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn set_active(&self, login: &str, active: bool) -> Result<Person> {
        let mut person = self.person_named(login).await?;
        let before = person.json();
        person.is_active = active;
        person.version += 1;
        let mut work = self.store.open_write().await?;
        work.lock_person(person.id).await?;
        if !work.update_person(&person, self.clock.now()).await? {
            return Err(Error::Busy);
        }
        let mut revoked = Vec::new();
        if !active {
            revoked = work.revoke_tokens_of(person.id, self.clock.now()).await?;
        }
        for tenant in trails(&mut *work, person.id).await? {
            work.enter(tenant).await?;
            let (acting, subject) = (operator(tenant), person.subject());
            self.note(&mut *work, &acting, Verb::Updated, subject, &before, person.json());
        }
        work.commit().await?;
        for digest in revoked {
            self.signed_in.forget(&digest).await;
        }
        Ok(person)
    }

    /// Lets a person be signed in again after too many failures, under each of their names and
    /// everywhere.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn unlock(&self, login: &str) -> Result<Person> {
        let person = self.person_named(login).await?;
        for name in [&person.draft.username, &person.draft.email] {
            self.limits.lockout.unlock(NameDigest::of(name)).await?;
        }
        let mut work = self.store.open_write().await?;
        for tenant in trails(&mut *work, person.id).await? {
            work.enter(tenant).await?;
            // As with passwords, the object does not show it.
            let (mut before, after) = (person.json(), person.json());
            before["failed_sign_ins"] = json!("forgotten");
            let acting = operator(tenant);
            self.note(&mut *work, &acting, Verb::Updated, person.subject(), &before, after);
        }
        done(work, person).await
    }

    /// Every workspace of the platform's customers.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        let mut work = self.store.open_read().await?;
        let mut all = work.organizations().await?;
        all.retain(|organization| organization.id != TenantId::PLATFORM);
        done(work, all).await
    }

    /// Founds a workspace; its slug is made from its name unless given.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the slug is taken or has other characters than a slug.
    pub async fn create_organization(
        &self,
        name: &str,
        slug: Option<&str>,
    ) -> Result<Organization> {
        if name.trim().is_empty() || name.chars().count() > 255 {
            return Err(Error::field("name", "Give a name of 1 to 255 characters."));
        }
        if slug.is_some_and(|slug| slug.is_empty() || slug::slugify(slug) != slug) {
            return Err(Error::field("slug", "Use lower-case letters, digits and hyphens."));
        }
        let mut work = self.store.open_write().await?;
        let made = self.found(&mut *work, name.trim(), slug, None, operator).await?;
        done(work, made).await
    }

    /// A workspace with its members and what it may use.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn organization(
        &self,
        slug: &str,
    ) -> Result<(Organization, Vec<(Person, RoleSet)>, Entitlements)> {
        let mut work = self.store.open_read().await?;
        let organization = work.organization_by_slug(slug).await?.ok_or(Error::NotFound)?;
        work.enter(organization.id).await?;
        let entitlements = work.entitlements(self.today(&organization)).await?;
        let mut members = Vec::new();
        for member in work.members().await? {
            if let Some(person) = work.person(member.person).await? {
                members.push((person, member.roles));
            }
        }
        done(work, (organization, members, entitlements)).await
    }

    /// Puts a workspace on another plan from today.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] when there is no such plan.
    pub async fn set_plan(&self, slug: &str, plan_key: &str) -> Result<Organization> {
        let mut work = self.store.open_write().await?;
        let organization = work.organization_by_slug(slug).await?.ok_or(Error::NotFound)?;
        work.enter(organization.id).await?;
        work.lock_workspace().await?;
        let plan = plan_by_key(&mut *work, plan_key).await?;
        let plan = plan.ok_or_else(|| Error::field("plan", "There is no such plan."))?;
        let ctx = operator(organization.id).context();
        subscribe(&mut *work, &ctx, &*self.random, &plan, self.clock.now()).await?;
        done(work, organization).await
    }

    /// Every plan with its features.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn plans(&self) -> Result<Vec<PlanFeatures>> {
        let mut work = self.store.open_read().await?;
        let flags = work.feature_flags().list(&ListQuery::every::<FeatureFlag>()).await?.records;
        let plans = work.subscription_plans().list(&by_price()).await?.records;
        let with_features = |plan: &Record<SubscriptionPlan>| {
            let includes =
                |flag: &&Record<FeatureFlag>| flag.data.plans.ids().any(|id| id == plan.id.raw());
            let features = flags.iter().filter(includes);
            PlanFeatures {
                plan: Plan::from(plan),
                features: features.map(|flag| flag.data.code.to_string()).collect(),
            }
        };
        let plans = plans.iter().map(with_features).collect();
        done(work, plans).await
    }

    pub(crate) async fn person_named(&self, login: &str) -> Result<Person> {
        let mut work = self.store.open_read().await?;
        let found = work.person_by_login(&fold(login)).await?;
        let (person, _) = found.ok_or(Error::NotFound)?;
        done(work, person).await
    }

    async fn check_person(&self, person: &PersonDraft, password: &str) -> Result<()> {
        let mut errors = check_draft(person);
        if let Some(message) = bad_password(password, person) {
            errors.add("password", message);
        }
        errors.into_result()?;
        self.refuse_weak(password, person).await
    }
}

/// The workspaces whose trail shows a change of a person: theirs, or the platform's own.
pub(crate) async fn trails(work: &mut dyn AccountsWork, person: PersonId) -> Result<Vec<TenantId>> {
    let theirs = work.memberships_of(person).await?;
    Ok(if theirs.is_empty() { vec![TenantId::PLATFORM] } else { theirs })
}

pub(crate) fn operator(tenant: TenantId) -> Acting<'static> {
    Acting { tenant, actor: Actor::System, request_id: OPERATOR }
}
