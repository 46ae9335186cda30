//! Whether a trail is as it was sealed.

use std::fmt::{self, Write as _};

use domain_kernel::{Result, TenantId};

use super::seal::{Seal, content};
use crate::Accounts;

/// What is wrong with a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailFault {
    /// The entry says something else than when it was sealed.
    Altered {
        /// The entry.
        entry: i64,
    },
    /// The entry is gone.
    Missing {
        /// The entry.
        entry: i64,
    },
    /// The seal does not fit to the one before: a seal was altered, removed or put between.
    Broken {
        /// The seal's place in the chain.
        position: i64,
        /// The entry that it is about.
        entry: i64,
    },
    /// The chain ends before a head that it had, or has another one there.
    Cut {
        /// The place of the head.
        position: i64,
    },
}

impl fmt::Display for TrailFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { entry } => write!(f, "entry {entry} was altered"),
            Self::Missing { entry } => write!(f, "entry {entry} was removed"),
            Self::Broken { position, entry } => {
                write!(f, "seal {position}, of entry {entry}, does not fit to the one before")
            }
            Self::Cut { position } => {
                write!(f, "the chain is not the one whose head was seal {position}")
            }
        }
    }
}

/// The end of a chain. Kept elsewhere, it proves later that nothing before it was changed, not even
/// by somebody who can write the seals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailHead {
    /// Its place.
    pub position: i64,
    /// The hash, in hexadecimal.
    pub chain: String,
}

/// What looking through a trail gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailReport {
    /// How many entries are sealed.
    pub sealed: i64,
    /// How many are not yet.
    pub unsealed: i64,
    /// The end of the chain; none before the first seal.
    pub head: Option<TrailHead>,
    /// What is wrong, in the order of the chain.
    pub faults: Vec<TrailFault>,
}

/// Most seals that are looked at in one unit of work.
const BATCH: i64 = 1_000;

impl Accounts {
    /// Looks whether a workspace's trail is as it was sealed, and whether its chain goes through a
    /// head that it once had.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn verify_trail(
        &self,
        tenant: TenantId,
        known: Option<&TrailHead>,
    ) -> Result<TrailReport> {
        let (mut last, mut faults, mut sealed): (Option<Seal>, _, _) = (None, Vec::new(), 0);
        let mut goes_through = known.is_none();
        loop {
            let mut work = self.store.open_read().await?;
            work.enter(tenant).await?;
            let after = last.as_ref().map_or(0, |last| last.position);
            let found = work.seals(after, BATCH).await?;
            let unsealed = if found.is_empty() { work.count_unsealed().await? } else { 0 };
            work.commit().await?;
            if found.is_empty() {
                if let (false, Some(known)) = (goes_through, known) {
                    faults.push(TrailFault::Cut { position: known.position });
                }
                let head = last.as_ref().map(head);
                return Ok(TrailReport { sealed, unsealed, head, faults });
            }
            for (seal, entry) in found {
                sealed += 1;
                let gap = seal.position != last.as_ref().map_or(1, |last| last.position + 1);
                let entry_id = seal.entry;
                if gap || !seal.follows(last.as_ref(), tenant) {
                    faults.push(TrailFault::Broken { position: seal.position, entry: entry_id });
                }
                match entry {
                    None => faults.push(TrailFault::Missing { entry: entry_id }),
                    Some(entry) if content(&entry) != seal.content => {
                        faults.push(TrailFault::Altered { entry: entry_id });
                    }
                    Some(_) => {}
                }
                goes_through |= known.is_some_and(|known| *known == head(&seal));
                last = Some(seal);
            }
        }
    }

    /// Every workspace, the platform's own and closed ones included, for looking through trails.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn trails(&self) -> Result<Vec<TenantId>> {
        let mut work = self.store.open_read().await?;
        let tenants = work.every_organization().await?;
        work.commit().await?;
        Ok(tenants)
    }
}

fn head(seal: &Seal) -> TrailHead {
    let mut chain = String::with_capacity(64);
    for byte in seal.chain {
        // Writing to a text does not fail.
        let _ = write!(chain, "{byte:02x}");
    }
    TrailHead { position: seal.position, chain }
}
