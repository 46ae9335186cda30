//! Access tokens.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain_kernel::Random;
use sha2::{Digest as _, Sha256};

/// What every token begins with, so that scanners and people recognise one.
const PREFIX: &str = "crm_";
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
    pub fn generate(random: &dyn Random) -> Self {
        Self(generate(PREFIX, random))
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
    /// The digest of a token that a client sent; none when it cannot be one of ours, which a
    /// mistyped one costs no query to find out.
    pub fn of(text: &str) -> Option<Self> {
        recognise(PREFIX, text).map(Self)
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
        let token = Token::generate(&Counting);
        assert_eq!(TokenDigest::of(token.reveal()), Some(token.digest()));
        let mut mistyped = token.reveal().to_owned();
        mistyped.replace_range(10..11, "!");
        assert_eq!(TokenDigest::of(&mistyped), None);
        for text in ["", "crm_", "token", &token.reveal()[1..], &format!("{}x", token.reveal())] {
            assert_eq!(TokenDigest::of(text), None, "{text}");
        }
    }

    #[test]
    fn neither_shows_in_debug_output() {
        let token = Token::generate(&Counting);
        let shown = format!("{token:?} {:?}", token.digest());
        assert_eq!(shown, "Token(…) TokenDigest(…)");
    }
}
