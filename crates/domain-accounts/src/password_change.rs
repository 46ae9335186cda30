//! Changing one's own password.

use domain_kernel::limit::ClientAddress;
use domain_kernel::{Field, FieldType as _, Input, Kind, OpContext, Result};
use serde_json::{Value, json};

use crate::{Accounts, LinkPurpose, TokenDigest};

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
    /// [`Error::Invalid`](domain_kernel::Error::Invalid) by field.
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
    /// [`Error::Invalid`](domain_kernel::Error::Invalid) under `current_password` or `new_password`; [`Error::Locked`](domain_kernel::Error::Locked) after too many
    /// wrong guesses of the former, which count as failed sign-ins.
    pub async fn change_password(
        &self,
        ctx: &OpContext,
        token: &TokenDigest,
        change: PasswordChange,
        address: &ClientAddress,
    ) -> Result<()> {
        let (own, guess) = self
            .check_own_password(ctx, address.clone(), &change.current, "current_password")
            .await?;
        self.limits.lockout.succeeded(guess).await?;
        self.check_password("new_password", &change.new, &own.person.draft).await?;
        let new_hash = self.passwords.hash(&change.new).await?;
        let mut work = self.store.open_write().await?;
        let person = own.lock(&mut *work).await?;
        let id = person.id;
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
