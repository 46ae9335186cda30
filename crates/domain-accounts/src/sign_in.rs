//! Signing in, and who a request comes from.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain_kernel::journal::Verb;
use domain_kernel::limit::ClientAddress;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Actor, Error, FieldErrors, OpContext, PersonId, Result, TenantId, fold};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::password::MAX_PASSWORD;
use crate::second_factor::second_factor_error;
use crate::{
    Accounts, AccountsWork, Acting, Admission, Device, Guess, Organization, Person, Profile,
    SendLetter, SignInStep, StoredToken, Subject, Token, TokenDigest, Verdict,
};

/// What a sign-in gives.
#[derive(Debug)]
pub struct SignedIn {
    /// The token, shown this once.
    pub token: Token,
    /// Who signed in.
    pub profile: Profile,
}

/// What somebody shows who signs in.
pub(crate) struct Proof<'p> {
    pub(crate) person: PersonId,
    /// Whether a hash is that of the password that was checked.
    pub(crate) right: &'p (dyn Fn(&str) -> bool + Send + Sync),
    /// Another hash of it, to be stored.
    pub(crate) upgraded: Option<String>,
    /// A code of their second factor.
    pub(crate) code: Option<&'p str>,
}

/// What comes of it.
pub(crate) enum Outcome {
    In(Box<SignedIn>),
    CodeMissing,
}

/// Why it came to nothing.
pub(crate) enum Refusal {
    /// What was shown is wrong.
    Wrong(Error),
    /// It is right, or was not looked at.
    Other(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

fn refused() -> Error {
    Error::Invalid(FieldErrors::one("detail", "Unable to log in with provided credentials."))
}

/// Who a token belongs to.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The person.
    pub person: PersonId,
    /// The workspace.
    pub tenant: TenantId,
    /// What they may do there.
    pub roles: RoleSet,
    /// Most calls of the workspace in a minute, by its plan.
    pub calls_per_minute: u32,
    /// What the workspace may use.
    pub features: Arc<BTreeSet<String>>,
    /// Whether they must set up a second factor before anything else.
    pub lacks_second_factor: bool,
}

impl Principal {
    /// The context of one of their requests.
    pub fn context(&self, request_id: impl Into<Arc<str>>) -> OpContext {
        OpContext {
            tenant: self.tenant,
            actor: Actor::Member(self.person),
            roles: self.roles,
            features: self.features.clone(),
            request_id: request_id.into(),
            idempotency: None,
        }
    }
}

impl Accounts {
    /// Signs somebody in with a name, as it was admitted, a password, and a code of their second
    /// factor if they gave one.
    ///
    /// Unknown name, wrong password and disabled account are answered alike and as late; that a code
    /// is missing is only told to who knows the password.
    ///
    /// # Errors
    /// [`Error::Invalid`] under `detail`, in the words that clients know; [`Error::Locked`] after
    /// too many failures, before the password is looked at.
    pub async fn sign_in(
        &self,
        admission: Admission,
        password: &str,
        code: Option<&str>,
        request_id: &str,
    ) -> Result<SignInStep> {
        let Admission { login, name, device, .. } = admission;
        let address = &device.address;
        let mut work = self.store.open_read().await?;
        let found = work.person_by_login(&fold(login.trim())).await?;
        // Asked of nobody, too: an unknown name takes as long.
        let whose = found.as_ref().map_or(PersonId::new(0), |(person, _)| person.id);
        let known = work.knows_address(whose, address, self.clock.now()).await?;
        work.commit().await?;
        let guess = self.limits.lockout.admit(name, address, known).await?;
        let hash = found.as_ref().map(|(_, hash)| hash.as_str());
        let too_long = password.chars().count() > MAX_PASSWORD;
        let password = if too_long { "" } else { password };
        let verified = self.passwords.verify(password, hash.filter(|_| !too_long)).await;
        let verdict = match verified {
            Ok(verdict) => verdict,
            Err(error) => {
                self.limits.lockout.abandoned(guess).await?;
                return Err(error);
            }
        };
        let (person, verified) = match found {
            Some(found) if verdict != Verdict::Wrong && found.0.is_active => found,
            _ => return Err(refused()),
        };
        let upgraded = match verdict {
            Verdict::RightButOutdated => self.passwords.hash(password).await.map(Some),
            _ => Ok(None),
        };
        let outcome = match upgraded {
            Ok(upgraded) => {
                let right = |hash: &str| hash == verified;
                let proof = Proof { person: person.id, right: &right, upgraded, code };
                self.come_in(proof, &device, request_id).await
            }
            Err(error) => Err(Refusal::Other(error)),
        };
        match self.settle(guess, outcome).await? {
            Outcome::In(signed_in) => Ok(SignInStep::Done(signed_in)),
            Outcome::CodeMissing => {
                Ok(SignInStep::Code(self.challenge(person.id, &login, &verified)?))
            }
        }
    }

    /// Says what became of a guess: a right one is forgotten with those before it, a wrong one
    /// counts, and one that was not made up to its end is taken back. Who knows the password but has
    /// no code must not forget wrong codes by it.
    pub(crate) async fn settle(
        &self,
        guess: Guess,
        outcome: Result<Outcome, Refusal>,
    ) -> Result<Outcome> {
        let lockout = &self.limits.lockout;
        match outcome {
            Ok(Outcome::In(signed_in)) => {
                lockout.succeeded(guess).await?;
                Ok(Outcome::In(signed_in))
            }
            Ok(Outcome::CodeMissing) => {
                lockout.abandoned(guess).await?;
                Ok(Outcome::CodeMissing)
            }
            Err(Refusal::Wrong(error)) => Err(error),
            Err(Refusal::Other(error)) => {
                lockout.abandoned(guess).await?;
                Err(error)
            }
        }
    }

    /// Lets somebody in whose password was right a moment ago, if their code is, too.
    pub(crate) async fn come_in(
        &self,
        proof: Proof<'_>,
        device: &Device,
        request_id: &str,
    ) -> Result<Outcome, Refusal> {
        let mut work = self.store.open_write().await?;
        // Checking took its time: the password may be another one by now, or the account disabled.
        let current = work.lock_person(proof.person).await?;
        let current = current.filter(|(now, hash)| now.is_active && (proof.right)(hash));
        let Some((person, _)) = current else { return Err(Refusal::Wrong(refused())) };
        if person.second_factor_at.is_some() {
            let Some(code) = proof.code else { return Ok(Outcome::CodeMissing) };
            if !self.use_code(&mut *work, person.id, code).await? {
                let detail = "This code is not valid, or it was used already.";
                return Err(Refusal::Wrong(second_factor_error(detail, "invalid")));
            }
        }
        let organization = self.come_home(&mut *work, &person, None).await?;
        let tenant = organization.id;
        let acting = Acting { tenant, actor: Actor::Member(person.id), request_id };
        if let Some(hash) = proof.upgraded {
            work.set_password_hash(person.id, &hash).await?;
            // The object shows no password; that it is hashed anew shows in what changed.
            let (mut before, after) = (person.json(), person.json());
            before["password"] = json!("hashed anew");
            self.note(&mut *work, &acting, Verb::Updated, person.subject(), &before, after);
        }
        let token = self.issue_token(&mut *work, person.id, device, &acting).await?;
        self.note_arrival(&mut *work, &person, &device.address, request_id).await?;
        let entitlements = work.entitlements(self.today(&organization)).await?;
        work.commit().await?;
        let profile = Profile { person, organization, entitlements };
        Ok(Outcome::In(Box::new(SignedIn { token, profile })))
    }

    /// Notes that somebody came in from an address, and tells them if it was not known.
    pub(crate) async fn note_arrival(
        &self,
        work: &mut dyn AccountsWork,
        person: &Person,
        address: &ClientAddress,
        request_id: &str,
    ) -> Result<()> {
        let now = self.clock.now();
        if !work.knows_address(person.id, address, now).await? {
            let address = address.to_string();
            let letter = SendLetter::NewSignIn { person: person.id, address, at: now };
            self.send_to(work, person, &letter, request_id).await?;
        }
        work.note_address(person.id, address, now).await
    }

    /// Makes a token for a member within a unit of work that is in their workspace.
    pub(crate) async fn issue_token(
        &self,
        work: &mut dyn AccountsWork,
        person: PersonId,
        device: &Device,
        acting: &Acting<'_>,
    ) -> Result<Token> {
        let now = self.clock.now();
        let (token, new) = self.make_token(device, now);
        work.insert_token(person, &new, now).await?;
        self.note(
            work,
            acting,
            Verb::Created,
            token_of(person),
            &Value::Null,
            json!({ "user": person }),
        );
        Ok(token)
    }

    /// Who a token belongs to, if that was found out a moment ago.
    pub async fn remembered(&self, digest: &TokenDigest) -> Option<Arc<Principal>> {
        self.signed_in.get(digest).await
    }

    /// Who a token belongs to.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it is not valid.
    pub async fn authenticate(&self, digest: &TokenDigest) -> Result<Arc<Principal>> {
        if let Some(principal) = self.remembered(digest).await {
            return Ok(principal);
        }
        let age = self.signed_in.age();
        let principal = Arc::new(self.load_principal(digest).await?);
        self.signed_in.put(*digest, principal.clone(), age).await;
        Ok(principal)
    }

    async fn load_principal(&self, digest: &TokenDigest) -> Result<Principal> {
        let invalid = || Error::Unauthenticated("Invalid token.");
        let mut work = self.store.open_read().await?;
        let Some(token) = work.token(digest, self.clock.now()).await? else {
            // Ended well: what strangers send must not cost a connection.
            work.commit().await?;
            return Err(invalid());
        };
        let StoredToken { tenant, person, .. } = token;
        let Some(found) = work.person(person).await?.filter(|person| person.is_active) else {
            return Err(Error::Unauthenticated("User inactive or deleted."));
        };
        work.enter(tenant).await?;
        let membership = work.membership(person).await?.ok_or_else(invalid)?;
        let closed = || Error::Unauthenticated("This workspace is closed.");
        let organization = work.organization(tenant).await?.ok_or_else(closed)?;
        let entitlements = work.entitlements(self.today(&organization)).await?;
        work.commit().await?;
        // That it cannot be noted is nothing to who asks; the next look-up tries again.
        let _noted = self.note_use(&token).await;
        Ok(Principal {
            person,
            tenant,
            roles: if found.is_superuser {
                membership.roles.with_staff()
            } else {
                membership.roles
            },
            calls_per_minute: u32::try_from(entitlements.plan.max_api_calls_per_minute)
                .unwrap_or(u32::MAX),
            features: Arc::new(entitlements.enabled()),
            lacks_second_factor: self.lacks_second_factor(&found, &organization),
        })
    }

    /// Revokes the token that the caller came with; it stops working at once.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it is not valid any more.
    pub async fn revoke(&self, ctx: &OpContext, digest: &TokenDigest) -> Result<()> {
        let mut work = self.store.begin_write(ctx).await?;
        let revoked = work.revoke_token(digest, self.clock.now()).await?;
        if let (true, Some(person)) = (revoked, ctx.actor.person()) {
            let acting =
                Acting { tenant: ctx.tenant, actor: ctx.actor, request_id: &ctx.request_id };
            let before = json!({ "user": person });
            self.note(&mut *work, &acting, Verb::Deleted, token_of(person), &before, Value::Null);
        }
        work.commit().await?;
        self.signed_in.forget(digest).await;
        if revoked { Ok(()) } else { Err(Error::Unauthenticated("Invalid token.")) }
    }

    /// Today in a workspace.
    pub(crate) fn today(&self, organization: &Organization) -> Date {
        organization.day_of(self.clock.now())
    }
}

/// The workspace that a membership or a token names.
pub(crate) async fn organization(
    work: &mut dyn AccountsWork,
    tenant: TenantId,
) -> Result<Organization> {
    let found = work.organization(tenant).await?;
    found.ok_or_else(|| Error::internal("a membership of a workspace that is not there"))
}

/// Tokens are journaled under their owner: their own id says nothing to anybody.
pub(crate) fn token_of(person: PersonId) -> Subject {
    Subject { entity: "tokens", singular: "token", id: person.raw(), version: 1 }
}
