//! From what a provider vouches for to an account, and into it.

use domain_kernel::journal::Verb;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Actor, Error, Id, PersonId, Result, TenantId, Which, fold};
use serde_json::{Value, json};

use super::{Claims, Home, Provider, refused};
use crate::operate::trails;
use crate::workspace::make_room;
use crate::{
    Accounts, AccountsWork, Acting, Device, NO_PASSWORD, Organization, Person, Profile, SendLetter,
    SignedIn, Subject, TokenDigest, User,
};

/// Who came in.
#[derive(Debug)]
pub struct Entered {
    /// What a sign-in gives.
    pub signed_in: SignedIn,
    /// Whether the account is new.
    pub is_new: bool,
}

/// What somebody new wishes their workspace to be.
#[derive(Debug, Default)]
pub struct NewWorkspace {
    /// Its name; empty, it is made from theirs.
    pub name: String,
    /// The plan; empty, any.
    pub plan_key: String,
}

/// A provider's word for somebody, which may be taken.
struct Arrival<'a> {
    provider: &'a Provider,
    claims: &'a Claims,
    email: &'a str,
    request_id: &'a str,
}

impl Arrival<'_> {
    /// Somebody as they act in a workspace.
    fn acting(&self, tenant: TenantId, person: PersonId) -> Acting<'_> {
        Acting { tenant, actor: Actor::Member(person), request_id: self.request_id }
    }
}

impl Accounts {
    /// Lets somebody in for whom a provider vouches: by what they are there; the first time, into
    /// the account with their e-mail address, or into a new one.
    pub(super) async fn enter(
        &self,
        device: &Device,
        provider: &Provider,
        claims: Claims,
        wish: &NewWorkspace,
        request_id: &str,
    ) -> Result<Entered> {
        let email = provider.vouched_email(&claims)?;
        let arrival = Arrival { provider, claims: &claims, email: &email, request_id };
        let mut work = self.store.open_read().await?;
        let is_known = match work.person_by_identity(&claims.subject).await? {
            Some(_) => true,
            None => work.person_by_login(&fold(&email)).await?.is_some(),
        };
        work.commit().await?;
        if !is_known {
            self.count_registration(&device.address).await?;
        }
        let mut work = self.store.open_write().await?;
        let (found, ended) = self.account(&mut *work, &arrival).await?;
        let is_new = found.is_none();
        let (person, organization) = match found {
            Some(person) => {
                let organization = self.place_of(&mut *work, &arrival, &person).await?;
                (person, organization)
            }
            None => self.newcomer(&mut *work, &arrival, wish).await?,
        };
        let acting = arrival.acting(organization.id, person.id);
        let decided = provider.home.as_ref().filter(|home| !home.roles.is_empty());
        if let (Some(home), Some(groups)) = (decided, &claims.groups) {
            self.follow_groups(&mut *work, &acting, person.id, home, groups).await?;
        }
        let token = self.issue_token(&mut *work, person.id, device, &acting).await?;
        if is_new {
            work.note_address(person.id, &device.address, self.clock.now()).await?;
            if person.email_verified_at.is_none() {
                let letter = SendLetter::EmailVerification { person: person.id };
                self.send_to(&mut *work, &person, &letter, request_id).await?;
            }
        } else {
            self.note_arrival(&mut *work, &person, &device.address, request_id).await?;
        }
        let entitlements = work.entitlements(self.today(&organization)).await?;
        work.commit().await?;
        for digest in ended {
            self.signed_in.forget(&digest).await;
        }
        if decided.is_some() {
            self.signed_in.forget_all();
        }
        let profile = Profile { person, organization, entitlements };
        Ok(Entered { signed_in: SignedIn { token, profile }, is_new })
    }

    /// The account that somebody comes into, if there is one, locked; and what was ended of it.
    async fn account(
        &self,
        work: &mut dyn AccountsWork,
        arrival: &Arrival<'_>,
    ) -> Result<(Option<Person>, Vec<TokenDigest>)> {
        let known = work.person_by_identity(&arrival.claims.subject).await?;
        let id = match known {
            Some(id) => id,
            None => match work.person_by_login(&fold(arrival.email)).await? {
                Some((person, _)) => person.id,
                None => return Ok((None, Vec::new())),
            },
        };
        let Some((mut person, _)) = work.lock_person(id).await? else { return Err(Error::Busy) };
        if !person.is_active {
            return Err(refused("This account is disabled."));
        }
        let provider = arrival.provider;
        let is_theirs = fold(&person.draft.email) == fold(arrival.email);
        if known.is_none() && !is_theirs {
            let message = "Another account has this e-mail address as its user name.";
            return Err(Error::Conflict(message.to_owned()));
        }
        let workspaces = work.memberships_of(person.id).await?;
        let home = match &provider.home {
            Some(home) => Some(home_of(work, home).await?.id),
            None => None,
        };
        // An account that is in no workspace now may be in any later.
        let is_nowhere = known.is_none() && workspaces.is_empty();
        if !provider.may_reach(&person, &workspaces, home)
            || (is_nowhere && !provider.is_believed(arrival.email))
        {
            let message = "The account with this e-mail address is not this provider's alone. Sign \
                in as you did before.";
            return Err(refused(message));
        }
        let mut ended = Vec::new();
        if known.is_none() {
            ended = self.link(work, arrival, &person, workspaces.is_empty()).await?;
        }
        if is_theirs && provider.is_believed(arrival.email) && person.email_verified_at.is_none() {
            let now = self.clock.now();
            work.verify_email(person.id, now).await?;
            person.email_verified_at = Some(now);
        }
        Ok((Some(person), ended))
    }

    /// Links an account to who somebody is at a provider. If nobody ever made sure of its e-mail
    /// address, anybody can have made it: then nothing stays by which they could come back.
    async fn link(
        &self,
        work: &mut dyn AccountsWork,
        arrival: &Arrival<'_>,
        person: &Person,
        is_nowhere: bool,
    ) -> Result<Vec<TokenDigest>> {
        let now = self.clock.now();
        let mut ended = Vec::new();
        let is_doubtful = person.email_verified_at.is_none();
        if is_doubtful {
            work.set_password_hash(person.id, NO_PASSWORD).await?;
            ended = work.revoke_tokens_of(person.id, now).await?;
            work.delete_identities_of(person.id).await?;
        }
        self.insert_identity(work, arrival, person.id).await?;
        for tenant in trails(work, person.id).await? {
            work.enter(tenant).await?;
            // Who is in no workspace cannot be named in the platform's own.
            let actor = if is_nowhere { Actor::System } else { Actor::Member(person.id) };
            let acting = Acting { actor, ..arrival.acting(tenant, person.id) };
            if is_doubtful {
                // The object shows no password; that it is gone shows in what changed.
                let (mut before, after) = (person.json(), person.json());
                before["password"] = json!("cleared");
                self.note(work, &acting, Verb::Updated, person.subject(), &before, after);
            }
            self.note_identity(work, &acting, arrival, person.id);
        }
        Ok(ended)
    }

    /// The workspace that somebody who has an account comes into.
    async fn place_of(
        &self,
        work: &mut dyn AccountsWork,
        arrival: &Arrival<'_>,
        person: &Person,
    ) -> Result<Organization> {
        let Some(home) = &arrival.provider.home else {
            return self.come_home(work, person, Some(arrival.provider)).await;
        };
        let organization = home_of(work, home).await?;
        work.enter(organization.id).await?;
        work.lock_workspace().await?;
        if work.membership(person.id).await?.is_some() {
            return Ok(organization);
        }
        let row = Id::<User>::new(person.id.raw());
        if !work.users().find(&[row], Which::Any).await?.is_empty() {
            return Err(refused("This account does not belong to the workspace any more."));
        }
        let now = self.clock.now();
        make_room(work, organization.id, now).await?;
        work.insert_membership(person.id, RoleSet::default(), now).await?;
        let acting = arrival.acting(organization.id, person.id);
        self.note(work, &acting, Verb::Created, person.subject(), &Value::Null, person.json());
        Ok(organization)
    }

    /// Makes an account for somebody new, in the provider's workspace or in one of their own.
    async fn newcomer(
        &self,
        work: &mut dyn AccountsWork,
        arrival: &Arrival<'_>,
        wish: &NewWorkspace,
    ) -> Result<(Person, Organization)> {
        let now = self.clock.now();
        let draft = arrival.claims.draft(arrival.email);
        crate::draft::check_newcomer(&draft)?;
        let Some(home) = &arrival.provider.home else {
            let mut person = work.insert_person(&draft, NO_PASSWORD, false, now).await?;
            self.welcome(work, arrival, &mut person).await?;
            let acting = |tenant: TenantId| arrival.acting(tenant, person.id);
            let name = crate::registration::workspace_name(&wish.name, &draft);
            let organization = self.found(work, &name, None, Some(&person), acting).await?;
            let acting = arrival.acting(organization.id, person.id);
            self.note_identity(work, &acting, arrival, person.id);
            self.wish_for_plan(work, &acting.context(), &wish.plan_key).await?;
            return Ok((person, organization));
        };
        let organization = home_of(work, home).await?;
        work.enter(organization.id).await?;
        work.lock_workspace().await?;
        make_room(work, organization.id, now).await?;
        let mut person = work.insert_person(&draft, NO_PASSWORD, false, now).await?;
        self.welcome(work, arrival, &mut person).await?;
        work.insert_membership(person.id, RoleSet::default(), now).await?;
        let acting = arrival.acting(organization.id, person.id);
        self.note(work, &acting, Verb::Created, person.subject(), &Value::Null, person.json());
        self.note_identity(work, &acting, arrival, person.id);
        Ok((person, organization))
    }

    /// What a new account is from the start: known to its provider, its e-mail verified if that is
    /// believed.
    async fn welcome(
        &self,
        work: &mut dyn AccountsWork,
        arrival: &Arrival<'_>,
        person: &mut Person,
    ) -> Result<()> {
        if arrival.provider.is_believed(arrival.email) {
            let now = self.clock.now();
            work.verify_email(person.id, now).await?;
            person.email_verified_at = Some(now);
        }
        self.insert_identity(work, arrival, person.id).await
    }

    async fn insert_identity(
        &self,
        work: &mut dyn AccountsWork,
        arrival: &Arrival<'_>,
        person: PersonId,
    ) -> Result<()> {
        let subject = &arrival.claims.subject;
        // Not, when the same person came in twice at the same time.
        match work.insert_identity(person, subject, self.clock.now()).await? {
            true => Ok(()),
            false => Err(Error::Busy),
        }
    }

    /// Journals that an account was linked. Who somebody is at the provider concerns nobody else.
    fn note_identity(
        &self,
        work: &mut dyn AccountsWork,
        acting: &Acting<'_>,
        Arrival { provider, claims, .. }: &Arrival<'_>,
        person: PersonId,
    ) {
        let issuer = &claims.subject.issuer;
        let data = json!({ "user": person, "provider": provider.name, "issuer": issuer });
        let id = person.raw();
        let subject = Subject { entity: "identities", singular: "identity", id, version: 1 };
        self.note(work, acting, Verb::Created, subject, &Value::Null, data);
    }
}

/// The workspace that an operator named.
async fn home_of(work: &mut dyn AccountsWork, home: &Home) -> Result<Organization> {
    let missing = || refused("The workspace of this provider is closed, or was never there.");
    work.organization_by_slug(&home.slug).await?.ok_or_else(missing)
}
