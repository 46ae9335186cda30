//! Addresses that people signed in from.

use domain_accounts::ADDRESS_KNOWN_DAYS;
use domain_kernel::PersonId;
use domain_kernel::limit::ClientAddress;
use jiff::SignedDuration;

use super::Fixture;

fn address(text: &str) -> ClientAddress {
    ClientAddress::of(text.parse().expect("an address"))
}

impl Fixture {
    async fn note(&self, person: PersonId, address: &ClientAddress) {
        let mut work = self.changing().await;
        work.note_address(person, address, self.now()).await.expect("it is noted");
        work.commit().await.expect("a commit");
    }

    async fn knows(&self, person: PersonId, address: &ClientAddress) -> bool {
        let mut work = self.looking().await;
        let known = work.knows_address(person, address, self.now()).await.expect("an answer");
        work.commit().await.expect("a commit");
        known
    }
}

/// An address is known of the person who signed in from it, and of nobody else.
pub async fn an_address_is_known_of_who_signed_in_from_it(fixture: &Fixture) {
    let (ada, bob) = (fixture.member().await.person.id, fixture.member().await.person.id);
    let (home, work) = (address("192.0.2.1"), address("2001:db8::1"));
    assert!(!fixture.knows(ada, &home).await, "nobody signed in yet");
    fixture.note(ada, &home).await;
    assert!(fixture.knows(ada, &home).await);
    assert!(!fixture.knows(ada, &work).await, "another address is not known");
    assert!(!fixture.knows(bob, &home).await, "nor is it of another person");
    assert!(!fixture.knows(PersonId::new(0), &home).await, "nor of nobody");
    fixture.note(ada, &work).await;
    fixture.note(ada, &work).await;
    assert!(fixture.knows(ada, &work).await, "noting it again is fine");
}

/// An address is forgotten when nobody signs in from it for long enough.
pub async fn an_address_is_forgotten_after_a_while(fixture: &Fixture) {
    let ada = fixture.member().await.person.id;
    let home = address("192.0.2.1");
    let almost = SignedDuration::from_hours(ADDRESS_KNOWN_DAYS * 24 - 1);
    fixture.note(ada, &home).await;
    fixture.clock.advance(almost);
    assert!(fixture.knows(ada, &home).await);
    fixture.note(ada, &home).await;
    fixture.clock.advance(almost);
    assert!(fixture.knows(ada, &home).await, "it counts from the last time");
    fixture.clock.advance(SignedDuration::from_hours(1));
    assert!(!fixture.knows(ada, &home).await);
}
