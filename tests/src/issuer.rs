//! An identity provider in the test itself, which signs whatever a test wants it to sign.
//!
//! The good ways are tested with a real one ([`crate::browser`]); no real one makes mistakes on
//! request.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain_kernel::Clock as _;
use infra_runtime::SystemClock;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// An issuer of ID tokens on loopback.
pub struct TestIssuer {
    /// Its own address.
    pub url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    /// The key that signs, and the others that are published.
    keys: Mutex<Vec<Key>>,
    published: Mutex<bool>,
    reads: AtomicUsize,
}

struct Key {
    id: String,
    pair: EcdsaKeyPair,
}

impl Key {
    fn new(id: &str) -> Self {
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).expect("a key");
        Self { id: id.to_owned(), pair }
    }

    fn public(&self) -> Value {
        // An uncompressed point: a byte, x, y.
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": self.id, "x": encoded(x), "y": encoded(y) })
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl TestIssuer {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            keys: Mutex::new(vec![Key::new("first")]),
            published: Mutex::new(true),
            reads: AtomicUsize::new(0),
        });
        let serving = tokio::spawn(serve(listener, url.clone(), shared.clone()));
        Self { url, shared, serving }
    }

    /// The settings of a server that takes it for Google.
    pub fn settings(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("CRM_GOOGLE_OAUTH_CLIENT_IDS", "google-web,google-app"),
            ("CRM_GOOGLE_ISSUER", &self.url),
        ]
    }

    /// What a good token says, with some of it replaced; `null` leaves a claim out.
    pub fn claims(&self, replaced: Value) -> Value {
        let now = SystemClock.now().as_second();
        let mut claims = json!({
            "iss": self.url, "aud": "google-web", "sub": "ada", "email": "ada@example.com",
            "email_verified": true, "iat": now, "exp": now + 3600,
        });
        let all = claims.as_object_mut().expect("an object");
        for (name, value) in replaced.as_object().expect("an object") {
            all.insert(name.clone(), value.clone());
        }
        all.retain(|_, value| !value.is_null());
        claims
    }

    /// A token that only what is replaced in it can be wrong with.
    pub fn token(&self, replaced: Value) -> String {
        let key = self.shared.signing_key_id();
        self.sign(&json!({ "alg": "ES256", "typ": "JWT", "kid": key }), &self.claims(replaced))
    }

    /// A token with any head, signed with the key as `ES256` is.
    pub fn sign(&self, head: &Value, claims: &Value) -> String {
        let text = signed_part(head, claims);
        let keys = self.shared.lock_keys();
        let signature = keys[0].pair.sign(&SystemRandom::new(), text.as_bytes());
        format!("{text}.{}", encoded(signature.expect("a signature")))
    }

    /// A token signed with a secret, as `HS256` is.
    pub fn sign_with_secret(&self, secret: &[u8], claims: &Value) -> String {
        let key = self.shared.signing_key_id();
        let text = signed_part(&json!({ "alg": "HS256", "typ": "JWT", "kid": key }), claims);
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        format!("{text}.{}", encoded(ring::hmac::sign(&key, text.as_bytes())))
    }

    /// A token without a signature.
    pub fn unsigned(&self, claims: &Value) -> String {
        signed_part(&json!({ "alg": "none", "typ": "JWT" }), claims) + "."
    }

    /// The public key that signs, as it is published, and as the point that it is.
    pub fn public_key(&self) -> (Value, Vec<u8>) {
        let keys = self.shared.lock_keys();
        (keys[0].public(), keys[0].pair.public_key().as_ref().to_owned())
    }

    /// Signs with a new key from now on, and publishes it in the place of the others.
    pub fn rotate(&self, id: &str) {
        *self.shared.lock_keys() = vec![Key::new(id)];
    }

    /// Hangs up on everybody, or answers again.
    pub fn set_up(&self, up: bool) {
        *self.shared.published.lock().unwrap_or_else(PoisonError::into_inner) = up;
    }

    /// How often its keys were read.
    pub fn reads(&self) -> usize {
        self.shared.reads.load(Ordering::SeqCst)
    }
}

impl Drop for TestIssuer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn signed_part(head: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(head.to_string()), encoded(claims.to_string()))
}

impl Shared {
    fn lock_keys(&self) -> std::sync::MutexGuard<'_, Vec<Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signing_key_id(&self) -> String {
        self.lock_keys()[0].id.clone()
    }
}

async fn serve(listener: TcpListener, url: String, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        if *shared.published.lock().unwrap_or_else(PoisonError::into_inner) {
            // Who hangs up early is none of its business.
            tokio::spawn(answer(stream, url.clone(), shared.clone()));
        }
    }
}

async fn answer(mut stream: TcpStream, url: String, shared: Arc<Shared>) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let length = stream.read(&mut request).await?;
    let request = String::from_utf8_lossy(&request[..length]);
    let body = match request.split_whitespace().nth(1) {
        Some("/.well-known/openid-configuration") => json!({
            "issuer": url,
            "authorization_endpoint": format!("{url}/auth"),
            "jwks_uri": format!("{url}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
        }),
        Some("/keys") => {
            shared.reads.fetch_add(1, Ordering::SeqCst);
            json!({ "keys": shared.lock_keys().iter().map(Key::public).collect::<Vec<_>>() })
        }
        other => json!({ "error": other }),
    }
    .to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await
}
