//! The second wall by itself: the isolation test with the queries' own filter switched off.
//!
//! The switch is for the whole process, so this is a test program of its own. It exists in debug
//! builds only, and so do these tests.

#![cfg(debug_assertions)]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod by_server;
#[expect(dead_code, reason = "the test of roles reads all of it")]
mod document;
mod draft;
mod meaning;
mod template;
mod walls;
mod world;

use infra_postgres::testing::without_tenant_filter;
use system_tests::{Backend, TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_level_security_alone_keeps_workspaces_apart() {
    let _off = without_tenant_filter();
    walls::stand(TestApp::start(Backend::Postgres).await).await;
}

/// What makes the tests of the walls worth something: with neither wall they fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[should_panic(expected = "another workspace")]
async fn without_either_wall_the_test_fails() {
    let _off = without_tenant_filter();
    let app = TestApp::start(Backend::Postgres).await;
    walls::without_policies(&app).await;
    // Whosever subscription is found, it includes everything.
    let all = "INSERT INTO plan_features SELECT p.id, f.id FROM plans p, features f
        ON CONFLICT DO NOTHING";
    app.database.execute(all).await;
    walls::stand(app).await;
}
