//! A letter as a message of RFC 5322: headers and both forms of the text.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use domain_kernel::mail::{Letter, MailError};
use domain_kernel::{Clock, Random, uuid_v7};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use crate::template;

/// Who letters come from: `SimplyCRM <crm@example.com>`, or an address alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// Reads one; none when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        // Mail programs forgive much; an address with a line end in it is a mistake.
        let plain = !text.contains(char::is_control);
        text.parse().ok().filter(|_| plain).map(Self)
    }

    /// The part after the @.
    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

/// Nobody, on this machine.
impl Default for Sender {
    fn default() -> Self {
        Self(Mailbox::new(None, Address::new_dangerous("no-reply", "localhost")))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Makes messages of letters.
pub struct Composer {
    /// Who they come from.
    pub from: Sender,
    /// Tells when.
    pub clock: Arc<dyn Clock>,
    /// Tells them apart.
    pub random: Arc<dyn Random>,
}

impl Composer {
    /// The message, with the id that it has everywhere.
    ///
    /// # Errors
    /// [`MailError::Never`] when the receiver has no address that mail could go to.
    pub(crate) fn compose(&self, letter: &Letter) -> Result<(Message, String), MailError> {
        let bad = |what: &str| MailError::Never(format!("{what} cannot be used in a mail."));
        let to = Address::from_str(&letter.to).map_err(|_| bad("The address"))?;
        let now = self.clock.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let id = uuid_v7(now, &*self.random).to_string();
        let message = Message::builder()
            .from(self.from.0.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&letter.subject))
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(format!("<{id}@{}>", self.from.domain())))
            // Out-of-office programs leave such mail alone (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(MultiPart::alternative_plain_html(
                template::text(letter),
                template::html(letter),
            ))
            .map_err(|_| bad("The letter"))?;
        Ok((message, id))
    }
}

/// What people call themselves stands in subjects: there it is one line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
pub(crate) mod tests {
    use domain_kernel::mail::LetterLink;
    use jiff::Timestamp;

    use super::*;

    /// A clock that stands still.
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(1_700_000_000).expect("in range")
        }
    }

    /// The same byte always.
    struct Always(u8);

    impl Random for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    /// A composer whose messages are the same each time.
    pub(crate) fn composer() -> Composer {
        let from = Sender::parse("SimplyCRM <crm@crm.example.com>").expect("a sender");
        Composer { from, clock: Arc::new(Still), random: Arc::new(Always(7)) }
    }

    /// A letter with a subject.
    pub(crate) fn letter(subject: &str) -> Letter {
        Letter {
            to: "ada@example.com".to_owned(),
            subject: subject.to_owned(),
            paragraphs: vec!["Hello,".to_owned()],
            link: Some(LetterLink {
                label: "Set a password".to_owned(),
                address: "https://crm.example.com/reset-password/#token=crml_secret".to_owned(),
            }),
            closing: Vec::new(),
        }
    }

    /// The names of a message's headers, in order, without those of its parts.
    fn headers(message: &Message) -> Vec<String> {
        let text = String::from_utf8(message.formatted()).expect("text");
        let (head, _) = text.split_once("\r\n\r\n").expect("a body");
        let begins = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        begins.filter_map(|line| line.split(':').next().map(str::to_owned)).collect()
    }

    #[test]
    fn a_message_has_the_headers_that_we_give_it() {
        let (message, id) = composer().compose(&letter("Hello")).expect("a message");
        let text = String::from_utf8(message.formatted()).expect("text");
        for line in [
            "From: SimplyCRM <crm@crm.example.com>\r\n",
            "To: ada@example.com\r\n",
            "Subject: Hello\r\n",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            &format!("Message-ID: <{id}@crm.example.com>\r\n"),
        ] {
            assert!(text.contains(line), "no {line:?} in\n{text}");
        }
        assert!(text.contains("text/plain") && text.contains("text/html"), "{text}");
    }

    #[test]
    fn nothing_that_people_write_becomes_a_header() {
        let plain = headers(&composer().compose(&letter("Hello")).expect("a message").0);
        for subject in [
            "Hi\r\nBcc: eve@example.com",
            "Hi\nX: y\n\nbody",
            "a\u{85}b\u{2028}c",
            &"ü\r\n".repeat(99),
        ] {
            let (message, _) = composer().compose(&letter(subject)).expect("a message");
            assert_eq!(headers(&message), plain, "{subject:?}");
            let receivers: Vec<_> =
                message.envelope().to().iter().map(ToString::to_string).collect();
            assert_eq!(receivers, ["ada@example.com"]);
        }
    }

    #[test]
    fn what_is_no_address_gets_no_mail() {
        for to in [
            "",
            "ada",
            "ada@",
            "a\r\nb@example.com",
            "a@b.example\r\nBcc: eve@example.com",
            "a@example.com, b@example.com",
            "Ada <ada@example.com>",
        ] {
            let letter = Letter { to: to.to_owned(), ..letter("Hello") };
            let refused = composer().compose(&letter).map(drop);
            assert!(matches!(refused, Err(MailError::Never(_))), "{to:?}");
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for good in
            ["crm@example.com", "SimplyCRM <crm@example.com>", "\"Acme, Inc\" <a@b.example>"]
        {
            assert!(Sender::parse(good).is_some(), "{good}");
        }
        for bad in ["", "crm", "SimplyCRM", "crm@example.com\r\nBcc: e@example.com"] {
            assert!(Sender::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(
            Sender::parse("A <a@b.example>").as_ref().map(Sender::domain),
            Some("b.example")
        );
    }
}
