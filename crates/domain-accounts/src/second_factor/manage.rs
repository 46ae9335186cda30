//! One's own second factor: setting it up, recovery codes, removing it.

use domain_kernel::journal::Verb;
use domain_kernel::{Actor, Error, OpContext, PersonId, Result};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Enrolment, SECRET_BYTES, StoredFactor, purpose, recovery_codes};
use crate::operate::{operator, trails};
use crate::own_password::OwnPassword;
use crate::session::signed_in;
use crate::sign_in::organization;
use crate::{Accounts, AccountsWork, Acting, Device, Person, Subject, done};

/// How somebody stands with the second factor.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorState {
    /// Since when they have one.
    pub enabled_at: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
    /// Whether they must have one.
    pub is_required: bool,
}

impl FactorState {
    /// The state as the API shows it.
    pub fn json(&self) -> Value {
        json!({
            "enabled": self.enabled_at.is_some(),
            "enabled_at": self.enabled_at,
            "recovery_codes_left": self.recovery_codes,
            "required": self.is_required,
        })
    }
}

/// The message for a confirmation of nothing.
const NOTHING_BEGUN: &str = "There is no second factor to confirm. Begin at setup.";
/// The message for a code that is none.
const WRONG_CODE: &str = "This code is not valid, or it was used already.";

impl Accounts {
    /// How the caller stands with the second factor.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when no person is signed in.
    pub async fn second_factor(&self, ctx: &OpContext) -> Result<FactorState> {
        let person = signed_in(ctx)?;
        let mut work = self.store.begin_read(ctx).await?;
        let person = present(work.person(person).await?)?;
        let state = FactorState {
            enabled_at: person.second_factor_at,
            recovery_codes: work.recovery_codes_left(person.id).await?,
            is_required: self.requires_second_factor(&mut *work, &person).await?,
        };
        done(work, state).await
    }

    /// Begins to set up a second factor; it counts when a code has confirmed it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong password; [`Error::Conflict`] when there is one already.
    pub async fn begin_second_factor(
        &self,
        ctx: &OpContext,
        device: Device,
        password: &str,
    ) -> Result<Enrolment> {
        let (mut work, person) = self.proven(ctx, device, password, None).await?;
        if person.second_factor_at.is_some() {
            let message = "There is a second factor already. Remove it first.";
            return Err(Error::Conflict(message.to_owned()));
        }
        let mut secret = [0; SECRET_BYTES];
        self.random.fill(&mut secret);
        let vault = &self.limits.second_factors.vault;
        let sealed = vault.seal(&purpose(person.id), &secret)?;
        let enrolment = vault.enrolment(&secret, &person.draft.username)?;
        work.put_second_factor(person.id, &StoredFactor { sealed, last_step: 0 }).await?;
        done(work, enrolment).await
    }

    /// What an app needs of a second factor that is not confirmed yet.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is none.
    pub async fn pending_second_factor(&self, ctx: &OpContext) -> Result<Enrolment> {
        let id = signed_in(ctx)?;
        let mut work = self.store.begin_read(ctx).await?;
        let person = present(work.person(id).await?)?;
        let stored = work.second_factor(id).await?.filter(|_| person.second_factor_at.is_none());
        work.commit().await?;
        let vault = &self.limits.second_factors.vault;
        let secret = match stored {
            Some(stored) => vault.open(&purpose(id), &stored.sealed)?,
            None => None,
        };
        let missing = || Error::Conflict(NOTHING_BEGUN.to_owned());
        vault.enrolment(&secret.ok_or_else(missing)?, &person.draft.username)
    }

    /// Confirms a second factor by its first code; the recovery codes, shown this once.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong code; [`Error::Conflict`] when none was begun.
    pub async fn confirm_second_factor(&self, ctx: &OpContext, code: &str) -> Result<Vec<String>> {
        let id = signed_in(ctx)?;
        let mut work = self.store.begin_write(ctx).await?;
        let person = present(work.lock_person(id).await?.map(|(person, _)| person))?;
        if person.second_factor_at.is_some() || work.second_factor(id).await?.is_none() {
            return Err(Error::Conflict(NOTHING_BEGUN.to_owned()));
        }
        // There are no recovery codes yet.
        if !self.use_code(&mut *work, id, code).await? {
            return Err(Error::field("code", WRONG_CODE));
        }
        work.enable_second_factor(id, Some(self.clock.now())).await?;
        let codes = self.new_codes(&mut *work, id).await?;
        self.note_factor(&mut *work, ctx, id, Verb::Created).await?;
        work.commit().await?;
        self.signed_in.forget_all();
        Ok(codes)
    }

    /// Makes new recovery codes in the place of those before, shown this once.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong password or code; [`Error::Conflict`] without a second factor.
    pub async fn renew_recovery_codes(
        &self,
        ctx: &OpContext,
        device: Device,
        password: &str,
        code: &str,
    ) -> Result<Vec<String>> {
        let (mut work, person) = self.proven(ctx, device, password, Some(code)).await?;
        let codes = self.new_codes(&mut *work, person.id).await?;
        self.note_factor(&mut *work, ctx, person.id, Verb::Updated).await?;
        done(work, codes).await
    }

    /// Removes the second factor.
    ///
    /// # Errors
    /// As [`Accounts::renew_recovery_codes`]; [`Error::Conflict`] while it is required.
    pub async fn remove_second_factor(
        &self,
        ctx: &OpContext,
        device: Device,
        password: &str,
        code: &str,
    ) -> Result<()> {
        let (mut work, person) = self.proven(ctx, device, password, Some(code)).await?;
        if self.requires_second_factor(&mut *work, &person).await? {
            let message = "The second factor is required here and cannot be removed.";
            return Err(Error::Conflict(message.to_owned()));
        }
        work.delete_second_factor(person.id).await?;
        self.note_factor(&mut *work, ctx, person.id, Verb::Deleted).await?;
        work.commit().await
    }

    /// Removes the second factor of somebody who has lost everything, as an operator.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] without a second factor.
    pub async fn reset_second_factor(&self, login: &str) -> Result<Person> {
        let person = self.person_named(login).await?;
        let mut work = self.store.open_write().await?;
        work.lock_person(person.id).await?;
        if !work.delete_second_factor(person.id).await? {
            return Err(Error::Conflict("There is no second factor.".to_owned()));
        }
        for tenant in trails(&mut *work, person.id).await? {
            work.enter(tenant).await?;
            let before = json!({ "user": person.id });
            let subject = factor_of(person.id);
            let acting = operator(tenant);
            self.note(&mut *work, &acting, Verb::Deleted, subject, &before, Value::Null);
        }
        work.commit().await?;
        self.signed_in.forget_all();
        Ok(person)
    }

    /// Makes sure that it is the caller: by their password and, where one is asked for, a code. Both
    /// count towards the lockout. The unit has the person locked.
    pub(crate) async fn proven(
        &self,
        ctx: &OpContext,
        device: Device,
        password: &str,
        code: Option<&str>,
    ) -> Result<(Box<dyn AccountsWork>, Person)> {
        let (own, guess) = self.check_own_password(ctx, device, password, "password").await?;
        let mut work = self.store.begin_write(ctx).await?;
        match self.check_code(&mut *work, &own, code).await {
            Ok(true) => {}
            Ok(false) => return Err(Error::field("code", WRONG_CODE)),
            Err(error) => {
                drop(work);
                self.limits.lockout.abandoned(guess).await?;
                return Err(error);
            }
        }
        // A code is used up, whatever comes of the rest.
        work.commit().await?;
        self.limits.lockout.succeeded(guess).await?;
        let mut work = self.store.begin_write(ctx).await?;
        let person = own.lock(&mut *work).await?;
        Ok((work, person))
    }

    /// Whether the code that is asked for, if one is, is right.
    async fn check_code(
        &self,
        work: &mut dyn AccountsWork,
        own: &OwnPassword,
        code: Option<&str>,
    ) -> Result<bool> {
        let person = own.lock(work).await?;
        let Some(code) = code else { return Ok(true) };
        if person.second_factor_at.is_none() {
            return Err(Error::Conflict("There is no second factor.".to_owned()));
        }
        self.use_code(work, person.id, code).await
    }

    /// Gives a person new recovery codes.
    async fn new_codes(
        &self,
        work: &mut dyn AccountsWork,
        person: PersonId,
    ) -> Result<Vec<String>> {
        let (codes, digests): (Vec<_>, Vec<_>) =
            recovery_codes(&*self.random, person).into_iter().unzip();
        work.replace_recovery_codes(person, &digests).await?;
        Ok(codes)
    }

    /// Journals a step, in every workspace of the person's; no secret is in it.
    pub(crate) async fn note_factor(
        &self,
        work: &mut dyn AccountsWork,
        ctx: &OpContext,
        person: PersonId,
        verb: Verb,
    ) -> Result<()> {
        let whose = json!({ "user": person });
        let (before, after) = match verb {
            Verb::Created => (Value::Null, whose),
            Verb::Deleted => (whose, Value::Null),
            _ => (whose.clone(), json!({ "user": person, "recovery_codes": "replaced" })),
        };
        let member = !work.memberships_of(person).await?.is_empty();
        for tenant in trails(work, person).await? {
            work.enter(tenant).await?;
            let actor = if member { Actor::Member(person) } else { Actor::System };
            let acting = Acting { tenant, actor, request_id: &ctx.request_id };
            self.note(work, &acting, verb, factor_of(person), &before, after.clone());
        }
        Ok(())
    }

    /// Whether a person must have a second factor in the workspace that a unit is in: who has no
    /// password comes in by a provider, whose word is enough.
    async fn requires_second_factor(
        &self,
        work: &mut dyn AccountsWork,
        person: &Person,
    ) -> Result<bool> {
        let mut required = person.is_superuser && self.limits.second_factors.required_of_staff;
        for tenant in work.memberships_of(person.id).await? {
            required |= organization(work, tenant).await?.requires_second_factor;
        }
        Ok(required && person.has_password)
    }
}

/// A second factor is journaled under its owner.
fn factor_of(person: PersonId) -> Subject {
    let id = person.raw();
    Subject { entity: "second-factors", singular: "second_factor", id, version: 1 }
}

fn present(person: Option<Person>) -> Result<Person> {
    person.ok_or(Error::Unauthenticated("User inactive or deleted."))
}
