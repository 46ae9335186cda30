//! Second factors.

use domain_accounts::{Person, RecoveryDigest, StoredFactor};
use domain_kernel::PersonId;

use super::Fixture;

impl Fixture {
    /// A person, with what is stored of their second factor and how many recovery codes are left.
    async fn factor(&self, id: PersonId) -> (Person, Option<StoredFactor>, usize) {
        let mut work = self.looking().await;
        let person = work.person(id).await.expect("a look-up").expect("somebody");
        let factor = work.second_factor(id).await.expect("a look-up");
        let left = work.recovery_codes_left(id).await.expect("a count");
        work.commit().await.expect("a commit");
        (person, factor, left)
    }
}

/// A second factor is kept as it was stored last, and counts from when that is noted.
pub async fn a_second_factor_is_kept_and_deleted_with_its_codes(fixture: &Fixture) {
    let (ada, bob) = (fixture.somebody().await.id, fixture.somebody().await.id);
    let (person, factor, left) = fixture.factor(ada).await;
    assert_eq!((person.second_factor_at, factor, left), (None, None, 0));
    assert!(person.has_password);
    let first = StoredFactor { sealed: vec![0, 255, 7], last_step: 0 };
    let used = StoredFactor { last_step: 58_000_000, ..first.clone() };
    let codes = [RecoveryDigest([1; 32]), RecoveryDigest([2; 32])];
    let mut work = fixture.changing().await;
    work.put_second_factor(ada, &first).await.expect("it is stored");
    work.put_second_factor(ada, &used).await.expect("it is stored in its place");
    work.put_second_factor(bob, &first).await.expect("it is stored");
    work.enable_second_factor(ada, Some(fixture.now())).await.expect("it is noted");
    for person in [ada, bob] {
        work.replace_recovery_codes(person, &codes).await.expect("they are stored");
    }
    work.commit().await.expect("a commit");
    let (person, factor, left) = fixture.factor(ada).await;
    assert_eq!((person.second_factor_at, left), (Some(fixture.now()), 2));
    assert!(factor == Some(used), "{factor:?}");
    let mut changed = person.clone();
    changed.version += 1;
    changed.draft.title = "Countess".to_owned();
    let mut work = fixture.changing().await;
    assert!(work.update_person(&changed, fixture.now()).await.expect("a write"));
    work.commit().await.expect("a commit");
    let (kept, _, _) = fixture.factor(ada).await;
    assert_eq!(kept.second_factor_at, person.second_factor_at, "another write leaves it");
    let mut work = fixture.changing().await;
    assert!(work.delete_second_factor(ada).await.expect("an answer"));
    assert!(!work.delete_second_factor(ada).await.expect("an answer"), "once");
    work.commit().await.expect("a commit");
    let (person, factor, left) = fixture.factor(ada).await;
    assert_eq!((person.second_factor_at, factor, left), (None, None, 0));
    let (person, factor, left) = fixture.factor(bob).await;
    assert_eq!((person.second_factor_at, left), (None, 2), "somebody else's stays");
    assert!(factor == Some(first), "{factor:?}");
}

/// A recovery code is taken once, and by its owner alone.
pub async fn a_recovery_code_is_taken_once(fixture: &Fixture) {
    let (ada, bob) = (fixture.somebody().await.id, fixture.somebody().await.id);
    let (one, two, other) =
        (RecoveryDigest([1; 32]), RecoveryDigest([2; 32]), RecoveryDigest([3; 32]));
    let mut work = fixture.changing().await;
    work.replace_recovery_codes(ada, &[one, two]).await.expect("they are stored");
    assert!(!work.take_recovery_code(bob, &one).await.expect("an answer"), "not his");
    assert!(!work.take_recovery_code(ada, &other).await.expect("an answer"), "none");
    work.commit().await.expect("a commit");
    let mut work = fixture.changing().await;
    assert!(work.take_recovery_code(ada, &one).await.expect("an answer"));
    drop(work);
    let mut work = fixture.changing().await;
    assert!(work.take_recovery_code(ada, &one).await.expect("an answer"), "it was given back");
    work.commit().await.expect("a commit");
    let mut work = fixture.changing().await;
    assert!(!work.take_recovery_code(ada, &one).await.expect("an answer"), "once");
    work.replace_recovery_codes(ada, &[other]).await.expect("they are stored");
    assert!(!work.take_recovery_code(ada, &two).await.expect("an answer"), "those before are gone");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.factor(ada).await.2, 1);
}

/// A workspace that requires a second factor says so, and others do not.
pub async fn a_workspace_says_whether_it_requires_a_second_factor(fixture: &Fixture) {
    let (here, there) = (fixture.member().await, fixture.member().await);
    let mut work = fixture.changing().await;
    work.enter(here.organization.id).await.expect("entering");
    work.require_second_factor(true).await.expect("it is noted");
    work.commit().await.expect("a commit");
    for (member, required) in [(here, true), (there, false)] {
        let mut work = fixture.looking().await;
        let found = work.organization(member.organization.id).await.expect("a look-up");
        assert_eq!(found.expect("it is there").requires_second_factor, required);
        work.commit().await.expect("a commit");
    }
}
