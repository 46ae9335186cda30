//! A connection for one unit of work.

use std::time::Duration;

use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use domain_kernel::{Error, Result};

use crate::dialect::{self, Connection, Handle};
use crate::errors::{internal, of_query};

/// How long a unit of work waits for a connection: whoever asks is told to come again rather than
/// queued without end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a rollback may take before the connection is given up.
const ROLLBACK: Duration = Duration::from_secs(2);

/// A pooled connection in a transaction. Dropped before it is ended, it rolls back and goes back to
/// the pool; a connection that does not roll back soon is closed instead, so that in no case a lock
/// stays behind.
pub(crate) struct Lease {
    /// Present until the lease ends.
    object: Option<Object<Connection>>,
    /// The statement that opens the transaction, until the first query takes it along.
    pending: Option<String>,
    /// Whether a transaction may be open.
    open: bool,
}

impl Lease {
    /// Takes a connection; `begin` is sent with the first query.
    pub(crate) async fn take(pool: &Pool<Connection>, begin: String) -> Result<Self> {
        let object = match tokio::time::timeout(PATIENCE, pool.get()).await {
            Ok(object) => object.map_err(internal)?,
            Err(_) => return Err(Error::Busy),
        };
        Ok(Self { object: Some(object), pending: Some(begin), open: false })
    }

    /// The statement that is still to be sent; the caller sends it.
    #[cfg_attr(feature = "sqlite", expect(dead_code, reason = "only pipelining takes it"))]
    pub(crate) fn take_pending(&mut self) -> Option<String> {
        self.open = true;
        self.pending.take()
    }

    /// Opens the transaction if that is still to be done.
    pub(crate) async fn open_pending(&mut self) -> QueryResult<()> {
        match self.pending.take() {
            Some(sql) => {
                self.open = true;
                self.connection().batch_execute(&sql).await
            }
            None => Ok(()),
        }
    }

    /// What queries run on, without opening the transaction.
    #[expect(clippy::expect_used, reason = "only `end` and `drop` take it, and they consume")]
    pub(crate) fn connection(&mut self) -> Handle<'_> {
        dialect::handle(self.object.as_mut().expect("a lease holds its connection"))
    }

    /// What queries run on, in the transaction.
    pub(crate) async fn handle(&mut self) -> Result<Handle<'_>> {
        self.open_pending().await.map_err(of_query)?;
        Ok(self.connection())
    }

    /// Ends the transaction and gives the connection back.
    pub(crate) async fn end(mut self, sql: &str) -> Result<()> {
        if self.open {
            self.connection().batch_execute(sql).await.map_err(of_query)?;
        }
        self.open = false;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        if !self.open {
            return;
        }
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(roll_back(object));
            }
            Err(_) => drop(Object::take(object)),
        }
    }
}

async fn roll_back(mut object: Object<Connection>) {
    let rollback = async { dialect::handle(&mut object).batch_execute("ROLLBACK").await };
    let ended = tokio::time::timeout(ROLLBACK, rollback).await;
    if !matches!(ended, Ok(Ok(()))) {
        drop(Object::take(object));
    }
}
