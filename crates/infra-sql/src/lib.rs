//! The store: every port of the domain that keeps data, on PostgreSQL or SQLite.
//!
//! This source is compiled twice, by `infra-postgres` and by `infra-sqlite`, each with its own
//! [`dialect`]; it may depend on the domain crates and on diesel. To add a table: a migration for
//! each database, a file beside `sales/companies.rs` with its `table!`, its row and its queries,
//! and a line in the unit of work that hands it out. Every query enters its table through a
//! function that takes the tenant first (`rows::Rows`). On PostgreSQL row-level security is a
//! second wall behind that filter. So that a test can prove it, debug builds for PostgreSQL have
//! `testing::without_tenant_filter`, which switches the filter off; a release build has it not.

mod accounts;
mod catalog;
mod columns;
#[cfg_attr(feature = "postgres", path = "dialect/postgres.rs")]
#[cfg_attr(feature = "sqlite", path = "dialect/sqlite.rs")]
mod dialect;
mod errors;
mod filter;
mod health;
mod idempotency;
mod jobs;
mod journal;
mod lease;
mod migrations;
mod part;
mod prepared;
mod records;
mod rows;
mod sales;
mod statements;
mod store;
mod targets;
#[cfg(all(debug_assertions, feature = "postgres"))]
pub mod testing;
mod trade;
mod work;

pub use accounts::erasure::{TABLES_OF_PEOPLE, TABLES_OF_TRAILS, TABLES_OF_WORKSPACES};
pub use dialect::Options;
#[cfg(feature = "postgres")]
pub use dialect::admit;
pub use migrations::{applied_migrations, migrate, pending_migrations};
pub use statements::Observer;
pub use store::SqlStore;
