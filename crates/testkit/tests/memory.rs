//! The in-memory store keeps the contract, and so the contract can be kept.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use testkit::contract::Fixture;
use testkit::contract::failures::Failures;
use testkit::contract::files::Shelf;
use testkit::contract::limits::Passing;
use testkit::{FixedClock, MemoryFailedSignIns, MemoryFiles, SeededRandom};

async fn memory() -> Fixture {
    Fixture::memory()
}

testkit::sales_contract!(memory);
testkit::catalog_contract!(memory);
testkit::trade_contract!(memory);
testkit::accounts_contract!(memory);
testkit::jobs_contract!(memory);

/// Its clock is what passes.
struct Moved(Arc<FixedClock>);

#[async_trait]
impl Passing for Moved {
    async fn pass(&self, time: Duration) {
        self.0.advance(time.try_into().expect("not long"));
    }
}

async fn failures() -> Failures {
    let clock = Arc::new(FixedClock::default());
    Failures {
        tallies: Arc::new(MemoryFailedSignIns::new(clock.clone())),
        time: Arc::new(Moved(clock)),
        random: SeededRandom::new(1),
        keep: Box::new(()),
    }
}

testkit::failed_sign_ins_contract!(failures);

async fn shelf() -> Shelf {
    Shelf {
        files: Arc::new(MemoryFiles::new(Arc::new(FixedClock::default()))),
        random: SeededRandom::new(1),
        keep: Box::new(()),
    }
}

testkit::files_contract!(shelf);
