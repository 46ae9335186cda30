//! Who people are at identity providers, sign-ins that have begun there, and verified addresses.

use std::time::Duration;

use domain_accounts::{Flow, FlowDigest, Person, ProviderSubject, TokenKind};
use domain_kernel::limit::after;
use domain_kernel::{PersonId, Which};

use super::Fixture;

fn subject(issuer: &str, subject: &str) -> ProviderSubject {
    ProviderSubject { issuer: issuer.to_owned(), subject: subject.to_owned() }
}

impl Fixture {
    async fn identify(&self, person: PersonId, subject: &ProviderSubject) -> bool {
        let mut work = self.changing().await;
        let stored = work.insert_identity(person, subject, self.now()).await.expect("an answer");
        work.commit().await.expect("a commit");
        stored
    }

    async fn whose_identity(&self, subject: &ProviderSubject) -> Option<PersonId> {
        let mut work = self.looking().await;
        let found = work.person_by_identity(subject).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
    }

    async fn begin(&self, digest: &FlowDigest, flow: &Flow) {
        let mut work = self.changing().await;
        work.insert_flow(digest, flow).await.expect("it is stored");
        work.commit().await.expect("a commit");
    }

    async fn take(&self, digest: &FlowDigest) -> Option<Flow> {
        let mut work = self.changing().await;
        let taken = work.take_flow(digest, self.now()).await.expect("an answer");
        work.commit().await.expect("a commit");
        taken
    }

    async fn verify(&self, person: PersonId) {
        let mut work = self.changing().await;
        work.verify_email(person, self.now()).await.expect("it is noted");
        work.commit().await.expect("a commit");
    }

    async fn seen(&self, person: PersonId) -> Person {
        let mut work = self.looking().await;
        let found = work.person(person).await.expect("a look-up").expect("the person");
        work.commit().await.expect("a commit");
        found
    }
}

/// An identity is one person's: its issuer and its subject together, exactly as they are.
pub async fn an_identity_is_one_persons(fixture: &Fixture) {
    let (ada, bob) = (fixture.member().await.person.id, fixture.member().await.person.id);
    let here = subject("https://id.example", "1");
    assert_eq!(fixture.whose_identity(&here).await, None);
    assert!(fixture.identify(ada, &here).await);
    assert!(!fixture.identify(bob, &here).await, "it is hers");
    assert!(!fixture.identify(ada, &here).await, "already");
    assert_eq!(fixture.whose_identity(&here).await, Some(ada));
    for other in [subject("https://id.example/", "1"), subject("https://id.example", "2")] {
        assert_eq!(fixture.whose_identity(&other).await, None, "{other:?}");
    }
    assert!(fixture.identify(bob, &subject("https://id.example", "A")).await);
    assert!(fixture.identify(ada, &subject("https://id.example", "a")).await, "case counts");
}

/// All identities of a person are forgotten together, and nobody else's.
pub async fn the_identities_of_a_person_are_forgotten_together(fixture: &Fixture) {
    let (ada, bob) = (fixture.member().await.person.id, fixture.member().await.person.id);
    let (one, two) = (subject("https://one.example", "1"), subject("https://two.example", "1"));
    let bobs = subject("https://one.example", "2");
    for (person, subject) in [(ada, &one), (ada, &two), (bob, &bobs)] {
        assert!(fixture.identify(person, subject).await);
    }
    let mut work = fixture.changing().await;
    work.delete_identities_of(ada).await.expect("they are forgotten");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.whose_identity(&one).await, None);
    assert_eq!(fixture.whose_identity(&two).await, None);
    assert_eq!(fixture.whose_identity(&bobs).await, Some(bob));
    assert!(fixture.identify(bob, &one).await, "it can be another's now");
}

/// A sign-in that has begun is taken once, before its time is over.
pub async fn a_sign_in_that_has_begun_is_taken_once(fixture: &Fixture) {
    let flow = Flow {
        provider: "main".to_owned(),
        next: "/contacts/".to_owned(),
        kind: TokenKind::Session,
        ends_at: after(fixture.now(), Duration::from_secs(600)),
    };
    let (one, two, late) = (FlowDigest([1; 32]), FlowDigest([2; 32]), FlowDigest([3; 32]));
    for digest in [&one, &two, &late] {
        fixture.begin(digest, &flow).await;
    }
    assert_eq!(fixture.take(&FlowDigest([9; 32])).await, None, "nobody began it");
    assert_eq!(fixture.take(&one).await, Some(flow.clone()));
    assert_eq!(fixture.take(&one).await, None, "it is used up");
    let mut work = fixture.changing().await;
    assert!(work.take_flow(&two, fixture.now()).await.expect("an answer").is_some());
    drop(work);
    assert_eq!(fixture.take(&two).await, Some(flow), "a dropped unit took nothing");
    fixture.clock.advance(jiff::SignedDuration::from_secs(600));
    assert_eq!(fixture.take(&late).await, None, "its time is over");
}

/// An e-mail address is verified until it is another one, whoever changes it.
pub async fn another_address_is_not_verified(fixture: &Fixture) {
    let member = fixture.member().await;
    let id = member.person.id;
    assert_eq!(fixture.seen(id).await.email_verified_at, None, "nobody made sure");
    fixture.verify(id).await;
    let verified = Some(fixture.now());
    let mut person = fixture.seen(id).await;
    assert_eq!(person.email_verified_at, verified);
    fixture.later();

    // The person changes something else, and the spelling; then the address.
    for (email, expected) in [
        (person.draft.email.clone(), verified),
        (person.draft.email.to_uppercase(), verified),
        (format!("other-{}", person.draft.email), None),
    ] {
        person.version += 1;
        person.draft.title.push('x');
        person.draft.email = email;
        let mut work = fixture.changing().await;
        assert!(work.update_person(&person, fixture.now()).await.expect("it is stored"));
        work.commit().await.expect("a commit");
        assert_eq!(fixture.seen(id).await.email_verified_at, expected, "{}", person.draft.email);
    }

    // So does an admin.
    fixture.verify(id).await;
    for (email, verified) in [(person.draft.email.clone(), true), ("new@example.com".into(), false)]
    {
        let begun = fixture.accounts.begin_write(&member.ctx).await;
        let mut work = begun.expect("a unit for writing");
        let row = domain_kernel::Id::new(id.raw());
        let found = work.users().find(&[row], Which::Live).await.expect("a look-up").pop();
        let found = found.expect("the member");
        let mut data = found.data.clone();
        data.title = domain_kernel::field::ShortText::trusted(format!("of {email}"));
        data.email = domain_kernel::field::Email::trusted(email);
        let changed = found.rewritten(data, fixture.now());
        assert!(work.users().update(&changed).await.expect("it is stored"));
        work.commit().await.expect("a commit");
        assert_eq!(fixture.seen(id).await.email_verified_at.is_some(), verified);
    }
}
