//! The tallies of failed sign-ins.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use domain_accounts::{Ceiling, FailedSignIns, FailureKey, NameDigest};
use domain_kernel::limit::{ClientAddress, seconds};

use super::limits::Passing;
use crate::SeededRandom;

/// An adapter with its time. Others may share what it counts in, under other seeds.
pub struct Failures {
    /// The adapter.
    pub tallies: Arc<dyn FailedSignIns>,
    /// Its time.
    pub time: Arc<dyn Passing>,
    /// What names are made from.
    pub random: SeededRandom,
    /// What must live as long.
    pub keep: Box<dyn Any + Send + Sync>,
}

const MINUTE: Duration = Duration::from_secs(60);
const TWO: Ceiling = Ceiling { most: 2, window: MINUTE, lockout: Duration::from_secs(600) };

impl Failures {
    fn name(&self) -> NameDigest {
        NameDigest::of(&format!("contract {:x}", self.random.number()))
    }

    /// An address of the benchmarking network that nobody else has.
    fn address(&self) -> ClientAddress {
        let [_, _, c, d, ..] = self.random.number().to_le_bytes();
        ClientAddress::of([198, 18 | (c & 1), c, d].into())
    }

    fn pair(&self) -> FailureKey {
        FailureKey::NameAtAddress(self.name(), self.address())
    }

    /// How many seconds a guess is refused for; none when it is let through.
    async fn guess(&self, keys: &[(&FailureKey, Ceiling)]) -> Option<u64> {
        let guess: Vec<_> = keys.iter().map(|(key, most)| ((*key).clone(), *most)).collect();
        self.tallies.reserve(&guess).await.expect("counts").map(seconds)
    }

    async fn settle(&self, cleared: &[&FailureKey], taken_back: &[&FailureKey]) {
        let owned =
            |keys: &[&FailureKey]| keys.iter().map(|key| (*key).clone()).collect::<Vec<_>>();
        self.tallies.settle(&owned(cleared), &owned(taken_back)).await.expect("settles");
    }
}

/// The last guess that is allowed locks from then on, and refused ones change nothing.
pub async fn the_last_that_is_allowed_locks(failures: &Failures) {
    let (key, other) = (failures.pair(), failures.pair());
    assert_eq!(failures.guess(&[(&key, TWO)]).await, None);
    assert_eq!(failures.guess(&[(&key, TWO)]).await, None);
    for _ in 0..3 {
        let left = failures.guess(&[(&key, TWO)]).await.expect("it is locked");
        assert!((590..=600).contains(&left), "{left}");
    }
    failures.time.pass(MINUTE).await;
    let left = failures.guess(&[(&key, TWO)]).await.expect("it is locked");
    assert!((530..=540).contains(&left), "{left}");
    assert_eq!(failures.guess(&[(&other, TWO)]).await, None, "others are not");
}

/// A lock ends after its time, and one begins anew.
pub async fn a_lock_ends_after_its_time(failures: &Failures) {
    let key = failures.pair();
    failures.guess(&[(&key, TWO)]).await;
    failures.guess(&[(&key, TWO)]).await;
    failures.time.pass(Duration::from_secs(600)).await;
    assert_eq!(failures.guess(&[(&key, TWO)]).await, None);
    assert_eq!(failures.guess(&[(&key, TWO)]).await, None);
    assert!(failures.guess(&[(&key, TWO)]).await.is_some());
}

/// Failures are forgotten when their window ends, which later ones do not prolong.
pub async fn failures_are_forgotten_after_their_window(failures: &Failures) {
    let (key, three) = (failures.pair(), Ceiling { most: 3, ..TWO });
    failures.guess(&[(&key, three)]).await;
    failures.time.pass(MINUTE / 2).await;
    failures.guess(&[(&key, three)]).await;
    failures.time.pass(MINUTE / 2).await;
    for _ in 0..3 {
        assert_eq!(failures.guess(&[(&key, three)]).await, None);
    }
    assert!(failures.guess(&[(&key, three)]).await.is_some());
}

/// When one key is locked, nothing is counted under the others; the longest lock is named.
pub async fn one_locked_key_counts_nothing_under_the_others(failures: &Failures) {
    let (name, address) = (failures.name(), failures.address());
    let keys = [
        FailureKey::NameAtAddress(name, address.clone()),
        FailureKey::Address(address),
        FailureKey::Name(name),
    ];
    let many = Ceiling { most: 4, lockout: Duration::from_secs(900), ..TWO };
    let all = [(&keys[0], TWO), (&keys[1], many), (&keys[2], many)];
    for _ in 0..2 {
        assert_eq!(failures.guess(&all).await, None);
    }
    for _ in 0..5 {
        assert!(failures.guess(&all).await.is_some_and(|left| left <= 600));
    }
    // Two are counted under the others, so that two more are let through.
    for _ in 0..2 {
        assert_eq!(failures.guess(&all[1..]).await, None);
    }
    let left = failures.guess(&all).await.expect("locked under all");
    assert!((890..=900).contains(&left), "{left}");
}

/// What is cleared is forgotten, what is taken back is one less, and never less than none.
pub async fn what_is_cleared_is_forgotten_and_what_is_taken_back_is_one_less(failures: &Failures) {
    let (one, two) = (failures.pair(), failures.pair());
    for key in [&one, &two] {
        failures.guess(&[(key, TWO)]).await;
        failures.guess(&[(key, TWO)]).await;
    }
    failures.settle(&[&one], &[&two]).await;
    assert_eq!(failures.guess(&[(&two, TWO)]).await, None, "one is free again");
    assert!(failures.guess(&[(&two, TWO)]).await.is_some());
    for _ in 0..3 {
        failures.settle(&[], &[&one]).await;
    }
    assert_eq!(failures.guess(&[(&one, TWO)]).await, None);
    assert_eq!(failures.guess(&[(&one, TWO)]).await, None);
    assert!(failures.guess(&[(&one, TWO)]).await.is_some());
}

/// A name is cleared at every address and for all of them; other names are not.
pub async fn a_name_is_cleared_at_every_address(failures: &Failures) {
    let (name, other) = (failures.name(), failures.name());
    let (here, there) = (failures.address(), failures.address());
    let at = |name, address: &ClientAddress| FailureKey::NameAtAddress(name, address.clone());
    let cleared = [at(name, &here), at(name, &there), FailureKey::Name(name)];
    let kept = [at(other, &here), FailureKey::Name(other), FailureKey::Address(here.clone())];
    for key in cleared.iter().chain(&kept) {
        failures.guess(&[(key, TWO)]).await;
        failures.guess(&[(key, TWO)]).await;
    }
    failures.tallies.clear_name(name).await.expect("is cleared");
    for key in &cleared {
        assert_eq!(failures.guess(&[(key, TWO)]).await, None, "{key:?}");
    }
    for key in &kept {
        assert!(failures.guess(&[(key, TWO)]).await.is_some(), "{key:?}");
    }
}

/// At the same time no more than allowed are let through, however they come in each other's way.
pub async fn at_the_same_time_no_more_than_allowed_are_let_through(failures: &Failures) {
    let (name, address) = (failures.name(), failures.address());
    let pair = FailureKey::NameAtAddress(name, address.clone());
    let ceilings = [FailureKey::Address(address), FailureKey::Name(name)];
    let (five, many) = (Ceiling { most: 5, ..TWO }, Ceiling { most: 50, ..TWO });
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let tallies = failures.tallies.clone();
            let mut guess = vec![(pair.clone(), five)];
            guess.extend(ceilings.iter().map(|key| (key.clone(), many)));
            tokio::spawn(async move { tallies.reserve(&guess).await.expect("counts").is_none() })
        })
        .collect();
    let mut through = 0;
    for task in tasks {
        through += usize::from(task.await.expect("no panic"));
    }
    assert_eq!(through, 5);
}
