//! The limiter of one server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain_kernel::limit::{Count, Demand, Limiter, Window, until};
use domain_kernel::{Clock, Result};
use jiff::Timestamp;
use moka::Expiry;
use moka::ops::compute::Op;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// Most windows at a time: some 30 MB. Past it, those go that were used longest ago: by frequency,
/// which is moka's own choice, a flood of addresses would keep new ones from being counted at all.
const MOST_WINDOWS: u64 = 200_000;

/// Counts in the memory of this server. Windows that are over are forgotten by themselves.
pub struct MokaLimiter {
    windows: Cache<String, Kept>,
    clock: Arc<dyn Clock>,
}

/// A window, and how long it is still needed.
#[derive(Clone, Copy)]
struct Kept {
    window: Window,
    left: Duration,
}

/// A window is kept until it ends.
struct UntilItEnds;

impl Expiry<String, Kept> for UntilItEnds {
    fn expire_after_create(&self, _: &String, kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.left)
    }

    fn expire_after_update(
        &self,
        _: &String,
        kept: &Kept,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.left)
    }
}

impl MokaLimiter {
    /// A limiter that has counted nothing yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let windows = Cache::builder()
            .max_capacity(MOST_WINDOWS)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(UntilItEnds)
            .build();
        Self { windows, clock }
    }

    /// Counts one; nobody comes between.
    fn one(&self, demand: &Demand, now: Timestamp) -> Count {
        let mut counted = None;
        self.windows.entry_by_ref(&demand.key).and_compute_with(|kept| {
            let before = kept.map(|kept| kept.into_value().window);
            let (window, count) = demand.rule.take(before, now);
            counted = Some(count);
            match before {
                // Refused: nothing is written, so that who is refused costs least.
                Some(before) if before == window => Op::Nop,
                _ => Op::Put(Kept { window, left: until(now, window.ends_at) }),
            }
        });
        counted.unwrap_or_else(|| demand.rule.take(None, now).1)
    }
}

#[async_trait]
impl Limiter for MokaLimiter {
    async fn take(&self, demands: &[Demand]) -> Result<Vec<Count>> {
        let now = self.clock.now();
        let mut counts = Vec::with_capacity(demands.len());
        for demand in demands {
            let count = self.one(demand, now);
            counts.push(count);
            if !count.granted {
                break;
            }
        }
        Ok(counts)
    }
}
