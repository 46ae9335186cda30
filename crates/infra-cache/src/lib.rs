//! What is remembered in memory for a few seconds.
//!
//! It may depend on the ports it implements and on moka. What several servers must share is in
//! `infra-redis`; each port is a file of its own.

mod limiter;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain_accounts::{Principal, SignInCache, TokenDigest};
pub use limiter::MokaLimiter;
use moka::future::Cache;
use moka::ops::compute::Op;

/// How long another server's revocation may go unnoticed here.
pub const SIGN_IN_LIFETIME: Duration = Duration::from_secs(5);
/// Most tokens that are remembered at a time.
const MOST_TOKENS: u64 = 50_000;

/// Who tokens belong to, for [`SIGN_IN_LIFETIME`].
///
/// A token that was forgotten stays so for as long, because a look-up that began before may end
/// after: it must not bring a revoked token back.
///
/// Forgetting everybody begins a new age: what was looked up in an older one is not given out.
pub struct MokaSignIns {
    known: Cache<TokenDigest, (u64, Option<Arc<Principal>>)>,
    age: AtomicU64,
}

impl Default for MokaSignIns {
    fn default() -> Self {
        let known = Cache::builder().max_capacity(MOST_TOKENS).time_to_live(SIGN_IN_LIFETIME);
        Self { known: known.build(), age: AtomicU64::new(0) }
    }
}

#[async_trait]
impl SignInCache for MokaSignIns {
    async fn get(&self, digest: &TokenDigest) -> Option<Arc<Principal>> {
        let (age, principal) = self.known.get(digest).await?;
        principal.filter(|_| age == self.age())
    }

    fn age(&self) -> u64 {
        self.age.load(Ordering::Acquire)
    }

    async fn put(&self, digest: TokenDigest, principal: Arc<Principal>, age: u64) {
        let older = |known: Option<moka::Entry<_, (u64, Option<_>)>>| {
            let fresh = Op::Put((age, Some(principal)));
            let op = match known.map(moka::Entry::into_value) {
                // One that was forgotten stays so for as long as it would have been known.
                Some((_, None)) => Op::Nop,
                Some((known, Some(_))) if known >= age => Op::Nop,
                _ => fresh,
            };
            std::future::ready(op)
        };
        self.known.entry(digest).and_compute_with(older).await;
    }

    async fn forget(&self, digest: &TokenDigest) {
        self.known.insert(*digest, (self.age(), None)).await;
    }

    fn forget_all(&self) {
        self.age.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use domain_kernel::Id;
    use domain_kernel::policy::RoleSet;

    use super::*;

    #[tokio::test]
    async fn what_is_forgotten_is_gone_at_once() {
        let cache = MokaSignIns::default();
        let digest = TokenDigest([7; 32]);
        let principal = Arc::new(Principal {
            person: Id::new(1),
            tenant: Id::new(2),
            roles: RoleSet::ADMIN,
            calls_per_minute: 60,
            features: Arc::default(),
            lacks_second_factor: false,
        });
        cache.put(digest, principal.clone(), cache.age()).await;
        assert!(cache.get(&digest).await.is_some());
        cache.forget(&digest).await;
        assert!(cache.get(&digest).await.is_none());
        // A look-up that began before the token was revoked.
        cache.put(digest, principal.clone(), cache.age()).await;
        assert!(cache.get(&digest).await.is_none());
        // Everybody is forgotten, also who was being looked up.
        let (other, age) = (TokenDigest([8; 32]), cache.age());
        cache.forget_all();
        cache.put(other, principal.clone(), age).await;
        assert!(cache.get(&other).await.is_none());
        cache.put(other, principal, cache.age()).await;
        assert!(cache.get(&other).await.is_some());
    }
}
