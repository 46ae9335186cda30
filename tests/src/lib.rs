//! What the system tests stand on: a real server on a real database, and clients of it.
//!
//! A test is written once and runs on both databases:
//!
//! ```ignore
//! on_both_databases!(a_contact_can_be_created, async |app: TestApp| {
//!     let ada = app.register("ada").await;
//!     ada.post("/api/contacts/", json!({"first_name": "Ada"})).await.expect(201);
//! });
//! ```

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod app;
pub mod browser;
mod client;
mod database;
pub mod interrupted;
mod issuer;
mod letters;
mod redis;
mod s3;
mod smtp;
mod statements;

pub use app::TestApp;
pub use client::{Answer, Client};
pub use database::{Backend, TestDatabase};
pub use issuer::TestIssuer;
pub use letters::HOME;
pub use redis::TestRedis;
pub use s3::TestBucket;
pub use smtp::{Mail, SmtpWay, TestSmtp};
pub use statements::Statements;

/// The password of every account that tests register.
pub const PASSWORD: &str = "plum-harbour-quilt-9";

/// Stamps a test for each database: `name::on_sqlite` and `name::on_postgres`.
#[macro_export]
macro_rules! on_both_databases {
    ($(#[$meta:meta])* $name:ident, $test:expr) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "not every test uses everything")]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let app = $crate::TestApp::start($crate::Backend::Sqlite).await;
                ($test)(app).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let app = $crate::TestApp::start($crate::Backend::Postgres).await;
                ($test)(app).await;
            }
        }
    };
}
