//! Showing that an e-mail address is one's own.

use domain_kernel::{Error, Input, OpContext, Result};
use serde_json::{Value, json};

use crate::password_reset::{LINK_FIELD, unknown_link};
use crate::session::signed_in;
use crate::{Accounts, LinkDigest, LinkPurpose, SendLetter};

impl Accounts {
    /// Mails the caller a link to their present address; `false` when it is verified already.
    ///
    /// # Errors
    /// [`Error::Conflict`] when they have no address; [`Error::Throttled`].
    pub async fn request_verification(&self, ctx: &OpContext) -> Result<bool> {
        let id = signed_in(ctx)?;
        let mut work = self.store.open_write().await?;
        let gone = || Error::Unauthenticated("User inactive or deleted.");
        let person = work.person(id).await?.ok_or_else(gone)?;
        if person.draft.email.is_empty() {
            let message = "This account has no e-mail address.";
            return Err(Error::Conflict(message.to_owned()));
        }
        if person.email_verified_at.is_some() {
            work.commit().await?;
            return Ok(false);
        }
        if let Some(refused) = self.count_letter(format!("verification-letters:{id}")).await? {
            return Err(Error::Throttled(refused));
        }
        let letter = SendLetter::EmailVerification { person: id };
        self.send_to(&mut *work, &person, &letter, &ctx.request_id).await?;
        work.commit().await?;
        Ok(true)
    }

    /// Takes the word of a link for an address, if it is the person's still.
    ///
    /// # Errors
    /// [`Error::Invalid`] under `token` when the link is not good any more, or never was.
    pub async fn verify_email(&self, json: Value, request_id: &str) -> Result<()> {
        let mut input = Input::new(json)?;
        let token = input.take_verbatim(&LINK_FIELD);
        input.finish()?;
        let digest = LinkDigest::of(&token.unwrap_or_default()).ok_or_else(unknown_link)?;
        let mut work = self.store.open_write().await?;
        let (purposes, now) = ([LinkPurpose::EmailVerification], self.clock.now());
        let link = work.link(&digest, &purposes, now).await?.ok_or_else(unknown_link)?;
        // People before their links, as everywhere: nobody waits in a circle.
        let found = work.lock_person(link.person).await?;
        let link = work.use_link(&digest, &purposes, now).await?.ok_or_else(unknown_link)?;
        let person = found.map(|(person, _)| person).filter(|person| person.is_active);
        let person = person.ok_or_else(unknown_link)?;
        if !self.verify_by(&mut *work, &person, &link).await? {
            // It is another address now: nothing of the unit happens, and the link stays useless.
            return Err(unknown_link());
        }
        let hidden = json!({ "email_verified": false });
        self.note_in_trails(&mut *work, &person, hidden, request_id).await?;
        work.commit().await
    }
}
