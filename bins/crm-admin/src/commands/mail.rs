//! `mail`: is mail delivered?

use std::sync::Arc;

use domain_kernel::mail::{Letter, MailError};
use infra_runtime::config::Config;
use infra_runtime::{OsRandom, SystemClock, mailer};
use serde_json::json;

use crate::cli;
use crate::failure::{Failure, Result};
use crate::output::{Output, clean};

/// Does what was typed after `mail`.
pub async fn run(config: &Config, command: cli::Mail, output: &Output) -> Result<()> {
    let cli::Mail::Test { address } = command;
    let mailer = mailer(config, Arc::new(SystemClock), Arc::new(OsRandom))?;
    let place = mailer.check().await.map_err(failure)?;
    mailer.send(&letter(config, &address)).await.map_err(failure)?;
    output.show(&json!({ "sent": true, "to": address, "by": place }), || {
        format!("The message to {} is on its way: {}.", clean(&address), clean(&place))
    })
}

fn letter(config: &Config, address: &str) -> Letter {
    let server = config.public_url.as_str();
    Letter {
        to: address.to_owned(),
        subject: "A test message from SimplyCRM".to_owned(),
        paragraphs: vec![
            format!("This is a test message of the SimplyCRM server at {server}."),
            "It was sent by \"crm-admin mail test\". Mail works.".to_owned(),
        ],
        link: None,
        closing: Vec::new(),
    }
}

fn failure(error: MailError) -> Failure {
    let hint = match &error {
        MailError::Later(_) => "Check that it runs, and host, port, user and password in smtp_url.",
        MailError::Never(_) => "Check the address, and whether mail_from may send there.",
    };
    Failure::new("mail", error.to_string()).hint(hint)
}
