//! Leads, pipelines and deals.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain_accounts::User;
use domain_kernel::field::{Link, Member, Word};
use domain_kernel::files::FileKey;
use domain_kernel::{
    Currency, Error, Id, PersonId, Record, RecordKind, Records, Resource, Result, TenantId, Which,
    fold,
};
use domain_sales::{
    Activity, Attachment, Company, Contact, DealStage, Lead, Note, Opportunity, Pipeline,
    SalesWork, StageChange,
};
use jiff::Timestamp;

use super::records::MemoryRecords;
use super::state::{State, Stored, Table, relinked};
use super::work::MemoryWork;

/// What is stored of leads and deals.
#[derive(Clone, Default)]
pub(super) struct SalesState {
    pub(super) leads: Table<Lead>,
    pub(super) pipelines: Table<Pipeline>,
    pub(super) deal_stages: Table<DealStage>,
    pub(super) opportunities: Table<Opportunity>,
    stage_changes: Table<StageChange>,
    activities: Table<Activity>,
    notes: Table<Note>,
    attachments: Table<Attachment>,
}

impl SalesState {
    /// Removes what is a workspace's; rows by table.
    pub(super) fn erase(&mut self, tenant: TenantId) -> [(&'static str, usize); 9] {
        let converted = self.leads.of(tenant).filter(|lead| lead.data.is_converted()).count();
        [
            ("attached_files", self.attachments.keep(|row| row.tenant != tenant)),
            ("note_texts", self.notes.keep(|row| row.tenant != tenant)),
            ("activities", self.activities.keep(|row| row.tenant != tenant)),
            ("lead_conversions", converted),
            ("stage_changes", self.stage_changes.keep(|row| row.tenant != tenant)),
            ("deals", self.opportunities.keep(|row| row.tenant != tenant)),
            ("prospects", self.leads.keep(|row| row.tenant != tenant)),
            ("deal_stages", self.deal_stages.keep(|row| row.tenant != tenant)),
            ("pipelines", self.pipelines.keep(|row| row.tenant != tenant)),
        ]
    }
}

impl State {
    /// How many deals a workspace has.
    pub(super) fn deals(&self, tenant: TenantId) -> i64 {
        let live = self.sales.opportunities.of(tenant).filter(|row| row.deleted_at.is_none());
        i64::try_from(live.count()).expect("rows fit into memory")
    }

    /// What a member of a workspace is called.
    fn member_name(&self, tenant: TenantId, person: PersonId) -> String {
        if !self.accounts.is_member(tenant, person) {
            return String::new();
        }
        self.person_name(person)
    }

    fn person_name(&self, person: PersonId) -> String {
        let mut people = self.accounts.people.iter();
        let found = people.find(|(one, _)| one.id == person);
        found.map(|(one, _)| one.display_name()).unwrap_or_default()
    }
}

/// The kinds of records that the memory keeps for notes; a server says which it serves.
const KINDS: &[RecordKind] = &[kind::<Company>(), kind::<Contact>(), kind::<DealStage>()];

const fn kind<T: Resource>() -> RecordKind {
    RecordKind { resource: T::NAME, singular: T::SINGULAR, area: T::AREA, feature: T::FEATURE }
}

/// A resource whose rows are in one of the tables above.
macro_rules! stored {
    ($Resource:ident in $table:ident { $($more:item)* }) => {
        impl Stored for $Resource {
            fn table(state: &State) -> &Table<Self> {
                &state.sales.$table
            }

            fn table_mut(state: &mut State) -> &mut Table<Self> {
                &mut state.sales.$table
            }

            $($more)*
        }
    };
}

/// The row that a link names, hidden or not.
fn to<T: Stored>(link: &Link<T>) -> Option<(&'static str, i64)> {
    link.kept().map(|id| (T::NAME, id.raw()))
}

fn member(Member(person): Member) -> Option<(&'static str, i64)> {
    person.map(|person| (User::NAME, person.raw()))
}

/// The name of a row that a link names, deleted or not.
fn name<T: Stored>(
    link: &Link<T>,
    tenant: TenantId,
    state: &State,
    name: impl Fn(&T) -> &str,
) -> Word<255> {
    let row = link.kept().and_then(|id| T::table(state).get(tenant, id.raw(), Which::Any));
    Word::trusted(row.map(|row| name(&row.data)).unwrap_or_default())
}

stored! { Pipeline in pipelines {} }

stored! { DealStage in deal_stages {
    fn references(&self) -> Vec<(&'static str, i64)> {
        to(&self.pipeline).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.pipeline = relinked(&self.pipeline, tenant, state);
    }
} }

stored! { Lead in leads {
    fn references(&self) -> Vec<(&'static str, i64)> {
        let became = [to(&self.converted_company), to(&self.converted_opportunity)];
        let contacts = [to(&self.contact), to(&self.converted_contact)];
        contacts.into_iter().chain(became).flatten().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.contact = relinked(&self.contact, tenant, state);
        self.converted_contact = relinked(&self.converted_contact, tenant, state);
        self.converted_company = relinked(&self.converted_company, tenant, state);
        self.converted_opportunity = relinked(&self.converted_opportunity, tenant, state);
    }
} }

stored! { Activity in activities {
    fn references(&self) -> Vec<(&'static str, i64)> {
        [to(&self.opportunity), member(self.owner)].into_iter().flatten().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.opportunity = relinked(&self.opportunity, tenant, state);
        let owner = self.owner.0.map(|person| state.member_name(tenant, person));
        self.owner_name = Word::trusted(owner.unwrap_or_default());
    }
} }

stored! { Opportunity in opportunities {
    fn references(&self) -> Vec<(&'static str, i64)> {
        let links = [to(&self.lead), to(&self.company), to(&self.contact), to(&self.pipeline)];
        links.into_iter().chain([to(&self.stage), member(self.owner)]).flatten().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.lead = relinked(&self.lead, tenant, state);
        self.company = relinked(&self.company, tenant, state);
        self.contact = relinked(&self.contact, tenant, state);
        self.pipeline_name = name(&self.pipeline, tenant, state, |pipeline| &pipeline.name);
        self.pipeline = relinked(&self.pipeline, tenant, state);
        self.stage_name = name(&self.stage, tenant, state, |stage| &stage.name);
        self.stage = relinked(&self.stage, tenant, state);
        let owner = self.owner.0.map(|person| state.member_name(tenant, person));
        self.owner_name = Word::trusted(owner.unwrap_or_default());
    }
} }

stored! { Note in notes {
    fn references(&self) -> Vec<(&'static str, i64)> {
        member(self.author).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        let author = self.author.0.map(|person| state.member_name(tenant, person));
        self.author_name = Word::trusted(author.unwrap_or_default());
    }
} }

stored! { Attachment in attachments {
    fn references(&self) -> Vec<(&'static str, i64)> {
        member(self.uploaded_by).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        let by = self.uploaded_by.0.map(|person| state.member_name(tenant, person));
        self.uploaded_by_name = Word::trusted(by.unwrap_or_default());
    }
} }

stored! { StageChange in stage_changes {
    fn references(&self) -> Vec<(&'static str, i64)> {
        let links = [to(&self.opportunity), to(&self.from_stage), to(&self.to_stage)];
        links.into_iter().flatten().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.opportunity = relinked(&self.opportunity, tenant, state);
        self.from_stage = relinked(&self.from_stage, tenant, state);
        self.to_stage = relinked(&self.to_stage, tenant, state);
        let by = self.changed_by.0.map(|person| state.person_name(person));
        self.changed_by_name = Word::trusted(by.unwrap_or_default());
    }
} }

#[async_trait]
impl SalesWork for MemoryWork {
    fn companies(&mut self) -> Box<dyn Records<Company> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn contacts(&mut self) -> Box<dyn Records<Contact> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn leads(&mut self) -> Box<dyn Records<Lead> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn pipelines(&mut self) -> Box<dyn Records<Pipeline> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn deal_stages(&mut self) -> Box<dyn Records<DealStage> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn opportunities(&mut self) -> Box<dyn Records<Opportunity> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn stage_changes(&mut self) -> Box<dyn Records<StageChange> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn activities(&mut self) -> Box<dyn Records<Activity> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn notes(&mut self) -> Box<dyn Records<Note> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn attachments(&mut self) -> Box<dyn Records<Attachment> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn attached(&mut self, files: &[FileKey], which: Which) -> Result<Vec<FileKey>> {
        let rows = Attachment::table(self.state()).of(self.tenant()?);
        let rows = rows.filter(|row| which == Which::Any || row.deleted_at.is_none());
        let named: BTreeSet<_> =
            rows.filter_map(|row| FileKey::in_address(&row.data.file_url)).collect();
        Ok(files.iter().filter(|key| named.contains(key)).cloned().collect())
    }

    fn record_kinds(&self) -> &[RecordKind] {
        KINDS
    }

    async fn has_record(&mut self, kind: RecordKind, id: i64) -> Result<bool> {
        let found = self.state().existing(self.tenant()?, kind.resource, &[id], Which::Live)?;
        Ok(!found.is_empty())
    }

    async fn lock_customers(&mut self) -> Result<()> {
        // One unit writes at a time.
        Ok(())
    }

    async fn contacts_named(
        &mut self,
        names: &[(String, String)],
        most: usize,
    ) -> Result<Vec<Id<Contact>>> {
        let tenant = self.tenant()?;
        let names: Vec<_> = names.iter().map(|(first, last)| (fold(first), fold(last))).collect();
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        let mut is_wanted = |contact: &Contact| {
            let name = (fold(&contact.first_name), fold(&contact.last_name));
            let known = names.contains(&name);
            let count = seen.entry((name, contact.email.is_empty())).or_default();
            *count += 1;
            known && *count <= most
        };
        let live = self.state().contacts.of(tenant).filter(|row| row.deleted_at.is_none());
        Ok(live.filter(|row| is_wanted(&row.data)).map(|row| row.id).collect())
    }

    async fn company_called(&mut self, name: &str) -> Result<Option<Id<Company>>> {
        let (tenant, name) = (self.tenant()?, fold(name));
        let mut live = self.state().companies.of(tenant).filter(|row| row.deleted_at.is_none());
        Ok(live.find(|row| fold(&row.data.name) == name).map(|row| row.id))
    }

    async fn contact_at(&mut self, email: &str) -> Result<Option<Id<Contact>>> {
        let (tenant, email) = (self.tenant()?, fold(email));
        let mut live = self.state().contacts.of(tenant).filter(|row| row.deleted_at.is_none());
        Ok(live.find(|row| fold(&row.data.email) == email).map(|row| row.id))
    }

    async fn lock_deals(&mut self) -> Result<()> {
        // One unit writes at a time.
        Ok(())
    }

    async fn max_deals(&mut self, now: Timestamp) -> Result<i64> {
        let (tenant, state) = (self.tenant()?, self.state());
        let mut workspaces = state.accounts.organizations.iter();
        let workspace = workspaces.find(|one| one.id == tenant).ok_or(Error::NotFound)?;
        Ok(state.entitlements(tenant, workspace.day_of(now))?.plan.max_deals)
    }

    async fn put_in_stages(&mut self, deals: &[Record<Opportunity>]) -> Result<bool> {
        for deal in deals {
            if !self.opportunities().update(deal).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn deals(&mut self) -> Result<i64> {
        Ok(self.state().deals(self.tenant()?))
    }

    async fn currency(&mut self) -> Result<Currency> {
        let tenant = self.tenant()?;
        let mut workspaces = self.state().accounts.organizations.iter();
        let workspace = workspaces.find(|one| one.id == tenant).ok_or(Error::NotFound)?;
        Ok(Currency::from_code(&workspace.currency).unwrap_or_default())
    }

    async fn member_name(&mut self, person: PersonId) -> Result<String> {
        Ok(self.state().member_name(self.tenant()?, person))
    }
}
