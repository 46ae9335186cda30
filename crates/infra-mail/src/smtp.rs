//! Letters by SMTP.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use domain_kernel::mail::{Letter, MailError, Mailer};
use domain_kernel::{Error, Result};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::message::Composer;

/// How the way to a mail server is kept from strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all: on this machine only.
    None,
    /// The connection begins in the clear and goes on by TLS, or not at all.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The way there.
    pub encryption: Encryption,
    /// User and password, where it wants them.
    pub credentials: Option<(String, SecretString)>,
}

impl SmtpServer {
    /// Reads the address of a server: `smtps://` is TLS from the first byte, `smtp://` STARTTLS, and
    /// on this machine no encryption unless `?tls=required` asks for it. None when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = matches!(url.path(), "" | "/") && url.fragment().is_none();
        let encryption = match (url.scheme(), url.query()) {
            ("smtps", None) => Encryption::Tls,
            ("smtp", None) if is_loopback(&url) => Encryption::None,
            ("smtp", None | Some("tls=required")) => Encryption::StartTls,
            _ => return None,
        };
        let usual = match encryption {
            Encryption::None => 25,
            Encryption::StartTls => 587,
            Encryption::Tls => 465,
        };
        let decoded = |text| percent_decode_str(text).decode_utf8().ok().map(Into::into);
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => {
                let (user, password): (String, String) = (decoded(user)?, decoded(password)?);
                Some((user, password.into()))
            }
            _ => return None,
        };
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        let port = url.port().unwrap_or(usual);
        (bare && !host.is_empty()).then_some(Self { host, port, encryption, credentials })
    }
}

/// Whether an address leads to this machine.
fn is_loopback(url: &Url) -> bool {
    // Of schemes that it does not know, `url` takes every host for a name.
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    address.map_or(host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

/// A mail server and how it is talked to.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The server.
    pub server: SmtpServer,
    /// PEM file with the roots to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// How long it may take over each answer.
    pub timeout: Duration,
}

/// Hands letters to a mail server.
pub struct SmtpMailer {
    composer: Composer,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    place: String,
    timeout: Duration,
}

/// How many answers of the server a letter takes, at most: what they may take together bounds it.
const ANSWERS: u32 = 4;

impl SmtpMailer {
    /// One for a server; it is connected to for each letter.
    ///
    /// # Errors
    /// When the file with the roots cannot be read.
    pub fn new(composer: Composer, settings: SmtpSettings) -> Result<Self> {
        let tls = parameters(&settings)?;
        let SmtpSettings { server, timeout, .. } = settings;
        let place = format!("{}:{}", server.host, server.port);
        let hello = ClientId::Domain(composer.from.domain().to_owned());
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host);
        let mut builder =
            builder.port(server.port).timeout(Some(timeout)).hello_name(hello).tls(tls);
        if let Some((user, password)) = server.credentials {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { composer, transport: builder.build(), place, timeout })
    }

    /// Bounds what the server is asked: it may give an answer in time, byte by byte, for ever.
    async fn within<T>(
        &self,
        asked: impl Future<Output = Result<T, lettre::transport::smtp::Error>> + Send,
    ) -> Result<T, MailError> {
        match tokio::time::timeout(self.timeout * ANSWERS, asked).await {
            Ok(answer) => answer.map_err(|error| self.failure(&error)),
            Err(_) => Err(self.away()),
        }
    }

    fn away(&self) -> MailError {
        MailError::Later("The mail server does not answer.".to_owned())
    }

    /// What a failure means. Who may see the job reads the message: it tells the code, and what the
    /// server said is for the log.
    fn failure(&self, error: &lettre::transport::smtp::Error) -> MailError {
        tracing::warn!(server = self.place, %error, "the mail server did not take a mail");
        let Some(code) = error.status().map(u16::from) else {
            return match error.is_tls() {
                true => MailError::Later("The mail server does not prove who it is.".to_owned()),
                false => self.away(),
            };
        };
        match code {
            // Our user and password are the operator's to mend: the letter is not at fault.
            530 | 534 | 535 | 538 => {
                MailError::Later(format!("The mail server does not let us in ({code})."))
            }
            500.. => MailError::Never(format!("The mail server refused the mail ({code}).")),
            _ => MailError::Later(format!("The mail server wants it later ({code}).")),
        }
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let (message, _) = self.composer.compose(letter)?;
        self.within(self.transport.send(message)).await.map(drop)
    }

    async fn check(&self) -> Result<String, MailError> {
        match self.within(self.transport.test_connection()).await? {
            true => Ok(format!("the mail server {} answers", self.place)),
            false => Err(self.away()),
        }
    }
}

fn parameters(settings: &SmtpSettings) -> Result<Tls> {
    let make = || {
        let mut builder = TlsParameters::builder(settings.server.host.clone());
        if let Some(path) = &settings.ca_file {
            let pem = std::fs::read(path).map_err(|error| {
                Error::internal(format!("cannot read {}: {error}", path.display()))
            })?;
            let roots = Certificate::from_pem(&pem).map_err(Error::internal)?;
            builder = builder.certificate_store(CertificateStore::None).add_root_certificate(roots);
        }
        builder.build_rustls().map_err(Error::internal)
    };
    Ok(match settings.server.encryption {
        Encryption::None => Tls::None,
        Encryption::StartTls => Tls::Required(make()?),
        Encryption::Tls => Tls::Wrapper(make()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// User and password.
    type Credential = (String, String);

    /// What an address means, in short.
    fn read(text: &str) -> Option<(String, u16, Encryption, Option<Credential>)> {
        let SmtpServer { host, port, encryption, credentials } = SmtpServer::parse(text)?;
        let credentials =
            credentials.map(|(user, password)| (user, password.expose_secret().to_owned()));
        Some((host, port, encryption, credentials))
    }

    #[test]
    fn the_scheme_says_how_the_way_is_kept() {
        let somewhere =
            |port, encryption| Some(("mail.example".to_owned(), port, encryption, None));
        assert_eq!(read("smtp://mail.example"), somewhere(587, Encryption::StartTls));
        assert_eq!(read("smtp://mail.example:25/"), somewhere(25, Encryption::StartTls));
        assert_eq!(read("smtps://mail.example"), somewhere(465, Encryption::Tls));
        let here = |host: &str, encryption| Some((host.to_owned(), 1025, encryption, None));
        assert_eq!(read("smtp://127.0.0.1:1025"), here("127.0.0.1", Encryption::None));
        assert_eq!(read("smtp://[::1]:1025"), here("::1", Encryption::None));
        assert_eq!(
            read("smtp://localhost:1025?tls=required"),
            here("localhost", Encryption::StartTls)
        );
    }

    #[test]
    fn user_and_password_may_hold_any_character() {
        let server = read("smtp://crm%40example.com:p%2Fw%20d@mail.example").expect("a server");
        assert_eq!(server.3, Some(("crm@example.com".to_owned(), "p/w d".to_owned())));
    }

    #[test]
    fn what_is_no_mail_server_is_refused() {
        for text in [
            "",
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://user@mail.example",
            "smtp://:password@mail.example",
            "smtp://mail.example/path",
            "smtp://mail.example?tls=none",
            "smtp://mail.example#x",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn debug_output_shows_no_password() {
        let server = SmtpServer::parse("smtps://crm:hunter2@mail.example").expect("a server");
        assert!(!format!("{server:?}").contains("hunter2"));
    }
}
