//! The store's upkeep: what is kept for a limited time only is deleted, once an hour over all
//! servers.

use async_trait::async_trait;
use domain_jobs::{Handler, JobError, JobRun, Outcome};
use domain_kernel::{JobKind, Priority};
use serde::{Deserialize, Serialize};

use crate::Database;

/// Deletes what is kept for a limited time only.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {}

impl JobKind for Sweep {
    const KIND: &'static str = "platform.sweep";
    const PRIORITY: Priority = Priority::Low;
    // It comes again within the hour.
    const MAX_ATTEMPTS: u32 = 3;
}

/// Does it.
pub(super) struct Sweeper(pub(super) Database);

#[async_trait]
impl Handler<Sweep> for Sweeper {
    async fn handle(&self, _: Sweep, _: &JobRun) -> Result<Outcome, JobError> {
        let deleted = self.0.sweep().await?;
        Ok(Outcome::Done(serde_json::json!({ "deleted": deleted })))
    }
}
