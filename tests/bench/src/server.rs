//! The server that is measured: the real program, with its own defaults.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Result;
use crate::http::Client;
use crate::process::{Process, pause};

/// How long the server may take to get ready.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is asked meanwhile.
const INTERVAL: Duration = Duration::from_millis(1);
/// Nobody is locked out for asking too often.
const WITHOUT_LIMITS: [(&str, &str); 2] =
    [("CRM_THROTTLE", "false"), ("CRM_LOGIN_MAX_ATTEMPTS", "1000000")];

/// What everybody signs in with.
pub(crate) const PASSWORD: &str = "plum-harbour-quilt-9";

/// A server that runs.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// From the start of the process to its first good answer.
    pub(crate) ready_after: Duration,
}

/// How a server is started.
#[derive(Clone)]
pub(crate) struct Launch<'a> {
    pub(crate) program: &'a Path,
    pub(crate) database_url: &'a str,
    pub(crate) connections: usize,
    /// Whether it does jobs, too: it asks for them time and again.
    pub(crate) does_jobs: bool,
    /// Where it may keep files, its log among them.
    pub(crate) folder: &'a Path,
}

/// A person who is signed in, and their workspace.
pub(crate) struct Member {
    pub(crate) token: String,
    pub(crate) workspace: i64,
    pub(crate) person: i64,
}

impl Launch<'_> {
    /// Starts the server and waits for its first good answer.
    pub(crate) fn start(&self) -> Result<Server> {
        let address = free_address()?;
        let begun = Instant::now();
        let process = Process::start(
            Command::new(self.program)
                .envs(WITHOUT_LIMITS)
                .env("CRM_LISTEN", address.to_string())
                .env("CRM_DATABASE_URL", self.database_url)
                .env("CRM_DATABASE_CONNECTIONS", self.connections.to_string())
                .envs((!self.does_jobs).then_some(("CRM_JOBS_IN_SERVER", "0")))
                .env("CRM_DATA_DIR", self.folder)
                .current_dir(self.folder)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(File::create(self.folder.join("server.log"))?),
        )?;
        let mut server = Server { process, address, ready_after: Duration::ZERO };
        while !is_ready(address) {
            let ended = server.process.child().try_wait()?.is_some();
            if ended || begun.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.folder.join("server.log"))?;
                return Err(format!("the server does not get ready:\n{log}").into());
            }
            pause(INTERVAL);
        }
        server.ready_after = begun.elapsed();
        Ok(server)
    }
}

impl Server {
    /// A connection to it.
    pub(crate) fn client(&self, token: &str) -> Result<Client> {
        Client::connect(self.address, token)
    }

    /// Registers a person with a workspace of their own.
    pub(crate) fn register(&self, name: &str) -> Result<Member> {
        let credentials = json!({
            "email": format!("{name}@bench.example"), "password": PASSWORD,
        });
        let answer = self.client("")?.post("/api/auth/register/", &credentials)?.expect(201)?;
        let token = answer["access"].as_str().ok_or("no token in the answer")?.to_owned();
        let profile = self.client(&token)?.get("/api/auth/profile/")?.expect(200)?;
        let workspace = profile["organization"]["id"].as_i64().ok_or("no workspace")?;
        let person = profile["id"].as_i64().ok_or("no id of the person")?;
        Ok(Member { token, workspace, person })
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let answer = Client::connect(address, "").and_then(|mut client| client.get("/readyz"));
    answer.is_ok_and(|answer| answer.status == 200)
}

/// An address of this machine that nobody listens on.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
