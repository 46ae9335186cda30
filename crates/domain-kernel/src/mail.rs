//! What is said to people by mail: letters, and who sends them.
//!
//! A domain crate writes the words of a letter; how they look as HTML and as plain text, and how
//! they travel, is the adapter's. Letters are sent by jobs, never by a request.

use std::fmt;

use async_trait::async_trait;

/// A letter to one person, in plain words: nothing in it is markup.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// The line that mail programs show in lists.
    pub subject: String,
    /// What stands before the link.
    pub paragraphs: Vec<String>,
    /// Where it leads, if anywhere.
    pub link: Option<LetterLink>,
    /// What stands after it.
    pub closing: Vec<String>,
}

/// A link in a letter, which may be a secret of the one who gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterLink {
    /// What people read on it.
    pub label: String,
    /// The whole address.
    pub address: String,
}

// The address of the link is a secret, and whom letters go to concerns no log.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a letter was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The mail server is away, busy or does not let us in: worth another try later.
    #[error("{0}")]
    Later(String),
    /// The mail server will not take this letter, however often it is asked.
    #[error("{0}")]
    Never(String),
}

/// Sends letters.
///
/// An adapter promises: `Ok` means that a letter is in the hands of the mail server; whatever stands
/// in it, it has one receiver and the headers that we give it; its messages hold no secret.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a letter.
    async fn send(&self, letter: &Letter) -> Result<(), MailError>;

    /// Whether letters could be sent now; says where they go.
    async fn check(&self) -> Result<String, MailError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_neither_the_link_nor_the_receiver() {
        let address = "https://crm.example.com/reset/#token=secret".to_owned();
        let letter = Letter {
            to: "ada@example.com".to_owned(),
            subject: "Hello".to_owned(),
            paragraphs: Vec::new(),
            link: Some(LetterLink { label: "Go".to_owned(), address }),
            closing: Vec::new(),
        };
        assert_eq!(format!("{letter:?}"), r#"Letter { subject: "Hello", .. }"#);
    }
}
