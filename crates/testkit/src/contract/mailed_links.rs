//! Links that let somebody do one thing once.

use std::time::Duration;

use domain_accounts::{LinkDigest, LinkPurpose, LinkSecret, OneTimeLink, Person};
use domain_kernel::limit::after;

use super::Fixture;

const PASSWORDS: &[LinkPurpose] = &LinkPurpose::OF_PASSWORDS;

impl Fixture {
    /// A new link of a person's.
    async fn mail_link(&self, purpose: LinkPurpose, person: &Person) -> (LinkDigest, OneTimeLink) {
        let digest = LinkSecret::generate(&self.random).digest();
        let link = OneTimeLink::new(purpose, person, self.now());
        let mut work = self.changing().await;
        work.insert_link(&digest, &link, self.now()).await.expect("it is stored");
        work.commit().await.expect("a commit");
        (digest, link)
    }

    async fn good_link(&self, digest: &LinkDigest, for_: &[LinkPurpose]) -> Option<OneTimeLink> {
        let mut work = self.looking().await;
        let found = work.link(digest, for_, self.now()).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
    }

    async fn use_link(&self, digest: &LinkDigest, for_: &[LinkPurpose]) -> Option<OneTimeLink> {
        let mut work = self.changing().await;
        let used = work.use_link(digest, for_, self.now()).await.expect("an answer");
        work.commit().await.expect("a commit");
        used
    }
}

/// A link is used once, and for nothing but what it was made for; looking at it does not use it.
pub async fn a_link_is_used_once_and_for_its_purpose(fixture: &Fixture) {
    let person = fixture.member().await.person;
    let (digest, link) = fixture.mail_link(LinkPurpose::PasswordReset, &person).await;
    let verification = [LinkPurpose::EmailVerification];
    assert_eq!(fixture.good_link(&digest, &verification).await, None);
    assert_eq!(fixture.use_link(&digest, &verification).await, None, "that was no use");
    assert_eq!(fixture.good_link(&digest, PASSWORDS).await, Some(link.clone()));
    let mut work = fixture.changing().await;
    assert!(work.use_link(&digest, PASSWORDS, fixture.now()).await.expect("an answer").is_some());
    assert_eq!(
        work.link(&digest, PASSWORDS, fixture.now()).await.expect("a look-up"),
        None,
        "the unit itself sees it"
    );
    drop(work);
    assert_eq!(
        fixture.use_link(&digest, PASSWORDS).await,
        Some(link),
        "a dropped unit used nothing"
    );
    assert_eq!(fixture.use_link(&digest, PASSWORDS).await, None, "it is used up");
    assert_eq!(fixture.good_link(&digest, PASSWORDS).await, None);
    let unknown = LinkSecret::generate(&fixture.random).digest();
    assert_eq!(fixture.use_link(&unknown, PASSWORDS).await, None, "nobody made it");
}

/// A link is good until its time is over, and is forgotten then.
pub async fn a_link_ends_with_its_time(fixture: &Fixture) {
    let person = fixture.member().await.person;
    let (digest, link) = fixture.mail_link(LinkPurpose::PasswordReset, &person).await;
    assert_eq!(link.expires_at, after(fixture.now(), Duration::from_secs(3600)));
    fixture.clock.advance(jiff::SignedDuration::from_secs(3599));
    assert!(fixture.good_link(&digest, PASSWORDS).await.is_some());
    fixture.backdoor.sweep().await;
    assert!(fixture.good_link(&digest, PASSWORDS).await.is_some(), "it is good still");
    fixture.clock.advance(jiff::SignedDuration::from_secs(1));
    assert_eq!(fixture.good_link(&digest, PASSWORDS).await, None);
    assert_eq!(fixture.use_link(&digest, PASSWORDS).await, None);
    fixture.backdoor.sweep().await;
    assert_eq!(fixture.good_link(&digest, PASSWORDS).await, None);
}

/// The links of a person for some purposes end together; others, and other people's, stay.
pub async fn the_links_of_a_person_end_together(fixture: &Fixture) {
    let (ada, bob) = (fixture.member().await.person, fixture.member().await.person);
    let (one, _) = fixture.mail_link(LinkPurpose::PasswordReset, &ada).await;
    let (two, _) = fixture.mail_link(LinkPurpose::PasswordSetup, &ada).await;
    let (other, _) = fixture.mail_link(LinkPurpose::EmailVerification, &ada).await;
    let (bobs, _) = fixture.mail_link(LinkPurpose::PasswordReset, &bob).await;
    let mut work = fixture.changing().await;
    work.end_links_of(ada.id, PASSWORDS, fixture.now()).await.expect("they end");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.good_link(&one, PASSWORDS).await, None);
    assert_eq!(fixture.use_link(&two, PASSWORDS).await, None);
    assert!(fixture.good_link(&other, &[LinkPurpose::EmailVerification]).await.is_some());
    assert!(fixture.good_link(&bobs, PASSWORDS).await.is_some());
}

/// Of many who come with a link at the same time, one gets it.
pub async fn of_many_who_come_with_a_link_one_gets_it(fixture: &Fixture) {
    let person = fixture.member().await.person;
    let (digest, _) = fixture.mail_link(LinkPurpose::PasswordReset, &person).await;
    let now = fixture.now();
    let uses: Vec<_> = (0..20)
        .map(|_| {
            let store = fixture.accounts.clone();
            tokio::spawn(async move {
                let mut work = store.open_write().await.expect("a unit for writing");
                let used = work.use_link(&digest, PASSWORDS, now).await.expect("an answer");
                work.commit().await.expect("a commit");
                used.is_some()
            })
        })
        .collect();
    let mut got = 0;
    for used in uses {
        got += usize::from(used.await.expect("no panic"));
    }
    assert_eq!(got, 1);
}
