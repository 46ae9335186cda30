//! Making sure that it is still the person who is signed in: by their own password.

use domain_kernel::{Error, OpContext, Result, fold};

use crate::password::MAX_PASSWORD;
use crate::session::signed_in;
use crate::{Accounts, AccountsWork, Admission, Device, Guess, Person, Verdict};

/// Whose password was right a moment ago.
pub(crate) struct OwnPassword {
    pub(crate) person: Person,
    hash: Option<String>,
}

impl OwnPassword {
    /// The person, locked, if the password is still theirs: checking it took its time.
    ///
    /// # Errors
    /// [`Error::Busy`] when it is another one by now, or the account is disabled.
    pub(crate) async fn lock(&self, work: &mut dyn AccountsWork) -> Result<Person> {
        let current = work.lock_person(self.person.id).await?;
        let current =
            current.filter(|(now, hash)| now.is_active && Some(hash) == self.hash.as_ref());
        current.map(|(person, _)| person).ok_or(Error::Busy)
    }
}

impl Accounts {
    /// Checks the caller's own password. It is a guess as a sign-in is one, and what comes of it is
    /// for the caller to say.
    ///
    /// # Errors
    /// [`Error::Invalid`] under `field` for a wrong one; [`Error::Locked`] after too many of them;
    /// [`Error::Throttled`].
    pub(crate) async fn check_own_password(
        &self,
        ctx: &OpContext,
        device: impl Into<Device>,
        password: &str,
        field: &'static str,
    ) -> Result<(OwnPassword, Guess)> {
        let id = signed_in(ctx)?;
        let gone = || Error::Unauthenticated("User inactive or deleted.");
        let device = device.into();
        let mut work = self.store.open_read().await?;
        let person = work.person(id).await?.ok_or_else(gone)?;
        let found = work.person_by_login(&fold(&person.draft.username)).await?;
        let known = work.knows_address(id, &device.address, self.clock.now()).await?;
        work.commit().await?;
        let hash = found.map(|(_, hash)| hash);
        let Admission { name, device, .. } = self.admit(&person.draft.username, device).await?;
        let guess = self.limits.lockout.admit(name, &device.address, known).await?;
        let fits = password.chars().count() <= MAX_PASSWORD;
        let (password, checked) = if fits { (password, hash.as_deref()) } else { ("", None) };
        match self.passwords.verify(password, checked).await {
            Ok(Verdict::Wrong) => Err(Error::field(field, "This is not your password.")),
            Ok(_) => Ok((OwnPassword { person, hash }, guess)),
            Err(error) => {
                self.limits.lockout.abandoned(guess).await?;
                Err(error)
            }
        }
    }
}
