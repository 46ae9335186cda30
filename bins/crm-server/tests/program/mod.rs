//! Runs the real program in a folder of its own.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::disallowed_methods, reason = "waits for a program, on a thread of its own")]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program in a folder, without any setting of ours.
pub fn crm_server(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-server"));
    command.env_clear().env("PATH", "/usr/bin:/bin").current_dir(folder).stdin(Stdio::null());
    command
}

/// A running server; killed when dropped.
pub struct Program {
    folder: TempDir,
    address: String,
    child: Child,
}

impl Program {
    /// Starts it in a new folder and waits until it is ready.
    pub fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let address = free.expect("a free port").to_string();
        let child = run(folder.path(), &address, arguments);
        let program = Self { folder, address, child };
        program.wait_until_ready();
        if arguments.contains(&"--demo") {
            program.wait_until(|program| program.log().contains("password:"));
        }
        program
    }

    /// Starts it again in the same folder.
    pub fn restart(&mut self, arguments: &[&str]) {
        self.child = run(self.folder.path(), &self.address, arguments);
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        self.wait_until(|program| {
            TcpStream::connect(&program.address).is_ok() && program.get("/readyz").0 == 200
        });
    }

    /// Waits until something about it is so.
    pub fn wait_until(&self, reached: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if reached(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("not ready: {}", self.log());
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it wrote to its standard output and error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits until it has ended.
    pub fn wait(&mut self, patience: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(begun.elapsed() < patience, "it does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Status and body of a GET.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.exchange(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// The same, signed in.
    pub fn get_with(&self, path: &str, token: &str) -> (u16, String) {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nAuthorization: Token {token}\r\n"), "")
    }

    /// Status and body of a POST, signed in.
    pub fn post(&self, path: &str, token: &str, body: &str) -> (u16, String) {
        let head = format!("POST {path} HTTP/1.1\r\nAuthorization: Token {token}\r\n");
        self.exchange(&head, body)
    }

    /// A token of the demonstration workspace's admin.
    pub fn demo_token(&self) -> String {
        let body = r#"{"username": "demo@simplycrm.example", "password": "northwind-sample-2026"}"#;
        let (status, answer) = self.exchange("POST /api/auth/token/ HTTP/1.1\r\n", body);
        assert_eq!(status, 200, "{answer}");
        let json: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        json["access"].as_str().expect("a token").to_owned()
    }

    fn exchange(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        let rest = format!(
            "Host: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(format!("{head}{rest}").as_bytes()).expect("it is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer comes");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        (status.expect("a status"), body.to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

fn run(folder: &Path, address: &str, arguments: &[&str]) -> Child {
    let log = File::options().create(true).append(true).open(folder.join("log")).expect("a log");
    crm_server(folder)
        .args(arguments)
        .env("CRM_LISTEN", address)
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .expect("the program starts")
}
