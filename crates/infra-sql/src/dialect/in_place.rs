//! Where a statement runs: SQLite answers within the thread that asks.

use std::error::Error;

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};

/// Runs a statement on the thread that asks for it, after another thread took over what else that
/// one has to do. Handing each statement to a thread for blocking work and waiting for its answer
/// costs more than most statements, and all the more while the processors are busy.
///
/// A runtime of a single thread has no other to take over, so there it is handed over after all.
pub(crate) struct InPlace;

impl SpawnBlocking for InPlace {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        async move {
            if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
                return spawn_blocking(task).await.map_err(Box::from);
            }
            Ok(block_in_place(task))
        }
        .boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}
