//! Jobs: workers that are killed or told to stop, and the upkeep that is one.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use domain_jobs::{JobRow, State};
use domain_kernel::policy::Role;
use domain_kernel::{Actor, Id, JobId, NewJob, OpContext, TenantId};
use infra_runtime::Application;
use serde_json::{Value, json};
use system_tests::interrupted::{Count, DIARY, Report, Trial};
use system_tests::{Backend, Client, TestApp, TestDatabase, on_both_databases};

/// The program with a kind of job that can be interrupted.
const PROGRAM: &str = env!("CARGO_BIN_EXE_counting-server");
/// How often a process is killed in these tests; `just bench` does it more often.
const KILLS: usize = 20;
/// A lease that a test can wait for.
const LEASE: Duration = Duration::from_secs(2);

/// Kills processes in the middle of jobs; nothing may be lost, repeated, or forgotten for long.
async fn interrupt(backend: Backend, arguments: &[&str], processes: usize) {
    let database = TestDatabase::create(backend).await;
    let environment = database.environment(&[
        ("CRM_JOB_LEASE_SECONDS", "2"),
        ("CRM_JOB_HEARTBEAT_SECONDS", "1"),
        ("CRM_JOBS_IN_SERVER", "4"),
        ("CRM_JOBS_IN_WORKER", "2"),
    ]);
    let (program, folder) = (Path::new(PROGRAM), database.folder());
    let trial = Trial { program, arguments, environment, processes, kills: KILLS, folder };
    let report: Report = trial.run().await;
    assert!(report.interrupted >= KILLS * 3 / 4, "they were in the middle: {report:?}");
    assert!(report.jobs > KILLS, "{report:?}");
    assert_eq!((report.lost, report.repeated), (0, 0), "{report:?}");
    // The lease, a look per second, and a slot that gets free; a busy machine takes its time.
    assert!(report.slowest_resume > Duration::ZERO, "{report:?}");
    assert!(report.slowest_resume < LEASE + Duration::from_secs(10), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_workers_lose_and_repeat_nothing() {
    interrupt(Backend::Postgres, &["worker"], 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_on_sqlite_loses_and_repeats_nothing() {
    interrupt(Backend::Sqlite, &[], 1).await;
}

async fn enqueue(application: &Application, ctx: &OpContext, job: &Count) -> JobId {
    let mut work = application.database.sales().begin_write(ctx).await.unwrap();
    let id = work.enqueue(NewJob::new(ctx, application.clock.now(), job).unwrap()).await.unwrap();
    work.commit().await.unwrap();
    id
}

/// Waits for what ought to happen soon.
pub(crate) async fn until(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !happened().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not happen: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_told_to_stop_gives_long_jobs_back() {
    let app = TestApp::start(Backend::Postgres).await;
    let ctx = OpContext::system(TenantId::PLATFORM, "test");
    let job = Count { name: "long".to_owned(), takes: 600_000 };
    let id = enqueue(&app.application, &ctx, &job).await;
    let row = async || -> JobRow { app.application.jobs.show(id).await.unwrap() };
    let mut worker = Command::new(PROGRAM)
        .arg("worker")
        .env_clear()
        .envs(app.database.environment(&[("CRM_SHUTDOWN_TIMEOUT_SECONDS", "1")]))
        .env(DIARY, app.database.folder().join("diary"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the job begins", async || row().await.state == State::Running).await;
    assert!(row().await.worker.ends_with(&format!(":{}", worker.id())));
    let told = Command::new("kill").arg(worker.id().to_string()).status().unwrap();
    assert!(told.success());
    let begun = Instant::now();
    let status = tokio::task::spawn_blocking(move || worker.wait().unwrap()).await.unwrap();
    assert!(status.success(), "{status}");
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());
    let row = row().await;
    assert_eq!((row.state, row.attempts, row.leased_until), (State::Waiting, 0, None));
}

async fn sweeps(app: &TestApp) -> Vec<Value> {
    let sql = "SELECT state, outcome FROM jobs WHERE kind = 'platform.sweep' ORDER BY id";
    app.database.query(sql).await
}

on_both_databases!(the_upkeep_is_a_job_by_the_clock, async |app: TestApp| {
    // The same database again, this time with a worker in the server.
    let database = app.stop().await;
    let backend = database.backend;
    let app = TestApp::over(database, &[("CRM_JOBS_IN_SERVER", "2")]).await;
    let schedule = "SELECT name, cron, last_at FROM schedules ORDER BY name";
    until("the schedule is stored", async || !app.database.query(schedule).await.is_empty()).await;
    let names = async || -> Vec<Value> {
        app.database.query(schedule).await.iter().map(|row| row["name"].clone()).collect()
    };
    until("all are", async || names().await == ["seal", "sweep", "sweep-files"]).await;
    assert!(sweeps(&app).await.is_empty(), "not before its time");
    let past = match backend {
        Backend::Sqlite => "0",
        Backend::Postgres => "'2026-01-01T00:00:00Z'",
    };
    app.database.execute(&format!("UPDATE schedules SET next_at = {past}")).await;
    let done = json!({ "state": "done", "outcome": { "deleted": 0 } });
    until("the sweep is done", async || sweeps(&app).await == [done.clone()]).await;
    let sealed = "SELECT state FROM jobs WHERE kind = 'platform.seal_trails' AND state = 'done'";
    until("the trails are sealed", async || !app.database.query(sealed).await.is_empty()).await;
    until("it is counted", async || {
        let figures = app.stranger().get("/metrics").await.text;
        figures.contains("crm_jobs_total{kind=\"platform.sweep\",outcome=\"done\"} 1")
            && figures.contains("crm_jobs_running 0")
    })
    .await;
    app.stop().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_server_on_sqlite_writes_nothing() {
    let app = TestApp::start_with(Backend::Sqlite, &[("CRM_JOBS_IN_SERVER", "4")]).await;
    let declared = async || !app.database.query("SELECT 1 AS one FROM schedules").await.is_empty();
    until("the schedule is stored", declared).await;
    let files = || -> Vec<Vec<u8>> {
        let folder = app.database.folder();
        ["test.db", "test.db-wal"].map(|file| std::fs::read(folder.join(file)).unwrap()).into()
    };
    app.statements.take();
    let before = files();
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    let looks = app.statements.take();
    assert!(looks.len() >= 9, "it has looked, three statements each time: {looks:?}");
    assert!(looks.iter().all(|sql| sql.starts_with("SELECT")), "{looks:?}");
    assert!(before == files(), "and written nothing");
}

/// A job that a client has started; its id.
pub(crate) async fn started_by(app: &TestApp, client: &Client, takes: u64) -> i64 {
    let profile = client.get("/api/auth/profile/").await.expect(200);
    let tenant = TenantId::new(profile["organization"]["id"].as_i64().unwrap());
    let person = Id::new(profile["id"].as_i64().unwrap());
    let ctx = OpContext { actor: Actor::Member(person), ..OpContext::system(tenant, "test") };
    let job = Count { name: "a secret of the payload".to_owned(), takes };
    enqueue(&app.application, &ctx, &job).await.raw()
}

on_both_databases!(members_see_jobs_and_nobody_else_does, async |app: TestApp| {
    let admin = app.register("ada").await;
    let colleague = app.member(&admin, "bob", &[Role::Manager]).await;
    let stranger = app.register("eve").await;
    let mut ids = Vec::new();
    for (client, takes) in [(&admin, 1), (&colleague, 2), (&colleague, 3)] {
        ids.push(started_by(&app, client, takes).await);
    }
    let all = admin.get("/api/jobs/?ordering=-id").await;
    assert!(!all.text.contains("secret of the payload") && !all.text.contains("payload"));
    let all = all.expect(200);
    assert_eq!(all["count"], 3);
    let job = &all["results"][0];
    assert_eq!(
        (&job["id"], &job["kind"], &job["state"]),
        (&ids[2].into(), &"test.count".into(), &"waiting".into())
    );
    assert_eq!(
        (&job["progress"], &job["attempts"], &job["outcome"]),
        (&0.into(), &0.into(), &Value::Null)
    );
    let own = colleague.get("/api/background/jobs/").await.expect(200);
    assert_eq!((&own["count"], &own["results"][0]["id"]), (&2.into(), &ids[1].into()));
    assert_eq!(stranger.get("/api/jobs/").await.expect(200)["count"], 0);
    let path = format!("/api/jobs/{}/", ids[0]);
    assert_eq!(admin.get(&path).await.expect(200)["id"], ids[0]);
    colleague.get(&path).await.expect(404);
    stranger.get(&path).await.expect(404);
    let csv = colleague.get("/api/jobs/?format=csv&fields=id").await.text;
    assert_eq!(csv.lines().count(), 3, "a heading and two rows: {csv}");
    app.application.jobs.cancel(Id::new(ids[1])).await.unwrap();
    let cancelled = admin.get("/api/jobs/?state=cancelled&kind=test.count").await.expect(200);
    assert_eq!((&cancelled["count"], &cancelled["results"][0]["id"]), (&1.into(), &ids[1].into()));
    assert_eq!(admin.get("/api/jobs/?kind=other").await.expect(200)["count"], 0);
    admin.post("/api/jobs/", json!({})).await.expect(405);
    admin.delete(&path).await.expect(405);
});
