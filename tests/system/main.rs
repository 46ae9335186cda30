//! The whole system over real HTTP, on both databases.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod contacts;
