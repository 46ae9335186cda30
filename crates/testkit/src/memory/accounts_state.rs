//! What is remembered of workspaces, people and memberships.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain_accounts::{
    Flow, FlowDigest, InviteLink, LinkDigest, OneTimeLink, Organization, Person, PersonDraft,
    ProviderSubject, RecoveryDigest, StoredFactor,
};
use domain_kernel::limit::ClientAddress;
use domain_kernel::{FieldErrors, PersonId, Result, TenantId, fold};
use jiff::Timestamp;

use super::members::StoredMembership;
use super::plans::beginning;
use super::tokens::Tokens;

/// What is stored of accounts; ids are places in the lists, from 1.
#[derive(Clone)]
pub(super) struct AccountsState {
    pub(super) organizations: Vec<Organization>,
    /// Version and mark of deletion of those that were written since they were made.
    pub(super) written: BTreeMap<TenantId, (i64, Option<Timestamp>)>,
    pub(super) people: Vec<(Person, PasswordHash)>,
    /// In the order of joining.
    pub(super) memberships: Vec<StoredMembership>,
    pub(super) tokens: Tokens,
    /// When people last signed in from where.
    pub(super) addresses: HashMap<(PersonId, ClientAddress), Timestamp>,
    pub(super) identities: HashMap<ProviderSubject, PersonId>,
    pub(super) flows: HashMap<FlowDigest, Flow>,
    pub(super) second_factors: HashMap<PersonId, StoredFactor>,
    pub(super) recovery_codes: BTreeSet<(PersonId, RecoveryDigest)>,
    pub(super) invite_links: HashMap<LinkDigest, InviteLink>,
    /// Those that were not used or ended.
    pub(super) links: HashMap<LinkDigest, OneTimeLink>,
}

type PasswordHash = String;

impl Default for AccountsState {
    /// What the migrations write: the platform's own workspace.
    fn default() -> Self {
        let began = beginning();
        let tenant = TenantId::PLATFORM;
        Self {
            organizations: vec![Organization {
                id: tenant,
                name: "Platform".to_owned(),
                slug: "platform".to_owned(),
                currency: "USD".to_owned(),
                timezone: "UTC".to_owned(),
                requires_second_factor: false,
                created_at: began,
                updated_at: began,
            }],
            written: BTreeMap::new(),
            people: Vec::new(),
            memberships: Vec::new(),
            tokens: Tokens::default(),
            addresses: HashMap::new(),
            identities: HashMap::new(),
            flows: HashMap::new(),
            second_factors: HashMap::new(),
            recovery_codes: BTreeSet::new(),
            invite_links: HashMap::new(),
            links: HashMap::new(),
        }
    }
}

impl AccountsState {
    /// The workspaces that are not closed.
    pub(super) fn open_organizations(&self) -> impl Iterator<Item = &Organization> {
        self.organizations.iter().filter(|one| self.is_open(one.id))
    }

    pub(super) fn is_open(&self, tenant: TenantId) -> bool {
        self.written.get(&tenant).is_none_or(|(_, deleted_at)| deleted_at.is_none())
    }

    pub(super) fn has_organization(&self, tenant: TenantId) -> bool {
        self.organizations.iter().any(|organization| organization.id == tenant)
    }

    pub(super) fn has_person(&self, person: PersonId) -> bool {
        self.people.iter().any(|(known, _)| known.id == person)
    }

    pub(super) fn is_member(&self, tenant: TenantId, person: PersonId) -> bool {
        self.membership(tenant, person).is_some()
    }

    pub(super) fn membership(
        &self,
        tenant: TenantId,
        person: PersonId,
    ) -> Option<&StoredMembership> {
        self.memberships.iter().find(|one| one.tenant == tenant && one.person == person)
    }

    pub(super) fn person_mut(&mut self, id: PersonId) -> Option<&mut (Person, PasswordHash)> {
        self.people.iter_mut().find(|(person, _)| person.id == id)
    }

    /// Refuses names that somebody else signs in with, be it as user name or as e-mail.
    pub(super) fn check_names(&self, draft: &PersonDraft, of: Option<PersonId>) -> Result<()> {
        let taken = |name: &str| {
            let wanted = fold(name);
            let others = self.people.iter().filter(|(person, _)| Some(person.id) != of);
            let mut names = others
                .flat_map(|(person, _)| [fold(&person.draft.username), fold(&person.draft.email)]);
            !wanted.is_empty() && names.any(|other| other == wanted)
        };
        let mut errors = FieldErrors::default();
        if taken(&draft.username) {
            errors.add("username", "A user with that username already exists.");
        }
        if taken(&draft.email) {
            errors.add("email", "A user with that email already exists.");
        }
        errors.into_result()
    }
}
