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
use crate::{
    Accounts, AccountsWork, Acting, Admission, Organization, Person, Profile, SendLetter, Subject,
    Token, TokenDigest, Verdict,
};

/// What a sign-in gives.
#[derive(Debug)]
pub struct SignedIn {
    /// The token, shown this once.
    pub token: Token,
    /// Who signed in.
    pub profile: Profile,
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
    /// Signs somebody in with a name, as it was admitted, and a password.
    ///
    /// Unknown name, wrong password and disabled account are answered alike and as late.
    ///
    /// # Errors
    /// [`Error::Invalid`] under `detail`, in the words that clients know; [`Error::Locked`] after
    /// too many failures, before the password is looked at.
    pub async fn sign_in(
        &self,
        admission: Admission,
        password: &str,
        request_id: &str,
    ) -> Result<SignedIn> {
        let refused = || {
            Error::Invalid(FieldErrors::one(
                "detail",
                "Unable to log in with provided credentials.",
            ))
        };
        let Admission { login, name, address, .. } = admission;
        let mut work = self.store.open_read().await?;
        let found = work.person_by_login(&fold(login.trim())).await?;
        // Asked of nobody, too: an unknown name takes as long.
        let whose = found.as_ref().map_or(PersonId::new(0), |(person, _)| person.id);
        let known = work.knows_address(whose, &address, self.clock.now()).await?;
        work.commit().await?;
        let guess = self.limits.lockout.admit(name, &address, known).await?;
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
        self.limits.lockout.succeeded(guess).await?;
        let upgraded = match verdict {
            Verdict::RightButOutdated => Some(self.passwords.hash(password).await?),
            _ => None,
        };
        let mut work = self.store.open_write().await?;
        // Checking took its time: the password may be another one by now, or the account disabled.
        let current = work.lock_person(person.id).await?;
        if !current.is_some_and(|(now, hash)| now.is_active && hash == verified) {
            return Err(refused());
        }
        let organization = self.come_home(&mut *work, &person, None).await?;
        let tenant = organization.id;
        let acting = Acting { tenant, actor: Actor::Member(person.id), request_id };
        if let Some(hash) = upgraded {
            work.set_password_hash(person.id, &hash).await?;
            // The object shows no password; that it is hashed anew shows in what changed.
            let (mut before, after) = (person.json(), person.json());
            before["password"] = json!("hashed anew");
            self.note(&mut *work, &acting, Verb::Updated, person.subject(), &before, after);
        }
        let token = self.issue_token(&mut *work, person.id, &acting).await?;
        self.note_arrival(&mut *work, &person, &address, request_id).await?;
        let entitlements = work.entitlements(self.today(&organization)).await?;
        work.commit().await?;
        Ok(SignedIn { token, profile: Profile { person, organization, entitlements } })
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
        acting: &Acting<'_>,
    ) -> Result<Token> {
        let token = Token::generate(&*self.random);
        work.insert_token(person, &token.digest(), self.clock.now()).await?;
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
        let Some((tenant, person)) = work.token(digest).await? else {
            // Ended well: what strangers send must not cost a connection.
            work.commit().await?;
            return Err(invalid());
        };
        let Some(found) = work.person(person).await?.filter(|person| person.is_active) else {
            return Err(Error::Unauthenticated("User inactive or deleted."));
        };
        work.enter(tenant).await?;
        let membership = work.membership(person).await?.ok_or_else(invalid)?;
        let closed = || Error::Unauthenticated("This workspace is closed.");
        let organization = work.organization(tenant).await?.ok_or_else(closed)?;
        let entitlements = work.entitlements(self.today(&organization)).await?;
        work.commit().await?;
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
fn token_of(person: PersonId) -> Subject {
    Subject { entity: "tokens", singular: "token", id: person.raw(), version: 1 }
}
