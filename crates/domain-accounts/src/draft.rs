//! The rules for what is written of a person, whoever writes it.

use domain_kernel::field::{Email, Locale, ShortText, ZoneName};
use domain_kernel::{Field, FieldErrors, FieldType, Result};
use serde_json::Value;

use crate::PersonDraft;

impl PersonDraft {
    /// An empty draft with the defaults of time zone and language.
    pub fn new() -> Self {
        Self { timezone: "UTC".to_owned(), locale: "en-US".to_owned(), ..Self::default() }
    }
}

/// What is wrong with a person's data, by field, by the rules that requests are held to.
pub(crate) fn check_draft(person: &PersonDraft) -> FieldErrors {
    let PersonDraft { username, email, first_name, last_name, title, timezone, locale } = person;
    let mut errors = FieldErrors::default();
    let mut check = |field: &str, message: Option<String>| {
        if let Some(message) = message {
            errors.add(field, message);
        }
    };
    check("username", bad_username(username).map(str::to_owned));
    check("username", refused::<ShortText<150>>(username));
    check("email", refused::<Email>(email));
    check("first_name", refused::<ShortText<150>>(first_name));
    check("last_name", refused::<ShortText<150>>(last_name));
    check("title", refused::<ShortText<255>>(title));
    check("timezone", refused::<ZoneName>(timezone));
    check("locale", refused::<Locale>(locale));
    errors
}

/// Refuses data of somebody whom a provider describes that no account can have. Their user name is
/// their e-mail address, which was checked as one: it may hold other characters.
pub(crate) fn check_newcomer(person: &PersonDraft) -> Result<()> {
    let mut errors = check_draft(person);
    errors.0.remove("username");
    if let Some(message) = refused::<ShortText<150>>(&person.username) {
        errors.add("detail", format!("The e-mail address is too long. {message}"));
    }
    errors.into_result()
}

/// What a field of this type says against a text.
pub(crate) fn refused<T: FieldType>(text: &str) -> Option<String> {
    let field = Field::new("", "", T::KIND, false);
    T::read(Value::String(text.to_owned()), &field).err()
}

/// What is wrong with a user name; an empty one is.
pub(crate) fn bad_username(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
    if name.is_empty() {
        Some("This field may not be blank.")
    } else if name.chars().all(allowed) {
        None
    } else {
        Some("Enter a valid username: letters, digits and @/./+/-/_ only.")
    }
}
