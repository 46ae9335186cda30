//! What both programs and the tests share: configuration, telemetry, and the composition of
//! adapters into an application.
//!
//! It may depend on every domain crate and every adapter; it holds no rule of business. To add a
//! setting: a line in `config/table.rs`. To add a port: its adapter in [`Application::open`]. To add a
//! kind of job: its handler in [`jobs`].

mod application;
mod archive;
pub mod config;
mod database;
mod federation;
mod files;
pub mod jobs;
mod mail;
mod shared;
mod system;
pub mod telemetry;

pub use application::Application;
pub use archive::Archive;
pub use database::{Database, MigrateReport};
pub use files::file_store;
/// The command of a program that reads a spreadsheet from its standard input, and what it does.
pub use infra_sheets::{COMMAND as READ_SHEET, serve as read_sheet};
pub use infra_sqlite::{TABLES_OF_PEOPLE, TABLES_OF_TRAILS, TABLES_OF_WORKSPACES};
pub use mail::mailer;
pub use shared::ping_redis;
pub use system::{OsRandom, SystemClock};
