//! What tests share: a clock and randomness that repeat, an in-memory store, builders, and the
//! contract suites that every adapter of the ports must pass. Development only.
//!
//! It may depend on the domain crates, never on an adapter. Where to find what:
//! - [`FixedClock`], [`SeededRandom`]: runs that can be repeated exactly;
//! - [`builders`]: rows, people and workspaces in a few words;
//! - [`MemoryStore`]: the in-memory fake of all stores;
//! - [`contract`]: one function for each promise of a port, and the macros that stamp a test for
//!   each of them.
//!
//! To add a promise: a function beside its like in [`contract`], and its name in the list of the
//! macro. To add a resource: a table in the memory's state, its [`contract::Sampled`] rows.

pub mod builders;
mod clock;
pub mod contract;
mod memory;
mod random;

pub use clock::FixedClock;
pub use memory::{
    FEATURES, FeatureRow, MemoryFailedSignIns, MemoryFiles, MemoryStore, PLANS, PlanRow,
};
pub use random::SeededRandom;
