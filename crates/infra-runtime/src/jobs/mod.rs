//! The background: who does which kind of job here, and what happens by the clock.
//!
//! To add a kind: its payload and its handler (in the module that it belongs to, or here when it is
//! the platform's), a line in [`handlers`], and one in [`schedules`] if it happens by the clock.

mod files;
mod host;
mod letters;
mod seal;
mod sweep;

use std::sync::Arc;

use domain_accounts::{Accounts, SendLetter};
use domain_jobs::{Handlers, Schedule, Worker, WorkerSettings};
use domain_kernel::files::FileStore;
use domain_kernel::mail::Mailer;
use domain_kernel::{Clock, Result};
use jiff::SignedDuration;

pub use files::SweepFiles;
pub use host::{TokioHost, Watch};
pub use seal::SealTrails;
pub use sweep::Sweep;

use crate::config::JobsConfig;
use crate::{Application, Database};

/// How often a worker looks for jobs that another server has enqueued.
const POLL: std::time::Duration = std::time::Duration::from_secs(1);

/// Who does each kind of job.
pub(crate) fn handlers(
    database: &Database,
    accounts: &Accounts,
    mailer: &Arc<dyn Mailer>,
    files: &Arc<dyn FileStore>,
    clock: &Arc<dyn Clock>,
    public_url: &str,
) -> Handlers {
    let sweeper =
        files::FileSweeper { files: files.clone(), rows: database.orders(), clock: clock.clone() };
    let (accounts, mailer, public_url) = (accounts.clone(), mailer.clone(), public_url.to_owned());
    Handlers::default()
        .with::<Sweep>(sweep::Sweeper(database.clone()))
        .with::<SweepFiles>(sweeper)
        .with::<SealTrails>(seal::Sealer(accounts.clone()))
        .with::<SendLetter>(letters::Post { accounts, mailer, public_url })
}

/// What happens by the clock, on the whole installation.
fn schedules() -> Result<Vec<Schedule>> {
    Ok(vec![
        Schedule::of_platform("sweep", "17 * * * *", "UTC", &Sweep {})?,
        Schedule::of_platform("sweep-files", "41 3 * * *", "UTC", &SweepFiles {})?,
        Schedule::of_platform("seal", "*/5 * * * *", "UTC", &SealTrails {})?,
    ])
}

impl Application {
    /// A worker that does this application's jobs, so many at a time.
    ///
    /// # Errors
    /// When a schedule of ours makes no sense.
    pub fn worker(
        &self,
        config: &JobsConfig,
        slots: usize,
        patience: std::time::Duration,
        watch: Watch,
    ) -> Result<Worker> {
        // A worker that gives its first sign after its time is up would hold nothing.
        let heartbeat = config.heartbeat.min(config.lease / 2);
        let settings = WorkerSettings {
            name: host::name(),
            slots,
            lease: SignedDuration::try_from(config.lease).unwrap_or(SignedDuration::MAX),
            heartbeat,
            poll: POLL.min(heartbeat),
            patience,
        };
        Ok(Worker::new(
            self.jobs.queue(),
            self.handlers.clone(),
            schedules()?,
            Arc::new(TokioHost::new(watch)),
            (self.clock.clone(), self.random.clone()),
            settings,
        ))
    }
}
