//! Files in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain_kernel::files::{Content, FileKey, FileStore, Kept};
use domain_kernel::{Clock, Result, TenantId};
use jiff::Timestamp;

/// Keeps files in memory.
pub struct MemoryFiles {
    clock: Arc<dyn Clock>,
    kept: Mutex<BTreeMap<FileKey, (Timestamp, Vec<u8>)>>,
}

impl MemoryFiles {
    /// None at first. The clock tells when a file was put.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, kept: Mutex::default() }
    }

    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<FileKey, (Timestamp, Vec<u8>)>) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl FileStore for MemoryFiles {
    async fn put(&self, key: &FileKey, bytes: Vec<u8>) -> Result<()> {
        let now = self.clock.now();
        self.with(|kept| kept.insert(key.clone(), (now, bytes)));
        Ok(())
    }

    async fn get(&self, key: &FileKey) -> Result<Option<Box<dyn Content>>> {
        let found = self.with(|kept| kept.get(key).map(|(_, bytes)| bytes.clone()));
        Ok(found.map(|bytes| -> Box<dyn Content> {
            Box::new(Whole { size: bytes.len() as u64, bytes: Some(bytes) })
        }))
    }

    async fn delete(&self, keys: &[FileKey]) -> Result<()> {
        self.with(|kept| kept.retain(|key, _| !keys.contains(key)));
        Ok(())
    }

    async fn list(&self, tenant: TenantId) -> Result<Vec<Kept>> {
        Ok(self.with(|kept| {
            let own = kept.iter().filter(|(key, _)| key.tenant() == tenant);
            own.map(|(key, (at, _))| Kept { key: key.clone(), at: *at }).collect()
        }))
    }

    async fn tenants(&self) -> Result<Vec<TenantId>> {
        let mut tenants: Vec<_> = self.with(|kept| kept.keys().map(FileKey::tenant).collect());
        tenants.dedup();
        Ok(tenants)
    }

    async fn check(&self) -> Result<String> {
        Ok("files are kept in memory".to_owned())
    }
}

/// A file in one piece.
struct Whole {
    size: u64,
    bytes: Option<Vec<u8>>,
}

#[async_trait]
impl Content for Whole {
    fn size(&self) -> u64 {
        self.size
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(self.bytes.take().filter(|bytes| !bytes.is_empty()))
    }
}
