//! Whether the database can be used, and the store's own upkeep.

use diesel_async::RunQueryDsl;
use domain_accounts::AccountsStore as _;
use domain_kernel::Result;

use crate::SqlStore;
use crate::accounts::{addresses, failures, flows, links, tokens};
use crate::dialect;
use crate::errors::of_query;
use crate::idempotency;
use crate::jobs;
use crate::work::SqlWork;

impl SqlStore {
    /// Asks the database for an answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<()> {
        let mut work = self.check().await?;
        let mut handle = work.handle().await?;
        let one = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"));
        one.get_result::<i32>(&mut handle).await.map_err(of_query)?;
        domain_kernel::Work::commit(Box::new(work)).await
    }

    /// What is wrong with how the server is connected, in words for its operator; none when all
    /// is well.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn misuse(&self) -> Result<Option<String>> {
        // Those that read and those that write can be of different pools.
        let reading = misuse_in(self.check().await?).await?;
        if reading.is_some() {
            return Ok(reading);
        }
        misuse_in(self.upkeep().await?).await
    }

    /// Deletes what is kept for a limited time only; how many rows it was.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sweep(&self) -> Result<usize> {
        let mut outside = self.open_read().await?;
        let organizations = outside.organizations().await?;
        outside.commit().await?;
        let mut deleted = 0;
        for organization in organizations {
            let mut work = self.upkeep().await?;
            work.enter_tenant(organization.id).await?;
            let (now, mut handle) = (self.clock().now(), work.handle().await?);
            deleted +=
                idempotency::sweep(&mut handle, organization.id, now).await.map_err(of_query)?;
            domain_kernel::Work::commit(Box::new(work)).await?;
        }
        let mut work = self.queue_unit(true).await?;
        let now = self.clock().now();
        deleted += jobs::sweep(&mut work.handle().await?, now).await.map_err(of_query)?;
        domain_kernel::Work::commit(Box::new(work)).await?;
        let (mut work, now) = (self.upkeep().await?, self.clock().now());
        let mut handle = work.handle().await?;
        deleted += failures::sweep(&mut handle, now).await.map_err(of_query)?;
        deleted += tokens::sweep(&mut handle, now).await.map_err(of_query)?;
        deleted += flows::sweep(&mut handle, now).await.map_err(of_query)?;
        deleted += links::sweep(&mut handle, now).await.map_err(of_query)?;
        deleted += addresses::sweep(&mut handle, now).await.map_err(of_query)?;
        domain_kernel::Work::commit(Box::new(work)).await?;
        Ok(deleted)
    }
}

async fn misuse_in(mut work: SqlWork) -> Result<Option<String>> {
    let found = dialect::misuse(work.handle().await?).await.map_err(of_query)?;
    domain_kernel::Work::commit(Box::new(work)).await?;
    Ok(found)
}
