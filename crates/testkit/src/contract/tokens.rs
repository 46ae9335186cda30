//! Tokens.

use domain_accounts::{Token, TokenDigest};
use domain_kernel::policy::RoleSet;
use domain_kernel::{PersonId, TenantId};

use super::Fixture;
use crate::builders::Member;

impl Fixture {
    /// A new token of a member.
    async fn token(&self, member: &Member) -> TokenDigest {
        let digest = Token::generate(&self.random).digest();
        let mut work = self.changing().await;
        work.enter(member.organization.id).await.expect("entering");
        let done = work.insert_token(member.person.id, &digest, self.now()).await;
        done.expect("a member can have tokens");
        work.commit().await.expect("a commit");
        digest
    }

    /// Whose a token is.
    async fn whose(&self, digest: &TokenDigest) -> Option<(TenantId, PersonId)> {
        let mut work = self.looking().await;
        let found = work.token(digest).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
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
    let unknown = Token::generate(&fixture.random).digest();
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
    assert_eq!(work.token(&digest).await.expect("a look-up"), None, "the unit itself sees it");
    drop(work);
    assert_eq!(fixture.whose(&digest).await, owner(&member), "a dropped revocation is none");
    let lost = Token::generate(&fixture.random).digest();
    let mut work = fixture.changing().await;
    work.enter(member.organization.id).await.expect("entering");
    work.insert_token(member.person.id, &lost, fixture.now()).await.expect("a token");
    drop(work);
    assert_eq!(fixture.whose(&lost).await, None, "a dropped token is none");
}

/// All tokens of a person but one are revoked; the one stays, and other people's do.
pub async fn one_token_is_kept_where_the_others_are_revoked(fixture: &Fixture) {
    let (member, other) = (fixture.member().await, fixture.member().await);
    let (kept, gone) = (fixture.token(&member).await, fixture.token(&member).await);
    let others = fixture.token(&other).await;
    let mut work = fixture.changing().await;
    let revoked = work.revoke_other_tokens_of(member.person.id, &kept, fixture.now()).await;
    assert!(revoked.expect("a revocation") == [gone], "the one that was valid is told");
    work.commit().await.expect("a commit");
    assert_eq!(fixture.whose(&gone).await, None);
    assert_eq!(fixture.whose(&kept).await, owner(&member));
    assert_eq!(fixture.whose(&others).await, owner(&other));
}
