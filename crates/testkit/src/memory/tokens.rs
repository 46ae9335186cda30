//! What people are signed in with.

use domain_accounts::{MOST_TOKENS_SHOWN, NewToken, StoredToken};
use domain_kernel::{PersonId, TenantId};
use jiff::Timestamp;

/// Every token, each with whether it is revoked.
#[derive(Clone, Default)]
pub(super) struct Tokens(pub(super) Vec<(StoredToken, bool)>);

impl Tokens {
    /// Those that are valid.
    pub(super) fn valid(&self, now: Timestamp) -> impl Iterator<Item = &StoredToken> {
        let valid = self.0.iter().filter(move |(token, revoked)| is_valid(token, *revoked, now));
        valid.map(|(token, _)| token)
    }

    /// A person's, the most recently used first.
    pub(super) fn of_person(&self, person: PersonId, now: Timestamp) -> Vec<StoredToken> {
        let tokens = self.valid(now).filter(|token| token.person == person);
        let mut theirs: Vec<_> = tokens.cloned().collect();
        theirs.sort_by_key(|token| std::cmp::Reverse((token.used_at, token.id)));
        theirs.truncate(MOST_TOKENS_SHOWN);
        theirs
    }

    /// Revokes the valid ones among some.
    pub(super) fn end(
        &mut self,
        which: impl Fn(&StoredToken) -> bool,
        now: Timestamp,
    ) -> Vec<StoredToken> {
        let mut ended = Vec::new();
        for (token, revoked) in &mut self.0 {
            if which(token) && is_valid(token, *revoked, now) {
                *revoked = true;
                ended.push(token.clone());
            }
        }
        ended.sort_by_key(|token| (token.tenant, token.id));
        ended
    }

    /// Notes a use, unless a later one is noted already.
    pub(super) fn touch(
        &mut self,
        token: &StoredToken,
        now: Timestamp,
        ends_at: Option<Timestamp>,
    ) -> bool {
        let mut tokens = self.0.iter_mut();
        let Some((stored, false)) = tokens.find(|(stored, _)| stored.id == token.id) else {
            return false;
        };
        let unseen = stored.used_at <= token.used_at;
        if unseen {
            (stored.used_at, stored.ends_at) = (now, ends_at);
        }
        unseen
    }

    /// Stores one of a member's.
    pub(super) fn insert(
        &mut self,
        (tenant, person): (TenantId, PersonId),
        token: &NewToken,
        now: Timestamp,
    ) {
        let stored = StoredToken {
            id: self.0.iter().map(|(token, _)| token.id).max().unwrap_or(0) + 1,
            digest: token.digest,
            kind: token.kind,
            tenant,
            person,
            created_at: now,
            used_at: now,
            ends_at: token.ends_at,
            address: token.address.clone(),
            user_agent: token.user_agent.clone(),
        };
        self.0.push((stored, false));
    }
}

fn is_valid(token: &StoredToken, revoked: bool, now: Timestamp) -> bool {
    !revoked && token.ends_at.is_none_or(|ends_at| ends_at > now)
}
