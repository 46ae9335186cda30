//! The kind of job that is interrupted.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain_jobs::{Handler, JobError, JobRun, Outcome};
use domain_kernel::field::ShortText;
use domain_kernel::{Clock, Error, JobKind};
use domain_sales::{Company, SalesStore};
use infra_runtime::Application;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The variable that names the diary's file.
pub const DIARY: &str = "COUNTING_DIARY";

/// Makes a company of its name, after a while.
#[derive(Debug, Serialize, Deserialize)]
pub struct Count {
    /// The company's name.
    pub name: String,
    /// How long it takes, in milliseconds.
    pub takes: u64,
}

impl JobKind for Count {
    const KIND: &'static str = "test.count";
    // Each may be killed again and again.
    const MAX_ATTEMPTS: u32 = 1_000;
}

/// Adds the kind to a program.
#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
pub fn prepare(application: &mut Application) {
    let diary = PathBuf::from(std::env::var_os(DIARY).expect("the diary is named"));
    let (sales, clock) = (application.database.sales(), application.clock.clone());
    let handlers = std::mem::take(&mut application.handlers);
    application.handlers = handlers.with::<Count>(Counter { sales, clock, diary });
}

struct Counter {
    sales: Arc<SalesStore>,
    clock: Arc<dyn Clock>,
    diary: PathBuf,
}

#[async_trait]
impl Handler<Count> for Counter {
    async fn handle(&self, job: Count, run: &JobRun) -> Result<Outcome, JobError> {
        self.write("began", run)?;
        tokio::time::sleep(Duration::from_millis(job.takes)).await;
        let mut work = self.sales.begin_write(&run.context()).await?;
        let company = Company { name: ShortText::trusted(&job.name), ..Company::default() };
        work.companies().insert(company, self.clock.now()).await?;
        work.complete(run.claim, json!({ "process": std::process::id() }));
        work.commit().await?;
        self.write("ended", run)?;
        Ok(Outcome::Completed)
    }
}

impl Counter {
    /// Adds a line to the diary: what, which job, which process, when.
    fn write(&self, what: &str, run: &JobRun) -> Result<(), Error> {
        let (process, now) = (std::process::id(), self.clock.now().as_microsecond());
        let line = format!("{what} {} {process} {now}\n", run.claim.job);
        let mut file =
            File::options().create(true).append(true).open(&self.diary).map_err(Error::internal)?;
        file.write_all(line.as_bytes()).map_err(Error::internal)
    }
}
