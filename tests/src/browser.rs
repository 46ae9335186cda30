//! A browser that signs in at the real providers of `TEST_OIDC_URL` (tests/oidc-provider).

use std::collections::BTreeMap;
use std::process;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::Value;
use url::Url;

use crate::client::http;
use crate::{Answer, Client};

/// Where servers under test say that they are: the address that the providers know.
pub const HOME: &str = "http://crm.localhost";

/// PKCE, as in RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

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
        let begun = server.get(login).await;
        assert_eq!(begun.status, 302, "{}", begun.text);
        for cookie in begun.headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().expect("text"));
        }
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
        let request = server.request(reqwest::Method::GET, path).header(COOKIE, self.sent());
        server.send(request).await
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
