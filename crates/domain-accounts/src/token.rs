//! Access tokens, of programs and of browsers.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain_kernel::Random;
use sha2::{Digest as _, Sha256};

/// How a token travels. Each kind has a form of its own, so that none is taken for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// In the header `Authorization`, sent by a program.
    Token,
    /// In a cookie, sent by a browser: a session.
    Session,
}

impl TokenKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Token, Self::Session];

    /// Its name in the API and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
        }
    }

    /// What every one begins with, so that scanners and people recognise it.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Token => "crm_",
            Self::Session => "crs_",
        }
    }
}

/// Characters of the random part: 32 bytes in base64.
const SECRET_CHARACTERS: usize = 43;
/// Characters of the checksum.
const CHECK_CHARACTERS: usize = 6;

/// A token: 256 random bits with a prefix and a checksum. Shown once; only its digest is stored.
pub struct Token(String);

/// The SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest(pub [u8; 32]);

impl Token {
    /// Makes a new token.
    pub fn generate(random: &dyn Random, kind: TokenKind) -> Self {
        Self(generate(kind.prefix(), random))
    }

    /// The text that the client gets.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(digest(&self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

impl TokenDigest {
    /// The digest of a token of a kind that a client sent; none when it cannot be one of ours, which
    /// a mistyped one costs no query to find out.
    pub fn of(text: &str, kind: TokenKind) -> Option<Self> {
        recognise(kind.prefix(), text).map(Self)
    }
}

/// A new secret with a prefix: 256 random bits and a checksum.
pub(crate) fn generate(prefix: &str, random: &dyn Random) -> String {
    let mut secret = [0; 32];
    random.fill(&mut secret);
    let body = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(secret));
    let check = checksum(&body);
    body + &check
}

/// The digest of a text that can be a secret with this prefix.
pub(crate) fn recognise(prefix: &str, text: &str) -> Option<[u8; 32]> {
    let length = prefix.len() + SECRET_CHARACTERS;
    if text.len() != length + CHECK_CHARACTERS || !text.is_ascii() || !text.starts_with(prefix) {
        return None;
    }
    let (body, check) = text.split_at(length);
    (checksum(body) == check).then(|| digest(text))
}

/// What is stored of a secret.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn checksum(body: &str) -> String {
    let mut check = URL_SAFE_NO_PAD.encode(Sha256::digest(body.as_bytes()));
    check.truncate(CHECK_CHARACTERS);
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (index, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from(index % 256).unwrap_or(0);
            }
        }
    }

    #[test]
    fn a_token_is_recognised_and_a_mistyped_one_is_not() {
        for kind in TokenKind::ALL {
            let token = Token::generate(&Counting, kind);
            assert_eq!(TokenDigest::of(token.reveal(), kind), Some(token.digest()));
            for other in TokenKind::ALL.into_iter().filter(|other| *other != kind) {
                assert_eq!(TokenDigest::of(token.reveal(), other), None, "none is the other");
            }
            let mut mistyped = token.reveal().to_owned();
            mistyped.replace_range(10..11, "!");
            assert_eq!(TokenDigest::of(&mistyped, kind), None);
            for text in ["", "crm_", "token", &token.reveal()[1..], &format!("{}x", token.reveal())]
            {
                assert_eq!(TokenDigest::of(text, kind), None, "{text}");
            }
        }
    }

    #[test]
    fn neither_shows_in_debug_output() {
        let token = Token::generate(&Counting, TokenKind::Session);
        let shown = format!("{token:?} {:?}", token.digest());
        assert_eq!(shown, "Token(…) TokenDigest(…)");
    }
}
