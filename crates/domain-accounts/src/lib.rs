//! Accounts: workspaces, people, memberships, credentials, plans and what they include.
//!
//! It may depend on the language and the kernel. A person is global; a membership joins a person
//! to a workspace with roles; a token belongs to a membership. To add a use case: a file with an
//! `impl Accounts` block, and what it needs of storage in [`AccountsWork`].

mod account;
mod audit;
mod billing;
mod draft;
mod email_verification;
mod federation;
mod founding;
mod guard;
mod invitation;
mod letters;
mod lockout;
mod operate;
mod own_password;
mod password;
mod password_change;
mod password_reset;
mod ports;
mod profile;
mod registration;
mod second_factor;
mod session;
mod sign_in;
mod staff;
mod token;
mod workspace;

use std::sync::Arc;

pub use account::{Membership, Organization, Person, PersonDraft};
pub use audit::{Seal, TrailFault, TrailHead, TrailReport};
pub use billing::{
    BillingOverview, CHANGE_PLAN_FIELDS, Entitlements, FeatureFlag, FeatureFlagPatch, FeatureState,
    LimitName, Plan, PlanChange, PlanFeatures, PlanKey, PlanOverride, PlanOverridePatch,
    PlanRequest, PlanRequestPatch, PlanWish, RequestStatus, Subscription, SubscriptionPatch,
    SubscriptionPlan, SubscriptionPlanPatch, Usage,
};
use domain_kernel::crud::Crud;
use domain_kernel::journal::{Change, Entry, Verb};
use domain_kernel::policy::RoleSet;
use domain_kernel::{Actor, Clock, OpContext, Random, Result, TenantId};
pub use federation::{
    Answered, Begun, Claims, Entered, Federation, Finished, Flow, FlowDigest, FlowKeys, FlowSecret,
    GOOGLE, GOOGLE_FIELDS, GoogleSignIn, Home, IdentityProviders, NewWorkspace, Provider,
    ProviderSubject,
};
pub use guard::{Admission, LETTERS, SignInLimits, registration_demand};
pub use invitation::{INVITE_FIELD, InviteLink};
pub use letters::{
    INVITATION_PAGE, LinkDigest, LinkPurpose, LinkSecret, OneTimeLink, PASSWORD_PAGE, SendLetter,
    VERIFICATION_PAGE,
};
pub use lockout::{
    ADDRESS_KNOWN_DAYS, Ceiling, FailedSignIns, FailureKey, Guess, Lockout, NameDigest, Tally,
};
pub use operate::{MemberRow, NewMember};
pub use password_change::{PASSWORD_CHANGE_FIELDS, PasswordChange};
pub use password_reset::{LINK_FIELD, PasswordByLink, RESET_FIELD, reset_door};
pub use ports::{
    AccountsStore, AccountsWork, MOST_TOKENS_SHOWN, NO_PASSWORD, Passwords, SignInCache, Verdict,
};
pub use profile::{PROFILE_FIELDS, Profile, ProfilePatch, WrittenProfile};
pub use registration::{PASSWORD_FIELD, REGISTRATION_FIELDS, Registration};
pub use second_factor::{
    Challenge, Enrolment, FactorState, FactorVault, RecoveryDigest, SecondFactors, SignInStep,
    StoredFactor, WorkspaceSecurity,
};
pub use session::{Device, NewToken, SessionLimits, StoredToken};
pub use sign_in::{Principal, SignedIn};
pub use staff::Place;
pub use token::{Token, TokenDigest, TokenKind};
pub use workspace::{
    AuditLog, AuditLogPatch, CONFIRM_FIELD, Erasure, Farewell, Invite, InvitePatch, RoleCode, User,
    UserPatch, UserRole, UserRolePatch, Workspace, WorkspacePatch,
};

/// The use cases of accounts.
#[derive(Clone)]
pub struct Accounts {
    /// The members of a workspace.
    pub users: Crud<User>,
    /// Their roles.
    pub user_roles: Crud<UserRole>,
    /// Invitations into it.
    pub invites: Crud<Invite>,
    /// The workspaces of the platform.
    pub workspaces: Crud<Workspace>,
    /// The trail of a workspace.
    pub audit_logs: Crud<AuditLog>,
    /// The plans.
    pub subscription_plans: Crud<SubscriptionPlan>,
    /// The features that can be had.
    pub feature_flags: Crud<FeatureFlag>,
    /// What a workspace is subscribed to, and was.
    pub subscriptions: Crud<Subscription>,
    /// What it has otherwise than its plan says.
    pub plan_overrides: Crud<PlanOverride>,
    /// Who wishes for another plan.
    pub plan_requests: Crud<PlanRequest>,
    store: Arc<dyn AccountsStore>,
    passwords: Arc<dyn Passwords>,
    signed_in: Arc<dyn SignInCache>,
    limits: SignInLimits,
    federation: Federation,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Accounts {
    /// The use cases over a store.
    pub fn new(
        store: Arc<dyn AccountsStore>,
        passwords: Arc<dyn Passwords>,
        signed_in: Arc<dyn SignInCache>,
        limits: SignInLimits,
        federation: Federation,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let cache = signed_in.clone();
        // Who was found before may have other rights now.
        let forget = move || cache.forget_all();
        Self {
            users: Crud::new(store.clone(), clock.clone(), random.clone())
                .after_each_write(forget.clone()),
            user_roles: Crud::new(store.clone(), clock.clone(), random.clone())
                .after_each_write(forget.clone()),
            workspaces: Crud::new(store.clone(), clock.clone(), random.clone())
                .after_each_write(forget.clone()),
            subscription_plans: Crud::new(store.clone(), clock.clone(), random.clone())
                .after_each_write(forget.clone()),
            feature_flags: Crud::new(store.clone(), clock.clone(), random.clone())
                .after_each_write(forget.clone()),
            subscriptions: Crud::new(store.clone(), clock.clone(), random.clone())
                .after_each_write(forget.clone()),
            plan_overrides: Crud::new(store.clone(), clock.clone(), random.clone())
                .after_each_write(forget.clone()),
            plan_requests: Crud::new(store.clone(), clock.clone(), random.clone())
                .after_each_write(forget),
            invites: Crud::new(store.clone(), clock.clone(), random.clone()),
            audit_logs: Crud::new(store.clone(), clock.clone(), random.clone()),
            store,
            passwords,
            signed_in,
            limits,
            federation,
            clock,
            random,
        }
    }

    /// Adds the audit entry and the event of a change to a unit of work.
    fn note(
        &self,
        work: &mut dyn AccountsWork,
        who: &Acting<'_>,
        verb: Verb,
        subject: Subject,
        before: &serde_json::Value,
        after: serde_json::Value,
    ) {
        let ctx = who.context();
        let change = Change {
            entity: subject.entity,
            singular: subject.singular,
            id: subject.id,
            version: subject.version,
            verb,
            changed: Change::difference(before, &after),
            data: after,
        };
        work.journal(Entry::new(&ctx, self.clock.now(), &*self.random, change));
    }
}

/// Who acts, where, and in which request; for the journal.
struct Acting<'r> {
    tenant: TenantId,
    actor: Actor,
    request_id: &'r str,
}

impl Acting<'_> {
    /// The same as a context without rights.
    fn context(&self) -> OpContext {
        let roles = RoleSet::default();
        let system = OpContext::system(self.tenant, self.request_id);
        OpContext { actor: self.actor, roles, ..system }
    }
}

/// The row that a change is about.
struct Subject {
    entity: &'static str,
    singular: &'static str,
    id: i64,
    version: i64,
}

impl Person {
    /// A person as the journal names them.
    fn subject(&self) -> Subject {
        let (id, version) = (self.id.raw(), self.version);
        Subject { entity: "users", singular: "user", id, version }
    }
}

/// Ends a unit of work that only read.
async fn done<T>(work: Box<dyn AccountsWork>, value: T) -> Result<T> {
    work.commit().await?;
    Ok(value)
}
