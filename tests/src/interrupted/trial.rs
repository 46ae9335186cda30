//! The trial: jobs, workers, kills, and the count afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain_jobs::{JobFilter, JobRow, State};
use domain_kernel::query::ListQuery;
use domain_kernel::{JobId, JobKind as _, NewJob, OpContext};
use domain_sales::Company;
use infra_runtime::Application;
use infra_runtime::config::{Config, ConfigArgs};

use super::{Count, DIARY};

/// How long a job takes that may be killed, in milliseconds: a good part of it is gone by the time
/// that the trial sees it.
const TAKES: u64 = 400;
/// How often the diary is read.
const LOOK: Duration = Duration::from_millis(20);
/// How long it is waited for somebody to begin a job before there are more of them.
const FAMINE: Duration = Duration::from_secs(1);
/// How long anything may take before the trial is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is tried.
pub struct Trial<'a> {
    /// The counting server.
    pub program: &'a Path,
    /// `worker`, or nothing for a server.
    pub arguments: &'a [&'a str],
    /// The environment that it and the trial find the database by.
    pub environment: Vec<(String, String)>,
    /// How many processes run at a time.
    pub processes: usize,
    /// How many of them are killed in the middle of a job, one after the other.
    pub kills: usize,
    /// A folder for the diary.
    pub folder: &'a Path,
}

/// What became of the jobs.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// How many jobs there were.
    pub jobs: usize,
    /// How often a process was killed.
    pub kills: usize,
    /// How many jobs were in the middle then.
    pub interrupted: usize,
    /// Jobs that were not done, or done without effect.
    pub lost: usize,
    /// Effects that came more than once.
    pub repeated: usize,
    /// The longest time from a kill until an interrupted job ran again.
    pub slowest_resume: Duration,
}

/// A line of the diary.
struct Line {
    began: bool,
    job: i64,
    process: u32,
    at: i64,
}

struct Course<'a> {
    trial: &'a Trial<'a>,
    application: Application,
    ctx: OpContext,
    diary: PathBuf,
    running: Vec<Child>,
    names: BTreeMap<i64, String>,
    /// Interrupted jobs, each with the moment of the kill.
    interrupted: Vec<(i64, i64)>,
}

impl Trial<'_> {
    /// Runs it.
    ///
    /// # Panics
    /// When a process does not start, or the jobs do not come to an end.
    pub async fn run(&self) -> Report {
        let environment = self.environment.iter().cloned();
        let config = Config::load(&ConfigArgs::default(), environment, self.folder).expect("valid");
        let application = Application::open(&config).await.expect("the database opens");
        let made = application.accounts.create_organization("Interrupted", None).await;
        let ctx = OpContext::system(made.expect("a workspace").id, "trial");
        let diary = self.folder.join("diary");
        let mut course = Course {
            trial: self,
            application,
            ctx,
            diary,
            running: Vec::new(),
            names: BTreeMap::new(),
            interrupted: Vec::new(),
        };
        course.enqueue(4 * self.processes).await;
        for _ in 0..self.processes {
            course.start();
        }
        for _ in 0..self.kills {
            course.kill_one_in_the_middle().await;
        }
        course.until_all_is_done().await;
        course.report().await
    }
}

impl Course<'_> {
    async fn enqueue(&mut self, count: usize) {
        let sales = self.application.database.sales();
        let mut work = sales.begin_write(&self.ctx).await.expect("a unit");
        let now = self.application.clock.now();
        for _ in 0..count {
            let name = format!("job {}", self.names.len());
            let job = NewJob::new(&self.ctx, now, &Count { name: name.clone(), takes: TAKES });
            let id: JobId = work.enqueue(job.expect("a job")).await.expect("it is enqueued");
            self.names.insert(id.raw(), name);
        }
        work.commit().await.expect("a commit");
    }

    fn start(&mut self) {
        let path = self.trial.folder.join("log");
        let log = File::options().create(true).append(true).open(path).expect("a log");
        let child = Command::new(self.trial.program)
            .args(self.trial.arguments)
            .env_clear()
            .envs(self.trial.environment.iter().cloned())
            .env(DIARY, &self.diary)
            .current_dir(self.trial.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.running.push(child.expect("the program starts"));
    }

    fn diary(&self) -> Vec<Line> {
        let text = std::fs::read_to_string(&self.diary).unwrap_or_default();
        text.lines()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                let number = |at: usize| words[at].parse::<i64>().expect("a number");
                let process = u32::try_from(number(2)).expect("a process");
                Line { began: words[0] == "began", job: number(1), process, at: number(3) }
            })
            .collect()
    }

    /// The jobs that a process has begun and not ended.
    fn in_the_middle(&self, process: u32) -> BTreeSet<i64> {
        let mut jobs = BTreeSet::new();
        for line in self.diary().iter().filter(|line| line.process == process) {
            match line.began {
                true => jobs.insert(line.job),
                false => jobs.remove(&line.job),
            };
        }
        jobs
    }

    /// Waits for a process that is in the middle of a job, kills it, and starts another.
    async fn kill_one_in_the_middle(&mut self) {
        let begun = Instant::now();
        let mut enqueued = begun;
        self.enqueue(2).await;
        loop {
            if enqueued.elapsed() > FAMINE {
                enqueued = Instant::now();
                self.enqueue(2).await;
            }
            for place in 0..self.running.len() {
                if self.in_the_middle(self.running[place].id()).is_empty() {
                    continue;
                }
                // Any moment of a job: a kill comes later in one than in the other.
                let later = u64::try_from(self.names.len()).unwrap_or(0) * 37 % TAKES;
                tokio::time::sleep(Duration::from_millis(later)).await;
                let mut child = self.running.remove(place);
                child.kill().expect("it runs");
                child.wait().expect("it ends");
                let now = self.application.clock.now().as_microsecond();
                let jobs = self.in_the_middle(child.id());
                self.interrupted.extend(jobs.into_iter().map(|job| (job, now)));
                return self.start();
            }
            assert!(begun.elapsed() < PATIENCE, "no job begins: {}", self.log());
            tokio::time::sleep(LOOK).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.trial.folder.join("log")).unwrap_or_default()
    }

    async fn jobs(&self) -> Vec<JobRow> {
        let limit = 1_000_000;
        let filter =
            JobFilter { kind: Some(Count::KIND.to_owned()), limit, ..JobFilter::default() };
        self.application.jobs.list(&filter).await.expect("a list")
    }

    async fn until_all_is_done(&self) {
        let begun = Instant::now();
        let living = |row: &JobRow| matches!(row.state, State::Waiting | State::Running);
        while self.jobs().await.iter().any(living) {
            assert!(begun.elapsed() < PATIENCE, "the jobs do not end: {}", self.log());
            tokio::time::sleep(LOOK * 10).await;
        }
    }

    async fn report(&self) -> Report {
        let done: BTreeSet<i64> = self
            .jobs()
            .await
            .into_iter()
            .filter(|row| row.state == State::Done)
            .map(|row| row.id.raw())
            .collect();
        let effects = self.effects().await;
        let count = |name: &str| effects.get(name).copied().unwrap_or(0);
        let lost = self.names.iter().filter(|(id, name)| !done.contains(id) || count(name) == 0);
        let diary = self.diary();
        // One that was killed after its commit has nothing to resume.
        let resumed = self.interrupted.iter().filter_map(|(job, killed)| {
            let again = diary.iter().filter(|line| line.began && line.job == *job);
            again.map(|line| line.at - killed).filter(|after| *after > 0).min()
        });
        let slowest = resumed.max().and_then(|microseconds| u64::try_from(microseconds).ok());
        Report {
            jobs: self.names.len(),
            kills: self.trial.kills,
            interrupted: self.interrupted.len(),
            lost: lost.count(),
            repeated: effects.values().map(|times| times - 1).sum(),
            slowest_resume: Duration::from_micros(slowest.unwrap_or(0)),
        }
    }

    /// How often each name stands among the companies.
    async fn effects(&self) -> BTreeMap<String, usize> {
        let companies = &self.application.sales.companies;
        let mut export = companies.export(&self.ctx, ListQuery::all::<Company>()).expect("allowed");
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        while let Some(rows) = export.next().await.expect("a list") {
            for row in rows {
                *times.entry(row.data.name.to_string()).or_default() += 1;
            }
        }
        times
    }
}

impl Drop for Course<'_> {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ended_already = child.kill();
            let _status = child.wait();
        }
    }
}
