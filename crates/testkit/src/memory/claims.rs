//! Idempotency keys in use by open units of work.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain_kernel::{Error, PersonId, Result, TenantId};

/// A key with whose it is.
pub(super) type Request = (TenantId, PersonId, String);

type Open = Arc<Mutex<BTreeSet<Request>>>;

/// The keys of the write units that are open.
#[derive(Default)]
pub(super) struct Claims(Open);

impl Claims {
    /// Takes a key, or says that it is taken.
    pub(super) fn claim(&self, request: Request) -> Result<Claim> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.insert(request.clone()) {
            Ok(Claim { open: self.0.clone(), request })
        } else {
            Err(Error::IdempotencyInProgress)
        }
    }
}

/// A key in use; dropping it, as every way out of a unit of work does, gives it back.
pub(super) struct Claim {
    open: Open,
    request: Request,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.request);
    }
}
