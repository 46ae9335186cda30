//! Repositories of accounts. People, organizations, tokens, plans and what is known of sign-ins are
//! identity tables, seen from outside every workspace; the others are entered with the tenant.

pub(crate) mod addresses;
pub(crate) mod audit_logs;
pub(crate) mod entitlements;
pub mod erasure;
pub(crate) mod failures;
pub(crate) mod features;
pub(crate) mod flows;
mod identities;
mod invite_links;
mod invites;
pub(crate) mod links;
mod memberships;
pub(crate) mod organizations;
mod people;
pub(crate) mod plan_overrides;
mod plan_requests;
pub(crate) mod plans;
mod seals;
mod second_factors;
mod subscriptions;
pub(crate) mod tokens;
pub(crate) mod user_roles;
pub(crate) mod users;
mod workspaces;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain_accounts::{
    AccountsWork, AuditLog, Entitlements, FeatureFlag, Flow, FlowDigest, Invite, InviteLink,
    LinkDigest, LinkPurpose, Membership, NewToken, OneTimeLink, Organization, Person, PersonDraft,
    PlanOverride, PlanRequest, ProviderSubject, RecoveryDigest, Seal, StoredFactor, StoredToken,
    Subscription, SubscriptionPlan, TokenDigest, User, UserRole, Workspace,
};
use domain_kernel::limit::ClientAddress;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Id, PersonId, Record, Records, Result, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;

use self::audit_logs::AuditLogs;
use self::features::FeatureFlags;
use self::invites::Invites;
use self::plan_overrides::PlanOverrides;
use self::plan_requests::PlanRequests;
use self::plans::SubscriptionPlans;
use self::subscriptions::Subscriptions;
use self::user_roles::UserRoles;
use self::users::Users;
use self::workspaces::Workspaces;
use crate::dialect;
use crate::errors::of_query;
use crate::sales::opportunities;
use crate::work::SqlWork;

#[async_trait]
impl AccountsWork for SqlWork {
    async fn enter(&mut self, tenant: TenantId) -> Result<()> {
        self.enter_tenant(tenant).await
    }

    async fn person_by_login(&mut self, folded: &str) -> Result<Option<(Person, String)>> {
        people::by_login(&mut self.handle().await?, folded).await.map_err(of_query)
    }

    async fn person(&mut self, id: PersonId) -> Result<Option<Person>> {
        people::by_id(&mut self.handle().await?, id).await.map_err(of_query)
    }

    async fn lock_person(&mut self, id: PersonId) -> Result<Option<(Person, String)>> {
        people::locked(&mut self.handle().await?, id).await.map_err(of_query)
    }

    async fn people(&mut self) -> Result<Vec<Person>> {
        people::all(&mut self.handle().await?).await.map_err(of_query)
    }

    async fn insert_person(
        &mut self,
        draft: &PersonDraft,
        password_hash: &str,
        is_superuser: bool,
        now: Timestamp,
    ) -> Result<Person> {
        let mut handle = self.handle().await?;
        people::insert(&mut handle, draft, password_hash, is_superuser, now).await
    }

    async fn update_person(&mut self, person: &Person, now: Timestamp) -> Result<bool> {
        people::update(&mut self.handle().await?, person, now).await
    }

    async fn set_password_hash(&mut self, person: PersonId, hash: &str) -> Result<()> {
        people::set_hash(&mut self.handle().await?, person, hash).await.map_err(of_query)
    }

    async fn second_factor(&mut self, person: PersonId) -> Result<Option<StoredFactor>> {
        second_factors::find(&mut self.handle().await?, person).await.map_err(of_query)
    }

    async fn put_second_factor(&mut self, person: PersonId, factor: &StoredFactor) -> Result<()> {
        second_factors::put(&mut self.handle().await?, person, factor).await.map_err(of_query)
    }

    async fn enable_second_factor(
        &mut self,
        person: PersonId,
        since: Option<Timestamp>,
    ) -> Result<()> {
        people::enable_factor(&mut self.handle().await?, person, since).await.map_err(of_query)
    }

    async fn delete_second_factor(&mut self, person: PersonId) -> Result<bool> {
        self.enable_second_factor(person, None).await?;
        second_factors::delete(&mut self.handle().await?, person).await.map_err(of_query)
    }

    async fn replace_recovery_codes(
        &mut self,
        person: PersonId,
        digests: &[RecoveryDigest],
    ) -> Result<()> {
        let mut handle = self.handle().await?;
        second_factors::replace_codes(&mut handle, person, digests).await.map_err(of_query)
    }

    async fn take_recovery_code(
        &mut self,
        person: PersonId,
        digest: &RecoveryDigest,
    ) -> Result<bool> {
        let mut handle = self.handle().await?;
        second_factors::take_code(&mut handle, person, digest).await.map_err(of_query)
    }

    async fn recovery_codes_left(&mut self, person: PersonId) -> Result<usize> {
        let left = second_factors::codes_left(&mut self.handle().await?, person).await;
        Ok(usize::try_from(left.map_err(of_query)?).unwrap_or(0))
    }

    async fn verify_email(&mut self, person: PersonId, now: Timestamp) -> Result<()> {
        people::verify_email(&mut self.handle().await?, person, now).await.map_err(of_query)
    }

    async fn person_by_identity(&mut self, subject: &ProviderSubject) -> Result<Option<PersonId>> {
        identities::person(&mut self.handle().await?, subject).await.map_err(of_query)
    }

    async fn insert_identity(
        &mut self,
        person: PersonId,
        subject: &ProviderSubject,
        now: Timestamp,
    ) -> Result<bool> {
        let mut handle = self.handle().await?;
        identities::insert(&mut handle, person, subject, now).await.map_err(of_query)
    }

    async fn delete_identities_of(&mut self, person: PersonId) -> Result<()> {
        identities::delete_of(&mut self.handle().await?, person).await.map_err(of_query)
    }

    async fn insert_flow(&mut self, digest: &FlowDigest, flow: &Flow) -> Result<()> {
        flows::insert(&mut self.handle().await?, digest, flow).await.map_err(of_query)
    }

    async fn take_flow(&mut self, digest: &FlowDigest, now: Timestamp) -> Result<Option<Flow>> {
        flows::take(&mut self.handle().await?, digest, now).await.map_err(of_query)
    }

    async fn insert_link(
        &mut self,
        digest: &LinkDigest,
        link: &OneTimeLink,
        now: Timestamp,
    ) -> Result<()> {
        links::insert(&mut self.handle().await?, digest, link, now).await.map_err(of_query)
    }

    async fn link(
        &mut self,
        digest: &LinkDigest,
        purposes: &[LinkPurpose],
        now: Timestamp,
    ) -> Result<Option<OneTimeLink>> {
        links::find(&mut self.handle().await?, digest, purposes, now).await.map_err(of_query)
    }

    async fn use_link(
        &mut self,
        digest: &LinkDigest,
        purposes: &[LinkPurpose],
        now: Timestamp,
    ) -> Result<Option<OneTimeLink>> {
        links::take(&mut self.handle().await?, digest, purposes, now).await.map_err(of_query)
    }

    async fn end_links_of(
        &mut self,
        person: PersonId,
        purposes: &[LinkPurpose],
        now: Timestamp,
    ) -> Result<()> {
        links::end_of(&mut self.handle().await?, person, purposes, now).await.map_err(of_query)
    }

    async fn invite_link(&mut self, digest: &LinkDigest) -> Result<Option<InviteLink>> {
        invite_links::find(&mut self.handle().await?, digest).await.map_err(of_query)
    }

    async fn insert_organization(
        &mut self,
        name: &str,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<Organization>> {
        organizations::insert(&mut self.handle().await?, name, slug, now).await.map_err(of_query)
    }

    async fn organization(&mut self, id: TenantId) -> Result<Option<Organization>> {
        organizations::by_id(&mut self.handle().await?, id).await.map_err(of_query)
    }

    async fn organization_by_slug(&mut self, slug: &str) -> Result<Option<Organization>> {
        organizations::by_slug(&mut self.handle().await?, slug).await.map_err(of_query)
    }

    async fn every_organization(&mut self) -> Result<Vec<TenantId>> {
        organizations::ids(&mut self.handle().await?).await.map_err(of_query)
    }

    async fn organizations(&mut self) -> Result<Vec<Organization>> {
        organizations::all(&mut self.handle().await?).await.map_err(of_query)
    }

    async fn memberships_of(&mut self, person: PersonId) -> Result<Vec<TenantId>> {
        if let Some(sql) = dialect::act_as(person.raw()) {
            self.set(&sql).await?;
        }
        memberships::of_person(&mut self.handle().await?, person).await.map_err(of_query)
    }

    async fn token(&mut self, digest: &TokenDigest, now: Timestamp) -> Result<Option<StoredToken>> {
        tokens::find(&mut self.handle().await?, digest, now).await.map_err(of_query)
    }

    async fn touch_token(
        &mut self,
        token: &StoredToken,
        now: Timestamp,
        ends_at: Option<Timestamp>,
    ) -> Result<bool> {
        tokens::touch(&mut self.handle().await?, token, now, ends_at).await.map_err(of_query)
    }

    async fn tokens_of(&mut self, person: PersonId, now: Timestamp) -> Result<Vec<StoredToken>> {
        tokens::of_person(&mut self.handle().await?, person, now).await.map_err(of_query)
    }

    async fn end_token(
        &mut self,
        person: PersonId,
        id: i64,
        now: Timestamp,
    ) -> Result<Option<StoredToken>> {
        tokens::end(&mut self.handle().await?, person, id, now).await.map_err(of_query)
    }

    async fn end_tokens_but(
        &mut self,
        person: PersonId,
        kept: &TokenDigest,
        now: Timestamp,
    ) -> Result<Vec<StoredToken>> {
        tokens::end_but(&mut self.handle().await?, person, kept, now).await.map_err(of_query)
    }

    async fn revoke_token(&mut self, digest: &TokenDigest, now: Timestamp) -> Result<bool> {
        tokens::revoke(&mut self.handle().await?, digest, now).await.map_err(of_query)
    }

    async fn revoke_tokens_of(
        &mut self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<TokenDigest>> {
        tokens::revoke_all(&mut self.handle().await?, person, now).await.map_err(of_query)
    }

    async fn knows_address(
        &mut self,
        person: PersonId,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<bool> {
        let mut handle = self.handle().await?;
        addresses::knows(&mut handle, person, address, now).await.map_err(of_query)
    }

    async fn note_address(
        &mut self,
        person: PersonId,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<()> {
        let mut handle = self.handle().await?;
        addresses::note(&mut handle, person, address, now).await.map_err(of_query)
    }

    fn subscription_plans(&mut self) -> Box<dyn Records<SubscriptionPlan> + '_> {
        Box::new(SubscriptionPlans(self.scope()))
    }

    fn feature_flags(&mut self) -> Box<dyn Records<FeatureFlag> + '_> {
        Box::new(FeatureFlags(self.scope()))
    }

    fn plan_requests(&mut self) -> Box<dyn Records<PlanRequest> + '_> {
        Box::new(PlanRequests(self.scope()))
    }

    async fn membership(&mut self, person: PersonId) -> Result<Option<Membership>> {
        let tenant = self.tenant()?;
        let found = memberships::active(&mut self.handle().await?, tenant, Some(person)).await;
        Ok(found.map_err(of_query)?.pop())
    }

    async fn members(&mut self) -> Result<Vec<Membership>> {
        let tenant = self.tenant()?;
        memberships::active(&mut self.handle().await?, tenant, None).await.map_err(of_query)
    }

    async fn lock_workspace(&mut self) -> Result<()> {
        let tenant = self.tenant()?;
        organizations::lock(&mut self.handle().await?, tenant).await.map_err(of_query)
    }

    async fn require_second_factor(&mut self, required: bool) -> Result<()> {
        let tenant = self.tenant()?;
        let mut handle = self.handle().await?;
        organizations::require_factor(&mut handle, tenant, required).await.map_err(of_query)
    }

    async fn revoke_tokens_here(&mut self, person: PersonId, now: Timestamp) -> Result<usize> {
        let tenant = self.tenant()?;
        let mut handle = self.handle().await?;
        tokens::revoke_here(&mut handle, tenant, person, now).await.map_err(of_query)
    }

    fn users(&mut self) -> Box<dyn Records<User> + '_> {
        Box::new(Users(self.scope()))
    }

    fn invites(&mut self) -> Box<dyn Records<Invite> + '_> {
        Box::new(Invites(self.scope()))
    }

    async fn insert_invite_link(
        &mut self,
        digest: &LinkDigest,
        invite: Id<Invite>,
        email: &str,
        now: Timestamp,
    ) -> Result<()> {
        let link = InviteLink { tenant: self.tenant()?, invite, email: email.to_owned() };
        let mut handle = self.handle().await?;
        invite_links::insert(&mut handle, digest, &link, now).await.map_err(of_query)
    }

    fn user_roles(&mut self) -> Box<dyn Records<UserRole> + '_> {
        Box::new(UserRoles(self.scope()))
    }

    async fn last_seal(&mut self) -> Result<Option<Seal>> {
        let tenant = self.tenant()?;
        seals::last(&mut self.handle().await?, tenant).await.map_err(of_query)
    }

    async fn unsealed(
        &mut self,
        settled: Timestamp,
        after: i64,
        most: i64,
    ) -> Result<Vec<Record<AuditLog>>> {
        let tenant = self.tenant()?;
        let mut handle = self.handle().await?;
        seals::unsealed(&mut handle, tenant, settled, after, most).await.map_err(of_query)
    }

    async fn count_unsealed(&mut self) -> Result<i64> {
        let tenant = self.tenant()?;
        seals::count_unsealed(&mut self.handle().await?, tenant).await.map_err(of_query)
    }

    async fn insert_seals(&mut self, seals: &[Seal], now: Timestamp) -> Result<()> {
        let tenant = self.tenant()?;
        seals::insert(&mut self.handle().await?, tenant, seals, now).await.map_err(of_query)
    }

    async fn seals(
        &mut self,
        after: i64,
        most: i64,
    ) -> Result<Vec<(Seal, Option<Record<AuditLog>>)>> {
        let tenant = self.tenant()?;
        seals::after(&mut self.handle().await?, tenant, after, most).await.map_err(of_query)
    }

    async fn erase_workspace(&mut self, now: Timestamp) -> Result<BTreeMap<String, i64>> {
        erasure::erase(self, now).await
    }

    fn workspaces(&mut self) -> Box<dyn Records<Workspace> + '_> {
        Box::new(Workspaces(self.scope()))
    }

    fn audit_log(&mut self) -> Box<dyn Records<AuditLog> + '_> {
        Box::new(AuditLogs(self.scope()))
    }

    async fn insert_membership(
        &mut self,
        person: PersonId,
        roles: RoleSet,
        now: Timestamp,
    ) -> Result<()> {
        let tenant = self.tenant()?;
        let mut handle = self.handle().await?;
        memberships::insert(&mut handle, tenant, person, roles, now).await.map_err(of_query)
    }

    async fn insert_token(
        &mut self,
        person: PersonId,
        token: &NewToken,
        now: Timestamp,
    ) -> Result<()> {
        let tenant = self.tenant()?;
        let mut handle = self.handle().await?;
        tokens::insert(&mut handle, tenant, person, token, now).await.map_err(of_query)
    }

    fn subscriptions(&mut self) -> Box<dyn Records<Subscription> + '_> {
        Box::new(Subscriptions(self.scope()))
    }

    fn plan_overrides(&mut self) -> Box<dyn Records<PlanOverride> + '_> {
        Box::new(PlanOverrides(self.scope()))
    }

    async fn current_subscription(&mut self, on: Date) -> Result<Option<Record<Subscription>>> {
        Subscriptions(self.scope()).current(on).await
    }

    async fn entitlements(&mut self, on: Date) -> Result<Entitlements> {
        entitlements::entitlements(self, on).await
    }

    async fn deals_in_use(&mut self) -> Result<i64> {
        opportunities::count(self.scope()).await
    }
}
