//! A directory of its own, an environment of its own, and the program in it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use domain_kernel::NewJob;
use domain_kernel::limit::ClientAddress;
use infra_runtime::Application;
use infra_runtime::config::{Config, ConfigArgs};
use infra_runtime::jobs::Sweep;
use serde_json::Value;
use tempfile::TempDir;

/// Where the program runs.
pub struct World {
    directory: TempDir,
    env: Vec<(String, String)>,
}

/// What a run of it gave.
pub struct Outcome {
    what: String,
    code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A world in which nothing is set: SQLite in `./data`.
pub fn world() -> World {
    World { directory: tempfile::tempdir().expect("a directory"), env: Vec::new() }
}

impl World {
    /// The same world with another environment variable.
    pub fn env(mut self, name: &str, text: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), text.to_owned()));
        self
    }

    /// A path in its directory.
    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    /// Runs a command line, split at spaces.
    pub fn run(&self, line: &str) -> Outcome {
        self.run_args(&line.split(' ').collect::<Vec<_>>(), "")
    }

    /// Runs a command line, split at spaces, with something to read.
    pub fn run_with(&self, line: &str, input: &str) -> Outcome {
        self.run_args(&line.split(' ').collect::<Vec<_>>(), input)
    }

    /// Runs the program with nothing of our environment: the program refuses what it does not
    /// know, such as the address of the tests' own database.
    pub fn run_args(&self, args: &[&str], input: &str) -> Outcome {
        let mut child = Command::new(env!("CARGO_BIN_EXE_crm-admin"))
            .args(args)
            .current_dir(self.directory.path())
            .env_clear()
            .envs(self.env.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // One that does not read may be gone already.
        let _ = child.stdin.take().expect("an input").write_all(input.as_bytes());
        let done = child.wait_with_output().expect("the program ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Outcome {
            what: args.join(" "),
            code: done.status.code().expect("no signal"),
            out: text(done.stdout),
            err: text(done.stderr),
        }
    }

    /// Whether somebody can sign in, asked of the use case that the server asks.
    pub fn signs_in(&self, username: &str, password: &str) -> bool {
        let (username, password) = (username.to_owned(), password.to_owned());
        let config = self.config();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let application = Application::open(&config).await.expect("a database");
            let here = ClientAddress::of(std::net::Ipv4Addr::LOCALHOST.into());
            let admission = application.accounts.admit(&username, here).await.expect("is admitted");
            application.accounts.sign_in(admission, &password, None, "test").await.is_ok()
        })
    }
}

impl World {
    /// Enqueues a job of the platform's, as a use case does; its id.
    pub fn enqueue(&self) -> i64 {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let application = Application::open(&self.config()).await.expect("a database");
            let job = NewJob::of_platform("test", application.clock.now(), &Sweep {});
            let mut work = application.database.accounts().open_write().await.expect("a unit");
            let id = work.enqueue(job.expect("a job")).await.expect("it is enqueued");
            work.commit().await.expect("a commit");
            id.raw()
        })
    }

    /// The configuration of the program here.
    fn config(&self) -> Config {
        let mut env = self.env.clone();
        if !env.iter().any(|(name, _)| name == "CRM_DATABASE_URL") {
            let data = self.path("data").display().to_string();
            env.push(("CRM_DATA_DIR".to_owned(), data));
        }
        Config::load(&ConfigArgs::default(), env.into_iter(), self.directory.path())
            .expect("a configuration")
    }
}

impl Outcome {
    /// It was done; the standard output.
    pub fn ok(&self) -> &str {
        let Self { what, code, out, err } = self;
        assert_eq!(*code, 0, "`{what}` failed\n{out}\n{err}");
        assert_eq!(err, "", "`{what}` warned");
        out
    }

    /// It was done; the standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(self.ok()).expect("JSON")
    }

    /// It failed with this code and said all of that on standard error.
    pub fn fails(&self, code: i32, needles: &[&str]) {
        assert_eq!(self.code, code, "`{}`\n{}\n{}", self.what, self.out, self.err);
        for needle in needles {
            assert!(self.err.contains(needle), "`{}`: no {needle:?} in:\n{}", self.what, self.err);
        }
    }

    /// It failed with this code; the error as JSON.
    pub fn error(&self, code: i32) -> Value {
        self.fails(code, &[]);
        let error: Value = serde_json::from_str(&self.err).expect("JSON");
        error["error"].clone()
    }

    /// What `doctor --json` found under a name: status, message and remedy.
    pub fn check(&self, name: &str) -> (String, String, String) {
        let report: Value = serde_json::from_str(&self.out).expect("JSON");
        let checks = report["checks"].as_array().expect("checks");
        let check = checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| {
            panic!("no check {name} in {report:#}");
        });
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        let problem = text("status") == "problem";
        assert!(!problem || (self.code == 1 && report["ok"] == false), "{report:#}");
        (text("status"), text("message"), text("remedy"))
    }
}
