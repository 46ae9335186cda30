//! Workers that are killed in the middle of jobs, and what becomes of the jobs.
//!
//! The program is the real one with a kind of job of this module's (`counting-server`), so that no
//! such kind is in the product. Each job makes a company of its name in the unit that completes it:
//! a job that was lost has none, one that was repeated has several. What the processes do is told in
//! a diary, a file that outlives them.

mod counting;
mod trial;

pub use counting::{Count, DIARY, prepare};
pub use trial::{Report, Trial};
