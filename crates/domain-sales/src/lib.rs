//! Sales: whom one sells to (companies, contacts, leads), the deals with them (pipelines with their
//! stages, opportunities), what is sold (orders, invoices, payments, shipments), and the exchange rates
//! that its sums are converted at.
//!
//! It may depend on the language, the kernel and the catalog, whose variants are what orders are of. To
//! add a resource: a file that declares it (see `company.rs`), a repository in [`SalesWork`] or
//! [`OrderWork`], its use cases in [`Sales`] or [`Trade`]; then follow `docs/adding-a-resource.md`.

mod activity;
mod attachment;
mod company;
mod contact;
mod exchange;
pub mod invoice;
mod lead;
mod member;
mod money;
mod note;
mod opportunity;
pub mod order;
pub mod overview;
pub mod payment;
mod pipeline;
pub mod shipment;
mod stage;
pub mod state;
mod target;
mod trade;

use std::sync::Arc;

pub use activity::{Activity, ActivityPatch};
use async_trait::async_trait;
pub use attachment::{Attachment, AttachmentPatch};
pub use company::{Company, CompanyPatch};
pub use contact::{Contact, ContactPatch};
use domain_kernel::crud::{Crud, Reply};
use domain_kernel::files::FileKey;
use domain_kernel::{
    Clock, Currency, Id, OpContext, PersonId, Random, Record, RecordKind, Records, Result, Store,
    Which, Work,
};
pub use exchange::{ExchangeRate, ExchangeRatePatch, Rates};
pub use invoice::{CreditNote, CreditNotePatch, Invoice, InvoicePatch, Invoiced};
use jiff::Timestamp;
pub use lead::{CONTACT_GIVES, Conversion, Lead, LeadPatch, OPPORTUNITY_GIVES};
pub use money::GivenMoney;
pub use note::{Note, NotePatch};
pub use opportunity::{
    DealStatus, Opportunity, OpportunityPatch, Outcome, StageChange, StageChangePatch,
};
pub use order::{Order, OrderLine, OrderLinePatch, OrderPatch};
pub use payment::{Payment, PaymentPatch, Refund, RefundPatch};
pub use pipeline::{Pipeline, PipelinePatch};
pub use shipment::{Shipment, ShipmentPatch, ShippedPart, ShippedParts};
pub use stage::{DealStage, DealStagePatch};
pub use trade::{OrderStore, OrderWork, Trade};

/// What a unit of work reaches of sales.
#[async_trait]
pub trait SalesWork: Work {
    /// The companies of the workspace.
    fn companies(&mut self) -> Box<dyn Records<Company> + '_>;
    /// The contacts of the workspace.
    fn contacts(&mut self) -> Box<dyn Records<Contact> + '_>;
    /// The leads of the workspace.
    fn leads(&mut self) -> Box<dyn Records<Lead> + '_>;
    /// The pipelines of the workspace.
    fn pipelines(&mut self) -> Box<dyn Records<Pipeline> + '_>;
    /// The stages of its pipelines.
    fn deal_stages(&mut self) -> Box<dyn Records<DealStage> + '_>;
    /// Its deals, with the names of what they lead to.
    fn opportunities(&mut self) -> Box<dyn Records<Opportunity> + '_>;
    /// How its deals went through the stages: only added to.
    fn stage_changes(&mut self) -> Box<dyn Records<StageChange> + '_>;

    /// What is to be done about its deals.
    fn activities(&mut self) -> Box<dyn Records<Activity> + '_>;

    /// Notes on records of any kind.
    fn notes(&mut self) -> Box<dyn Records<Note> + '_>;

    /// Files of records of any kind.
    fn attachments(&mut self) -> Box<dyn Records<Attachment> + '_>;

    /// Those of some files that attachments name, in no particular order.
    async fn attached(&mut self, files: &[FileKey], which: Which) -> Result<Vec<FileKey>>;

    /// The kinds of records that the workspace has: those of the resources that are served.
    fn record_kinds(&self) -> &[RecordKind];

    /// Whether there is a record of a kind in the workspace that is not deleted.
    async fn has_record(&mut self, kind: RecordKind, id: i64) -> Result<bool>;

    /// Makes others who lock the customers of the workspace wait until the unit ends: whoever looks
    /// for companies and contacts, and makes those that are missing, does it alone.
    async fn lock_customers(&mut self) -> Result<()>;

    /// The contacts that have one of these first and last names together, whatever their case, and
    /// are not deleted, in order of id: of each name the first `most` that have an e-mail address,
    /// and the first `most` that have none.
    async fn contacts_named(
        &mut self,
        names: &[(String, String)],
        most: usize,
    ) -> Result<Vec<Id<Contact>>>;

    /// The first company, by id, that has this name, whatever its case, and is not deleted.
    async fn company_called(&mut self, name: &str) -> Result<Option<Id<Company>>>;

    /// The first contact, by id, that has this e-mail address, whatever its case, and is not deleted.
    async fn contact_at(&mut self, email: &str) -> Result<Option<Id<Contact>>>;

    /// Makes others wait, until the unit ends, who write deals, stages or pipelines, or change what
    /// the workspace's plan allows. Taken before any row is read.
    async fn lock_deals(&mut self) -> Result<()>;

    /// How many deals the workspace may have, by its plan on the day that it is there now.
    async fn max_deals(&mut self, now: Timestamp) -> Result<i64>;

    /// Stores in which stages deals are now, a new version of each: pipeline and stage, since when, and
    /// what follows from the stage (probability, expected value). `false` when one of them is not of
    /// the version before any more; some may be stored by then, so the unit is given up.
    async fn put_in_stages(&mut self, deals: &[Record<Opportunity>]) -> Result<bool>;

    /// How many deals the workspace has, those that are deleted not counted.
    async fn deals(&mut self) -> Result<i64>;

    /// The workspace's currency.
    async fn currency(&mut self) -> Result<Currency>;

    /// What somebody is called who is a member of the workspace or was; empty for anybody else.
    async fn member_name(&mut self, person: PersonId) -> Result<String>;
}

/// A store that opens units of work for sales.
pub type SalesStore = dyn Store<dyn SalesWork>;

/// The use cases of sales.
#[derive(Clone)]
pub struct Sales {
    /// Companies.
    pub companies: Crud<Company>,
    /// Contacts.
    pub contacts: Crud<Contact>,
    /// Leads.
    pub leads: Crud<Lead>,
    /// Pipelines.
    pub pipelines: Crud<Pipeline>,
    /// The stages of pipelines.
    pub deal_stages: Crud<DealStage>,
    /// Deals.
    pub opportunities: Crud<Opportunity>,
    /// How deals went through the stages.
    pub stage_changes: Crud<StageChange>,
    /// What is to be done about deals.
    pub activities: Crud<Activity>,
    /// Notes on records of any kind.
    pub notes: Crud<Note>,
    /// Files of records of any kind.
    pub attachments: Crud<Attachment>,
    store: Arc<SalesStore>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Sales {
    /// The use cases over a store.
    pub fn new(store: Arc<SalesStore>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            companies: Crud::new(store.clone(), clock.clone(), random.clone()),
            contacts: Crud::new(store.clone(), clock.clone(), random.clone()),
            leads: Crud::new(store.clone(), clock.clone(), random.clone()),
            pipelines: Crud::new(store.clone(), clock.clone(), random.clone()),
            deal_stages: Crud::new(store.clone(), clock.clone(), random.clone()),
            opportunities: Crud::new(store.clone(), clock.clone(), random.clone()),
            stage_changes: Crud::new(store.clone(), clock.clone(), random.clone()),
            activities: Crud::new(store.clone(), clock.clone(), random.clone()),
            notes: Crud::new(store.clone(), clock.clone(), random.clone()),
            attachments: Crud::new(store.clone(), clock.clone(), random.clone()),
            store,
            clock,
            random,
        }
    }

    /// Ends a deal, or opens it again.
    ///
    /// # Errors
    /// [`Error::Conflict`](domain_kernel::Error::Conflict) when the deal is in another state, and
    /// those of [`Crud::update`].
    pub async fn conclude(
        &self,
        ctx: &OpContext,
        id: Id<Opportunity>,
        outcome: Outcome,
        expected: Option<i64>,
    ) -> Result<Reply<Opportunity>> {
        self.opportunities.act(ctx, id, expected, |deal, _| outcome.clone().of(&deal.data)).await
    }
}
