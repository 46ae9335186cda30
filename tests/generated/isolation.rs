//! The isolation of workspaces on both databases, and of the queries by themselves.

use system_tests::{Backend, TestApp, on_both_databases};

use crate::walls;

on_both_databases!(another_workspace_is_as_one_that_does_not_exist, async |app: TestApp| {
    walls::stand(app).await;
});

/// Without row-level security it is the queries' own filter that keeps workspaces apart. The
/// other way round is `alone.rs`, in a process of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queries_alone_keep_workspaces_apart() {
    let app = TestApp::start(Backend::Postgres).await;
    walls::without_policies(&app).await;
    walls::stand(app).await;
}
