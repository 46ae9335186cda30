//! Sessions: tokens of browsers, which end by themselves, and what a person sees of all of theirs.

use std::time::Duration;

use domain_kernel::journal::Verb;
use domain_kernel::limit::{ClientAddress, after};
use domain_kernel::{Actor, Error, OpContext, PersonId, Result, TenantId};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sign_in::token_of;
use crate::{Accounts, AccountsWork, Acting, Token, TokenDigest, TokenKind, done};

/// Most characters that are kept of what a client says it is.
const AGENT_MAX: usize = 255;
/// A use is noted when the last one that was is so long ago: not every request writes.
const NOTED_EVERY: Duration = Duration::from_secs(300);

/// How long sessions last. Tokens of programs do not end.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// From one use to the next.
    pub idle: Duration,
    /// In all.
    pub absolute: Duration,
}

/// Where somebody signs in, and what they are to keep of it.
#[derive(Debug, Clone)]
pub struct Device {
    /// Where they are.
    pub address: ClientAddress,
    /// What their client says it is.
    pub user_agent: String,
    /// What they are given.
    pub kind: TokenKind,
}

impl Device {
    /// A client at an address, that says what it is.
    pub fn new(address: ClientAddress, user_agent: &str, kind: TokenKind) -> Self {
        let user_agent = user_agent.chars().filter(|c| !c.is_control()).take(AGENT_MAX).collect();
        Self { address, user_agent, kind }
    }

    /// The same, given something else to keep.
    pub fn keeping(&self, kind: TokenKind) -> Self {
        Self { kind, ..self.clone() }
    }
}

impl From<ClientAddress> for Device {
    /// A program that does not say what it is.
    fn from(address: ClientAddress) -> Self {
        Self::new(address, "", TokenKind::Token)
    }
}

/// A token before it is stored.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What is stored of its secret.
    pub digest: TokenDigest,
    /// How it travels.
    pub kind: TokenKind,
    /// When it ends unless it is used.
    pub ends_at: Option<Timestamp>,
    /// Where it was made.
    pub address: String,
    /// By what.
    pub user_agent: String,
}

impl NewToken {
    /// A program's token, of which nothing else is known.
    pub fn plain(digest: TokenDigest) -> Self {
        let (address, user_agent) = (String::new(), String::new());
        Self { digest, kind: TokenKind::Token, ends_at: None, address, user_agent }
    }
}

/// A valid token as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredToken {
    /// The row.
    pub id: i64,
    /// What is stored of its secret.
    pub digest: TokenDigest,
    /// How it travels.
    pub kind: TokenKind,
    /// In which workspace it is good.
    pub tenant: TenantId,
    /// Whose it is.
    pub person: PersonId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub used_at: Timestamp,
    /// When it ends unless it is used.
    pub ends_at: Option<Timestamp>,
    /// Where it was made.
    pub address: String,
    /// By what.
    pub user_agent: String,
}

impl StoredToken {
    /// The token as its owner sees it, `current` being the one that they look with.
    pub fn json(&self, current: &TokenDigest) -> Value {
        json!({
            "id": self.id,
            "kind": self.kind.code(),
            "created_at": self.created_at,
            "last_used_at": self.used_at,
            "ends_at": self.ends_at,
            "address": self.address,
            "user_agent": self.user_agent,
            "current": self.digest == *current,
        })
    }
}

impl SessionLimits {
    /// When a token of a kind ends that was made then and is used now.
    fn end(&self, kind: TokenKind, made: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let session = kind == TokenKind::Session;
        session.then(|| after(now, self.idle).min(after(made, self.absolute)))
    }
}

impl Accounts {
    /// A new token for a device: the secret, and what is stored.
    pub(crate) fn make_token(&self, device: &Device, now: Timestamp) -> (Token, NewToken) {
        let token = Token::generate(&*self.random, device.kind);
        let new = NewToken {
            digest: token.digest(),
            kind: device.kind,
            ends_at: self.limits.sessions.end(device.kind, now, now),
            address: device.address.as_str().to_owned(),
            user_agent: device.user_agent.clone(),
        };
        (token, new)
    }

    /// Notes that a token is used, if that was not noted lately.
    pub(crate) async fn note_use(&self, token: &StoredToken) -> Result<()> {
        let now = self.clock.now();
        if after(token.used_at, NOTED_EVERY) > now {
            return Ok(());
        }
        let ends_at = self.limits.sessions.end(token.kind, token.created_at, now);
        let mut work = self.store.open_write().await?;
        work.touch_token(token, now, ends_at).await?;
        work.commit().await
    }

    /// What the caller is signed in with, here and elsewhere: the most recently used first.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when no person is signed in.
    pub async fn tokens(&self, ctx: &OpContext) -> Result<Vec<StoredToken>> {
        let person = signed_in(ctx)?;
        let mut work = self.store.open_read().await?;
        let tokens = work.tokens_of(person, self.clock.now()).await?;
        done(work, tokens).await
    }

    /// Ends one of the caller's own tokens; it stops working at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or it is somebody else's.
    pub async fn end_token(&self, ctx: &OpContext, id: i64) -> Result<StoredToken> {
        let person = signed_in(ctx)?;
        let mut work = self.store.open_write().await?;
        let ended = work.end_token(person, id, self.clock.now()).await?;
        let ended = ended.ok_or(Error::NotFound)?;
        self.note_ended(&mut *work, ctx, std::slice::from_ref(&ended)).await?;
        work.commit().await?;
        self.signed_in.forget(&ended.digest).await;
        Ok(ended)
    }

    /// Ends all of the caller's tokens but the one that they came with; how many.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when no person is signed in.
    pub async fn end_other_tokens(&self, ctx: &OpContext, current: &TokenDigest) -> Result<usize> {
        let person = signed_in(ctx)?;
        let mut work = self.store.open_write().await?;
        let ended = work.end_tokens_but(person, current, self.clock.now()).await?;
        self.note_ended(&mut *work, ctx, &ended).await?;
        work.commit().await?;
        for token in &ended {
            self.signed_in.forget(&token.digest).await;
        }
        Ok(ended.len())
    }

    /// Journals that tokens ended, each in its own workspace.
    async fn note_ended(
        &self,
        work: &mut dyn AccountsWork,
        ctx: &OpContext,
        ended: &[StoredToken],
    ) -> Result<()> {
        for token in ended {
            // Their owners are members there, wherever they act at the moment.
            let actor = Actor::Member(token.person);
            let acting = Acting { tenant: token.tenant, actor, request_id: &ctx.request_id };
            let before = json!({ "user": token.person });
            self.note(work, &acting, Verb::Deleted, token_of(token.person), &before, Value::Null);
        }
        Ok(())
    }
}

/// The person who is signed in.
///
/// # Errors
/// [`Error::Unauthenticated`] when none is.
pub(crate) fn signed_in(ctx: &OpContext) -> Result<PersonId> {
    let missing = Error::Unauthenticated("Authentication credentials were not provided.");
    ctx.actor.person().ok_or(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_it_is_not_used_and_at_the_latest_then() {
        let limits =
            SessionLimits { idle: Duration::from_secs(100), absolute: Duration::from_secs(250) };
        let at = |second| Timestamp::from_second(second).expect("in range");
        let end = |kind, now| limits.end(kind, at(0), at(now));
        assert_eq!(end(TokenKind::Session, 0), Some(at(100)));
        assert_eq!(end(TokenKind::Session, 149), Some(at(249)));
        assert_eq!(end(TokenKind::Session, 200), Some(at(250)));
        assert_eq!(end(TokenKind::Token, 0), None);
    }

    #[test]
    fn what_a_client_says_it_is_is_kept_within_limits() {
        let address = || ClientAddress::of(std::net::Ipv4Addr::LOCALHOST.into());
        let device = Device::new(address(), &format!("\0a\n{}", "é".repeat(300)), TokenKind::Token);
        assert_eq!(device.user_agent, format!("a{}", "é".repeat(254)));
        let session = device.keeping(TokenKind::Session);
        assert_eq!((session.kind, &session.user_agent), (TokenKind::Session, &device.user_agent));
    }
}
