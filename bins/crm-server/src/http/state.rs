//! What every handler reaches: the application, the configuration, and where use cases run.

use std::future::Future;
use std::sync::Arc;

use actix_web::http::StatusCode;
use domain_kernel::{Error, Result};
use infra_runtime::Application;
use infra_runtime::config::Config;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::failure::Failure;
use super::metrics::Metrics;
use crate::openapi::Documents;

/// Shared by all handlers of a server.
#[derive(Clone)]
pub(crate) struct State(Arc<Shared>);

struct Shared {
    application: Application,
    config: Config,
    documents: Documents,
    metrics: Metrics,
    runtime: Handle,
    running: TaskTracker,
}

impl State {
    /// The state of a server whose use cases run on `runtime`.
    pub(crate) fn new(
        application: Application,
        config: Config,
        documents: Documents,
        runtime: Handle,
    ) -> Self {
        Self(Arc::new(Shared {
            application,
            config,
            documents,
            metrics: Metrics::default(),
            runtime,
            running: TaskTracker::new(),
        }))
    }

    pub(crate) fn application(&self) -> &Application {
        &self.0.application
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn documents(&self) -> &Documents {
        &self.0.documents
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Runs a use case to its end, whatever becomes of the connection that asked for it.
    ///
    /// # Errors
    /// The use case's; 504 when it takes longer than a request may: it goes on, and may succeed.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        use_case: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.0.config.request_timeout, self.run_long(use_case)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let detail = "It took too long. It may still be done: look before you repeat it.";
                Err(Failure::Request(StatusCode::GATEWAY_TIMEOUT, detail.to_owned()))
            }
        }
    }

    /// The same for one that may take longer than a request: the answer waits for it.
    ///
    /// # Errors
    /// The use case's.
    pub(crate) async fn run_long<T: Send + 'static>(
        &self,
        use_case: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T, Failure> {
        match self.spawn(use_case.in_current_span()).await {
            Ok(outcome) => outcome.map_err(Failure::from),
            Err(panic) => Err(Error::internal(panic).into()),
        }
    }

    /// Starts work that outlives the connection; shutting down waits for it.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.0.running.spawn_on(work, &self.0.runtime)
    }

    /// Waits until everything that was started has ended.
    pub(crate) async fn finish(&self) {
        self.0.running.close();
        self.0.running.wait().await;
    }
}
