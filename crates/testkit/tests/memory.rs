//! The in-memory store keeps the contract, and so the contract can be kept.

use testkit::contract::Fixture;

async fn memory() -> Fixture {
    Fixture::memory()
}

testkit::sales_contract!(memory);
testkit::accounts_contract!(memory);
testkit::jobs_contract!(memory);
