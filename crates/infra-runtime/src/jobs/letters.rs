//! Letters: written by the accounts, handed to the mail server.

use std::sync::Arc;

use async_trait::async_trait;
use domain_accounts::{Accounts, SendLetter};
use domain_jobs::{Handler, JobError, JobRun, Outcome};
use domain_kernel::mail::{MailError, Mailer};
use serde_json::json;

/// Sends them.
pub(super) struct Post {
    pub(super) accounts: Accounts,
    pub(super) mailer: Arc<dyn Mailer>,
    pub(super) public_url: String,
}

#[async_trait]
impl Handler<SendLetter> for Post {
    async fn handle(&self, job: SendLetter, run: &JobRun) -> Result<Outcome, JobError> {
        let written = self.accounts.write_letter(&run.context(), &job, &self.public_url).await?;
        let Some(letter) = written else {
            return Ok(Outcome::Done(json!({ "sent": false })));
        };
        match self.mailer.send(&letter).await {
            Ok(()) => Ok(Outcome::Done(json!({ "sent": true }))),
            Err(MailError::Later(why)) => Err(JobError::failed(why)),
            Err(MailError::Never(why)) => Err(JobError::Hopeless(why)),
        }
    }
}
