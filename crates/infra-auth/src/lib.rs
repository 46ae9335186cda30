//! Passwords: hashed and checked with Argon2id, away from the threads that serve requests.
//!
//! It may depend on the kernel, the ports of accounts and the libraries of cryptography. Other
//! ways to sign in (OpenID Connect, OAuth 2) belong here too, each in a file of its own.

mod argon;
mod django;
mod vault;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use async_trait::async_trait;
use domain_accounts::{Passwords, Verdict};
use domain_kernel::{Error, Result};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::argon::{Argon2id, Memory};
use crate::django::DjangoHash;
pub use crate::vault::{SealedFactors, ServerKey};

/// How long one waits for a turn before being told to come again.
const PATIENCE: Duration = Duration::from_secs(5);
/// The part of a password whose strength is judged.
const JUDGED_CHARACTERS: usize = 32;

/// Passwords under Argon2id.
///
/// At most one hash fewer than there are cores is computed at a time, so that a rush of sign-ins
/// leaves a core to everything else.
pub struct Argon2Passwords {
    permits: Arc<Semaphore>,
    memory: Arc<Memory>,
}

impl Argon2Passwords {
    /// A hasher for a machine with so many cores.
    pub fn new(cores: usize) -> Self {
        let permits = Arc::new(Semaphore::new(cores.saturating_sub(1).max(1)));
        Self { permits, memory: Arc::default() }
    }

    /// Runs a computation on a thread for blocking work, when a permit is free.
    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let waiting = self.memory.waits();
        let permit = timeout(PATIENCE, self.permits.clone().acquire_owned()).await;
        drop(waiting);
        let permit = permit.map_err(|_| Error::Busy)?.map_err(Error::internal)?;
        let run = move || {
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(run).await.map_err(Error::internal)?
    }
}

/// The hash that unknown names are checked against, so that they take as long.
fn nobodys_hash(argon: &Argon2id) -> Result<&'static str> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(known) = HASH.get() {
        return Ok(known);
    }
    let made = argon.hash("nobody has this password").map_err(internal)?;
    Ok(HASH.get_or_init(|| made))
}

/// What makes a hash expensive: memory, passes, lanes.
fn costs(params: &Params) -> (u32, u32, u32) {
    (params.m_cost(), params.t_cost(), params.p_cost())
}

fn verify(argon: &Argon2id, password: &str, stored: Option<&str>) -> Result<Verdict> {
    if let Some(hash) = stored.and_then(DjangoHash::parse) {
        let right = hash.verify(password);
        return Ok(if right { Verdict::RightButOutdated } else { Verdict::Wrong });
    }
    // A hash that is none of ours is nobody's: it takes as long, and is wrong.
    let stored = stored.filter(|text| PasswordHash::new(text).is_ok());
    let parsed = PasswordHash::new(stored.unwrap_or(nobodys_hash(argon)?)).map_err(internal)?;
    let right = argon.verify(password, &parsed);
    let current =
        Params::try_from(&parsed).is_ok_and(|params| costs(&params) == costs(&Params::default()));
    Ok(match (right && stored.is_some(), current) {
        (false, _) => Verdict::Wrong,
        (true, true) => Verdict::Right,
        (true, false) => Verdict::RightButOutdated,
    })
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}

#[async_trait]
impl Passwords for Argon2Passwords {
    async fn hash(&self, password: &str) -> Result<String> {
        let (password, memory) = (password.to_owned(), self.memory.clone());
        self.compute(move || memory.lend(|argon| argon.hash(&password)).map_err(internal)).await
    }

    async fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verdict> {
        let (password, stored) = (password.to_owned(), stored.map(str::to_owned));
        let memory = self.memory.clone();
        self.compute(move || memory.lend(|argon| verify(argon, &password, stored.as_deref()))).await
    }

    async fn is_weak(&self, password: &str, hints: &[&str]) -> Result<bool> {
        // What is weak shows early; the work grows much faster than the text.
        let beginning: String = password.chars().take(JUDGED_CHARACTERS).collect();
        let hints: Vec<String> = hints.iter().map(|hint| (*hint).to_owned()).collect();
        self.compute(move || {
            let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
            // Scores run from 0 to 4; 0 and 1 are found within a million guesses.
            Ok(zxcvbn::zxcvbn(&beginning, &hints).score() < zxcvbn::Score::Two)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordHasher as _;

    use super::*;

    #[tokio::test]
    async fn a_password_is_recognised_and_others_are_not() {
        let passwords = Argon2Passwords::new(2);
        let stored = passwords.hash("correct horse battery").await.expect("hashes");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let verdict = async |password, stored: Option<&str>| {
            passwords.verify(password, stored).await.expect("verifies")
        };
        assert_eq!(verdict("correct horse battery", Some(&stored)).await, Verdict::Right);
        assert_eq!(verdict("correct horse batterz", Some(&stored)).await, Verdict::Wrong);
        assert_eq!(verdict("nobody has this password", None).await, Verdict::Wrong);
        assert_eq!(verdict("anything", Some("no hash at all")).await, Verdict::Wrong);
    }

    #[test]
    fn a_hash_with_other_costs_is_outdated() {
        let params = Params::new(8 * 1024, 1, 1, None).expect("valid");
        let cheap = argon2::Argon2::from(params);
        let stored = cheap.hash_password(b"some password").expect("hashes").to_string();
        let memory = Memory::default();
        let verdict = memory.lend(|argon| verify(argon, "some password", Some(&stored)));
        let verdict = verdict.expect("verifies");
        assert_eq!(verdict, Verdict::RightButOutdated);
    }

    #[test]
    fn what_django_hashed_is_outdated() {
        let stored = "pbkdf2_sha256$1000$seasalt$DrdiWD40lyBuydnjvZiDrdQMx1S1mOA9O0QYex0R6ww=";
        let memory = Memory::default();
        let verdict = |password| {
            memory.lend(|argon| verify(argon, password, Some(stored))).expect("verifies")
        };
        assert_eq!(verdict("correct horse battery"), Verdict::RightButOutdated);
        assert_eq!(verdict("correct horse batterz"), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_password_made_to_be_hard_to_judge_is_judged_soon() {
        let passwords = Argon2Passwords::new(1);
        let costly = "4@8({[<369&#!1/|0$5+7%2".repeat(5);
        let judged = timeout(Duration::from_secs(60), passwords.is_weak(&costly, &[])).await;
        assert!(judged.expect("does not take for ever").is_ok());
    }

    #[tokio::test]
    async fn common_passwords_and_patterns_are_weak() {
        let passwords = Argon2Passwords::new(1);
        for weak in ["password1234", "qwertyuiop12", "aaaaaaaaaaaa", "123456789012"] {
            assert!(passwords.is_weak(weak, &[]).await.expect("judges"), "{weak}");
        }
        for fine in ["correct horse battery", "demo-workspace-2026", "Tr4vel.light.2Rome"] {
            assert!(!passwords.is_weak(fine, &[]).await.expect("judges"), "{fine}");
        }
    }
}
