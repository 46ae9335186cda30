//! The worker beside the server, or alone.

use std::sync::Arc;

use domain_kernel::Result;
use infra_runtime::Application;
use infra_runtime::config::Config;
use infra_runtime::jobs::Watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A worker that runs.
pub struct JobWorker {
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl JobWorker {
    /// Starts a worker of so many jobs at a time on the runtime that calls this.
    ///
    /// # Errors
    /// Those of [`Application::worker`].
    pub(crate) fn start(
        application: &Application,
        config: &Config,
        slots: usize,
        watch: Watch,
    ) -> Result<Self> {
        let worker = application.worker(&config.jobs, slots, config.shutdown_timeout, watch)?;
        let stop = CancellationToken::new();
        let running = tokio::spawn(worker.run(stop.clone().cancelled_owned()));
        Ok(Self { stop, running })
    }

    /// Starts one that does nothing else in this process, as `crm-server worker` does.
    ///
    /// # Errors
    /// As [`Application::worker`].
    pub fn alone(application: &Application, config: &Config) -> Result<Self> {
        Self::start(application, config, config.jobs.in_worker, Arc::new(|_| {}))
    }

    /// Claims nothing more, and ends when the running jobs have ended or were given back.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.running.await {
            tracing::error!(%error, "the worker broke off");
        }
    }
}
