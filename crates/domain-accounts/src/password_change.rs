//! Changing one's own password.

use domain_kernel::limit::ClientAddress;
use domain_kernel::{Error, Field, FieldType as _, Input, Kind, OpContext, Result, fold};
use serde_json::{Value, json};

use crate::password::MAX_PASSWORD;
use crate::profile::signed_in;
use crate::{Accounts, LinkPurpose, NameDigest, TokenDigest, Verdict};

/// The fields of a change.
pub const PASSWORD_CHANGE_FIELDS: [Field; 2] = [
    Field::new("current_password", "The password of now.", Kind::LongText, false).required(),
    Field::new(
        "new_password",
        "12 to 128 characters, hard to guess.",
        domain_kernel::field::ShortText::<128>::KIND,
        false,
    )
    .required(),
];

/// A change of password that was read from a request.
pub struct PasswordChange {
    current: String,
    new: String,
}

impl PasswordChange {
    /// Reads one.
    ///
    /// # Errors
    /// [`Error::Invalid`] by field.
    pub fn read(json: Value) -> Result<Self> {
        let [current, new] = &PASSWORD_CHANGE_FIELDS;
        let mut input = Input::new(json)?;
        let (current, new) = (input.take_verbatim(current), input.take_verbatim(new));
        input.finish()?;
        Ok(Self { current: current.unwrap_or_default(), new: new.unwrap_or_default() })
    }
}

impl Accounts {
    /// Changes the caller's password. Everything else that they are signed in with ends; what they
    /// came with (`token`) stays.
    ///
    /// # Errors
    /// [`Error::Invalid`] under `current_password` or `new_password`; [`Error::Locked`] after too many
    /// wrong guesses of the former, which count as failed sign-ins.
    pub async fn change_password(
        &self,
        ctx: &OpContext,
        token: &TokenDigest,
        change: PasswordChange,
        address: &ClientAddress,
    ) -> Result<()> {
        let id = signed_in(ctx)?;
        let gone = || Error::Unauthenticated("User inactive or deleted.");
        let mut work = self.store.open_read().await?;
        let person = work.person(id).await?.ok_or_else(gone)?;
        let login = fold(&person.draft.username);
        let (_, hash) = work.person_by_login(&login).await?.ok_or_else(gone)?;
        let known = work.knows_address(id, address, self.clock.now()).await?;
        work.commit().await?;

        let guess = self.limits.lockout.admit(NameDigest::of(&login), address, known).await?;
        let fits = change.current.chars().count() <= MAX_PASSWORD;
        let current = if fits { change.current.as_str() } else { "" };
        match self.passwords.verify(current, Some(&hash).filter(|_| fits).map(String::as_str)).await
        {
            Ok(Verdict::Wrong) => {
                return Err(Error::field("current_password", "This is not your password."));
            }
            Ok(_) => self.limits.lockout.succeeded(guess).await?,
            Err(error) => {
                self.limits.lockout.abandoned(guess).await?;
                return Err(error);
            }
        }
        self.check_password("new_password", &change.new, &person.draft).await?;
        let new_hash = self.passwords.hash(&change.new).await?;

        let mut work = self.store.open_write().await?;
        let current = work.lock_person(id).await?;
        // Checking took its time: the password may be another one by now.
        let Some((person, _)) = current.filter(|(now, stored)| now.is_active && *stored == hash)
        else {
            return Err(Error::Busy);
        };
        let now = self.clock.now();
        work.set_password_hash(id, &new_hash).await?;
        work.end_links_of(id, &LinkPurpose::OF_PASSWORDS, now).await?;
        let ended = work.end_tokens_but(id, token, now).await?;
        let hidden = json!({ "password": "changed" });
        self.note_in_trails(&mut *work, &person, hidden, &ctx.request_id).await?;
        work.commit().await?;
        for token in ended {
            self.signed_in.forget(&token.digest).await;
        }
        Ok(())
    }
}
