//! Tokens.

use std::time::Duration;

use domain_accounts::{NewToken, StoredToken, Token, TokenDigest, TokenKind};
use domain_kernel::limit::after;
use domain_kernel::policy::RoleSet;
use domain_kernel::{PersonId, TenantId};
use jiff::SignedDuration;

use super::Fixture;
use crate::builders::Member;

impl Fixture {
    /// A new token of a member.
    async fn token(&self, member: &Member) -> TokenDigest {
        let digest = Token::generate(&self.random, TokenKind::Token).digest();
        self.keep(member, NewToken::plain(digest)).await;
        digest
    }

    /// A new session of a member, which lasts so many seconds.
    async fn session(&self, member: &Member, seconds: u64) -> TokenDigest {
        let digest = Token::generate(&self.random, TokenKind::Session).digest();
        let new = NewToken {
            kind: TokenKind::Session,
            ends_at: Some(after(self.now(), Duration::from_secs(seconds))),
            address: "192.0.2.7".to_owned(),
            user_agent: "Netscape".to_owned(),
            ..NewToken::plain(digest)
        };
        self.keep(member, new).await;
        digest
    }

    async fn keep(&self, member: &Member, token: NewToken) {
        let mut work = self.changing().await;
        work.enter(member.organization.id).await.expect("entering");
        let done = work.insert_token(member.person.id, &token, self.now()).await;
        done.expect("a member can have tokens");
        work.commit().await.expect("a commit");
    }

    /// A token as it is stored.
    async fn stored_token(&self, digest: &TokenDigest) -> Option<StoredToken> {
        let mut work = self.looking().await;
        let found = work.token(digest, self.now()).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
    }

    /// Whose a token is.
    async fn whose(&self, digest: &TokenDigest) -> Option<(TenantId, PersonId)> {
        self.stored_token(digest).await.map(|token| (token.tenant, token.person))
    }

    /// The digests of a member's tokens, in the order in which they are shown.
    async fn tokens_shown(&self, member: &Member) -> Vec<TokenDigest> {
        let mut work = self.looking().await;
        let tokens = work.tokens_of(member.person.id, self.now()).await.expect("a list");
        work.commit().await.expect("a commit");
        assert!(tokens.iter().all(|token| token.person == member.person.id));
        tokens.into_iter().map(|token| token.digest).collect()
    }

    /// Notes a use of a token; whether it was the first to do so.
    async fn touch(&self, token: &StoredToken, seconds: u64) -> bool {
        let ends_at = Some(after(self.now(), Duration::from_secs(seconds)));
        let mut work = self.changing().await;
        let noted = work.touch_token(token, self.now(), ends_at).await.expect("a note");
        work.commit().await.expect("a commit");
        noted
    }

    /// Revokes a token; whether it was valid.
    async fn revoke(&self, digest: &TokenDigest) -> bool {
        let mut work = self.changing().await;
        let revoked = work.revoke_token(digest, self.now()).await.expect("a revocation");
        work.commit().await.expect("a commit");
        revoked
    }
}

fn owner(member: &Member) -> Option<(TenantId, PersonId)> {
    Some((member.organization.id, member.person.id))
}

/// A token tells its member until it is revoked.
pub async fn a_token_tells_its_member_until_it_is_revoked(fixture: &Fixture) {
    let member = fixture.member().await;
    let (one, two) = (fixture.token(&member).await, fixture.token(&member).await);
    assert_eq!(fixture.whose(&one).await, owner(&member), "a token tells workspace and person");
    assert!(fixture.revoke(&one).await, "a valid token can be revoked");
    assert_eq!(fixture.whose(&one).await, None, "a revoked token tells nobody");
    assert_eq!(fixture.whose(&two).await, owner(&member), "the others still do");
    let begun = fixture.accounts.begin_write(&member.ctx).await;
    let mut work = begun.expect("a unit for writing");
    let revoked = work.revoke_token(&two, fixture.now()).await.expect("a revocation");
    assert!(revoked, "also within its workspace");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.whose(&two).await, None);
}

/// An unknown token is nobody's.
pub async fn an_unknown_token_is_nobodys(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.token(&member).await;
    let unknown = Token::generate(&fixture.random, TokenKind::Token).digest();
    assert_eq!(fixture.whose(&unknown).await, None, "an unknown token is nobody's");
    assert!(!fixture.revoke(&unknown).await, "and cannot be revoked");
}

/// A token is revoked once and for good.
pub async fn a_token_is_revoked_once(fixture: &Fixture) {
    let digest = fixture.token(&fixture.member().await).await;
    assert!(fixture.revoke(&digest).await);
    fixture.later();
    assert!(!fixture.revoke(&digest).await, "a revoked token is not valid");
    assert_eq!(fixture.whose(&digest).await, None, "and never again");
}

/// All tokens of a person are revoked together, in every workspace.
pub async fn all_tokens_of_a_person_are_revoked_together(fixture: &Fixture) {
    let (member, other) = (fixture.member().await, fixture.member().await);
    let mut work = fixture.changing().await;
    work.enter(other.organization.id).await.expect("entering");
    let joined = work.insert_membership(member.person.id, RoleSet::ADMIN, fixture.now()).await;
    joined.expect("joining");
    work.commit().await.expect("a commit");
    let elsewhere = Member { organization: other.organization.clone(), ..member.clone() };
    let gone = fixture.token(&member).await;
    fixture.revoke(&gone).await;
    let (here, there) = (fixture.token(&member).await, fixture.token(&elsewhere).await);
    let others = fixture.token(&other).await;
    assert_eq!(fixture.whose(&there).await, owner(&elsewhere), "a token names its workspace");
    let mut work = fixture.changing().await;
    let revoked = work.revoke_tokens_of(member.person.id, fixture.now()).await;
    let revoked = revoked.expect("a revocation");
    work.commit().await.expect("a commit");
    let same = |one: &[TokenDigest], two: &[TokenDigest]| {
        one.len() == two.len() && one.iter().all(|digest| two.contains(digest))
    };
    assert!(same(&revoked, &[here, there]), "those that were valid are told");
    for digest in [here, there] {
        assert_eq!(fixture.whose(&digest).await, None, "none is valid any more");
    }
    assert_eq!(fixture.whose(&others).await, owner(&other), "other people's are");
    let mut work = fixture.changing().await;
    let again = work.revoke_tokens_of(member.person.id, fixture.now()).await;
    assert!(again.expect("a revocation").is_empty(), "there is nothing left to revoke");
}

/// A revocation that is not committed does not count; nor does a token.
pub async fn a_revocation_that_is_not_committed_does_not_count(fixture: &Fixture) {
    let member = fixture.member().await;
    let digest = fixture.token(&member).await;
    let mut work = fixture.changing().await;
    assert!(work.revoke_token(&digest, fixture.now()).await.expect("a revocation"));
    assert_eq!(
        work.token(&digest, fixture.now()).await.expect("a look-up"),
        None,
        "the unit itself sees it"
    );
    drop(work);
    assert_eq!(fixture.whose(&digest).await, owner(&member), "a dropped revocation is none");
    let lost = Token::generate(&fixture.random, TokenKind::Token).digest();
    let mut work = fixture.changing().await;
    work.enter(member.organization.id).await.expect("entering");
    let token = NewToken::plain(lost);
    work.insert_token(member.person.id, &token, fixture.now()).await.expect("a token");
    drop(work);
    assert_eq!(fixture.whose(&lost).await, None, "a dropped token is none");
}

/// A session is kept as it was made, and ends when its time is over, unless it is used.
pub async fn a_session_ends_by_itself(fixture: &Fixture) {
    let member = fixture.member().await;
    let made = fixture.now();
    let (used, left) = (fixture.session(&member, 100).await, fixture.session(&member, 100).await);
    let token = fixture.token(&member).await;
    let stored = fixture.stored_token(&used).await.expect("it is valid");
    assert_eq!((stored.kind, stored.digest), (TokenKind::Session, used));
    assert_eq!((stored.created_at, stored.used_at), (made, made), "made is used");
    assert_eq!(stored.ends_at, Some(after(made, Duration::from_secs(100))));
    assert_eq!((stored.address.as_str(), stored.user_agent.as_str()), ("192.0.2.7", "Netscape"));
    let plain = fixture.stored_token(&token).await.expect("it is valid");
    assert_eq!((plain.kind, plain.ends_at), (TokenKind::Token, None));
    fixture.clock.advance(SignedDuration::from_secs(99));
    assert!(fixture.touch(&stored, 100).await, "the first to note it");
    assert!(!fixture.touch(&stored, 500).await, "somebody else noted it since it was read");
    let again = fixture.stored_token(&used).await.expect("it is valid");
    assert_eq!((again.created_at, again.used_at), (made, fixture.now()));
    assert_eq!(again.ends_at, Some(after(fixture.now(), Duration::from_secs(100))));
    fixture.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(fixture.whose(&left).await, None, "its time is over");
    assert!(!fixture.revoke(&left).await, "nothing is left to revoke");
    assert_eq!(fixture.whose(&used).await, owner(&member));
    fixture.clock.advance(SignedDuration::from_hours(24 * 365));
    assert_eq!(fixture.whose(&used).await, None);
    assert_eq!(fixture.whose(&token).await, owner(&member), "a program's token stays");
    let gone = fixture.stored_token(&token).await.expect("it is valid");
    assert!(fixture.revoke(&token).await);
    assert!(!fixture.touch(&gone, 100).await, "what is revoked is not used");
    assert_eq!(fixture.whose(&token).await, None);
}

/// People see their own valid tokens, the last used first, and end them one by one or all but one.
pub async fn people_see_and_end_their_own_tokens(fixture: &Fixture) {
    let (member, other) = (fixture.member().await, fixture.member().await);
    let mut work = fixture.changing().await;
    work.enter(other.organization.id).await.expect("entering");
    let joined = work.insert_membership(member.person.id, RoleSet::ADMIN, fixture.now()).await;
    joined.expect("joining");
    work.commit().await.expect("a commit");
    let elsewhere = Member { organization: other.organization.clone(), ..member.clone() };
    let mut made = Vec::new();
    for place in [&member, &elsewhere, &member, &member] {
        fixture.later();
        made.push(fixture.session(place, 1_000).await);
    }
    let over = fixture.session(&member, 1).await;
    let others = fixture.token(&other).await;
    fixture.clock.advance(SignedDuration::from_secs(1));
    assert!(fixture.revoke(&made[0]).await);
    assert_eq!(fixture.tokens_shown(&member).await, [made[3], made[2], made[1]]);
    let used = fixture.stored_token(&made[1]).await.expect("it is valid");
    fixture.later();
    assert!(fixture.touch(&used, 1_000).await);
    assert_eq!(fixture.tokens_shown(&member).await, [made[1], made[3], made[2]]);
    assert_eq!(fixture.tokens_shown(&other).await, [others]);
    let foreign = fixture.stored_token(&others).await.expect("it is valid").id;
    let mut work = fixture.changing().await;
    let person = member.person.id;
    let none = work.end_token(person, foreign, fixture.now()).await.expect("an answer");
    assert_eq!(none, None, "another person's is out of reach");
    let one = fixture.stored_token(&made[3]).await.expect("it is valid");
    let ended = work.end_token(person, one.id, fixture.now()).await.expect("an answer");
    assert_eq!(ended.as_ref(), Some(&one));
    let again = work.end_token(person, one.id, fixture.now()).await.expect("an answer");
    assert_eq!(again, None, "once");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.whose(&others).await, owner(&other));
    let last = fixture.token(&member).await;
    let mut work = fixture.changing().await;
    let ended = work.end_tokens_but(person, &last, fixture.now()).await.expect("an answer");
    let mut digests: Vec<_> = ended.iter().map(|token| token.digest.0).collect();
    let mut expected = [made[1].0, made[2].0];
    digests.sort_unstable();
    expected.sort_unstable();
    assert_eq!(digests, expected, "in every workspace");
    assert!(ended.is_sorted_by_key(|token| token.tenant), "workspace by workspace");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.tokens_shown(&member).await, [last]);
    assert_eq!(fixture.whose(&over).await, None);
    assert_eq!(fixture.whose(&others).await, owner(&other), "other people's stay");
}
