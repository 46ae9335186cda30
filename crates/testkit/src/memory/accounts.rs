//! Workspaces, people, memberships, tokens.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain_accounts::{
    ADDRESS_KNOWN_DAYS, AccountsWork, AuditLog, Entitlements, FeatureFlag, Flow, FlowDigest,
    Invite, InviteLink, LinkDigest, LinkPurpose, Membership, NO_PASSWORD, NewToken, OneTimeLink,
    Organization, Person, PersonDraft, PlanOverride, PlanRequest, ProviderSubject, RecoveryDigest,
    Seal, StoredFactor, StoredToken, Subscription, SubscriptionPlan, TokenDigest, User, UserRole,
    Workspace,
};
use domain_kernel::field::{Choice, Link, Moment};
use domain_kernel::limit::ClientAddress;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Error, Id, PersonId, Record, Records, Result, TenantId, fold};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::invites::MemoryInvites;
use super::members::{MemoryUsers, StoredMembership};
use super::records::MemoryRecords;
use super::state::State;
use super::trail::{MemoryTrail, rows};
use super::work::MemoryWork;
use super::workspaces::MemoryWorkspaces;

/// When a person's e-mail address was verified, if it stays the same; another one is not.
pub(super) fn still_verified(stored: &Person, email: &str) -> Option<Timestamp> {
    stored.email_verified_at.filter(|_| fold(&stored.draft.email) == fold(email))
}

/// The id after those of a list.
fn next_id(ids: impl Iterator<Item = i64>) -> i64 {
    ids.max().unwrap_or(0) + 1
}

/// The chain of a workspace.
fn seals(state: &State, tenant: TenantId) -> impl Iterator<Item = &Seal> {
    state.seals.iter().filter(move |(of, _)| *of == tenant).map(|(_, seal)| seal)
}

/// The entries of a workspace that are not in its chain.
fn unsealed(state: &State, tenant: TenantId) -> impl Iterator<Item = Record<AuditLog>> {
    let is_sealed = move |entry: &Record<AuditLog>| {
        seals(state, tenant).any(|seal| seal.entry == entry.id.raw())
    };
    rows(state, tenant).filter(move |entry| !is_sealed(entry))
}

#[async_trait]
impl AccountsWork for MemoryWork {
    async fn enter(&mut self, tenant: TenantId) -> Result<()> {
        self.enter_tenant(tenant);
        Ok(())
    }

    async fn person_by_login(&mut self, folded: &str) -> Result<Option<(Person, String)>> {
        let people = &self.state().accounts.people;
        let by = |part: fn(&PersonDraft) -> &str| {
            people.iter().find(|(person, _)| fold(part(&person.draft)) == folded)
        };
        if folded.is_empty() {
            return Ok(None);
        }
        Ok(by(|draft| &draft.username).or_else(|| by(|draft| &draft.email)).cloned())
    }

    async fn person(&mut self, id: PersonId) -> Result<Option<Person>> {
        let mut people = self.state().accounts.people.iter().map(|(person, _)| person);
        Ok(people.find(|person| person.id == id).cloned())
    }

    async fn lock_person(&mut self, id: PersonId) -> Result<Option<(Person, String)>> {
        // Units for writing take turns here.
        let found = self.state_mut()?.accounts.person_mut(id);
        Ok(found.map(|found| found.clone()))
    }

    async fn people(&mut self) -> Result<Vec<Person>> {
        Ok(self.state().accounts.people.iter().map(|(person, _)| person.clone()).collect())
    }

    async fn insert_person(
        &mut self,
        draft: &PersonDraft,
        password_hash: &str,
        is_superuser: bool,
        now: Timestamp,
    ) -> Result<Person> {
        let accounts = &mut self.state_mut()?.accounts;
        accounts.check_names(draft, None)?;
        let person = Person {
            id: PersonId::new(next_id(accounts.people.iter().map(|(person, _)| person.id.raw()))),
            version: 1,
            draft: draft.clone(),
            is_active: true,
            is_superuser,
            email_verified_at: None,
            second_factor_at: None,
            has_password: password_hash != NO_PASSWORD,
            created_at: now,
        };
        accounts.people.push((person.clone(), password_hash.to_owned()));
        Ok(person)
    }

    async fn update_person(&mut self, person: &Person, _now: Timestamp) -> Result<bool> {
        let accounts = &mut self.state_mut()?.accounts;
        match accounts.person_mut(person.id) {
            Some((stored, _)) if stored.version == person.version - 1 => {}
            _ => return Ok(false),
        }
        accounts.check_names(&person.draft, Some(person.id))?;
        if let Some((stored, _)) = accounts.person_mut(person.id) {
            let email_verified_at = still_verified(stored, &person.draft.email);
            let created_at = stored.created_at;
            let (second_factor_at, has_password) = (stored.second_factor_at, stored.has_password);
            *stored = Person {
                email_verified_at,
                second_factor_at,
                has_password,
                created_at,
                ..person.clone()
            };
        }
        Ok(true)
    }

    async fn set_password_hash(&mut self, person: PersonId, hash: &str) -> Result<()> {
        let found = self.state_mut()?.accounts.person_mut(person);
        let (person, stored) = found.ok_or_else(|| Error::internal("a password of nobody's"))?;
        person.has_password = hash != NO_PASSWORD;
        *stored = hash.to_owned();
        Ok(())
    }

    async fn second_factor(&mut self, person: PersonId) -> Result<Option<StoredFactor>> {
        Ok(self.state().accounts.second_factors.get(&person).cloned())
    }

    async fn put_second_factor(&mut self, person: PersonId, factor: &StoredFactor) -> Result<()> {
        self.state_mut()?.accounts.second_factors.insert(person, factor.clone());
        Ok(())
    }

    async fn enable_second_factor(
        &mut self,
        person: PersonId,
        since: Option<Timestamp>,
    ) -> Result<()> {
        if let Some((stored, _)) = self.state_mut()?.accounts.person_mut(person) {
            stored.second_factor_at = since;
        }
        Ok(())
    }

    async fn delete_second_factor(&mut self, person: PersonId) -> Result<bool> {
        self.enable_second_factor(person, None).await?;
        self.replace_recovery_codes(person, &[]).await?;
        Ok(self.state_mut()?.accounts.second_factors.remove(&person).is_some())
    }

    async fn replace_recovery_codes(
        &mut self,
        person: PersonId,
        digests: &[RecoveryDigest],
    ) -> Result<()> {
        let codes = &mut self.state_mut()?.accounts.recovery_codes;
        codes.retain(|(whose, _)| *whose != person);
        codes.extend(digests.iter().map(|digest| (person, *digest)));
        Ok(())
    }

    async fn take_recovery_code(
        &mut self,
        person: PersonId,
        digest: &RecoveryDigest,
    ) -> Result<bool> {
        Ok(self.state_mut()?.accounts.recovery_codes.remove(&(person, *digest)))
    }

    async fn recovery_codes_left(&mut self, person: PersonId) -> Result<usize> {
        let codes = self.state().accounts.recovery_codes.iter();
        Ok(codes.filter(|(whose, _)| *whose == person).count())
    }

    async fn verify_email(&mut self, person: PersonId, now: Timestamp) -> Result<()> {
        let found = self.state_mut()?.accounts.person_mut(person);
        let (stored, _) = found.ok_or_else(|| Error::internal("an e-mail address of nobody's"))?;
        stored.email_verified_at = Some(now);
        Ok(())
    }

    async fn person_by_identity(&mut self, subject: &ProviderSubject) -> Result<Option<PersonId>> {
        Ok(self.state().accounts.identities.get(subject).copied())
    }

    async fn insert_identity(
        &mut self,
        person: PersonId,
        subject: &ProviderSubject,
        _now: Timestamp,
    ) -> Result<bool> {
        let identities = &mut self.state_mut()?.accounts.identities;
        if identities.contains_key(subject) {
            return Ok(false);
        }
        identities.insert(subject.clone(), person);
        Ok(true)
    }

    async fn delete_identities_of(&mut self, person: PersonId) -> Result<()> {
        self.state_mut()?.accounts.identities.retain(|_, whose| *whose != person);
        Ok(())
    }

    async fn insert_flow(&mut self, digest: &FlowDigest, flow: &Flow) -> Result<()> {
        self.state_mut()?.accounts.flows.insert(*digest, flow.clone());
        Ok(())
    }

    async fn take_flow(&mut self, digest: &FlowDigest, now: Timestamp) -> Result<Option<Flow>> {
        let flow = self.state_mut()?.accounts.flows.remove(digest);
        Ok(flow.filter(|flow| flow.ends_at > now))
    }

    async fn insert_link(
        &mut self,
        digest: &LinkDigest,
        link: &OneTimeLink,
        _now: Timestamp,
    ) -> Result<()> {
        self.state_mut()?.accounts.links.insert(*digest, link.clone());
        Ok(())
    }

    async fn link(
        &mut self,
        digest: &LinkDigest,
        purposes: &[LinkPurpose],
        now: Timestamp,
    ) -> Result<Option<OneTimeLink>> {
        let link = self.state().accounts.links.get(digest).cloned();
        Ok(link.filter(|link| purposes.contains(&link.purpose) && link.expires_at > now))
    }

    async fn use_link(
        &mut self,
        digest: &LinkDigest,
        purposes: &[LinkPurpose],
        now: Timestamp,
    ) -> Result<Option<OneTimeLink>> {
        let link = self.link(digest, purposes, now).await?;
        if link.is_some() {
            self.state_mut()?.accounts.links.remove(digest);
        }
        Ok(link)
    }

    async fn end_links_of(
        &mut self,
        person: PersonId,
        purposes: &[LinkPurpose],
        _now: Timestamp,
    ) -> Result<()> {
        let links = &mut self.state_mut()?.accounts.links;
        links.retain(|_, link| link.person != person || !purposes.contains(&link.purpose));
        Ok(())
    }

    async fn invite_link(&mut self, digest: &LinkDigest) -> Result<Option<InviteLink>> {
        Ok(self.state().accounts.invite_links.get(digest).cloned())
    }

    async fn insert_organization(
        &mut self,
        name: &str,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<Organization>> {
        let organizations = &mut self.state_mut()?.accounts.organizations;
        if organizations.iter().any(|organization| organization.slug == slug) {
            return Ok(None);
        }
        let organization = Organization {
            id: TenantId::new(next_id(organizations.iter().map(|one| one.id.raw()))),
            name: name.to_owned(),
            slug: slug.to_owned(),
            currency: "USD".to_owned(),
            timezone: "UTC".to_owned(),
            requires_second_factor: false,
            created_at: now,
            updated_at: now,
        };
        organizations.push(organization.clone());
        Ok(Some(organization))
    }

    async fn organization(&mut self, id: TenantId) -> Result<Option<Organization>> {
        Ok(self.state().accounts.open_organizations().find(|one| one.id == id).cloned())
    }

    async fn organization_by_slug(&mut self, slug: &str) -> Result<Option<Organization>> {
        Ok(self.state().accounts.open_organizations().find(|one| one.slug == slug).cloned())
    }

    async fn every_organization(&mut self) -> Result<Vec<TenantId>> {
        Ok(self.state().accounts.organizations.iter().map(|one| one.id).collect())
    }

    async fn organizations(&mut self) -> Result<Vec<Organization>> {
        Ok(self.state().accounts.open_organizations().cloned().collect())
    }

    async fn memberships_of(&mut self, person: PersonId) -> Result<Vec<TenantId>> {
        let memberships = self.state().accounts.memberships.iter();
        let accounts = &self.state().accounts;
        let theirs = memberships.filter(|one| one.person == person && one.is_open());
        let theirs = theirs.filter(|one| accounts.is_open(one.tenant));
        Ok(theirs.map(|one| one.tenant).collect())
    }

    async fn knows_address(
        &mut self,
        person: PersonId,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<bool> {
        let seen = self.state().accounts.addresses.get(&(person, address.clone()));
        let known = SignedDuration::from_hours(ADDRESS_KNOWN_DAYS * 24);
        Ok(seen.is_some_and(|seen| now.duration_since(*seen) < known))
    }

    async fn note_address(
        &mut self,
        person: PersonId,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<()> {
        self.state_mut()?.accounts.addresses.insert((person, address.clone()), now);
        Ok(())
    }

    async fn token(&mut self, digest: &TokenDigest, now: Timestamp) -> Result<Option<StoredToken>> {
        let mut tokens = self.state().accounts.tokens.valid(now);
        Ok(tokens.find(|token| token.digest == *digest).cloned())
    }

    async fn touch_token(
        &mut self,
        token: &StoredToken,
        now: Timestamp,
        ends_at: Option<Timestamp>,
    ) -> Result<bool> {
        Ok(self.state_mut()?.accounts.tokens.touch(token, now, ends_at))
    }

    async fn tokens_of(&mut self, person: PersonId, now: Timestamp) -> Result<Vec<StoredToken>> {
        Ok(self.state().accounts.tokens.of_person(person, now))
    }

    async fn end_token(
        &mut self,
        person: PersonId,
        id: i64,
        now: Timestamp,
    ) -> Result<Option<StoredToken>> {
        let accounts = &mut self.state_mut()?.accounts;
        let one = |token: &StoredToken| token.person == person && token.id == id;
        Ok(accounts.tokens.end(one, now).pop())
    }

    async fn end_tokens_but(
        &mut self,
        person: PersonId,
        kept: &TokenDigest,
        now: Timestamp,
    ) -> Result<Vec<StoredToken>> {
        let accounts = &mut self.state_mut()?.accounts;
        let others = |token: &StoredToken| token.person == person && token.digest != *kept;
        Ok(accounts.tokens.end(others, now))
    }

    async fn revoke_token(&mut self, digest: &TokenDigest, now: Timestamp) -> Result<bool> {
        let accounts = &mut self.state_mut()?.accounts;
        Ok(!accounts.tokens.end(|token| token.digest == *digest, now).is_empty())
    }

    async fn revoke_tokens_of(
        &mut self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<TokenDigest>> {
        let accounts = &mut self.state_mut()?.accounts;
        let ended = accounts.tokens.end(|token| token.person == person, now);
        Ok(ended.into_iter().map(|token| token.digest).collect())
    }

    fn subscription_plans(&mut self) -> Box<dyn Records<SubscriptionPlan> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn feature_flags(&mut self) -> Box<dyn Records<FeatureFlag> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn plan_requests(&mut self) -> Box<dyn Records<PlanRequest> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn membership(&mut self, person: PersonId) -> Result<Option<Membership>> {
        let (tenant, state) = (self.tenant()?, self.state());
        let found = state.accounts.membership(tenant, person).filter(|one| one.is_open());
        Ok(found.map(|one| state.membership_of(one)))
    }

    async fn members(&mut self) -> Result<Vec<Membership>> {
        let tenant = self.tenant()?;
        let state = self.state();
        let of_tenant = state.accounts.memberships.iter().filter(|one| one.tenant == tenant);
        Ok(of_tenant.filter(|one| one.is_open()).map(|one| state.membership_of(one)).collect())
    }

    async fn lock_workspace(&mut self) -> Result<()> {
        // Units for writing take turns here.
        self.state_mut().map(drop)
    }

    async fn require_second_factor(&mut self, required: bool) -> Result<()> {
        let tenant = self.tenant()?;
        let organizations = &mut self.state_mut()?.accounts.organizations;
        for organization in organizations.iter_mut().filter(|one| one.id == tenant) {
            organization.requires_second_factor = required;
        }
        Ok(())
    }

    async fn revoke_tokens_here(&mut self, person: PersonId, now: Timestamp) -> Result<usize> {
        let tenant = self.tenant()?;
        let accounts = &mut self.state_mut()?.accounts;
        let here = |token: &StoredToken| (token.tenant, token.person) == (tenant, person);
        Ok(accounts.tokens.end(here, now).len())
    }

    fn users(&mut self) -> Box<dyn Records<User> + '_> {
        Box::new(MemoryUsers(self))
    }

    fn invites(&mut self) -> Box<dyn Records<Invite> + '_> {
        Box::new(MemoryInvites(self))
    }

    async fn insert_invite_link(
        &mut self,
        digest: &LinkDigest,
        invite: Id<Invite>,
        email: &str,
        _now: Timestamp,
    ) -> Result<()> {
        let link = InviteLink { tenant: self.tenant()?, invite, email: email.to_owned() };
        self.state_mut()?.accounts.invite_links.insert(*digest, link);
        Ok(())
    }

    fn user_roles(&mut self) -> Box<dyn Records<UserRole> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn last_seal(&mut self) -> Result<Option<Seal>> {
        Ok(seals(self.state(), self.tenant()?).last().cloned())
    }

    async fn unsealed(
        &mut self,
        _: Timestamp,
        after: i64,
        most: i64,
    ) -> Result<Vec<Record<AuditLog>>> {
        let most = usize::try_from(most).expect("a size is not negative");
        let all = unsealed(self.state(), self.tenant()?);
        Ok(all.filter(|entry| entry.id.raw() > after).take(most).collect())
    }

    async fn count_unsealed(&mut self) -> Result<i64> {
        let count = unsealed(self.state(), self.tenant()?).count();
        Ok(i64::try_from(count).expect("they fit into memory"))
    }

    async fn insert_seals(&mut self, new: &[Seal], _: Timestamp) -> Result<()> {
        let tenant = self.tenant()?;
        let state = self.state_mut()?;
        for seal in new {
            let same = |one: &Seal| one.position == seal.position || one.entry == seal.entry;
            if seals(state, tenant).any(same) {
                return Err(Error::Conflict("a place or an entry with two seals".to_owned()));
            }
            state.seals.push((tenant, seal.clone()));
        }
        Ok(())
    }

    async fn seals(
        &mut self,
        after: i64,
        most: i64,
    ) -> Result<Vec<(Seal, Option<Record<AuditLog>>)>> {
        let (state, tenant) = (self.state(), self.tenant()?);
        let most = usize::try_from(most).expect("a size is not negative");
        let found = seals(state, tenant).filter(|seal| seal.position > after).take(most);
        let entry = |seal: &Seal| rows(state, tenant).find(|entry| entry.id.raw() == seal.entry);
        Ok(found.map(|seal| (seal.clone(), entry(seal))).collect())
    }

    async fn erase_workspace(&mut self, _: Timestamp) -> Result<BTreeMap<String, i64>> {
        let tenant = self.tenant()?;
        Ok(super::erasure::erase(self.state_mut()?, tenant))
    }

    fn workspaces(&mut self) -> Box<dyn Records<Workspace> + '_> {
        Box::new(MemoryWorkspaces(self))
    }

    fn audit_log(&mut self) -> Box<dyn Records<AuditLog> + '_> {
        Box::new(MemoryTrail(self))
    }

    async fn insert_membership(
        &mut self,
        person: PersonId,
        roles: RoleSet,
        now: Timestamp,
    ) -> Result<()> {
        let tenant = self.tenant()?;
        let state = self.state_mut()?;
        let accounts = &mut state.accounts;
        if accounts.person_mut(person).is_none() || !accounts.has_organization(tenant) {
            return Err(Error::internal("a membership of nobody's or nowhere"));
        }
        if accounts.is_member(tenant, person) {
            return Err(Error::internal("a second membership of the same person"));
        }
        accounts.memberships.push(StoredMembership::new(tenant, person, now));
        for role in roles.iter() {
            let data = UserRole {
                user: Link::to(Some(Id::new(person.raw()))),
                role: Choice::trusted(role.code()),
                assigned_at: Moment(Some(now)),
            };
            let id = Id::new(state.user_roles.next_id());
            state.user_roles.put(Record::new(id, tenant, data, now));
        }
        Ok(())
    }

    async fn insert_token(
        &mut self,
        person: PersonId,
        token: &NewToken,
        now: Timestamp,
    ) -> Result<()> {
        let tenant = self.tenant()?;
        let accounts = &mut self.state_mut()?.accounts;
        if !accounts.is_member(tenant, person) {
            return Err(Error::internal("a token of nobody's"));
        }
        accounts.tokens.insert((tenant, person), token, now);
        Ok(())
    }

    fn subscriptions(&mut self) -> Box<dyn Records<Subscription> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn plan_overrides(&mut self) -> Box<dyn Records<PlanOverride> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn current_subscription(&mut self, on: Date) -> Result<Option<Record<Subscription>>> {
        Ok(self.state().current_subscription(self.tenant()?, on))
    }

    async fn entitlements(&mut self, on: Date) -> Result<Entitlements> {
        self.state().entitlements(self.tenant()?, on)
    }

    async fn deals_in_use(&mut self) -> Result<i64> {
        Ok(self.state().deals(self.tenant()?))
    }
}
