//! Orders: what a customer buys.

pub mod status;
pub mod totals;
