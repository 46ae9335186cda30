//! Seals of entries, and the sealer.

use domain_kernel::{Record, Result, TenantId};
use jiff::SignedDuration;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{Accounts, AccountsWork, AuditLog};

/// A link of the chain over a workspace's entries.
///
/// The chain is over digests of the entries' contents: writers need not wait for each other, and an
/// entry whose content the law wants erased leaves the others provable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its place in the chain, from 1.
    pub position: i64,
    /// The entry that it is about.
    pub entry: i64,
    /// SHA-256 of the entry's content.
    pub content: [u8; 32],
    /// SHA-256 of the chain before it, the workspace, the position, the entry and the content.
    pub chain: [u8; 32],
}

/// What the first link is chained to.
const BEGINNING: [u8; 32] = [0; 32];

/// Most entries in one unit of work.
const BATCH: usize = 500;

/// How long after an entry got its id it is committed, or never: no unit of work takes longer.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);

impl Seal {
    /// The seal of an entry after another one.
    pub(super) fn of(entry: &Record<AuditLog>, before: Option<&Self>) -> Self {
        let position = before.map_or(1, |before| before.position + 1);
        let before = before.map_or(BEGINNING, |before| before.chain);
        let (id, content) = (entry.id.raw(), content(entry));
        Self {
            position,
            entry: id,
            content,
            chain: chained(&before, entry.tenant, (position, id), &content),
        }
    }

    /// Whether the link fits to the one before.
    pub(super) fn follows(&self, before: Option<&Self>, tenant: TenantId) -> bool {
        let before = before.map_or(BEGINNING, |before| before.chain);
        self.chain == chained(&before, tenant, (self.position, self.entry), &self.content)
    }
}

/// The digest of all that an entry says.
pub(super) fn content(entry: &Record<AuditLog>) -> [u8; 32] {
    let AuditLog { user, by_staff, action, entity, entity_id, request_id, metadata } = &entry.data;
    let all = json!([
        entry.id,
        entry.tenant,
        entry.created_at.as_microsecond(),
        user,
        by_staff,
        action,
        entity,
        entity_id,
        request_id,
        metadata,
    ]);
    Sha256::digest(all.to_string()).into()
}

fn chained(
    before: &[u8; 32],
    tenant: TenantId,
    (position, entry): (i64, i64),
    content: &[u8; 32],
) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(before);
    for number in [tenant.raw(), position, entry] {
        digest.update(number.to_be_bytes());
    }
    digest.update(content);
    digest.finalize().into()
}

impl Accounts {
    /// Seals what was committed in every workspace since the last time; how many entries.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn seal_trails(&self) -> Result<usize> {
        let mut work = self.store.open_read().await?;
        let tenants = work.every_organization().await?;
        work.commit().await?;
        let mut sealed = 0;
        for tenant in tenants {
            // Each entry is looked at once; one that is committed late, with a lower id, waits for the next time.
            let mut after = Some(0);
            while let Some(id) = after {
                let batch = self.seal_some(tenant, id).await?;
                sealed += batch.len();
                let is_full = batch.len() == BATCH;
                after = batch.last().filter(|_| is_full).map(|seal| seal.entry);
            }
        }
        Ok(sealed)
    }

    /// Seals the first entries after one.
    async fn seal_some(&self, tenant: TenantId, after: i64) -> Result<Vec<Seal>> {
        let now = self.clock.now();
        let mut work = self.store.open_write().await?;
        work.enter(tenant).await?;
        let most = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let entries = work.unsealed(now - SETTLED, after, most).await?;
        let mut seals = Vec::new();
        if !entries.is_empty() {
            seals = chain(&mut *work, &entries).await?;
            work.insert_seals(&seals, now).await?;
        }
        work.commit().await?;
        Ok(seals)
    }
}

async fn chain(work: &mut dyn AccountsWork, entries: &[Record<AuditLog>]) -> Result<Vec<Seal>> {
    let mut last = work.last_seal().await?;
    let mut seals = Vec::with_capacity(entries.len());
    for entry in entries {
        let seal = Seal::of(entry, last.as_ref());
        last = Some(seal.clone());
        seals.push(seal);
    }
    Ok(seals)
}
