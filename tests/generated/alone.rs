//! The second wall by itself: the isolation test with the queries' own filter switched off.
//!
//! The switch is for the whole process, so each of these tests runs in one of its own: this program
//! once more, for one test that is ignored otherwise. It exists in debug builds only, and so do they.
//! They take longest; by the name of this file they start first, beside others.

#![cfg(debug_assertions)]

use std::process::Command;

use infra_postgres::testing::without_tenant_filter;
use system_tests::{Backend, TestApp};

use crate::walls;

/// Runs an ignored test of this program alone.
fn start(test: &str) {
    let program = std::env::current_exe().expect("a program");
    let arguments = ["--exact", "--ignored", test];
    let output = Command::new(program).args(arguments).output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

#[test]
fn row_level_security_alone_keeps_workspaces_apart() {
    start("alone::with_policies_alone");
}

/// What makes the tests of the walls worth something: with neither wall they fail.
#[test]
fn without_either_wall_the_test_fails() {
    start("alone::without_either");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a process of its own"]
async fn with_policies_alone() {
    let _off = without_tenant_filter();
    walls::stand(TestApp::start(Backend::Postgres).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[should_panic(expected = "another workspace")]
#[ignore = "needs a process of its own"]
async fn without_either() {
    let _off = without_tenant_filter();
    let app = TestApp::start(Backend::Postgres).await;
    walls::without_policies(&app).await;
    // Whosever subscription is found, it includes everything.
    let all = "INSERT INTO plan_features SELECT p.id, f.id FROM plans p, features f
        ON CONFLICT DO NOTHING";
    app.database.execute(all).await;
    walls::stand(app).await;
}
