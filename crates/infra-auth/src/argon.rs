//! Argon2id, over memory that goes from one hash to the next.
//!
//! A hash fills 19 MiB. Asking the system for them anew each time costs a third as much again as
//! the hash itself, so they are kept while somebody waits for the next one, and given back when
//! nobody does.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, CustomizedPasswordHasher, PasswordVerifier as _, generate_salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// The memory that hashes of this process use one after the other.
#[derive(Default)]
pub(crate) struct Memory {
    spare: Mutex<Vec<Vec<Block>>>,
    waiting: AtomicUsize,
}

impl Memory {
    /// Says that somebody waits for a hash, as long as what it returns is kept.
    pub(crate) fn waits(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.waiting)
    }

    /// Runs what hashes with some of the memory.
    pub(crate) fn lend<T>(&self, work: impl FnOnce(&Argon2id) -> T) -> T {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let hasher = Argon2id(RefCell::new(spare().pop().unwrap_or_default()));
        let outcome = work(&hasher);
        let blocks = hasher.0.into_inner();
        if self.waiting.load(Ordering::Relaxed) == 0 {
            spare().clear();
        } else if blocks.len() == Params::default().block_count() {
            spare().push(blocks);
        }
        outcome
    }
}

/// Somebody who waits for a hash.
pub(crate) struct Waiting<'m>(&'m AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Argon2id with the library's defaults: 19 MiB, two passes, one lane (OWASP's first choice).
pub(crate) struct Argon2id(RefCell<Vec<Block>>);

impl Argon2id {
    /// The hash of a password with a new salt, as text.
    pub(crate) fn hash(&self, password: &str) -> password_hash::Result<String> {
        let (password, salt) = (password.as_bytes(), generate_salt());
        let hash = self.hash_password_customized(password, &salt, None, None, Params::default())?;
        Ok(hash.to_string())
    }

    /// Whether a password has this hash, of whatever costs; compared in constant time.
    pub(crate) fn verify(&self, password: &str, hash: &PasswordHash) -> bool {
        self.verify_password(password.as_bytes(), hash).is_ok()
    }
}

impl CustomizedPasswordHasher<PasswordHash> for Argon2id {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let (written, count) = (ParamsString::try_from(&params)?, params.block_count());
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let mut buffer = [0; Output::MAX_LENGTH];
        let output = buffer.get_mut(..length).ok_or(password_hash::Error::OutputSize)?;
        let salt = Salt::new(salt)?;
        let mut blocks = self.0.borrow_mut();
        blocks.resize(count, Block::default());
        Argon2::new(algorithm, version, params).hash_password_into_with_memory(
            password,
            &salt,
            output,
            &mut *blocks,
        )?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: written,
            salt: Some(salt),
            hash: Some(Output::new(output)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_the_memory_makes_no_difference() {
        let memory = Memory::default();
        let _next = memory.waits();
        let stored = memory.lend(|argon| argon.hash("the first")).expect("hashes");
        let parsed = PasswordHash::new(&stored).expect("parses");
        for (password, right) in [("the second", false), ("the first", true), ("", false)] {
            assert_eq!(memory.lend(|argon| argon.verify(password, &parsed)), right, "{password}");
        }
        let library = Argon2::default();
        library.verify_password(b"the first", &parsed).expect("the library finds it right");
    }

    #[test]
    fn memory_is_kept_while_somebody_waits() {
        let memory = Memory::default();
        let spare = || memory.spare.lock().expect("no panic").len();
        let next = memory.waits();
        memory.lend(|argon| argon.hash("some password")).expect("hashes");
        assert_eq!(spare(), 1);
        drop(next);
        memory.lend(|argon| argon.hash("some password")).expect("hashes");
        assert_eq!(spare(), 0);
    }
}
