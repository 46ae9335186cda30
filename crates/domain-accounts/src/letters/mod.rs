//! Letters to people: the job that sends one, and what it finds to say when it does.
//!
//! The payload says whom and what for. The secret of a link is made when the letter is written, and
//! only its digest is stored; an attempt that is repeated makes another. To add a letter: a variant
//! of [`SendLetter`], its words in `words.rs`, and its line in [`Accounts::write_letter`].

mod link;
mod words;

use domain_kernel::mail::Letter;
use domain_kernel::{Id, JobKind, NewJob, OpContext, PersonId, Priority, Result, Which, fold};
use jiff::Timestamp;
pub use link::{
    INVITATION_PAGE, LinkDigest, LinkPurpose, LinkSecret, OneTimeLink, PASSWORD_PAGE,
    VERIFICATION_PAGE,
};
use serde::{Deserialize, Serialize};

use crate::{Accounts, AccountsWork, Person, done};

/// A letter that is to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum SendLetter {
    /// A link to set a new password, to whoever has an address; nobody may have it.
    PasswordReset {
        /// As it was typed.
        email: String,
    },
    /// A link to set the first password, to somebody whom an admin made a member.
    PasswordSetup {
        /// Who.
        person: PersonId,
    },
    /// A link by which somebody shows that their address is theirs.
    EmailVerification {
        /// Who.
        person: PersonId,
    },
    /// An invitation into the workspace.
    Invitation {
        /// Which one.
        invite: i64,
    },
    /// Somebody signed in from an address that was not known.
    NewSignIn {
        /// Who.
        person: PersonId,
        /// From where.
        address: String,
        /// When.
        at: Timestamp,
    },
}

impl JobKind for SendLetter {
    const KIND: &'static str = "accounts.letter";
    // People sit before it and wait.
    const PRIORITY: Priority = Priority::High;
    // A mail server may be away for half a day.
    const MAX_ATTEMPTS: u32 = 18;
}

impl Accounts {
    /// Enqueues a letter that concerns a person and no workspace; who has no address gets none.
    pub(crate) async fn send_to(
        &self,
        work: &mut dyn AccountsWork,
        person: &Person,
        letter: &SendLetter,
        request_id: &str,
    ) -> Result<()> {
        if !person.draft.email.is_empty() {
            work.enqueue(NewJob::of_platform(request_id, self.clock.now(), letter)?).await?;
        }
        Ok(())
    }

    /// Writes a letter, with a secret of its own where it has a link; `public_url` is where people
    /// reach the server. None when there is nobody to get it, or nothing to say any more.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn write_letter(
        &self,
        ctx: &OpContext,
        letter: &SendLetter,
        public_url: &str,
    ) -> Result<Option<Letter>> {
        let mut work = self.store.begin_write(ctx).await?;
        let found = match letter {
            SendLetter::Invitation { invite } => {
                let written = self.write_invitation(ctx, &mut *work, *invite, public_url).await?;
                return done(work, written).await;
            }
            SendLetter::PasswordReset { email } => {
                let found = work.person_by_login(&fold(email)).await?;
                // Of the two names to sign in with, mail goes to one.
                found.map(|(person, _)| person).filter(|one| fold(&one.draft.email) == fold(email))
            }
            SendLetter::PasswordSetup { person }
            | SendLetter::EmailVerification { person }
            | SendLetter::NewSignIn { person, .. } => work.person(*person).await?,
        };
        let Some(person) = found.filter(|one| one.is_active && !one.draft.email.is_empty()) else {
            return done(work, None).await;
        };
        let work_ref = &mut *work;
        let written = match letter {
            SendLetter::PasswordReset { .. } => {
                let purpose = LinkPurpose::PasswordReset;
                let address = self.make_link(work_ref, &person, purpose, public_url).await?;
                words::password_reset(&person, address)
            }
            SendLetter::PasswordSetup { .. } => {
                let Some(organization) = work_ref.organization(ctx.tenant).await? else {
                    return done(work, None).await;
                };
                let purpose = LinkPurpose::PasswordSetup;
                let address = self.make_link(work_ref, &person, purpose, public_url).await?;
                words::password_setup(&person, &organization, address)
            }
            SendLetter::EmailVerification { .. } if person.email_verified_at.is_some() => {
                return done(work, None).await;
            }
            SendLetter::EmailVerification { .. } => {
                let purpose = LinkPurpose::EmailVerification;
                let address = self.make_link(work_ref, &person, purpose, public_url).await?;
                words::email_verification(&person, address)
            }
            // Was written above: it is to an address, not to a person.
            SendLetter::Invitation { .. } => return done(work, None).await,
            SendLetter::NewSignIn { address, at, .. } => words::new_sign_in(&person, address, *at),
        };
        done(work, Some(written)).await
    }

    async fn write_invitation(
        &self,
        ctx: &OpContext,
        work: &mut dyn AccountsWork,
        invite: i64,
        public_url: &str,
    ) -> Result<Option<Letter>> {
        let now = self.clock.now();
        let found = work.invites().find(&[Id::new(invite)], Which::Live).await?.pop();
        let Some(invite) = found.filter(|invite| invite.data.is_open(now)) else {
            return Ok(None);
        };
        // A closed workspace's invitations are dead.
        let Some(organization) = work.organization(ctx.tenant).await? else { return Ok(None) };
        let secret = LinkSecret::generate(&*self.random);
        let email = &*invite.data.email;
        work.insert_invite_link(&secret.digest(), invite.id, email, now).await?;
        let address = secret.address(public_url, INVITATION_PAGE);
        Ok(Some(words::invitation(&invite.data, &organization, address)))
    }

    /// Makes a link for a person; the address of the page that its secret opens.
    async fn make_link(
        &self,
        work: &mut dyn AccountsWork,
        person: &Person,
        purpose: LinkPurpose,
        public_url: &str,
    ) -> Result<String> {
        let secret = LinkSecret::generate(&*self.random);
        let link = OneTimeLink::new(purpose, person, self.clock.now());
        work.insert_link(&secret.digest(), &link, self.clock.now()).await?;
        Ok(secret.address(public_url, purpose.page()))
    }
}
