//! Links that let somebody do one thing once.

use std::fmt;
use std::time::Duration;

use domain_kernel::limit::after;
use domain_kernel::{PersonId, Random};
use jiff::Timestamp;

use crate::{Person, token};

/// What every secret of a link begins with.
const PREFIX: &str = "crml_";

/// The page on which somebody sets a new password.
pub const PASSWORD_PAGE: &str = "/account/password/";
/// The page on which somebody accepts an invitation.
pub const INVITATION_PAGE: &str = "/account/invitation/";
/// The page on which somebody shows that their address is theirs.
pub const VERIFICATION_PAGE: &str = "/account/email/";

/// The secret of a link: as tokens are, with a prefix of its own.
pub struct LinkSecret(String);

/// The SHA-256 of a link's secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkDigest(pub [u8; 32]);

impl LinkSecret {
    /// Makes a new secret.
    pub fn generate(random: &dyn Random) -> Self {
        Self(token::generate(PREFIX, random))
    }

    /// The text that the receiver gets.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> LinkDigest {
        LinkDigest(token::digest(&self.0))
    }

    /// The address of a page with the secret. It stands behind the `#`, which no browser sends: it
    /// gets into no log, and into no `Referer`.
    pub(crate) fn address(&self, public_url: &str, page: &str) -> String {
        format!("{public_url}{page}#token={}", self.0)
    }
}

impl LinkDigest {
    /// The digest of a secret that somebody sent; none when it cannot be one of ours.
    pub fn of(text: &str) -> Option<Self> {
        token::recognise(PREFIX, text).map(Self)
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(…)")
    }
}

impl fmt::Debug for LinkDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkDigest(…)")
    }
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkPurpose {
    /// Setting a new password in place of a forgotten one.
    PasswordReset,
    /// Setting the first password.
    PasswordSetup,
    /// Showing that an address is one's own.
    EmailVerification,
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

impl LinkPurpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PasswordReset, Self::PasswordSetup, Self::EmailVerification];
    /// Those that set a password.
    pub const OF_PASSWORDS: [Self; 2] = [Self::PasswordReset, Self::PasswordSetup];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::PasswordSetup => "password_setup",
            Self::EmailVerification => "email_verification",
        }
    }

    /// The purpose with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }

    /// How long a link for it is good.
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::PasswordReset => Duration::from_secs(HOUR),
            Self::PasswordSetup => Duration::from_secs(7 * DAY),
            Self::EmailVerification => Duration::from_secs(3 * DAY),
        }
    }

    /// The page that takes its secret.
    pub const fn page(self) -> &'static str {
        match self {
            Self::PasswordReset | Self::PasswordSetup => PASSWORD_PAGE,
            Self::EmailVerification => VERIFICATION_PAGE,
        }
    }
}

/// What is known of a link, beside its secret.
#[derive(Debug, Clone, PartialEq)]
pub struct OneTimeLink {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Whose it is.
    pub person: PersonId,
    /// The address that it was mailed to.
    pub email: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl OneTimeLink {
    /// A new link to a person's present address.
    pub fn new(purpose: LinkPurpose, person: &Person, now: Timestamp) -> Self {
        let expires_at = after(now, purpose.lifetime());
        Self { purpose, person: person.id, email: person.draft.email.clone(), expires_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenDigest;

    /// The same byte always.
    struct Always(u8);

    impl Random for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn a_secret_is_recognised_and_is_no_token() {
        let secret = LinkSecret::generate(&Always(7));
        assert_eq!(LinkDigest::of(secret.reveal()), Some(secret.digest()));
        assert_eq!(
            TokenDigest::of(secret.reveal(), crate::TokenKind::Token),
            None,
            "it signs nobody in"
        );
        let token = crate::Token::generate(&Always(7), crate::TokenKind::Token);
        assert_eq!(LinkDigest::of(token.reveal()), None);
        for text in ["", PREFIX, &secret.reveal()[1..], &format!("{}x", secret.reveal())] {
            assert_eq!(LinkDigest::of(text), None, "{text}");
        }
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "LinkSecret(…) LinkDigest(…)");
    }

    #[test]
    fn no_browser_sends_the_secret_to_a_server() {
        let address =
            LinkSecret::generate(&Always(7)).address("https://crm.example", PASSWORD_PAGE);
        let (page, secret) = address.split_once('#').expect("a fragment");
        assert_eq!(page, "https://crm.example/account/password/");
        assert!(secret.starts_with("token=crml_"));
    }

    #[test]
    fn purposes_have_one_word_each() {
        let all = LinkPurpose::ALL;
        assert!(all.iter().all(|purpose| LinkPurpose::from_code(purpose.code()) == Some(*purpose)));
        assert_eq!(LinkPurpose::from_code("else"), None);
    }
}
