//! Files that no row names any more are deleted, once a day.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use domain_jobs::{Handler, JobError, JobRun, Outcome};
use domain_kernel::files::{FileKey, FileStore};
use domain_kernel::{Clock, JobKind, OpContext, Priority, Result, TenantId, Which};
use domain_sales::OrderStore;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long a file may lie there without a row: whoever sends one stores it before the row.
const GRACE: SignedDuration = SignedDuration::from_hours(24);
/// How many files the database is asked for at a time.
const AT_A_TIME: usize = 500;

/// Deletes files that no row names.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepFiles {}

impl JobKind for SweepFiles {
    const KIND: &'static str = "platform.sweep_files";
    const PRIORITY: Priority = Priority::Low;
    // It comes again within a day.
    const MAX_ATTEMPTS: u32 = 3;
}

/// Does it.
pub(super) struct FileSweeper {
    pub(super) files: Arc<dyn FileStore>,
    pub(super) rows: Arc<OrderStore>,
    pub(super) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Handler<SweepFiles> for FileSweeper {
    async fn handle(&self, _: SweepFiles, _: &JobRun) -> Result<Outcome, JobError> {
        let mut deleted = 0;
        for tenant in self.files.tenants().await? {
            deleted += self.sweep(tenant).await?;
        }
        Ok(Outcome::Done(serde_json::json!({ "deleted": deleted })))
    }
}

impl FileSweeper {
    async fn sweep(&self, tenant: TenantId) -> Result<usize> {
        let now = self.clock.now();
        let kept = self.files.list(tenant).await?;
        let old = kept.into_iter().filter(|file| now.duration_since(file.at) >= GRACE);
        let old: Vec<FileKey> = old.map(|file| file.key).collect();
        let mut deleted = 0;
        for some in old.chunks(AT_A_TIME) {
            let named = self.named(tenant, some).await?;
            let nobodys: Vec<FileKey> =
                some.iter().filter(|key| !named.contains(key)).cloned().collect();
            self.files.delete(&nobodys).await?;
            deleted += nobodys.len();
        }
        Ok(deleted)
    }

    async fn named(&self, tenant: TenantId, files: &[FileKey]) -> Result<BTreeSet<FileKey>> {
        let mut work = self.rows.begin_read(&OpContext::system(tenant, SweepFiles::KIND)).await?;
        let mut named: BTreeSet<_> = work.pictured(files).await?.into_iter().collect();
        named.extend(work.attached(files, Which::Any).await?);
        work.commit().await?;
        Ok(named)
    }
}
