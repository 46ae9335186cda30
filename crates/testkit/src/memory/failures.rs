//! Failed sign-ins, in the plainest way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain_accounts::{Ceiling, FailedSignIns, FailureKey, NameDigest, Tally};
use domain_kernel::{Clock, Result};

/// The tallies of failed sign-ins in memory.
pub struct MemoryFailedSignIns {
    tallies: Mutex<HashMap<FailureKey, Tally>>,
    clock: Arc<dyn Clock>,
}

impl MemoryFailedSignIns {
    /// None yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { tallies: Mutex::default(), clock }
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<FailureKey, Tally>) -> T) -> T {
        act(&mut self.tallies.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl FailedSignIns for MemoryFailedSignIns {
    async fn reserve(
        &self,
        guess: &[(FailureKey, Ceiling)],
    ) -> Result<Option<std::time::Duration>> {
        let now = self.clock.now();
        Ok(self.with(|tallies| {
            let tried: Vec<_> = guess
                .iter()
                .map(|(key, ceiling)| ceiling.reserve(tallies.get(key).copied(), now))
                .collect();
            let locked = tried.iter().filter_map(|tried| tried.err()).max();
            if locked.is_none() {
                let reserved = tried.into_iter().flatten();
                tallies.extend(guess.iter().map(|(key, _)| key.clone()).zip(reserved));
            }
            locked
        }))
    }

    async fn settle(&self, cleared: &[FailureKey], taken_back: &[FailureKey]) -> Result<()> {
        self.with(|tallies| {
            tallies.retain(|key, _| !cleared.contains(key));
            for key in taken_back {
                if let Some(tally) = tallies.get_mut(key) {
                    tally.used = tally.used.saturating_sub(1);
                }
            }
        });
        Ok(())
    }

    async fn clear_name(&self, name: NameDigest) -> Result<()> {
        self.with(|tallies| tallies.retain(|key, _| key.parts().0 != name.0));
        Ok(())
    }
}
