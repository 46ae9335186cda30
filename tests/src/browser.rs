//! A browser with its cookies: it fills in the server's forms, calls the API as a page's script does,
//! and signs in at the real providers of `TEST_OIDC_URL` (tests/oidc-provider).

use std::collections::BTreeMap;
use std::process;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::Value;
use url::Url;

use crate::client::http;
use crate::{Answer, Client, PASSWORD};

/// Where servers under test say that they are: the address that the providers know.
pub const HOME: &str = "http://crm.localhost";

/// What a browser accepts when somebody follows a link.
const NAVIGATION: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// PKCE, as in RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The value of a form's field in a page.
pub fn field(page: &str, name: &str) -> String {
    let tag = page.split("<input").find(|tag| tag.contains(&format!("name=\"{name}\"")));
    let value = tag.and_then(|tag| tag.split("value=\"").nth(1)?.split('"').next());
    let value = value.unwrap_or_else(|| panic!("no field {name} in {page}"));
    value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A browser with its cookies, which it sends everywhere.
pub struct Browser {
    http: reqwest::Client,
    /// By name.
    pub cookies: BTreeMap<String, String>,
}

/// The address of one of the real providers.
pub fn provider_url(name: &str) -> String {
    format!("{}/{name}", base())
}

#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
fn base() -> String {
    let text = std::env::var("TEST_OIDC_URL").unwrap_or_else(|_| {
        panic!(
            "TEST_OIDC_URL must be the address of the identity providers of these tests (process \
             {}): run tests/run, or eval the line that `tests/oidc start` prints",
            process::id()
        )
    });
    text.trim_end_matches('/').to_owned()
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Browser {
    /// A new one, without cookies.
    pub fn new() -> Self {
        Self { http: http(), cookies: BTreeMap::new() }
    }

    /// Begins a sign-in at a provider and comes back as somebody: the path and query that the
    /// provider sends the browser to.
    pub async fn go(&mut self, server: &Client, provider: &str, who: &Value) -> String {
        self.go_for(server, &format!("/api/auth/oidc/{provider}/login/"), who).await
    }

    /// The same, by a whole path.
    pub async fn go_for(&mut self, server: &Client, login: &str, who: &Value) -> String {
        let begun = self.exchange(server, server.request(Method::GET, login)).await;
        self.at_provider(&begun, who).await
    }

    /// The same, as one does who follows a link to it.
    pub async fn follow(&mut self, server: &Client, login: &str, who: &Value) -> String {
        let begun = self.visit(server, login).await;
        self.at_provider(&begun, who).await
    }

    async fn at_provider(&mut self, begun: &Answer, who: &Value) -> String {
        assert_eq!(begun.status, 302, "{}", begun.text);
        let target: Url = begun.header("location").expect("a place").parse().expect("a URL");
        self.come_back(target, who).await
    }

    /// Goes to a provider as somebody, and follows it until it sends the browser home.
    async fn come_back(&mut self, mut target: Url, who: &Value) -> String {
        let hint = URL_SAFE_NO_PAD.encode(who.to_string());
        target.query_pairs_mut().append_pair("login_hint", &hint);
        for _ in 0..10 {
            let request = self.http.get(target.clone()).header(COOKIE, self.sent());
            let response = request.send().await.expect("the provider answers");
            for cookie in response.headers().get_all(SET_COOKIE) {
                self.keep(cookie.to_str().expect("text"));
            }
            let Some(next) = response.headers().get(LOCATION) else {
                panic!("the provider says {}", response.text().await.expect("text"))
            };
            target = target.join(next.to_str().expect("text")).expect("a URL");
            if let Some(path) = target.as_str().strip_prefix(HOME) {
                return path.to_owned();
            }
        }
        panic!("the provider leads nowhere: {target}")
    }

    /// Goes to a path of the server with its cookies.
    pub async fn open(&self, server: &Client, path: &str) -> Answer {
        let request = server.request(Method::GET, path).header(COOKIE, self.sent());
        server.send(request).await
    }

    /// Opens a page, as one does who follows a link to it.
    pub async fn visit(&mut self, server: &Client, path: &str) -> Answer {
        let request = server.request(Method::GET, path).header("accept", NAVIGATION);
        self.exchange(server, request).await
    }

    /// Sends the form of a page that it has open, from an origin.
    pub async fn submit(
        &mut self,
        server: &Client,
        origin: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = server.request(Method::POST, path).header("accept", NAVIGATION);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("origin", origin).body(form.finish());
        self.exchange(server, request).await
    }

    /// Calls the API as a script of a page does, with the token from its cookie.
    pub async fn call(
        &mut self,
        server: &Client,
        origin: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let token = self.cookies.get("csrftoken").cloned().unwrap_or_default();
        let request = server.request(method, path).header("origin", origin);
        let request = request.header("x-csrftoken", token);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        self.exchange(server, request).await
    }

    /// Signs in as a script of a page does.
    pub async fn sign_in(&mut self, server: &Client, origin: &str, username: &str) -> Answer {
        let granted = server.request(Method::GET, "/api/auth/csrf/");
        self.exchange(server, granted).await.expect(200);
        let credentials = serde_json::json!({ "username": username, "password": PASSWORD });
        self.call(server, origin, Method::POST, "/api/auth/session/", Some(credentials)).await
    }

    /// Sends a request with its cookies, and keeps those of the answer.
    pub async fn exchange(&mut self, server: &Client, request: reqwest::RequestBuilder) -> Answer {
        let answer = server.send(request.header(COOKIE, self.sent())).await;
        for cookie in answer.headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().expect("text"));
        }
        answer
    }

    fn keep(&mut self, cookie: &str) {
        let (name, rest) = cookie.split_once('=').expect("a cookie");
        let value = rest.split(';').next().unwrap_or_default();
        match value {
            "" => drop(self.cookies.remove(name)),
            value => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
        }
    }

    /// The cookies as they are sent.
    pub fn sent(&self) -> String {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        cookies.collect::<Vec<_>>().join("; ")
    }
}

/// Signs in at a provider as somebody: the server's answer in the end.
pub async fn sign_in_at(server: &Client, provider: &str, who: &Value) -> Answer {
    let mut browser = Browser::new();
    let path = browser.go(server, provider, who).await;
    browser.open(server, &path).await
}

/// An ID token of the provider that plays Google, as its button would give it to a client.
pub async fn google_token(client: &str, who: &Value) -> String {
    let google = provider_url("google");
    let mut target: Url = format!("{google}/auth").parse().expect("a URL");
    target.query_pairs_mut().extend_pairs([
        ("client_id", client),
        ("response_type", "code"),
        ("scope", "openid email profile"),
        ("redirect_uri", &format!("{HOME}/")),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let mut browser = Browser::new();
    let path = browser.come_back(target, who).await;
    let back: Url = format!("{HOME}{path}").parse().expect("a URL");
    let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("redirect_uri", &format!("{HOME}/")),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ]);
    let request = browser.http.post(format!("{google}/token"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let response = request.body(form.finish()).send().await.expect("the provider answers");
    let tokens: Value = response.json().await.expect("JSON");
    tokens["id_token"].as_str().unwrap_or_else(|| panic!("no ID token: {tokens}")).to_owned()
}
