//! The worker over the in-memory store, in time that passes by itself: hours in milliseconds.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

mod attempts;
mod place;
mod stopping;
mod turns;
