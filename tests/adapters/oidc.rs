//! What is kept of a provider, and for how long.

use std::sync::Arc;
use std::time::Duration;

use domain_accounts::IdentityProviders as _;
use domain_kernel::{Clock as _, Error, Result};
use infra_oidc::Providers;
use serde_json::json;
use system_tests::TestIssuer;
use testkit::FixedClock;

struct World {
    issuer: TestIssuer,
    clock: Arc<FixedClock>,
    providers: Providers,
}

impl World {
    async fn new() -> Self {
        let (issuer, clock) = (TestIssuer::start().await, Arc::new(FixedClock::default()));
        let providers = Providers::new(None, clock.clone()).expect("a client");
        let clients = ["google-web".to_owned()];
        let providers = providers.with_google(&issuer.url, &clients).expect("an address");
        Self { issuer, clock, providers }
    }

    /// What comes of a token that is good by the clock.
    async fn try_token(&self) -> Result<()> {
        let now = self.clock.now().as_second();
        let token = self.issuer.token(json!({ "iat": now, "exp": now + 60 }));
        self.providers.verify_google(&token).await.map(drop)
    }

    fn pass(&self, seconds: u64) {
        let time = Duration::from_secs(seconds);
        self.clock.advance(time.try_into().expect("not long"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_keys_are_looked_for_every_half_minute_at_most() {
    let world = World::new().await;
    world.try_token().await.expect("good");
    world.issuer.rotate("second");
    world.try_token().await.expect("the new key is found");
    world.issuer.rotate("third");
    world.pass(29);
    assert!(matches!(world.try_token().await, Err(Error::Invalid(_))));
    assert_eq!(world.issuer.reads(), 2);
    world.pass(1);
    world.try_token().await.expect("the next one, too");
    assert_eq!(world.issuer.reads(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_read_again_after_an_hour_and_kept_for_a_day() {
    let world = World::new().await;
    world.try_token().await.expect("good");
    world.pass(3599);
    world.try_token().await.expect("good");
    assert_eq!(world.issuer.reads(), 1);
    world.pass(1);
    world.try_token().await.expect("good");
    assert_eq!(world.issuer.reads(), 2);
    world.issuer.set_up(false);
    for _ in 0..23 {
        world.pass(3600);
        world.try_token().await.expect("by the keys of before");
    }
    world.pass(3600);
    assert!(matches!(world.try_token().await, Err(Error::Unavailable(_))));
    world.issuer.set_up(true);
    assert!(matches!(world.try_token().await, Err(Error::Unavailable(_))), "not so soon");
    world.pass(1);
    world.try_token().await.expect("it is back");
    assert_eq!(world.issuer.reads(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_come_together_ask_once() {
    let world = World::new().await;
    let tokens = (0..20).map(|_| world.try_token());
    let all = futures_util::future::join_all(tokens).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(world.issuer.reads(), 1);
}
