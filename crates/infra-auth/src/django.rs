//! Passwords that Django hashed: people who come from there sign in with them once, and are hashed
//! anew.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::pbkdf2::{PBKDF2_HMAC_SHA256, verify};

/// The costliest hash that is checked: more than Django's own default has ever been, and a limit
/// to what a crafted one can cost.
const MOST_ITERATIONS: u32 = 5_000_000;

/// A hash as Django writes it: `pbkdf2_sha256$<iterations>$<salt>$<digest in base64>`.
pub(crate) struct DjangoHash<'h> {
    iterations: NonZeroU32,
    salt: &'h str,
    digest: Vec<u8>,
}

impl<'h> DjangoHash<'h> {
    /// Reads a hash; none when it is not one of Django's.
    pub(crate) fn parse(text: &'h str) -> Option<Self> {
        let mut parts = text.strip_prefix("pbkdf2_sha256$")?.split('$');
        let (iterations, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
        let iterations: NonZeroU32 = iterations.parse().ok()?;
        let digest = STANDARD.decode(digest).ok().filter(|digest| digest.len() == 32)?;
        let known =
            parts.next().is_none() && !salt.is_empty() && iterations.get() <= MOST_ITERATIONS;
        known.then_some(Self { iterations, salt, digest })
    }

    /// Whether this is the password.
    pub(crate) fn verify(&self, password: &str) -> bool {
        let (salt, password) = (self.salt.as_bytes(), password.as_bytes());
        verify(PBKDF2_HMAC_SHA256, self.iterations, salt, password, &self.digest).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python's `hashlib.pbkdf2_hmac`, which Django uses.
    const HASH: &str = "pbkdf2_sha256$1000$seasalt$DrdiWD40lyBuydnjvZiDrdQMx1S1mOA9O0QYex0R6ww=";

    #[test]
    fn what_django_hashed_is_recognised() {
        let hash = DjangoHash::parse(HASH).expect("a hash");
        assert!(hash.verify("correct horse battery"));
        assert!(!hash.verify("correct horse batterz"));
    }

    #[test]
    fn what_django_did_not_write_is_none_of_its_hashes() {
        let digest = "DrdiWD40lyBuydnjvZiDrdQMx1S1mOA9O0QYex0R6ww=";
        for text in [
            "",
            "!unusable",
            &HASH.replace("sha256", "sha1"),
            &format!("pbkdf2_sha256$0$seasalt${digest}"),
            &format!("pbkdf2_sha256$4294967295$seasalt${digest}"),
            &format!("pbkdf2_sha256$1000$${digest}"),
            &format!("pbkdf2_sha256$1000$seasalt${digest}$more"),
            "pbkdf2_sha256$1000$seasalt$",
            "pbkdf2_sha256$1000$seasalt$AAAA",
        ] {
            assert!(DjangoHash::parse(text).is_none(), "{text}");
        }
    }
}
