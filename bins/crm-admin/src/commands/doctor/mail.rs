//! Check of the mail server.

use std::sync::Arc;

use infra_runtime::config::Config;
use infra_runtime::{OsRandom, SystemClock, mailer};

use super::check::Check;
use crate::failure::Failure;

const NAME: &str = "mail";

/// Whether mail can be sent. Servers work without, but nobody gets a link.
pub async fn check(config: &Config) -> Check {
    let mailer = match mailer(config, Arc::new(SystemClock), Arc::new(OsRandom)) {
        Ok(mailer) => mailer,
        Err(error) => {
            let message = format!("mail cannot be sent: {}", Failure::from(error));
            return Check::problem(NAME, message, "Check the file of smtp_ca_file.");
        }
    };
    match mailer.check().await {
        Ok(place) if config.mail.smtp_url.is_some() || config.debug => Check::ok(NAME, place),
        Ok(place) => Check::warning(NAME, place, "Set smtp_url, so that people get their mail."),
        Err(error) => Check::problem(
            NAME,
            error.to_string(),
            "Check that it runs, and host, port, user and password in smtp_url.",
        ),
    }
}
