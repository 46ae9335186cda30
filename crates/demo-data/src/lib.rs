//! A workspace for demonstrations: believable companies and people, the same every time.
//!
//! [`Generator`] makes the values, from a seed and nothing else; [`load()`] stores them through the
//! use cases, so that they have audit entries and events like everything else. All names are made
//! up, and any likeness is an accident: web and e-mail addresses end in `.example`, which nobody
//! can own (RFC 2606), and phone numbers are ones that countries keep for fiction or cannot assign.
//!
//! It may depend on the language and the domain crates, never on a database, the environment or
//! the clock. To add a resource:
//! - a file beside `company.rs` with an `impl Generator` block that makes its rows. It takes the
//!   ids of the rows that it links to, and draws from a stream of random numbers of its own, so
//!   that what was there before stays as it was;
//! - its words in `words.rs`, or in `markets.rs` where they differ by country;
//! - a count in [`Size`] and [`DemoWorkspace`], and a line in [`load()`].
//!
//! The same seed gives the same rows for ever: guides, screenshots and measurements name them. A
//! change to a word list or to the order of draws makes others; a test then fails, and whoever
//! means it writes down the new values there.

mod company;
mod contact;
mod generate;
mod load;
mod markets;
mod random;
#[cfg(test)]
mod tests;
mod words;

pub use generate::Generator;
pub use load::{DemoMember, DemoWorkspace, PASSWORD, Progress, Quiet, SLUG, Size, load};
