//! The server: built over an application, bound to an address, stopped without losing anything.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, HttpServer};
use infra_runtime::Application;
use infra_runtime::config::Config;
use paperclip::actix::OpenApiExt as _;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::http::around::around;
use crate::http::cors::{cors, only_for_listed};
use crate::http::state::State;
use crate::openapi::Documents;
use crate::resource::record_kinds;
use crate::routes;
use crate::worker::JobWorker;

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The API document could not be made: a route without a description.
    #[error("the API document is incomplete: {0}")]
    Document(String),
    /// The worker could not be made.
    #[error("the background jobs cannot run: {0}")]
    Worker(domain_kernel::Error),
}

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    running: JoinHandle<std::io::Result<()>>,
    worker: Option<JobWorker>,
    state: State,
}

impl Server {
    /// Starts serving on the configured address. Use cases run on the runtime that calls this.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn start(application: Application, config: Config) -> Result<Self, ServerError> {
        let address = config.listen;
        let listen = |cause| ServerError::Listen { address, cause };
        let listener = TcpListener::bind(address).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let documents = Documents::build().map_err(ServerError::Document)?;
        let workers = match config.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        let shutdown = config.shutdown_timeout.as_secs();
        application.database.serve(record_kinds());
        let state = State::new(application, config, documents, Handle::current());
        let (application, config) = (state.application(), state.config());
        let worker = match config.jobs.in_server {
            0 => None,
            slots => {
                let watch = state.metrics().jobs.watch();
                let worker = JobWorker::start(application, config, slots, watch);
                Some(worker.map_err(ServerError::Worker)?)
            }
        };
        let (shared, has_origins) = (state.clone(), !config.cors_allowed_origins.is_empty());
        let server = HttpServer::new(move || {
            let state = shared.clone();
            App::new()
                .app_data(shared.clone())
                .wrap(Compress::default())
                .wrap(from_fn(move |request, next| around(state.clone(), request, next)))
                .wrap(Condition::new(has_origins, cors(shared.config())))
                .wrap(Condition::new(has_origins, from_fn(only_for_listed)))
                .wrap_api()
                .configure(routes::api)
                .build()
                .configure(routes::beside)
        })
        .workers(workers)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(shutdown)
        .disable_signals()
        .listen(listener)
        .map_err(listen)?
        .run();
        let handle = server.handle();
        let running = tokio::spawn(server);
        Ok(Self { address, handle, running, worker, state })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, finishes what is in flight, and ends.
    pub async fn stop(self) {
        let serving = async {
            self.handle.stop(true).await;
            if let Ok(Err(error)) = self.running.await {
                tracing::warn!(%error, "the server did not end cleanly");
            }
        };
        let working = async {
            if let Some(worker) = self.worker {
                worker.stop().await;
            }
        };
        tokio::join!(serving, working);
        // Use cases whose clients are gone.
        let patience = self.state.config().shutdown_timeout;
        if tokio::time::timeout(patience, self.state.finish()).await.is_err() {
            tracing::warn!("some work was still running when the server ended");
        }
    }
}
