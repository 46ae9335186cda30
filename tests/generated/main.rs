//! What is generated rather than listed: tests made from the API document that the server serves,
//! from the databases' catalogs and from the workspace's crates, so that nothing new escapes them.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod alone;
mod bad_fields;
mod by_server;
mod catalog;
mod csrf;
mod declared;
mod document;
mod draft;
mod isolation;
mod meaning;
mod roles;
mod schema;
mod statements;
mod structure;
mod tables;
mod template;
mod walls;
mod world;
