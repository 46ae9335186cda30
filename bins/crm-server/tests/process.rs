//! The program itself: what it prints, refuses, and how it ends.

#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "tests")]

mod program;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use program::{Program, crm_server};

#[test]
fn without_any_configuration_it_serves_from_a_new_private_database() {
    let server = Program::start(&[]);
    assert_eq!(server.get("/readyz").0, 200);
    let file = server.folder().join("data/simplycrm.db");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&file).expect("the database is made").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    let (status, body) = server.get("/api/");
    assert_eq!(status, 200);
    assert!(body.contains("/api/contacts/"), "{body}");
}

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let mut server = Program::start(&["--demo"]);
    let token = server.demo_token();
    let (status, body) = server.post("/api/companies/", &token, r#"{"name": "Kept"}"#);
    assert_eq!(status, 201, "{body}");
    server.kill();
    server.restart(&[]);
    let (status, body) = server.get_with("/api/companies/?name=Kept", &token);
    assert_eq!(status, 200);
    assert!(body.contains("\"count\":1"), "{body}");
}

#[test]
fn a_terminated_server_finishes_what_is_in_flight_and_ends_well() {
    let mut server = Program::start(&["--demo"]);
    let token = server.demo_token();
    // A request whose body is still on its way when the signal comes.
    let body = r#"{"name": "Late"}"#;
    let mut stream = TcpStream::connect(server.address()).expect("connects");
    let head = format!(
        "POST /api/companies/ HTTP/1.1\r\nHost: test\r\nAuthorization: Token {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("the head is sent");
    stream.write_all(&body.as_bytes()[..5]).expect("a part is sent");
    std::thread::sleep(Duration::from_millis(300));
    server.terminate();
    std::thread::sleep(Duration::from_millis(300));
    assert!(TcpStream::connect(server.address()).is_err(), "nobody new is let in");
    stream.write_all(&body.as_bytes()[5..]).expect("the rest is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer comes");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(server.wait(Duration::from_secs(20)).success(), "it ends with status 0");
}

#[test]
fn an_idle_server_ends_at_once() {
    let mut server = Program::start(&[]);
    let begun = Instant::now();
    server.terminate();
    assert!(server.wait(Duration::from_secs(20)).success());
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());
}

#[test]
fn nonsense_is_refused_by_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = crm_server(folder.path())
        .env("CRM_LISTEN", "not an address")
        .env("CRM_REQUEST_TIMEOUT_SECONDS", "-1")
        .env("CRM_NONSENSE", "1")
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    for part in ["listen", "CRM_LISTEN", "request_timeout_seconds", "CRM_NONSENSE"] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
}

#[test]
fn the_configuration_is_printed_without_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = crm_server(folder.path())
        .env("CRM_DATABASE_URL", "postgres://app:planted-secret@localhost/crm")
        .env("OPENAI_API_KEY", "planted-key")
        .arg("--print-config")
        .output()
        .expect("runs");
    assert!(output.status.success());
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("OPENAI_API_KEY"), "the source is named: {printed}");
    assert!(!printed.contains("planted"), "{printed}");
}

#[test]
fn a_second_server_on_the_same_file_is_refused() {
    let server = Program::start(&[]);
    let output = crm_server(server.folder()).env("CRM_LISTEN", "127.0.0.1:0").output();
    let output = output.expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("another server uses"), "{message}");
}

#[test]
fn a_demonstration_is_not_for_everybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = crm_server(folder.path());
    let output = command.arg("--demo").env("CRM_LISTEN", "0.0.0.0:0").output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("loopback"));
}

#[test]
fn a_demonstration_that_was_interrupted_says_what_to_do() {
    let mut server = Program::start(&["--demo"]);
    server.kill();
    server.restart(&["--demo"]);
    server.wait_until(|server| server.log().contains("crm-admin org delete demo"));
    assert_eq!(server.get_with("/api/contacts/", &server.demo_token()).0, 200);
}

#[test]
fn a_taken_address_is_said_plainly() {
    let server = Program::start(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let output =
        crm_server(folder.path()).env("CRM_LISTEN", server.address()).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("cannot listen on"), "{message}");
}

#[test]
fn the_log_is_json_and_names_requests_but_no_secrets() {
    let mut server = Program::start(&["--demo"]);
    let token = server.demo_token();
    server.get_with("/api/contacts/?search=planted-search", &token);
    server.terminate();
    server.wait(Duration::from_secs(20));
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
    for line in &lines {
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok(), "{line}");
    }
    assert!(lines.iter().any(|line| line.contains("\"/api/contacts/\"")), "{log}");
    assert!(!log.contains(&token), "the token is in the log");
    assert!(!log.contains("$argon2"), "a hash is in the log");
}

#[test]
fn a_worker_beside_a_server_on_sqlite_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = crm_server(folder.path()).arg("worker").output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("its server does the jobs"), "{message}");
}
