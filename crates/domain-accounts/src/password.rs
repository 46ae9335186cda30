//! Which passwords are accepted.

use domain_kernel::{Error, Result};

use crate::{Accounts, PersonDraft};

/// Fewest characters of a password.
const MIN_PASSWORD: usize = 12;
/// Most characters of a password: hashing more would be work for nothing.
pub(crate) const MAX_PASSWORD: usize = 128;

/// What is said of a password that attackers guess early.
const TOO_WEAK: &str = "This password is too easy to guess.";

/// What is wrong with a password, for a person like this.
pub(crate) fn bad_password(password: &str, person: &PersonDraft) -> Option<String> {
    let length = password.chars().count();
    if length < MIN_PASSWORD {
        return Some(format!(
            "This password is too short. It must contain at least {MIN_PASSWORD} characters."
        ));
    }
    if length > MAX_PASSWORD {
        return Some(format!("Ensure this field has no more than {MAX_PASSWORD} characters."));
    }
    let too_like = hints(person).iter().any(|hint| {
        hint.chars().count() >= 4 && password.to_lowercase().contains(&hint.to_lowercase())
    });
    too_like.then(|| "This password is too similar to your other data.".to_owned())
}

/// What a person's password must not be made of.
fn hints(person: &PersonDraft) -> [&str; 5] {
    let local_part = person.email.split('@').next().unwrap_or_default();
    [&person.email, local_part, &person.username, &person.first_name, &person.last_name]
}

impl Accounts {
    /// Refuses, under the name of its field, a password that a person like this must not have.
    pub(crate) async fn check_password(
        &self,
        field: &str,
        password: &str,
        person: &PersonDraft,
    ) -> Result<()> {
        if let Some(message) = bad_password(password, person) {
            return Err(Error::field(field, message));
        }
        if self.passwords.is_weak(password, &hints(person)).await? {
            return Err(Error::field(field, TOO_WEAK));
        }
        Ok(())
    }

    /// Refuses a password that attackers guess early.
    pub(crate) async fn refuse_weak(&self, password: &str, person: &PersonDraft) -> Result<()> {
        if self.passwords.is_weak(password, &hints(person)).await? {
            return Err(Error::field("password", TOO_WEAK));
        }
        Ok(())
    }
}
