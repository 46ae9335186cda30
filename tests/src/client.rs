//! A client of the API.

use std::ops::Index;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::Form;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::browser::HOME;

/// A client, signed in or not.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: String,
    /// The token, when signed in.
    pub token: Option<String>,
    /// Headers of every request.
    pub headers: Vec<(&'static str, String)>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; `null` when it is none.
    pub json: Value,
    asked: String,
}

/// What requests are sent with. It follows no redirects, so that tests see them.
#[expect(clippy::disallowed_methods, reason = "tests talk to their own servers only")]
pub(crate) fn http() -> reqwest::Client {
    // Without a provider no client is made, though none here speaks TLS. It fails only where the
    // process has one already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    // Nor are the machine's certificates of use, and reading them takes longer than most requests.
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    builder.redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

impl Client {
    /// A client of the server at an address.
    pub fn new(address: &str, token: Option<String>) -> Self {
        Self { http: http(), address: address.to_owned(), token, headers: Vec::new() }
    }

    /// A request to a path (or a whole address; one of [`HOME`] is a path here).
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = path.strip_prefix(HOME).unwrap_or(path);
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.address)
        };
        let mut request = self.http.request(method, address);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        match &self.token {
            Some(token) => request.header("authorization", format!("Token {token}")),
            None => request,
        }
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let asked = format!("{} {}", request.method(), request.url());
        let response = client.execute(request).await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole answer");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, json, asked }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST with JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// POST with a form of several parts.
    pub async fn post_form(&self, path: &str, form: Form) -> Answer {
        self.send(self.request(Method::POST, path).multipart(form)).await
    }

    /// PUT with JSON.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// PATCH with JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Any method with headers, without a body.
    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// POST with JSON and a header.
    pub async fn post_with(&self, path: &str, header: (&'static str, &str), body: Value) -> Answer {
        let request = self.request(Method::POST, path).json(&body);
        self.send(request.headers(one(header))).await
    }

    /// PATCH with JSON and a header.
    pub async fn patch_with(
        &self,
        path: &str,
        header: (&'static str, &str),
        body: Value,
    ) -> Answer {
        let request = self.request(Method::PATCH, path).json(&body);
        self.send(request.headers(one(header))).await
    }
}

fn one((name, value): (&'static str, &str)) -> HeaderMap {
    let value = HeaderValue::from_str(value).expect("a header");
    HeaderMap::from_iter([(HeaderName::from_static(name), value)])
}

impl Answer {
    /// The JSON, when the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.text);
        self.json
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        &self.json[name]
    }
}
