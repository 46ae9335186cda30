//! A mail server of a test's own. What it says is `mailin`'s; what it takes is kept here.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mail_parser::MessageParser;
use mailin::response::{AUTH_OK, INVALID_CREDENTIALS, OK};
use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// How the way to it is kept from strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpWay {
    /// Not at all, and everybody may send.
    Plain,
    /// By STARTTLS, with user and password.
    StartTls,
    /// By TLS from the first byte, with user and password.
    Tls,
}

/// A mail that came.
#[derive(Debug, Clone)]
pub struct Mail {
    /// To whom, by the envelope.
    pub to: Vec<String>,
    /// From whom, by the envelope.
    pub from: String,
    /// Who signed in to send it.
    pub user: String,
    /// Whether it came by TLS.
    pub encrypted: bool,
    /// The subject, decoded.
    pub subject: String,
    /// The plain text, decoded.
    pub text: String,
    /// The HTML, decoded.
    pub html: String,
}

impl Mail {
    /// The secret of the link in it.
    pub fn token(&self) -> String {
        let (_, rest) = self.text.split_once("#token=").expect("a link with a secret");
        rest.split_whitespace().next().expect("a secret").to_owned()
    }
}

/// A mail server on loopback.
pub struct TestSmtp {
    way: SmtpWay,
    port: u16,
    shared: Arc<Shared>,
    authority: NamedTempFile,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    mails: Mutex<Vec<Mail>>,
    refusal: Mutex<Option<u16>>,
    away: Mutex<bool>,
    connections: Mutex<usize>,
}

const USER: &str = "crm@example.com";
const SECRET: &str = "p/w #1";

impl TestSmtp {
    /// Starts one.
    pub async fn start(way: SmtpWay) -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let (authority, acceptor) = certificates();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let serving = tokio::spawn(serve(listener, way, acceptor, shared.clone()));
        Self { way, port, shared, authority, serving }
    }

    /// The settings of a server that sends its mail here.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let credentials = "crm%40example.com:p%2Fw%20%231";
        let port = self.port;
        let url = match self.way {
            SmtpWay::Plain => format!("smtp://127.0.0.1:{port}"),
            SmtpWay::StartTls => format!("smtp://{credentials}@127.0.0.1:{port}?tls=required"),
            SmtpWay::Tls => format!("smtps://{credentials}@127.0.0.1:{port}"),
        };
        let authority = self.authority.path().display().to_string();
        vec![("CRM_SMTP_URL", url), ("CRM_SMTP_CA_FILE", authority)]
    }

    /// What came so far.
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.shared.mails).clone()
    }

    /// The mails to somebody so far.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == [address]).collect()
    }

    /// Waits until so many mails came to somebody, and gives the last of them.
    pub async fn wait_for(&self, address: &str, mails: usize) -> Mail {
        self.wait_for_subject(address, "", mails).await
    }

    /// The same for mails with a word in their subject.
    pub async fn wait_for_subject(&self, address: &str, word: &str, mails: usize) -> Mail {
        for _ in 0..300 {
            let mut all = self.mails_to(address);
            all.retain(|mail| mail.subject.contains(word));
            if all.len() >= mails {
                return all.pop().expect("at least one");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no {mails} mails about {word:?} to {address}: {:#?}", self.mails());
    }

    /// Answers every receiver with a code, or takes them again.
    pub fn refuse(&self, code: Option<u16>) {
        *lock(&self.shared.refusal) = code;
    }

    /// Goes away: connections break before a word is said; or comes back.
    pub fn set_away(&self, away: bool) {
        *lock(&self.shared.away) = away;
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        *lock(&self.shared.connections)
    }
}

impl Drop for TestSmtp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An authority, and a server that it vouches for.
fn certificates() -> (NamedTempFile, TlsAcceptor) {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(parameters, key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
    let certificate = parameters.signed_by(&key, &authority).expect("a certificate");
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), authority.pem()).expect("it is written");
    let key = key.serialize_der().try_into().expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate with its key");
    (file, TlsAcceptor::from(Arc::new(config)))
}

async fn serve(listener: TcpListener, way: SmtpWay, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        *lock(&shared.connections) += 1;
        if *lock(&shared.away) {
            continue;
        }
        let (acceptor, shared) = (acceptor.clone(), shared.clone());
        // Clients that break off are no failure of ours.
        tokio::spawn(async move { converse(stream, way, &acceptor, shared).await });
    }
}

async fn converse(
    stream: TcpStream,
    way: SmtpWay,
    acceptor: &TlsAcceptor,
    shared: Arc<Shared>,
) -> io::Result<()> {
    let mut builder = SessionBuilder::new("mail.test");
    if way != SmtpWay::Plain {
        builder.enable_auth(AuthMechanism::Plain);
    }
    if way == SmtpWay::StartTls {
        builder.enable_start_tls();
    }
    let taker = Taker { shared, encrypted: way == SmtpWay::Tls, ..Taker::default() };
    let tls = Arc::new(Mutex::new(taker.encrypted));
    let taker = Taker { tls: tls.clone(), ..taker };
    let mut session = builder.build(IpAddr::V4(Ipv4Addr::LOCALHOST), taker);
    if way == SmtpWay::Tls {
        session.tls_active();
        let mut stream = BufReader::new(acceptor.accept(stream).await?);
        answer(&mut stream, &session.greeting()).await?;
        return talk(&mut session, &mut stream).await.map(drop);
    }
    let mut stream = BufReader::new(stream);
    answer(&mut stream, &session.greeting()).await?;
    if talk(&mut session, &mut stream).await? == Action::UpgradeTls {
        session.tls_active();
        *lock(&tls) = true;
        let mut stream = BufReader::new(acceptor.accept(stream.into_inner()).await?);
        talk(&mut session, &mut stream).await?;
    }
    Ok(())
}

/// Talks until the connection ends or goes on by TLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut Session<Taker>,
    stream: &mut BufReader<S>,
) -> io::Result<Action> {
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(Action::Close);
        }
        let response = session.process(&line);
        if response.action != Action::NoReply {
            answer(stream, &response).await?;
        }
        if matches!(response.action, Action::Close | Action::UpgradeTls) {
            return Ok(response.action);
        }
    }
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    response: &Response,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    response.write_to(&mut bytes)?;
    stream.write_all(&bytes).await?;
    stream.flush().await
}

/// Takes the mails of one connection.
#[derive(Default)]
struct Taker {
    shared: Arc<Shared>,
    encrypted: bool,
    tls: Arc<Mutex<bool>>,
    user: String,
    from: String,
    to: Vec<String>,
    data: Vec<u8>,
}

impl Handler for Taker {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        (self.from, self.to, self.data) = (from.to_owned(), Vec::new(), Vec::new());
        OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if let Some(code) = *lock(&self.shared.refusal) {
            return Response::custom(code, "Not now, and <no secret>".to_owned());
        }
        self.to.push(to.to_owned());
        OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let message = MessageParser::default().parse(&self.data).expect("a message");
        let mail = Mail {
            to: std::mem::take(&mut self.to),
            from: self.from.clone(),
            user: self.user.clone(),
            encrypted: *lock(&self.tls),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
            html: message.body_html(0).unwrap_or_default().into_owned(),
        };
        lock(&self.shared.mails).push(mail);
        OK
    }

    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        if (user, password) != (USER, SECRET) {
            return INVALID_CREDENTIALS;
        }
        self.user = user.to_owned();
        AUTH_OK
    }
}
