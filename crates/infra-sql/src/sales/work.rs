//! What a unit of work reaches of sales.

use async_trait::async_trait;
use domain_accounts::Organization;
use domain_kernel::files::FileKey;
use domain_kernel::{Currency, Error, Id, PersonId, Record, RecordKind, Records, Result, Which};
use domain_sales::{
    Activity, Attachment, Company, Contact, DealStage, Lead, Note, Opportunity, Pipeline,
    SalesWork, StageChange,
};
use jiff::Timestamp;

use super::activities::Activities;
use super::attachments::{self, Attachments};
use super::companies::{self, Companies};
use super::contacts::{self, Contacts};
use super::deal_stages::DealStages;
use super::leads::Leads;
use super::notes::Notes;
use super::opportunities::{self, Opportunities};
use super::pipelines::Pipelines;
use super::stage_changes::StageChanges;
use crate::accounts::entitlements::entitlements;
use crate::accounts::{organizations, users};
use crate::dialect;
use crate::errors::of_query;
use crate::targets;
use crate::work::SqlWork;

/// The workspace of a unit.
async fn workspace(work: &mut SqlWork) -> Result<Organization> {
    let tenant = work.tenant()?;
    let found = organizations::by_id(&mut work.handle().await?, tenant).await.map_err(of_query)?;
    found.ok_or(Error::NotFound)
}

#[async_trait]
impl SalesWork for SqlWork {
    fn companies(&mut self) -> Box<dyn Records<Company> + '_> {
        Box::new(Companies(self.scope()))
    }

    fn contacts(&mut self) -> Box<dyn Records<Contact> + '_> {
        Box::new(Contacts(self.scope()))
    }

    fn leads(&mut self) -> Box<dyn Records<Lead> + '_> {
        Box::new(Leads(self.scope()))
    }

    fn pipelines(&mut self) -> Box<dyn Records<Pipeline> + '_> {
        Box::new(Pipelines(self.scope()))
    }

    fn deal_stages(&mut self) -> Box<dyn Records<DealStage> + '_> {
        Box::new(DealStages(self.scope()))
    }

    fn opportunities(&mut self) -> Box<dyn Records<Opportunity> + '_> {
        Box::new(Opportunities(self.scope()))
    }

    fn stage_changes(&mut self) -> Box<dyn Records<StageChange> + '_> {
        Box::new(StageChanges(self.scope()))
    }

    fn activities(&mut self) -> Box<dyn Records<Activity> + '_> {
        Box::new(Activities(self.scope()))
    }

    fn notes(&mut self) -> Box<dyn Records<Note> + '_> {
        Box::new(Notes(self.scope()))
    }

    fn attachments(&mut self) -> Box<dyn Records<Attachment> + '_> {
        Box::new(Attachments(self.scope()))
    }

    async fn attached(&mut self, files: &[FileKey], which: Which) -> Result<Vec<FileKey>> {
        attachments::attached(self.scope(), files, which).await
    }

    fn record_kinds(&self) -> &[RecordKind] {
        &self.kinds
    }

    async fn has_record(&mut self, kind: RecordKind, id: i64) -> Result<bool> {
        targets::has_record(self.scope(), kind, id).await
    }

    async fn lock_customers(&mut self) -> Result<()> {
        let tenant = self.tenant()?;
        dialect::take_turn(self.handle().await?, "customers", tenant).await.map_err(of_query)
    }

    async fn contacts_named(
        &mut self,
        names: &[(String, String)],
        most: usize,
    ) -> Result<Vec<Id<Contact>>> {
        contacts::named(self.scope(), names, most).await
    }

    async fn company_called(&mut self, name: &str) -> Result<Option<Id<Company>>> {
        companies::called(self.scope(), name).await
    }

    async fn contact_at(&mut self, email: &str) -> Result<Option<Id<Contact>>> {
        contacts::at(self.scope(), email).await
    }

    async fn lock_deals(&mut self) -> Result<()> {
        let tenant = self.tenant()?;
        organizations::reserve(&mut self.handle().await?, tenant).await.map_err(of_query)
    }

    async fn max_deals(&mut self, now: Timestamp) -> Result<i64> {
        // Whoever asks holds the lock, so that it stays the same until the unit ends.
        if let Some(known) = self.max_deals {
            return Ok(known);
        }
        let today = workspace(self).await?.day_of(now);
        let allowed = entitlements(self, today).await?.plan.max_deals;
        self.max_deals = Some(allowed);
        Ok(allowed)
    }

    async fn put_in_stages(&mut self, deals: &[Record<Opportunity>]) -> Result<bool> {
        opportunities::put_in_stages(self.scope(), deals).await
    }

    async fn deals(&mut self) -> Result<i64> {
        opportunities::count(self.scope()).await
    }

    async fn currency(&mut self) -> Result<Currency> {
        let code = workspace(self).await?.currency;
        Ok(Currency::from_code(&code).unwrap_or_default())
    }

    async fn member_name(&mut self, person: PersonId) -> Result<String> {
        let tenant = self.tenant()?;
        let found = users::name_of(&mut self.handle().await?, tenant, person).await;
        Ok(found.map_err(of_query)?.unwrap_or_default())
    }
}
