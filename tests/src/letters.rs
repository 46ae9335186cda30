//! A server that sends its letters to a mail server of the test's own.

use std::time::Duration;

use serde_json::Value;

use crate::{SmtpWay, TestApp, TestSmtp};

/// Where people reach such a server, as its letters have it.
pub const HOME: &str = "http://crm.localhost";

impl TestApp {
    /// The same database with a server that does jobs and sends mail.
    pub async fn with_mail(self, way: SmtpWay, more: &[(&str, &str)]) -> (Self, TestSmtp) {
        let post = TestSmtp::start(way).await;
        let sent = post.settings();
        let mut settings = vec![("CRM_JOBS_IN_SERVER", "4"), ("CRM_PUBLIC_URL", HOME)];
        settings.extend(sent.iter().map(|(name, value)| (*name, value.as_str())));
        settings.extend_from_slice(more);
        (Self::over(self.stop().await, &settings).await, post)
    }

    /// Waits until no job waits or runs.
    pub async fn jobs_done(&self) {
        let living = "SELECT count(*) AS n FROM jobs WHERE state IN ('waiting', 'running')";
        for _ in 0..300 {
            if self.database.query(living).await[0]["n"] == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let jobs = self.database.query("SELECT kind, state, last_error FROM jobs").await;
        panic!("jobs do not end: {jobs:#?}");
    }

    /// Waits until so many letters were tried, and gives state and error of the last one.
    pub async fn letter_state(&self, letters: usize) -> (String, String) {
        let sql = "SELECT state, last_error FROM jobs WHERE kind = 'accounts.letter' AND \
                   attempts > 0 AND state <> 'running' ORDER BY id";
        for _ in 0..300 {
            let mut tried = self.database.query(sql).await;
            if tried.len() >= letters {
                let last = tried.pop().expect("at least one");
                let word = |value: &Value| value.as_str().expect("a text").to_owned();
                return (word(&last["state"]), word(&last["last_error"]));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{letters} letters are not tried");
    }
}
