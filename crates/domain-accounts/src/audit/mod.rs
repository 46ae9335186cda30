//! The seal of the trail: committed entries are chained by hashes, per workspace.

mod report;
mod seal;

pub use report::{TrailFault, TrailHead, TrailReport};
pub use seal::Seal;
