//! What accounts need from outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain_kernel::limit::ClientAddress;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Id, PersonId, Record, Records, Result, Store, TenantId, Work};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{
    AuditLog, Entitlements, FeatureFlag, Flow, FlowDigest, Invite, InviteLink, LinkDigest,
    LinkPurpose, Membership, NewToken, OneTimeLink, Organization, Person, PersonDraft,
    PlanOverride, PlanRequest, Principal, ProviderSubject, RecoveryDigest, Seal, StoredFactor,
    StoredToken, Subscription, SubscriptionPlan, TokenDigest, User, UserRole, Workspace,
};

/// The hash of no password: nothing that is typed matches it.
pub const NO_PASSWORD: &str = "!";
/// Most tokens that a person is shown.
pub const MOST_TOKENS_SHOWN: usize = 500;

/// Opens units of work on accounts: in a workspace like every store, or outside.
///
/// Outside, only people, organizations, tokens and plans are visible, until
/// [`AccountsWork::enter`].
#[async_trait]
pub trait AccountsStore: Store<dyn AccountsWork> {
    /// A unit for reading, outside every workspace.
    async fn open_read(&self) -> Result<Box<dyn AccountsWork>>;
    /// A unit for writing, outside every workspace.
    async fn open_write(&self) -> Result<Box<dyn AccountsWork>>;
}

/// What a unit of work reaches of accounts.
///
/// The functions of the second part need a workspace and fail with an internal error without one.
#[async_trait]
pub trait AccountsWork: Work {
    /// Enters a workspace for the rest of the unit.
    async fn enter(&mut self, tenant: TenantId) -> Result<()>;

    /// The person whose folded user name or e-mail this is, with the hash of their password.
    async fn person_by_login(&mut self, folded: &str) -> Result<Option<(Person, String)>>;
    /// The person with this id.
    async fn person(&mut self, id: PersonId) -> Result<Option<Person>>;
    /// The person with this id and the hash of their password, locked until the unit ends: nobody
    /// else changes them meanwhile.
    async fn lock_person(&mut self, id: PersonId) -> Result<Option<(Person, String)>>;
    /// Everybody, in order of id.
    async fn people(&mut self) -> Result<Vec<Person>>;
    /// Registers a person.
    ///
    /// # Errors
    /// [`Error::Invalid`](domain_kernel::Error::Invalid) on `username` or `email` when somebody else
    /// has it as either of the two (both are names to sign in with); the unit of work stays usable.
    async fn insert_person(
        &mut self,
        draft: &PersonDraft,
        password_hash: &str,
        is_superuser: bool,
        now: Timestamp,
    ) -> Result<Person>;
    /// Stores a person anew if the stored version is one less; `false` when it is not. Another
    /// e-mail address is not verified, whoever stores it.
    ///
    /// # Errors
    /// As [`AccountsWork::insert_person`].
    async fn update_person(&mut self, person: &Person, now: Timestamp) -> Result<bool>;
    /// Stores another hash of a person's password.
    async fn set_password_hash(&mut self, person: PersonId, hash: &str) -> Result<()>;

    /// What is stored of a person's second factor, also before it is confirmed.
    async fn second_factor(&mut self, person: PersonId) -> Result<Option<StoredFactor>>;
    /// Stores a person's second factor in the place of that before.
    async fn put_second_factor(&mut self, person: PersonId, factor: &StoredFactor) -> Result<()>;
    /// Notes since when a person's second factor counts; none takes it back.
    async fn enable_second_factor(
        &mut self,
        person: PersonId,
        since: Option<Timestamp>,
    ) -> Result<()>;
    /// Deletes a person's second factor with its recovery codes; `false` when there was none.
    async fn delete_second_factor(&mut self, person: PersonId) -> Result<bool>;
    /// Stores recovery codes in the place of those before.
    async fn replace_recovery_codes(
        &mut self,
        person: PersonId,
        digests: &[RecoveryDigest],
    ) -> Result<()>;
    /// Takes one of a person's recovery codes: whoever asks next finds it gone.
    async fn take_recovery_code(
        &mut self,
        person: PersonId,
        digest: &RecoveryDigest,
    ) -> Result<bool>;
    /// How many recovery codes a person has left.
    async fn recovery_codes_left(&mut self, person: PersonId) -> Result<usize>;

    /// Notes that somebody made sure of a person's e-mail address.
    async fn verify_email(&mut self, person: PersonId, now: Timestamp) -> Result<()>;

    /// The person who is somebody at a provider.
    async fn person_by_identity(&mut self, subject: &ProviderSubject) -> Result<Option<PersonId>>;
    /// Stores who a person is at a provider; `false` when that is somebody's already.
    async fn insert_identity(
        &mut self,
        person: PersonId,
        subject: &ProviderSubject,
        now: Timestamp,
    ) -> Result<bool>;
    /// Forgets who a person is at any provider.
    async fn delete_identities_of(&mut self, person: PersonId) -> Result<()>;
    /// Stores a sign-in that has begun at a provider.
    async fn insert_flow(&mut self, digest: &FlowDigest, flow: &Flow) -> Result<()>;
    /// Takes a sign-in that has begun, unless its time is over: whoever asks next finds none.
    async fn take_flow(&mut self, digest: &FlowDigest, now: Timestamp) -> Result<Option<Flow>>;

    /// Stores a link that was made.
    async fn insert_link(
        &mut self,
        digest: &LinkDigest,
        link: &OneTimeLink,
        now: Timestamp,
    ) -> Result<()>;
    /// The link for one of these purposes, if it is good still.
    async fn link(
        &mut self,
        digest: &LinkDigest,
        purposes: &[LinkPurpose],
        now: Timestamp,
    ) -> Result<Option<OneTimeLink>>;
    /// Uses such a link up: whoever asks next finds none, and of several at the same time one gets
    /// it.
    async fn use_link(
        &mut self,
        digest: &LinkDigest,
        purposes: &[LinkPurpose],
        now: Timestamp,
    ) -> Result<Option<OneTimeLink>>;
    /// Ends a person's links for these purposes.
    async fn end_links_of(
        &mut self,
        person: PersonId,
        purposes: &[LinkPurpose],
        now: Timestamp,
    ) -> Result<()>;

    /// The link that carries an invitation, whatever has become of that.
    async fn invite_link(&mut self, digest: &LinkDigest) -> Result<Option<InviteLink>>;

    /// Makes a workspace; none when the slug is taken.
    async fn insert_organization(
        &mut self,
        name: &str,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<Organization>>;
    /// The workspace with this id, unless it is closed.
    async fn organization(&mut self, id: TenantId) -> Result<Option<Organization>>;
    /// The workspace with this slug, unless it is closed.
    async fn organization_by_slug(&mut self, slug: &str) -> Result<Option<Organization>>;
    /// Every workspace, closed or not, in order of id.
    async fn every_organization(&mut self) -> Result<Vec<TenantId>>;
    /// Every workspace that is not closed, in order of id.
    async fn organizations(&mut self) -> Result<Vec<Organization>>;

    /// The workspaces that a person is an active member of and that are not closed, in the order of
    /// joining.
    async fn memberships_of(&mut self, person: PersonId) -> Result<Vec<TenantId>>;
    /// The token with this digest; none when unknown, revoked or over.
    async fn token(&mut self, digest: &TokenDigest, now: Timestamp) -> Result<Option<StoredToken>>;
    /// Notes that a token is used, and when it ends now; `false` when somebody else noted it since
    /// the token was read, or it is revoked.
    async fn touch_token(
        &mut self,
        token: &StoredToken,
        now: Timestamp,
        ends_at: Option<Timestamp>,
    ) -> Result<bool>;
    /// A person's valid tokens in every workspace, the most recently used first, at most
    /// [`MOST_TOKENS_SHOWN`].
    async fn tokens_of(&mut self, person: PersonId, now: Timestamp) -> Result<Vec<StoredToken>>;
    /// Revokes one of a person's valid tokens; none when it is not.
    async fn end_token(
        &mut self,
        person: PersonId,
        id: i64,
        now: Timestamp,
    ) -> Result<Option<StoredToken>>;
    /// Revokes all of a person's valid tokens but one, in every workspace; those that it were.
    async fn end_tokens_but(
        &mut self,
        person: PersonId,
        kept: &TokenDigest,
        now: Timestamp,
    ) -> Result<Vec<StoredToken>>;
    /// Revokes a token for good; `false` when it was not valid.
    async fn revoke_token(&mut self, digest: &TokenDigest, now: Timestamp) -> Result<bool>;
    /// Revokes all tokens of a person; the digests of those that were valid.
    async fn revoke_tokens_of(
        &mut self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<TokenDigest>>;
    /// Whether a person signed in from an address less than [`ADDRESS_KNOWN_DAYS`](crate::ADDRESS_KNOWN_DAYS) ago.
    async fn knows_address(
        &mut self,
        person: PersonId,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<bool>;
    /// Notes that a person signs in from an address.
    async fn note_address(
        &mut self,
        person: PersonId,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<()>;
    /// The plans.
    fn subscription_plans(&mut self) -> Box<dyn Records<SubscriptionPlan> + '_>;
    /// The features that can be had.
    ///
    /// What is stored fails with [`Error::Invalid`](domain_kernel::Error::Invalid) on `code` when another
    /// one has it, deleted or not.
    fn feature_flags(&mut self) -> Box<dyn Records<FeatureFlag> + '_>;
    /// The wishes for other plans, of all workspaces.
    fn plan_requests(&mut self) -> Box<dyn Records<PlanRequest> + '_>;

    /// A person's active membership in the workspace.
    async fn membership(&mut self, person: PersonId) -> Result<Option<Membership>>;
    /// The active members of the workspace.
    async fn members(&mut self) -> Result<Vec<Membership>>;
    /// Makes whoever else changes the workspace's members, roles or plan wait until the unit ends.
    async fn lock_workspace(&mut self) -> Result<()>;
    /// Notes whether the workspace requires a second factor.
    async fn require_second_factor(&mut self, required: bool) -> Result<()>;
    /// Revokes a person's tokens in the workspace; how many were valid.
    async fn revoke_tokens_here(&mut self, person: PersonId, now: Timestamp) -> Result<usize>;
    /// The workspace's members, removed ones included.
    fn users(&mut self) -> Box<dyn Records<User> + '_>;
    /// Invitations into the workspace. Of what is inserted the secret is not stored: nothing that is
    /// found shows it.
    fn invites(&mut self) -> Box<dyn Records<Invite> + '_>;
    /// Stores a link that carries an invitation of the workspace, mailed to an address or, with an
    /// empty one, handed over.
    async fn insert_invite_link(
        &mut self,
        digest: &LinkDigest,
        invite: Id<Invite>,
        email: &str,
        now: Timestamp,
    ) -> Result<()>;
    /// Their roles.
    fn user_roles(&mut self) -> Box<dyn Records<UserRole> + '_>;
    /// The workspace's trail. It is read only: what is inserted is refused.
    fn audit_log(&mut self) -> Box<dyn Records<AuditLog> + '_>;
    /// The end of the chain over the workspace's entries.
    async fn last_seal(&mut self) -> Result<Option<Seal>>;
    /// Entries of the workspace with ids above `after` that no seal is about, in order of id, so many at
    /// most. Below the last that was sealed before `settled` there is none.
    async fn unsealed(
        &mut self,
        settled: Timestamp,
        after: i64,
        most: i64,
    ) -> Result<Vec<Record<AuditLog>>>;
    /// How many there are in all.
    async fn count_unsealed(&mut self) -> Result<i64>;
    /// Adds links to the chain; each place and each entry has one.
    async fn insert_seals(&mut self, seals: &[Seal], now: Timestamp) -> Result<()>;
    /// The links after a place, in order, each with its entry if that is there; so many at most.
    async fn seals(
        &mut self,
        after: i64,
        most: i64,
    ) -> Result<Vec<(Seal, Option<Record<AuditLog>>)>>;
    /// Removes the workspace with everything in it, and the people who belong to no other: how many
    /// rows of which table. Nothing of it is found afterwards.
    async fn erase_workspace(&mut self, now: Timestamp) -> Result<BTreeMap<String, i64>>;
    /// The workspaces of the platform, as its staff see them.
    fn workspaces(&mut self) -> Box<dyn Records<Workspace> + '_>;
    /// Makes a person a member with roles.
    async fn insert_membership(
        &mut self,
        person: PersonId,
        roles: RoleSet,
        now: Timestamp,
    ) -> Result<()>;
    /// Stores a token of a member, used just now.
    async fn insert_token(
        &mut self,
        person: PersonId,
        token: &NewToken,
        now: Timestamp,
    ) -> Result<()>;
    /// What the workspace is subscribed to, and was.
    fn subscriptions(&mut self) -> Box<dyn Records<Subscription> + '_>;
    /// What it has otherwise than its plan says.
    fn plan_overrides(&mut self) -> Box<dyn Records<PlanOverride> + '_>;
    /// The subscription that counts on a day: of those that are active then, the one that began last,
    /// and of those that began on one day the last. It counts on its first and on its last day, too.
    async fn current_subscription(&mut self, on: Date) -> Result<Option<Record<Subscription>>>;
    /// What the workspace may use on a day, by the subscription that counts then; without one it is
    /// the free plan.
    async fn entitlements(&mut self, on: Date) -> Result<Entitlements>;
    /// How many deals the workspace has, those that are deleted not counted: what `max_deals` limits.
    async fn deals_in_use(&mut self) -> Result<i64>;
}

/// What the check of a password gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is not the password.
    Wrong,
    /// It is.
    Right,
    /// It is, and the hash is of an older kind: time to store a new one.
    RightButOutdated,
}

/// Hashes and checks passwords, away from the threads that serve requests.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// A salted hash.
    async fn hash(&self, password: &str) -> Result<String>;
    /// Checks a password; without a hash it takes as long and is wrong.
    async fn verify(&self, password: &str, hash: Option<&str>) -> Result<Verdict>;
    /// Whether attackers guess it early: it is common, a pattern, or close to one of the hints.
    /// Work for as long as hashing, so it is done likewise.
    async fn is_weak(&self, password: &str, hints: &[&str]) -> Result<bool>;
}

/// Remembers for a few seconds who a token belongs to, so that signing in again costs no query.
#[async_trait]
pub trait SignInCache: Send + Sync {
    /// Who was found under a digest, if it is fresh.
    async fn get(&self, digest: &TokenDigest) -> Option<Arc<Principal>>;
    /// The age that it is; ends when everybody is forgotten.
    fn age(&self) -> u64;
    /// Remembers who was found, looked up in an age.
    async fn put(&self, digest: TokenDigest, principal: Arc<Principal>, age: u64);
    /// Forgets at once.
    async fn forget(&self, digest: &TokenDigest);
    /// Forgets everybody at once: somebody's rights are other ones now.
    fn forget_all(&self);
}
