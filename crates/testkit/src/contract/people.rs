//! People.

use domain_accounts::{AccountsWork, Person, PersonDraft};
use domain_kernel::{Error, PersonId, Result, fold};

use super::Fixture;
use super::steps::soon;
use crate::builders::person;

impl Fixture {
    /// A unit of work on accounts for reading, outside every workspace.
    pub async fn looking(&self) -> Box<dyn AccountsWork> {
        soon("beginning to read", self.accounts.open_read()).await.expect("a unit for reading")
    }

    /// A unit of work on accounts for writing, outside every workspace.
    pub async fn changing(&self) -> Box<dyn AccountsWork> {
        soon("beginning to write", self.accounts.open_write()).await.expect("a unit for writing")
    }

    /// Registers a person.
    pub async fn register(&self, draft: &PersonDraft) -> Person {
        let mut work = self.changing().await;
        let person = work.insert_person(draft, "hash", false, self.now()).await;
        work.commit().await.expect("a commit");
        person.expect("a person can be registered")
    }

    /// A new person with names that nobody else has.
    pub async fn somebody(&self) -> Person {
        self.register(&person(&self.name("somebody"))).await
    }

    /// The person with an id.
    pub async fn person(&self, id: PersonId) -> Option<Person> {
        let mut work = self.looking().await;
        let found = work.person(id).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
    }

    async fn login(&self, name: &str) -> Option<(Person, String)> {
        let mut work = self.looking().await;
        let found = work.person_by_login(&fold(name)).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
    }
}

/// Whether an error is about one field and no other.
fn is_about<T>(outcome: &Result<T>, field: &str) -> bool {
    matches!(outcome, Err(Error::Invalid(errors)) if errors.0.keys().eq([field]))
}

/// A registered person is found as they were.
pub async fn a_registered_person_is_found_as_they_were(fixture: &Fixture) {
    let name = fixture.name("Ада");
    let draft = PersonDraft {
        username: name.clone(),
        email: format!("{name}@Example.com"),
        first_name: "Ада 🦀".to_owned(),
        last_name: "O'Lovelace \\ %".to_owned(),
        title: "Directrice générale".to_owned(),
        timezone: "Europe/Paris".to_owned(),
        locale: "fr-FR".to_owned(),
    };
    let mut work = fixture.changing().await;
    let made = work.insert_person(&draft, "$argon2id$…", true, fixture.now()).await;
    let made = made.expect("a person can be registered");
    let found = work.person(made.id).await.expect("a look-up");
    assert_eq!(found.as_ref(), Some(&made), "the unit itself finds the person");
    work.commit().await.expect("a commit");
    assert_eq!(made.draft, draft, "a person is registered as they were handed in");
    assert_eq!((made.version, made.created_at), (1, fixture.now()), "with version 1, now");
    assert!(made.is_active && made.is_superuser, "active, and of the staff if so asked");
    assert_eq!(fixture.person(made.id).await.as_ref(), Some(&made), "a person is found by id");
    let login = fixture.login(&name).await;
    assert_eq!(login, Some((made.clone(), "$argon2id$…".to_owned())), "and with their hash");
    let other = fixture.somebody().await;
    assert!(!other.is_superuser, "nobody is of the staff unless so asked");
    let people = fixture.looking().await.people().await.expect("a list");
    assert!(people.is_sorted_by_key(|person| person.id), "everybody is in order of id");
    for known in [&made, &other] {
        assert_eq!(people.iter().filter(|person| *person == known).count(), 1, "once each");
    }
    let nobody = PersonId::new(1 << 50);
    assert_eq!(fixture.person(nobody).await, None, "an unknown id is nobody's");
}

/// A person is found by name or e-mail in any case.
pub async fn a_person_is_found_by_name_or_email_in_any_case(fixture: &Fixture) {
    let name = fixture.name("ÉmileStraße");
    let email = format!("Mail.{name}@Example.com");
    let draft = PersonDraft { email: email.clone(), ..person(&name) };
    let made = fixture.register(&draft).await;
    for login in [&name, &name.to_uppercase(), &name.to_lowercase(), &email, &email.to_uppercase()]
    {
        let found = fixture.login(login).await.map(|(person, _)| person.id);
        assert_eq!(found, Some(made.id), "{login} is the person's");
    }
    for login in [&name[..4], "%", &email.replace("Mail.", "Mail_")] {
        assert_eq!(fixture.login(login).await, None, "{login} is nobody's");
    }
}

/// An empty login is nobody's, though somebody has no e-mail.
pub async fn an_empty_login_is_nobodys(fixture: &Fixture) {
    let name = fixture.name("quiet");
    fixture.register(&PersonDraft { email: String::new(), ..person(&name) }).await;
    assert_eq!(fixture.login("").await, None, "an empty login is nobody's");
}

/// A taken user name is refused on its field, and the unit goes on.
pub async fn a_taken_user_name_is_refused_and_the_unit_goes_on(fixture: &Fixture) {
    let taken = fixture.somebody().await;
    for username in [taken.draft.username.clone(), taken.draft.username.to_uppercase()] {
        let draft = PersonDraft { username, ..person(&fixture.name("other")) };
        let mut work = fixture.changing().await;
        let refused = work.insert_person(&draft, "hash", false, fixture.now()).await;
        assert!(is_about(&refused, "username"), "a taken user name is refused: {refused:?}");
        let name = fixture.name("next");
        let next = work.insert_person(&person(&name), "hash", false, fixture.now()).await;
        let next = next.expect("the unit goes on");
        work.commit().await.expect("a commit");
        assert_eq!(fixture.person(next.id).await, Some(next), "what it did then is kept");
        assert_eq!(fixture.login(&draft.email).await, None, "who was refused is not registered");
    }
}

/// A taken e-mail is refused on its field, and the unit goes on.
pub async fn a_taken_email_is_refused_and_the_unit_goes_on(fixture: &Fixture) {
    let taken = fixture.somebody().await;
    for email in [taken.draft.email.clone(), taken.draft.email.to_uppercase()] {
        let draft = PersonDraft { email, ..person(&fixture.name("other")) };
        let mut work = fixture.changing().await;
        let refused = work.insert_person(&draft, "hash", false, fixture.now()).await;
        assert!(is_about(&refused, "email"), "a taken e-mail is refused: {refused:?}");
        let name = fixture.name("next");
        let next = work.insert_person(&person(&name), "hash", false, fixture.now()).await;
        let next = next.expect("the unit goes on");
        work.commit().await.expect("a commit");
        assert_eq!(fixture.person(next.id).await, Some(next), "what it did then is kept");
        assert_eq!(fixture.login(&draft.username).await, None, "who was refused is not registered");
    }
}

/// Nobody can take the e-mail that somebody else signs in with as a user name, or the reverse.
pub async fn nobody_takes_a_name_that_somebody_signs_in_with(fixture: &Fixture) {
    let ada = fixture.somebody().await;
    let as_name =
        PersonDraft { username: ada.draft.email.to_uppercase(), ..person(&fixture.name("other")) };
    let as_email =
        PersonDraft { email: ada.draft.username.clone(), ..person(&fixture.name("another")) };
    for (draft, field) in [(as_name, "username"), (as_email, "email")] {
        let mut work = fixture.changing().await;
        let refused = work.insert_person(&draft, "hash", false, fixture.now()).await;
        assert!(is_about(&refused, field), "{field} is somebody's name: {refused:?}");
    }
}

/// Several people may have no e-mail.
pub async fn several_people_may_have_no_email(fixture: &Fixture) {
    for _ in 0..2 {
        let name = fixture.name("quiet");
        let made = fixture.register(&PersonDraft { email: String::new(), ..person(&name) }).await;
        assert_eq!(made.draft.email, "", "no e-mail is taken by nobody");
    }
}

/// A person is updated unless somebody was faster.
pub async fn a_person_is_updated_unless_somebody_was_faster(fixture: &Fixture) {
    let before = fixture.somebody().await;
    let name = fixture.name("renamed");
    let after = Person {
        version: 2,
        draft: PersonDraft {
            title: "CEO".to_owned(),
            last_name: "Ünal".to_owned(),
            timezone: "Asia/Tokyo".to_owned(),
            locale: "ja".to_owned(),
            ..person(&name)
        },
        is_active: false,
        ..before.clone()
    };
    let now = fixture.later();
    let mut work = fixture.changing().await;
    assert!(work.update_person(&after, now).await.expect("an update"), "the first is stored");
    let late = Person { version: 2, is_active: true, ..before.clone() };
    assert!(!work.update_person(&late, now).await.expect("an update"), "the second is too late");
    let draft = person(&fixture.name("nobody"));
    let unknown = Person { id: PersonId::new(1 << 50), draft, ..after.clone() };
    assert!(!work.update_person(&unknown, now).await.expect("an update"), "nobody is not updated");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.person(before.id).await.as_ref(), Some(&after), "the first update stays");
    let found = fixture.login(&after.draft.email.to_uppercase()).await;
    assert_eq!(found, Some((after, "hash".to_owned())), "the new names sign in, by the old hash");
    assert_eq!(fixture.login(&before.draft.username).await, None, "the old ones do not");
    // The names that are free again can be taken.
    fixture.register(&before.draft).await;
}

/// An update to a taken e-mail is refused, and the unit goes on.
pub async fn an_update_to_a_taken_email_is_refused_and_the_unit_goes_on(fixture: &Fixture) {
    let (one, two) = (fixture.somebody().await, fixture.somebody().await);
    let with_email = |email: &str| {
        let draft = PersonDraft { email: email.to_owned(), ..two.draft.clone() };
        Person { version: 2, draft, ..two.clone() }
    };
    let mut work = fixture.changing().await;
    let taken = with_email(&one.draft.email.to_uppercase());
    let refused = work.update_person(&taken, fixture.now()).await;
    assert!(is_about(&refused, "email"), "an update to a taken e-mail is refused: {refused:?}");
    let own = with_email(&two.draft.email.to_uppercase());
    let done = work.update_person(&own, fixture.now()).await.expect("the unit goes on");
    assert!(done, "one's own e-mail is not taken");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.person(two.id).await, Some(own), "what it did then is kept");
}

/// A password hash is replaced.
pub async fn a_password_hash_is_replaced(fixture: &Fixture) {
    let (one, two) = (fixture.somebody().await, fixture.somebody().await);
    let mut work = fixture.changing().await;
    work.set_password_hash(one.id, "another").await.expect("a hash can be replaced");
    work.commit().await.expect("a commit");
    let hash = |login: Option<(Person, String)>| login.map(|(_, hash)| hash);
    let found = hash(fixture.login(&one.draft.username).await);
    assert_eq!(found.as_deref(), Some("another"), "a person's hash is replaced");
    let found = hash(fixture.login(&two.draft.username).await);
    assert_eq!(found.as_deref(), Some("hash"), "and nobody else's");
}

/// People of a dropped unit are not registered.
pub async fn people_of_a_dropped_unit_are_not_registered(fixture: &Fixture) {
    let draft = person(&fixture.name("lost"));
    let mut work = fixture.changing().await;
    let lost = work.insert_person(&draft, "hash", false, fixture.now()).await;
    let lost = lost.expect("a person can be registered");
    assert_eq!(fixture.person(lost.id).await, None, "others do not see what is not committed");
    drop(work);
    assert_eq!(fixture.login(&draft.username).await, None, "nor ever what is dropped");
    fixture.register(&draft).await;
}
