//! Lockout: how many guesses anybody gets, at a name, from an address.
//!
//! A guess is counted before it is checked and taken back when it was right, so that guesses at
//! the same time get no more checks than guesses one after the other. It is counted three times:
//! for the name at the address, for the address, and for the name. The latter two are ceilings
//! against many names and many addresses; an address from which the person signed in before is
//! under neither, so that nobody is locked out of where they work by what others do elsewhere.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain_kernel::limit::{ClientAddress, after, seconds, until};
use domain_kernel::{Error, Result, fold};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// How many times what a name may fail at an address, the address may fail with all names.
const ADDRESS_CEILING: u32 = 10;
/// How many times that, a name may fail at all addresses that it is not known at.
const NAME_CEILING: u32 = 20;
/// How long an address is known after the last time that a person signed in from it.
pub const ADDRESS_KNOWN_DAYS: i64 = 90;

/// What is kept of a name that somebody tries: nobody's typing, which may be a password in the
/// wrong field, and never long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameDigest(pub [u8; 32]);

impl NameDigest {
    /// The digest of a name as it was typed; names that sign the same person in have one.
    pub fn of(typed: &str) -> Self {
        Self(Sha256::digest(fold(typed.trim()).as_bytes()).into())
    }

    /// In hexadecimal digits, for keys.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What failures are counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureKey {
    /// An address, with whatever names.
    Address(ClientAddress),
    /// A name, at whatever addresses.
    Name(NameDigest),
    /// A name at an address.
    NameAtAddress(NameDigest, ClientAddress),
}

impl FailureKey {
    /// Name and address, each empty where it does not matter; the order of the keys is that of
    /// these parts.
    pub fn parts(&self) -> (&[u8], &str) {
        match self {
            Self::Address(address) => (&[], address.as_str()),
            Self::Name(name) => (&name.0, ""),
            Self::NameAtAddress(name, address) => (&name.0, address.as_str()),
        }
    }
}

/// How many failures in how long a time lock, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    /// Failures that lock, at least one.
    pub most: u32,
    /// How long the first of them counts, and those after it with it.
    pub window: Duration,
    /// How long the lock lasts from the last of them.
    pub lockout: Duration,
}

/// What is counted under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Failures, and guesses that are being checked.
    pub used: u32,
    /// When they are forgotten: the end of the window, or of the lock.
    pub ends_at: Timestamp,
}

impl Ceiling {
    /// What one more guess makes of a tally (of none, when it is the first).
    ///
    /// # Errors
    /// How long it is locked.
    pub fn reserve(&self, tally: Option<Tally>, now: Timestamp) -> Result<Tally, Duration> {
        let fresh = Tally { used: 0, ends_at: after(now, self.window) };
        let mut tally = tally.filter(|tally| tally.ends_at > now).unwrap_or(fresh);
        if tally.used >= self.most {
            return Err(until(now, tally.ends_at));
        }
        tally.used += 1;
        if tally.used == self.most {
            tally.ends_at = after(now, self.lockout);
        }
        Ok(tally)
    }
}

/// Keeps the tallies.
///
/// An adapter promises: a function is one step that nobody comes between, and a tally is what
/// [`Ceiling::reserve`] makes of it.
#[async_trait]
pub trait FailedSignIns: Send + Sync {
    /// Reserves a guess under every key, or under none when one of them is locked: then the longest
    /// time that one is.
    async fn reserve(&self, guess: &[(FailureKey, Ceiling)]) -> Result<Option<Duration>>;
    /// Forgets all that is counted under some keys, and takes one guess back under others.
    async fn settle(&self, cleared: &[FailureKey], taken_back: &[FailureKey]) -> Result<()>;
    /// Forgets all that is counted for a name, at any address.
    async fn clear_name(&self, name: NameDigest) -> Result<()>;
}

/// The rules of lockout over what keeps the tallies.
#[derive(Clone)]
pub struct Lockout {
    tallies: Arc<dyn FailedSignIns>,
    ceiling: Ceiling,
}

/// A guess that was let through. If nothing is said about it, it has failed.
#[derive(Debug)]
#[must_use = "a guess that was right is to be taken back"]
pub struct Guess {
    pair: FailureKey,
    ceilings: Vec<FailureKey>,
}

impl Lockout {
    /// Lockout of a name at an address by `ceiling`; the others follow from it.
    pub fn new(tallies: Arc<dyn FailedSignIns>, ceiling: Ceiling) -> Self {
        Self { tallies, ceiling }
    }

    /// Lets a guess through, unless it is locked. `known` says whether the person whose name it is
    /// signed in from this address before.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub async fn admit(
        &self,
        name: NameDigest,
        address: &ClientAddress,
        known: bool,
    ) -> Result<Guess> {
        let pair = FailureKey::NameAtAddress(name, address.clone());
        let mut counted = vec![(pair.clone(), self.ceiling)];
        if !known {
            let times = |n| Ceiling { most: self.ceiling.most.saturating_mul(n), ..self.ceiling };
            counted.push((FailureKey::Address(address.clone()), times(ADDRESS_CEILING)));
            counted.push((FailureKey::Name(name), times(NAME_CEILING)));
        }
        match self.tallies.reserve(&counted).await? {
            Some(left) => Err(Error::Locked { seconds: seconds(left).max(1) }),
            None => {
                let ceilings = counted.into_iter().skip(1).map(|(key, _)| key).collect();
                Ok(Guess { pair, ceilings })
            }
        }
    }

    /// The guess was right: earlier failures of the name at the address are forgotten.
    ///
    /// # Errors
    /// Those of what keeps the tallies.
    pub async fn succeeded(&self, guess: Guess) -> Result<()> {
        self.tallies.settle(&[guess.pair], &guess.ceilings).await
    }

    /// The guess was not checked after all: it counts as never made.
    ///
    /// # Errors
    /// Those of what keeps the tallies.
    pub async fn abandoned(&self, guess: Guess) -> Result<()> {
        let mut keys = guess.ceilings;
        keys.push(guess.pair);
        self.tallies.settle(&[], &keys).await
    }

    /// Lets a name be tried again everywhere.
    ///
    /// # Errors
    /// Those of what keeps the tallies.
    pub async fn unlock(&self, name: NameDigest) -> Result<()> {
        self.tallies.clear_name(name).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Ceiling =
        Ceiling { most: 3, window: Duration::from_secs(100), lockout: Duration::from_secs(1_000) };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("in range")
    }

    /// What is answered at each of some moments: none, or the seconds that it is locked.
    fn answers(moments: &[i64]) -> Vec<Option<u64>> {
        let mut tally = None;
        let answer = |second: &i64| match RULE.reserve(tally, at(*second)) {
            Ok(next) => {
                tally = Some(next);
                None
            }
            Err(left) => Some(left.as_secs()),
        };
        moments.iter().map(answer).collect()
    }

    #[test]
    fn the_last_failure_that_is_allowed_locks_from_then_on() {
        let expected = [None, None, None, Some(990), Some(1), None];
        assert_eq!(answers(&[0, 1, 99, 109, 1_098, 1_099]), expected);
    }

    #[test]
    fn failures_are_forgotten_after_their_window() {
        assert_eq!(answers(&[0, 1, 100, 101, 102, 103]), [None, None, None, None, None, Some(999)]);
    }

    #[test]
    fn one_failure_can_lock_and_a_lower_limit_holds_at_once() {
        let strict = Ceiling { most: 1, ..RULE };
        let tally = strict.reserve(None, at(0)).expect("the first is let through");
        assert_eq!(tally, Tally { used: 1, ends_at: at(1_000) });
        assert_eq!(strict.reserve(Some(tally), at(400)), Err(Duration::from_secs(600)));
        let tally = Tally { used: 7, ends_at: at(50) };
        assert_eq!(RULE.reserve(Some(tally), at(0)), Err(Duration::from_secs(50)));
    }

    #[test]
    fn a_guess_that_was_taken_back_can_be_made_again() {
        let tally = Tally { used: 2, ends_at: at(900) };
        assert!(RULE.reserve(Some(tally), at(10)).is_ok_and(|tally| tally.used == 3));
    }

    #[test]
    fn a_name_is_one_however_it_is_typed() {
        assert_eq!(NameDigest::of(" Ada@Example.com "), NameDigest::of("ada@example.com"));
        assert_ne!(NameDigest::of("ada"), NameDigest::of("bob"));
        assert_eq!(NameDigest::of("ada").hex().len(), 64);
    }

    #[test]
    fn keys_are_in_the_order_of_their_parts() {
        let address = ClientAddress::of(std::net::Ipv4Addr::LOCALHOST.into());
        let name = NameDigest::of("ada");
        let keys = [
            FailureKey::Address(address.clone()),
            FailureKey::Name(name),
            FailureKey::NameAtAddress(name, address),
        ];
        assert!(keys.is_sorted() && keys.is_sorted_by_key(|key| key.parts().0.to_vec()));
    }
}
