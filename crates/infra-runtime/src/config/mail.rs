//! The mail server, and who letters come from.

use std::path::PathBuf;
use std::time::Duration;

use domain_kernel::{Error, Result};
use infra_mail::{Sender, SmtpServer};

use super::Config;
use super::urls::SecretUrl;
use super::value::{Scalar, scalar};

/// Mail.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The mail server; none is a folder.
    pub smtp_url: Option<SmtpUrl>,
    /// PEM file with the roots to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// How long the mail server may take over an answer.
    pub timeout: Duration,
    /// Who letters come from.
    pub from: MailFrom,
}

impl MailConfig {
    /// Something to read the settings into.
    pub(super) fn blank() -> Self {
        let (smtp_url, ca_file, timeout) = (None, None, Duration::ZERO);
        Self { smtp_url, ca_file, timeout, from: MailFrom::default() }
    }
}

/// A URL of a mail server.
#[derive(Clone, Debug)]
pub struct SmtpUrl(pub SecretUrl);

impl SmtpUrl {
    /// What it says.
    ///
    /// # Errors
    /// When it is none, which its construction rules out.
    pub fn server(&self) -> Result<SmtpServer> {
        SmtpServer::parse(self.0.expose()).ok_or_else(|| Error::internal("no mail server"))
    }
}

scalar!(
    SmtpUrl,
    "smtp://USER:PASSWORD@HOST:PORT (STARTTLS) or smtps://USER:PASSWORD@HOST:PORT (TLS)",
    |text| SmtpServer::parse(text).map(|_| Self(SecretUrl::new(text))),
    |url| url.0.to_string().into()
);

/// Who letters come from.
#[derive(Clone, Debug, Default)]
pub struct MailFrom(pub Sender);

scalar!(
    MailFrom,
    "an address such as SimplyCRM <crm@example.com>",
    |text| Sender::parse(text).map(Self),
    |from| from.0.to_string().into()
);

/// The sender unless one is given: nobody, at the host that people know.
pub(super) fn default_sender(config: &Config) -> String {
    let host = config.public_url.host();
    // An address of a machine is none of mail.
    let is_name = host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
    let host = if is_name { host.as_str() } else { "localhost" };
    format!("SimplyCRM <no-reply@{host}>")
}
