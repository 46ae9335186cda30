//! A workspace for demonstrations: a believable business of two years, the same every time.
//!
//! Three steps make it. [`Generator`] makes companies and people, from a seed and nothing else. A plan
//! says what happened in the last months before the day on which it is loaded: what was offered at
//! which price, who asked, ordered, paid, or did not; from the seed and the day, so that a day gives one
//! history. [`load()`] plays it through the use cases, by a clock that goes from event to event. So
//! everything has the audit entries and events of its time, and every rule holds: stock is never
//! negative, invoices are numbered without gaps, deals know how long they were in each stage.
//!
//! All names are made up, and any likeness is an accident: web and e-mail addresses end in
//! `.example`, which nobody can own (RFC 2606), and phone numbers are ones that countries keep for
//! fiction or cannot assign.
//!
//! It may depend on the language and the domain crates, never on a database, the environment or
//! the system's clock. To add a resource:
//! - what the seed alone decides: a file beside `company.rs` with an `impl Generator` block that makes
//!   its rows; its words in `words.rs`, or in `markets.rs` where they differ by country;
//! - what happens in time: steps in the plan of its subject (`goods`, `deals`, `orders`), and what they
//!   do in the `play.rs` beside it;
//! - either way a stream of random numbers of its own ([`Generator`] has 1 and 2, people 3, deals 4,
//!   orders 5), so that what was there before stays as it was;
//! - a count in [`Size`] and [`DemoWorkspace`].
//!
//! The same seed gives the same companies and people for ever: guides, screenshots and measurements
//! name them. A change to a word list or to the order of draws makes others; a test then fails, and
//! whoever means it writes down the new values there.

mod calendar;
mod clock;
mod company;
mod contact;
mod deals;
mod generate;
mod goods;
mod history;
mod load;
mod markets;
mod orders;
mod people;
mod player;
mod random;
mod season;
mod store;
#[cfg(test)]
mod tests;
mod words;

pub use generate::Generator;
pub use load::{DAYS, DemoMember, DemoWorkspace, PASSWORD, Progress, Quiet, SLUG, Size, load};
pub use player::Stores;
