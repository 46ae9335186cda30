//! Scripts of other origins, by hand and in a real browser.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, Backend, Client, PASSWORD, TestApp, on_both_databases};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const LISTED: &str = "https://app.example";
const OTHER: &str = "https://evil.example";

async fn preflight(client: &Client, path: &str, origin: &str, headers: &str) -> Answer {
    let asked = [
        ("origin", origin),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", headers),
    ];
    client.ask(Method::OPTIONS, path, &asked).await
}

/// What an answer says to scripts.
fn said<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.header(&format!("access-control-{name}"))
}

on_both_databases!(a_listed_origin_may_call_and_read, async |app: TestApp| {
    let settings = [
        ("CRM_CORS_ALLOWED_ORIGINS", LISTED),
        ("CRM_THROTTLE", "true"),
        ("CRM_ANON_RATE", "6/min"),
    ];
    let app = TestApp::over(app.stop().await, &settings).await;
    let ada = app.register("ada").await;
    let headers = "authorization,content-type,x-csrftoken,idempotency-key,if-match,\
        x-organization-id,x-organization-slug";
    for path in ["/api/contacts/", "/api/contacts/5", "/api/nowhere/", "/api/auth/token/", "/x"] {
        let leave = preflight(&app.stranger(), path, LISTED, headers).await;
        assert_eq!((leave.status, said(&leave, "allow-origin")), (200, Some(LISTED)), "{path}");
        assert_eq!(said(&leave, "allow-credentials"), Some("true"));
        assert!(said(&leave, "allow-methods").unwrap().contains("PATCH"));
        let allowed = said(&leave, "allow-headers").unwrap().to_ascii_lowercase();
        assert!(headers.split(',').all(|header| allowed.contains(header)), "{allowed}");
        let refused = preflight(&app.stranger(), path, OTHER, headers).await;
        assert_eq!((refused.status, said(&refused, "allow-origin")), (400, None), "{path}");
        assert_eq!(said(&refused, "allow-credentials"), None);
        let odd = preflight(&app.stranger(), path, LISTED, "x-odd").await;
        assert_eq!(odd.status, 400);
    }
    // Answers of every kind, and the last ones are throttled.
    let stranger = app.stranger();
    let mut statuses = Vec::new();
    for (client, path) in [
        (&ada, "/api/contacts/"),
        (&ada, "/api/contacts/5/"),
        (&ada, "/api/contacts/?nothing=1"),
        (&stranger, "/api/contacts/"),
        (&stranger, "/api/nowhere/"),
        (&stranger, "/api/auth/providers/"),
        (&stranger, "/api/contacts/"),
        (&stranger, "/api/contacts/"),
        (&stranger, "/api/contacts/"),
    ] {
        let answer = client.ask(Method::GET, path, &[("origin", LISTED)]).await;
        statuses.push(answer.status);
        assert_eq!(said(&answer, "allow-origin"), Some(LISTED), "{path}: {}", answer.status);
        assert_eq!(said(&answer, "allow-credentials"), Some("true"));
        let read = said(&answer, "expose-headers").unwrap().to_ascii_lowercase();
        for header in [
            "etag",
            "x-request-id",
            "ratelimit-remaining",
            "retry-after",
            "x-csrftoken",
            "idempotent-replayed",
        ] {
            assert!(read.contains(header), "{header}: {read}");
        }
        let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
        assert!(format!("{vary:?}").to_ascii_lowercase().contains("origin"), "{vary:?}");
    }
    assert_eq!(statuses[..3], [200, 404, 400]);
    assert_eq!((statuses[3], *statuses.last().unwrap()), (401, 429), "{statuses:?}");
    let unlisted = ada.ask(Method::GET, "/api/contacts/", &[("origin", OTHER)]).await;
    assert_eq!((unlisted.status, said(&unlisted, "allow-origin")), (200, None));
    assert_eq!(said(&unlisted, "allow-credentials"), None);
    let vary: Vec<_> = unlisted.headers.get_all("vary").iter().collect();
    assert!(format!("{vary:?}").to_ascii_lowercase().contains("origin"), "for caches: {vary:?}");
});

on_both_databases!(without_a_list_nothing_is_said_to_scripts, async |app: TestApp| {
    let ada = app.register("ada").await;
    let answer = ada.ask(Method::GET, "/api/contacts/", &[("origin", LISTED)]).await;
    let leave = preflight(&app.stranger(), "/api/contacts/", LISTED, "authorization").await;
    for answer in [answer, leave] {
        let names = answer.headers.keys().map(|name| name.as_str());
        assert_eq!(names.filter(|name| name.starts_with("access-control-")).count(), 0);
    }
});

/// What a page does at the server: gets a token, signs in by a session, lists, creates, signs out.
const SCRIPT: &str = r#"
const api = "API";
const seen = [];
let token = "";
const call = async (method, path, body) => {
  const response = await fetch(api + path, {
    method,
    credentials: "include",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: body && JSON.stringify(body),
  });
  seen.push([method, path, response.status]);
  token = response.headers.get("X-CSRFToken") || token;
  seen.push(["headers", response.headers.get("ETag"), response.headers.has("RateLimit-Limit")]);
  return response.status === 204 ? null : response.json();
};
(async () => {
  try {
    token = (await call("GET", "/api/auth/csrf/")).csrfToken;
    const profile = await call("POST", "/api/auth/session/", CREDENTIALS);
    seen.push(["profile", profile.email]);
    await call("POST", "/api/contacts/", { first_name: "From a page" });
    const list = await call("GET", "/api/contacts/");
    seen.push(["contacts", list.results.map((contact) => contact.first_name)]);
    seen.push(["cookie", document.cookie.includes("sessionid")]);
    await call("DELETE", "/api/auth/session/");
    await call("GET", "/api/contacts/");
  } catch (error) {
    seen.push(["failed", error.name]);
  }
  await fetch("/seen", { method: "POST", body: JSON.stringify(seen) });
})();
"#;

/// A real browser on a page, ended with the test.
struct Chromium(Child, #[expect(dead_code, reason = "it lives as long")] tempfile::TempDir);

impl Chromium {
    fn open(address: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let browser = Command::new("chromium")
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args([
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .arg(address)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian's package chromium is there: tests/run installs it");
        Self(browser, folder)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Serves one page at an address of its own until its script has told what it saw.
struct Page(TcpListener);

impl Page {
    async fn listen() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        (Self(listener), address)
    }

    async fn seen(self, script: &str) -> Value {
        let page = format!("<!DOCTYPE html><title>A page</title><script>{script}</script>");
        let told = async {
            loop {
                let (mut stream, _) = self.0.accept().await.expect("a connection");
                let Some((head, body)) = request(&mut stream).await else { continue };
                let answer = if head.starts_with("GET / ") { page.as_str() } else { "" };
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\
                     connection: close\r\n\r\n{answer}",
                    answer.len()
                );
                let _sent = stream.write_all(answer.as_bytes()).await;
                if head.starts_with("POST /seen ") {
                    return serde_json::from_str(&body).expect("JSON");
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(90), told).await.expect("the page's script ends")
    }
}

/// Reads a request's head and body; none of a connection that says nothing.
async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut buffer)).await;
        let read = read.ok()?.ok().filter(|read| *read > 0)?;
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            return Some((head.to_owned(), body.to_owned()));
        }
    }
}

/// What a page of another origin sees, which the server lists or not.
async fn page_at(backend: Backend, is_listed: bool) -> (Value, TestApp) {
    let (page, address) = Page::listen().await;
    let origin = format!("http://{address}");
    let listed = if is_listed { origin.as_str() } else { "http://127.0.0.1:1" };
    let settings = [
        ("CRM_THROTTLE", "true"),
        ("CRM_CSRF_TRUSTED_ORIGINS", origin.as_str()),
        ("CRM_CORS_ALLOWED_ORIGINS", listed),
    ];
    let app = TestApp::start_with(backend, &settings).await;
    app.register("ada").await;
    let credentials = json!({ "username": "ada@example.com", "password": PASSWORD });
    let script = SCRIPT.replace("API", &app.address);
    let script = script.replace("CREDENTIALS", &credentials.to_string());
    let browser = Chromium::open(&origin);
    let seen = page.seen(&script).await;
    drop(browser);
    (seen, app)
}

/// The steps of a page that were answered.
fn steps(seen: &Value) -> Vec<Value> {
    let steps = seen.as_array().expect("steps").iter();
    steps.filter(|step| step[0] != "headers").cloned().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_a_listed_origin_works_in_a_browser() {
    let (seen, app) = page_at(Backend::Sqlite, true).await;
    let expected = [
        json!(["GET", "/api/auth/csrf/", 200]),
        json!(["POST", "/api/auth/session/", 200]),
        json!(["profile", "ada@example.com"]),
        json!(["POST", "/api/contacts/", 201]),
        json!(["GET", "/api/contacts/", 200]),
        json!(["contacts", ["From a page"]]),
        json!(["cookie", false]),
        json!(["DELETE", "/api/auth/session/", 204]),
        json!(["GET", "/api/contacts/", 401]),
    ];
    assert_eq!(steps(&seen), expected, "{seen}");
    let read = seen.as_array().unwrap().iter().filter(|step| step[0] == "headers");
    let read: Vec<_> = read.collect();
    assert!(read.iter().all(|step| step[2] == true), "{seen}");
    assert!(read.iter().any(|step| step[1] == "\"v1\""), "the ETag of what was created: {seen}");
    assert_eq!(app.database.rows("contacts").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_another_origin_gets_nothing_in_a_browser() {
    let (seen, app) = page_at(Backend::Sqlite, false).await;
    assert_eq!(steps(&seen), [json!(["failed", "TypeError"])], "{seen}");
    assert!(app.database.rows("contacts").await.is_empty());
}
