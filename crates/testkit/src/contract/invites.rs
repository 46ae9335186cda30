//! Invitations into a workspace, and the links that carry them.

use domain_accounts::{AccountsWork, Invite, InviteLink, LinkDigest, LinkSecret};
use domain_kernel::field::{Choice, DoneBy, Email, Flag, Moment, Word};
use domain_kernel::{OpContext, Record, Result, Which};
use jiff::Timestamp;

use super::{Fixture, asked};
use crate::builders::Member;

/// Whatever the clock of the tests, and that of the database, says: it is over, or it is not.
fn moment(text: &str) -> Moment {
    Moment(Some(text.parse::<Timestamp>().expect("a moment")))
}

impl Fixture {
    async fn inviting(&self, ctx: &OpContext) -> Box<dyn AccountsWork> {
        let begun: Result<Box<dyn AccountsWork>> = self.accounts.begin_write(ctx).await;
        begun.expect("a unit for writing")
    }

    async fn invite(&self, by: &Member, email: &str, until: &str) -> Record<Invite> {
        let data = Invite {
            email: Email::trusted(email),
            token: Word::trusted("a secret"),
            role: Choice::trusted("analyst"),
            expires_at: moment(until),
            created_by: DoneBy(Some(by.person.id)),
            created_by_name: Word::trusted(by.person.display_name()),
            ..Invite::default()
        };
        let mut work = self.inviting(&by.ctx).await;
        let made = work.invites().insert(data, self.now()).await.expect("an invitation");
        work.commit().await.expect("a commit");
        made
    }

    async fn seen_invite(&self, ctx: &OpContext, row: &Record<Invite>) -> Option<Record<Invite>> {
        let mut work = self.inviting(ctx).await;
        work.invites().find(&[row.id], Which::Any).await.expect("a look-up").pop()
    }
}

/// An invitation is found as it was made, but for its secret, with the name of who made it.
pub async fn an_invitation_is_found_without_its_secret(fixture: &Fixture) {
    let admin = fixture.member().await;
    let made = fixture.invite(&admin, "Zoe@example.com", "2900-01-01T00:00:00Z").await;
    assert_eq!((made.version, &*made.data.token), (1, "a secret"), "whoever makes it has it");
    let found = fixture.seen_invite(&admin.ctx, &made).await.expect("it is there");
    assert_eq!(&*found.data.token, "", "nobody finds the secret");
    let expected = Invite { token: Word::default(), is_active: Flag(true), ..made.data.clone() };
    assert_eq!(found, Record { data: expected, ..made.clone() });
    assert_eq!(&*found.data.created_by_name, admin.person.display_name());

    let mut work = fixture.inviting(&admin.ctx).await;
    for (parameters, hits) in [
        (&[("search", "zoe@")][..], 1),
        (&[("email", "Zoe@example.com"), ("role", "analyst")][..], 1),
        (&[("is_active", "true"), ("accepted_at", "null")][..], 1),
        (&[("is_active", "false")][..], 0),
        (&[("token", "a secret")][..], 0),
        (&[("ordering", "-created_by_name")][..], 1),
    ] {
        let listed = work.invites().list(&asked::<Invite>(parameters)).await.expect("a list");
        assert_eq!(listed.records.len(), hits, "{parameters:?}");
    }
}

/// An invitation is active until it was accepted, was revoked, or its time is over.
pub async fn an_invitation_is_active_while_it_can_be_accepted(fixture: &Fixture) {
    let admin = fixture.member().await;
    let over = fixture.invite(&admin, "", "2001-01-01T00:00:00Z").await;
    let accepted = fixture.invite(&admin, "", "2900-01-01T00:00:00Z").await;
    let revoked = fixture.invite(&admin, "", "2900-01-01T00:00:00Z").await;
    let mut work = fixture.inviting(&admin.ctx).await;
    let mut data = accepted.data.clone();
    data.accepted_at = Moment(Some(fixture.now()));
    let next = accepted.rewritten(data, fixture.now());
    assert!(work.invites().update(&next).await.expect("an update"));
    assert!(!work.invites().update(&next).await.expect("an update"), "it has that version");
    let next = Record {
        deleted_at: Some(fixture.now()),
        ..revoked.rewritten(revoked.data.clone(), fixture.now())
    };
    assert!(work.invites().update(&next).await.expect("an update"));
    work.commit().await.expect("a commit");
    for row in [&over, &accepted, &revoked] {
        let found = fixture.seen_invite(&admin.ctx, row).await.expect("it is there");
        assert!(!found.data.is_active.0, "{found:?}");
        assert_eq!(&*found.data.role, "analyst");
    }
}

/// Invitations of another workspace are not reached; a link is found from outside every workspace.
pub async fn a_link_leads_to_its_invitation(fixture: &Fixture) {
    let (admin, other) = (fixture.member().await, fixture.member().await);
    let made = fixture.invite(&admin, "zoe@example.com", "2900-01-01T00:00:00Z").await;
    assert_eq!(fixture.seen_invite(&other.ctx, &made).await, None);
    let mut work = fixture.inviting(&other.ctx).await;
    let next = made.rewritten(made.data.clone(), fixture.now());
    assert!(!work.invites().update(&next).await.expect("an update"), "nor written");
    drop(work);

    let digest = |random| LinkSecret::generate(random).digest();
    let (handed, mailed) = (digest(&fixture.random), digest(&fixture.random));
    let mut work = fixture.inviting(&admin.ctx).await;
    for (digest, email) in [(&handed, ""), (&mailed, "zoe@example.com")] {
        let stored = work.insert_invite_link(digest, made.id, email, fixture.now()).await;
        stored.expect("it is stored");
    }
    work.commit().await.expect("a commit");
    let found = async |digest: &LinkDigest| {
        let mut work = fixture.looking().await;
        let found = work.invite_link(digest).await.expect("a look-up");
        work.commit().await.expect("a commit");
        found
    };
    let link = |email: &str| {
        let (tenant, email) = (admin.organization.id, email.to_owned());
        Some(InviteLink { tenant, invite: made.id, email })
    };
    assert_eq!(found(&handed).await, link(""));
    assert_eq!(found(&mailed).await, link("zoe@example.com"));
    assert_eq!(found(&digest(&fixture.random)).await, None, "nobody made it");
}
