//! The second factor: a code that an app computes from a shared secret and the time (RFC 6238), and
//! recovery codes for who has lost it.
//!
//! The rules are here and in [`manage`]; what needs cryptography is behind [`FactorVault`].

mod challenge;
mod manage;
mod require;

use std::fmt;
use std::sync::Arc;

pub(crate) use challenge::second_factor_error;
pub use challenge::{Challenge, SignInStep};
use domain_kernel::{PersonId, Random, Result};
use jiff::Timestamp;
pub use manage::FactorState;
pub use require::WorkspaceSecurity;
use sha2::{Digest as _, Sha256};

use crate::{Accounts, AccountsWork, Organization, Person};

/// Bytes of a secret: as many as the HMAC gives (RFC 4226 asks for that).
const SECRET_BYTES: usize = 20;
/// How many recovery codes one has.
const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code: 5 bits each, 80 in all.
const RECOVERY_CHARACTERS: usize = 16;
/// No letter or digit that is read as another.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// What the use cases need of the second factor.
#[derive(Clone)]
pub struct SecondFactors {
    /// Keeps the secrets, and computes codes.
    pub vault: Arc<dyn FactorVault>,
    /// Whether the platform's staff must have one.
    pub required_of_staff: bool,
}

/// Seals secrets with a key of the server's, and computes codes from them.
///
/// An adapter promises: what it sealed it opens again, for the same purpose only; nothing else is
/// opened, and what is sealed tells nothing.
pub trait FactorVault: Send + Sync {
    /// Seals a secret for a purpose.
    fn seal(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>>;
    /// Opens what was sealed for a purpose; none when it was not, or by another key.
    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>>;
    /// The step of the time, the last, this or the next one, whose code this is and that comes after
    /// another step.
    fn step(&self, secret: &[u8], code: &str, now: Timestamp, after: i64) -> Option<i64>;
    /// What an app needs of a secret, for an account of this name.
    fn enrolment(&self, secret: &[u8], account: &str) -> Result<Enrolment>;
}

/// What an app needs; shown once.
pub struct Enrolment {
    /// The secret, to be typed in.
    pub secret: String,
    /// The same as an address, `otpauth://…`.
    pub address: String,
    /// The address as a picture, in SVG.
    pub picture: String,
}

/// What is stored of a second factor.
#[derive(Clone, PartialEq)]
pub struct StoredFactor {
    /// The secret, sealed.
    pub sealed: Vec<u8>,
    /// The step of the last code that was accepted: no code counts twice.
    pub last_step: i64,
}

/// What is stored of a recovery code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecoveryDigest(pub [u8; 32]);

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolment(…)")
    }
}

impl fmt::Debug for StoredFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredFactor({})", self.last_step)
    }
}

impl fmt::Debug for RecoveryDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryDigest(…)")
    }
}

impl RecoveryDigest {
    /// The digest of a code as its owner types it: hyphens, blanks and case do not matter.
    pub fn of(person: PersonId, typed: &str) -> Option<Self> {
        let code: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_lowercase())
            .take(RECOVERY_CHARACTERS + 1)
            .collect();
        let is_one =
            code.len() == RECOVERY_CHARACTERS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        let digest = || Sha256::new().chain_update(person.raw().to_be_bytes()).chain_update(&code);
        is_one.then(|| Self(digest().finalize().into()))
    }
}

/// New recovery codes, as they are shown, and what is stored of each.
fn recovery_codes(random: &dyn Random, person: PersonId) -> Vec<(String, RecoveryDigest)> {
    let make = |_| {
        let mut bytes = [0; RECOVERY_CHARACTERS];
        random.fill(&mut bytes);
        let text: Vec<u8> = bytes.iter().map(|byte| ALPHABET[usize::from(byte % 32)]).collect();
        let parts: Vec<String> =
            text.chunks(4).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        let code = parts.join("-");
        RecoveryDigest::of(person, &code).map(|digest| (code, digest))
    };
    (0..RECOVERY_CODES).filter_map(make).collect()
}

/// What a person's secret is sealed for.
fn purpose(person: PersonId) -> String {
    format!("second factor of {person}")
}

impl Accounts {
    /// Whether somebody must set up a second factor before they do anything else in a workspace. Who
    /// has no password comes in by a provider, whose word is enough.
    pub(crate) fn lacks_second_factor(&self, person: &Person, organization: &Organization) -> bool {
        let of_staff = person.is_superuser && self.limits.second_factors.required_of_staff;
        let required = organization.requires_second_factor || of_staff;
        required && person.has_password && person.second_factor_at.is_none()
    }

    /// Whether a code is good for a person, who is locked: one of the app's that was not used before,
    /// or a recovery code, which is used up.
    pub(crate) async fn use_code(
        &self,
        work: &mut dyn AccountsWork,
        person: PersonId,
        code: &str,
    ) -> Result<bool> {
        let Some(factor) = work.second_factor(person).await? else { return Ok(false) };
        if let Some(digest) = RecoveryDigest::of(person, code) {
            return work.take_recovery_code(person, &digest).await;
        }
        let vault = &self.limits.second_factors.vault;
        let Some(secret) = vault.open(&purpose(person), &factor.sealed)? else {
            let message = "The second factor cannot be checked here: this server has another key.";
            return Err(domain_kernel::Error::Unavailable(message));
        };
        match vault.step(&secret, code.trim(), self.clock.now(), factor.last_step) {
            Some(step) => {
                work.put_second_factor(person, &StoredFactor { last_step: step, ..factor }).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random and are always the same.
    struct Sequence(std::sync::atomic::AtomicU64);

    impl Random for Sequence {
        fn fill(&self, buffer: &mut [u8]) {
            let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            for (bytes, part) in buffer.chunks_mut(32).zip(0_u64..) {
                let digest = Sha256::digest([n.to_be_bytes(), part.to_be_bytes()].concat());
                bytes.copy_from_slice(&digest[..bytes.len()]);
            }
        }
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let (ada, bob) = (PersonId::new(1), PersonId::new(2));
        let codes = recovery_codes(&Sequence(3.into()), ada);
        assert_eq!(codes.len(), RECOVERY_CODES);
        let digests: std::collections::BTreeSet<_> =
            codes.iter().map(|(_, digest)| *digest).collect();
        assert_eq!(digests.len(), RECOVERY_CODES, "all differ");
        let (code, digest) = &codes[0];
        assert_eq!(code.len(), 19, "xxxx-xxxx-xxxx-xxxx");
        for typed in [code.to_uppercase(), code.replace('-', ""), format!(" {code}\n")] {
            assert_eq!(RecoveryDigest::of(ada, &typed), Some(*digest), "{typed}");
        }
        assert_ne!(RecoveryDigest::of(bob, code), Some(*digest), "everybody's is another");
        for text in ["", "123456", &code[1..], &format!("{code}2"), &code.replace('-', "l")] {
            assert_eq!(RecoveryDigest::of(ada, text), None, "{text}");
        }
        assert!(
            !format!("{:?} {digest:?}", StoredFactor { sealed: vec![77], last_step: 1 })
                .contains("77")
        );
    }
}
