//! Setting a password by a link: a new one in place of a forgotten one, or the first.

use domain_kernel::journal::Verb;
use domain_kernel::{Actor, Error, Field, FieldType as _, Input, NewJob, Result, fold};
use serde_json::{Value, json};

use crate::operate::trails;
use crate::{
    Accounts, AccountsWork, Acting, Admission, LinkDigest, LinkPurpose, NameDigest, OneTimeLink,
    PASSWORD_FIELD, Person, SendLetter, done,
};

/// The address that somebody wants a new password for.
pub const RESET_FIELD: Field = Field::new(
    "email",
    "The e-mail address of the account.",
    domain_kernel::field::Email::KIND,
    false,
)
.required();

/// The secret of a link.
pub const LINK_FIELD: Field = Field::new(
    "token",
    "The secret of the link, as the mail has it.",
    domain_kernel::field::ShortText::<255>::KIND,
    false,
)
.required();

/// A password that comes with the secret of a link.
pub struct PasswordByLink {
    token: String,
    password: String,
}

impl PasswordByLink {
    /// Reads one. How good the password is is judged later, when it is known whose it is.
    ///
    /// # Errors
    /// [`Error::Invalid`] by field.
    pub fn read(json: Value) -> Result<Self> {
        let mut input = Input::new(json)?;
        let token = input.take_verbatim(&LINK_FIELD);
        let password = input.take_verbatim(&PASSWORD_FIELD);
        input.finish()?;
        Ok(Self { token: token.unwrap_or_default(), password: password.unwrap_or_default() })
    }
}

/// The name that asking for an address is counted under; nobody can have it as user name.
pub fn reset_door(email: &str) -> String {
    format!("new password for {email}")
}

impl Accounts {
    /// Has a link mailed to whoever has an address. Whether anybody has it is found out when the
    /// letter is written: here the same is done for every address.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn request_password_reset(
        &self,
        _: Admission,
        email: &str,
        request_id: &str,
    ) -> Result<()> {
        let name = NameDigest::of(email).hex();
        // Counted for the address, whoever has it; who asks for more is answered alike.
        if self.count_letter(format!("reset-letters:{name}")).await?.is_some() {
            return Ok(());
        }
        let letter = SendLetter::PasswordReset { email: email.trim().to_owned() };
        let job = NewJob::of_platform(request_id, self.clock.now(), &letter)?;
        let mut work = self.store.open_write().await?;
        work.enqueue(job.unique(format!("reset {name}"))).await?;
        work.commit().await
    }

    /// Sets a password by a link. Whatever the person was signed in with ends.
    ///
    /// # Errors
    /// [`Error::Invalid`] under `token` when the link is not good any more, or never was; under
    /// `password` when it is too weak, and the link stays good.
    pub async fn set_password_by_link(&self, new: PasswordByLink, request_id: &str) -> Result<()> {
        let digest = LinkDigest::of(&new.token).ok_or_else(unknown_link)?;
        let mut work = self.store.open_read().await?;
        let found = work.link(&digest, &LinkPurpose::OF_PASSWORDS, self.clock.now()).await?;
        let person = match &found {
            Some(link) => work.person(link.person).await?,
            None => None,
        };
        let person = done(work, person).await?.filter(|person| person.is_active);
        let person = person.ok_or_else(unknown_link)?;
        self.check_password("password", &new.password, &person.draft).await?;
        let hash = self.passwords.hash(&new.password).await?;

        let mut work = self.store.open_write().await?;
        let person = work.lock_person(person.id).await?.map(|(person, _)| person);
        let now = self.clock.now();
        // Of several that come with the same secret, one gets it.
        let link = work.use_link(&digest, &LinkPurpose::OF_PASSWORDS, now).await?;
        let (Some(person), Some(link)) = (person.filter(|person| person.is_active), link) else {
            return Err(unknown_link());
        };
        work.set_password_hash(person.id, &hash).await?;
        work.end_links_of(person.id, &LinkPurpose::OF_PASSWORDS, now).await?;
        let ended = work.revoke_tokens_of(person.id, now).await?;
        let verified = self.verify_by(&mut *work, &person, &link).await?;
        let mut before = json!({ "password": "replaced by a link" });
        if verified {
            before["email_verified"] = json!(false);
            // Anybody can have made the account: nothing stays by which they could come back.
            work.delete_identities_of(person.id).await?;
        }
        self.note_in_trails(&mut *work, &person, before, request_id).await?;
        work.commit().await?;
        for digest in ended {
            self.signed_in.forget(&digest).await;
        }
        // Who has the mailbox need not wait until their own wrong guesses are forgotten.
        for name in [&person.draft.username, &person.draft.email] {
            self.limits.lockout.unlock(NameDigest::of(name)).await?;
        }
        Ok(())
    }

    /// Notes that an address is somebody's who got a link by mail there; `false` when nothing
    /// changes by it.
    pub(crate) async fn verify_by(
        &self,
        work: &mut dyn AccountsWork,
        person: &Person,
        link: &OneTimeLink,
    ) -> Result<bool> {
        let is_new = person.email_verified_at.is_none()
            && fold(&person.draft.email) == fold(&link.email)
            && !link.email.is_empty();
        if is_new {
            let now = self.clock.now();
            work.verify_email(person.id, now).await?;
            work.end_links_of(person.id, &[LinkPurpose::EmailVerification], now).await?;
        }
        Ok(is_new)
    }

    /// Journals what somebody did to their own account, in every workspace of theirs. What the object
    /// does not show stands beside it as it was before.
    pub(crate) async fn note_in_trails(
        &self,
        work: &mut dyn AccountsWork,
        person: &Person,
        hidden: Value,
        request_id: &str,
    ) -> Result<()> {
        let workspaces = work.memberships_of(person.id).await?;
        // Who is in no workspace cannot be named in the platform's own.
        let actor = if workspaces.is_empty() { Actor::System } else { Actor::Member(person.id) };
        for tenant in trails(work, person.id).await? {
            work.enter(tenant).await?;
            let (mut before, after) = (person.json(), person.json());
            for (name, value) in hidden.as_object().into_iter().flatten() {
                before[name.as_str()] = value.clone();
            }
            let acting = Acting { tenant, actor, request_id };
            self.note(work, &acting, Verb::Updated, person.subject(), &before, after);
        }
        Ok(())
    }
}

/// What is said of every link that is not good: it tells nothing about the others.
pub(crate) fn unknown_link() -> Error {
    let message = "This link is not valid: it was used, it is too old, or it never was one. Ask for \
                   a new one.";
    Error::field("token", message)
}
