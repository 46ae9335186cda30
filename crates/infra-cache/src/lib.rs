//! What is remembered in memory for a few seconds.
//!
//! It may depend on the ports it implements and on moka. What several servers must share is in
//! `infra-redis`; each port is a file of its own.

mod limiter;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain_accounts::{Principal, SignInCache, TokenDigest};
pub use limiter::MokaLimiter;
use moka::future::Cache;

/// How long another server's revocation may go unnoticed here.
pub const SIGN_IN_LIFETIME: Duration = Duration::from_secs(5);
/// Most tokens that are remembered at a time.
const MOST_TOKENS: u64 = 50_000;

/// Who tokens belong to, for [`SIGN_IN_LIFETIME`].
///
/// A token that was forgotten stays so for as long, because a look-up that began before may end
/// after: it must not bring a revoked token back.
pub struct MokaSignIns(Cache<TokenDigest, Option<Arc<Principal>>>);

impl Default for MokaSignIns {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(MOST_TOKENS).time_to_live(SIGN_IN_LIFETIME);
        Self(cache.build())
    }
}

#[async_trait]
impl SignInCache for MokaSignIns {
    async fn get(&self, digest: &TokenDigest) -> Option<Arc<Principal>> {
        self.0.get(digest).await.flatten()
    }

    async fn put(&self, digest: TokenDigest, principal: Arc<Principal>) {
        self.0.entry(digest).or_insert(Some(principal)).await;
    }

    async fn forget(&self, digest: &TokenDigest) {
        self.0.insert(*digest, None).await;
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
        });
        cache.put(digest, principal.clone()).await;
        assert!(cache.get(&digest).await.is_some());
        cache.forget(&digest).await;
        assert!(cache.get(&digest).await.is_none());
        // A look-up that began before the token was revoked.
        cache.put(digest, principal).await;
        assert!(cache.get(&digest).await.is_none());
    }
}
