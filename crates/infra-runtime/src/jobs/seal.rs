//! The sealer of the trails: what was committed since the last time is chained, every five minutes
//! once over all servers.

use async_trait::async_trait;
use domain_accounts::Accounts;
use domain_jobs::{Handler, JobError, JobRun, Outcome};
use domain_kernel::{JobKind, Priority};
use serde::{Deserialize, Serialize};

/// Seals every workspace's trail.
#[derive(Debug, Serialize, Deserialize)]
pub struct SealTrails {}

impl JobKind for SealTrails {
    const KIND: &'static str = "platform.seal_trails";
    const PRIORITY: Priority = Priority::Low;
    // It comes again within minutes.
    const MAX_ATTEMPTS: u32 = 3;
}

/// Does it.
pub(super) struct Sealer(pub(super) Accounts);

#[async_trait]
impl Handler<SealTrails> for Sealer {
    async fn handle(&self, _: SealTrails, _: &JobRun) -> Result<Outcome, JobError> {
        let sealed = self.0.seal_trails().await?;
        Ok(Outcome::Done(serde_json::json!({ "sealed": sealed })))
    }
}
