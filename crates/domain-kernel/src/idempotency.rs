//! Requests that may be sent twice and must act once.

use serde_json::Value;

use crate::{Error, OpContext, Result, Work};

/// The key under which a client may repeat a request, with a digest of what it asked.
///
/// Keys are remembered for [`IdempotencyKey::LIFETIME_HOURS`] per workspace and person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The client's text.
    pub key: String,
    /// SHA-256 of method, path and body, so that another request is told apart.
    pub fingerprint: Vec<u8>,
}

impl IdempotencyKey {
    /// How long an outcome can be replayed.
    pub const LIFETIME_HOURS: i64 = 24;
}

/// The outcome stored under a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    /// The digest of the request that had it.
    pub fingerprint: Vec<u8>,
    /// What the use case returned, as the API shows it.
    pub outcome: Value,
}

/// What the same request gave before, if it was made before.
///
/// # Errors
/// [`Error::IdempotencyMismatch`] when the key came with another request.
pub async fn replayed<W: Work + ?Sized>(ctx: &OpContext, work: &mut W) -> Result<Option<Value>> {
    let Some(key) = &ctx.idempotency else {
        return Ok(None);
    };
    match work.remembered().await? {
        None => Ok(None),
        Some(before) if before.fingerprint == key.fingerprint => Ok(Some(before.outcome)),
        Some(_) => Err(Error::IdempotencyMismatch),
    }
}
