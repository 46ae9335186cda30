//! Who sends the letters of a configuration: a mail server, or a folder where there is none.

use std::sync::Arc;

use domain_kernel::mail::Mailer;
use domain_kernel::{Clock, Random, Result};
use infra_mail::{Composer, FolderMailer, SmtpMailer, SmtpSettings};

use crate::config::Config;

/// The folder below the data directory that letters go into where there is no mail server.
const FOLDER: &str = "mail";

/// The mailer.
///
/// # Errors
/// When the file with the roots to trust cannot be read.
pub fn mailer(
    config: &Config,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Arc<dyn Mailer>> {
    let composer = Composer { from: config.mail.from.0.clone(), clock, random };
    Ok(match &config.mail.smtp_url {
        Some(url) => {
            let ca_file = config.mail.ca_file.clone();
            let (server, timeout) = (url.server()?, config.mail.timeout);
            Arc::new(SmtpMailer::new(composer, SmtpSettings { server, ca_file, timeout })?)
        }
        None => Arc::new(FolderMailer::new(composer, config.data_dir.join(FOLDER), config.debug)),
    })
}
