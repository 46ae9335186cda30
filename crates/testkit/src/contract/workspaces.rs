//! Workspaces and their members.

use std::collections::BTreeSet;

use domain_accounts::{AccountsWork, Membership, NewToken, Organization, Token, TokenKind};
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::{Actor, Error, OpContext, Result, TenantId};
use serde_json::json;

use super::Fixture;
use crate::builders::{Member, roles, today};

impl Fixture {
    /// A new workspace without members.
    async fn workspace(&self) -> Organization {
        let mut work = self.changing().await;
        let slug = self.name("workspace");
        let made = work.insert_organization("A workspace", &slug, self.now()).await;
        work.commit().await.expect("a commit");
        made.expect("a workspace can be made").expect("its slug is free")
    }

    /// The members of a workspace, in order of id.
    async fn members(&self, tenant: TenantId) -> Vec<Membership> {
        let mut work = self.looking().await;
        work.enter(tenant).await.expect("entering");
        let mut members = work.members().await.expect("a list");
        work.commit().await.expect("a commit");
        members.sort_by_key(|member| member.person);
        members
    }
}

fn membership(member: &Member) -> Membership {
    let (tenant, person) = (member.organization.id, member.person.id);
    Membership { tenant, person, roles: member.ctx.roles }
}

/// A workspace is found by id, slug and in the list.
pub async fn a_workspace_is_found_by_id_slug_and_in_the_list(fixture: &Fixture) {
    let slug = fixture.name("zurich");
    let mut work = fixture.changing().await;
    let made = work.insert_organization("Zürich 🦀 'AG'", &slug, fixture.now()).await;
    let made = made.expect("a workspace can be made").expect("its slug is free");
    work.commit().await.expect("a commit");
    assert_eq!((made.name.as_str(), &made.slug), ("Zürich 🦀 'AG'", &slug), "as it was made");
    assert_eq!((made.currency.as_str(), made.timezone.as_str()), ("USD", "UTC"), "with defaults");
    assert_eq!(made.created_at, fixture.now(), "it was made now");
    let other = fixture.workspace().await;
    let mut work = fixture.looking().await;
    let found = work.organization(made.id).await.expect("a look-up");
    assert_eq!(found.as_ref(), Some(&made), "it is found by its id");
    let found = work.organization_by_slug(&slug).await.expect("a look-up");
    assert_eq!(found.as_ref(), Some(&made), "it is found by its slug");
    let all = work.organizations().await.expect("a list");
    assert!(all.is_sorted_by_key(|organization| organization.id), "all are in order of id");
    for known in [&made, &other] {
        assert_eq!(all.iter().filter(|one| *one == known).count(), 1, "once each");
    }
    assert_eq!(work.organization_by_slug("%").await.expect("a look-up"), None);
    assert_eq!(work.organization(TenantId::new(1 << 50)).await.expect("a look-up"), None);
}

/// A taken slug gives none, and the unit goes on.
pub async fn a_taken_slug_gives_none_and_the_unit_goes_on(fixture: &Fixture) {
    let taken = fixture.workspace().await;
    let mut work = fixture.changing().await;
    let refused = work.insert_organization("Another", &taken.slug, fixture.now()).await;
    assert_eq!(refused.expect("no error"), None, "a taken slug gives none");
    let slug = fixture.name("next");
    let next = work.insert_organization("Another", &slug, fixture.now()).await;
    let next = next.expect("the unit goes on").expect("its slug is free");
    work.commit().await.expect("a commit");
    let mut work = fixture.looking().await;
    let found = work.organization(next.id).await.expect("a look-up");
    assert_eq!(found, Some(next), "what it did then is kept");
    let found = work.organization_by_slug(&taken.slug).await.expect("a look-up");
    assert_eq!(found, Some(taken), "the slug stays whose it was");
}

/// Every set of roles is kept.
pub async fn every_set_of_roles_is_kept(fixture: &Fixture) {
    let founder = fixture.member().await;
    for bits in 0..16_u8 {
        let chosen = Role::ALL.into_iter().filter(|role| bits & (1 << *role as u8) != 0);
        let set: RoleSet = chosen.collect();
        let member = fixture.colleague(&founder, set).await;
        let mut work = fixture.looking().await;
        work.enter(founder.organization.id).await.expect("entering");
        let found = work.membership(member.person.id).await.expect("a look-up");
        assert_eq!(found, Some(membership(&member)), "the roles are those that were given");
        let all = work.members().await.expect("a list");
        assert!(all.contains(&membership(&member)), "also in the list");
    }
}

/// Members are those of the workspace.
pub async fn members_are_those_of_the_workspace(fixture: &Fixture) {
    let (ours, theirs) = (fixture.member().await, fixture.member().await);
    let colleague = fixture.colleague(&ours, roles(&[Role::Analyst])).await;
    let expected = [membership(&ours), membership(&colleague)];
    assert_eq!(fixture.members(ours.organization.id).await, expected, "each member once");
    assert_eq!(fixture.members(theirs.organization.id).await, [membership(&theirs)]);
    let mut work = fixture.looking().await;
    work.enter(theirs.organization.id).await.expect("entering");
    let found = work.membership(ours.person.id).await.expect("a look-up");
    assert_eq!(found, None, "a member of another workspace is none of this one");
    let empty = fixture.workspace().await;
    assert_eq!(fixture.members(empty.id).await, [], "a new workspace has no members");
}

/// Memberships come in the order of joining, and are seen outside every workspace.
pub async fn memberships_come_in_the_order_of_joining(fixture: &Fixture) {
    let person = fixture.somebody().await;
    let (one, two, three) =
        (fixture.workspace().await, fixture.workspace().await, fixture.workspace().await);
    fixture.member().await;
    for tenant in [two.id, three.id, one.id] {
        let mut work = fixture.changing().await;
        work.enter(tenant).await.expect("entering");
        let now = fixture.later();
        let done = work.insert_membership(person.id, roles(&[Role::Manager]), now).await;
        done.expect("a person can join several workspaces");
        work.commit().await.expect("a commit");
    }
    let mut work = fixture.looking().await;
    let found = work.memberships_of(person.id).await.expect("a look-up");
    assert_eq!(found, [two.id, three.id, one.id], "memberships come in the order of joining");
    let nobody = fixture.somebody().await;
    let mut work = fixture.looking().await;
    let found = work.memberships_of(nobody.id).await.expect("a look-up");
    assert_eq!(found, [], "who joined nothing is a member of nothing");
}

/// Functions of a workspace need one.
pub async fn functions_of_a_workspace_need_one(fixture: &Fixture) {
    let member = fixture.member().await;
    let (person, now) = (member.person.id, fixture.now());
    let digest = Token::generate(&fixture.random, TokenKind::Token).digest();
    let token = NewToken::plain(digest);
    let refused = |what: &str, error: Option<Error>| {
        assert!(matches!(error, Some(Error::Internal(_))), "{what} needs a workspace: {error:?}");
    };
    let mut work = fixture.looking().await;
    refused("a membership", work.membership(person).await.err());
    let mut work = fixture.looking().await;
    refused("the list of members", work.members().await.err());
    let mut work = fixture.looking().await;
    refused("what may be used", work.entitlements(today(now)).await.err());
    let mut work = fixture.changing().await;
    refused("joining", work.insert_membership(person, RoleSet::ADMIN, now).await.err());
    drop(work);
    let mut work = fixture.changing().await;
    refused("a new token", work.insert_token(person, &token, now).await.err());
    drop(work);
    let mut work = fixture.looking().await;
    refused("a subscription", work.current_subscription(today(now)).await.err());
}

/// A unit can enter one workspace after another, and one that began in a workspace is in it.
pub async fn a_unit_can_enter_one_workspace_after_another(fixture: &Fixture) {
    let (one, two) = (fixture.member().await, fixture.member().await);
    let mut work = fixture.looking().await;
    for member in [&one, &two, &one] {
        work.enter(member.organization.id).await.expect("entering");
        let found = work.members().await.expect("a list");
        assert_eq!(found, [membership(member)], "a unit is where it entered last");
    }
    drop(work);
    let begun: Result<_> = fixture.accounts.begin_read(&one.ctx).await;
    let mut work = begun.expect("a unit for reading");
    let found = work.members().await.expect("a list");
    assert_eq!(found, [membership(&one)], "a unit of a context is in its workspace");
    drop(work);
    let person = fixture.somebody().await;
    let mut work = fixture.changing().await;
    for member in [&one, &two] {
        work.enter(member.organization.id).await.expect("entering");
        let joined = work.insert_membership(person.id, RoleSet::default(), fixture.now()).await;
        joined.expect("joining");
    }
    work.commit().await.expect("a commit");
    for member in [&one, &two] {
        let members = fixture.members(member.organization.id).await;
        assert_eq!(members.len(), 2, "one unit can write in several workspaces");
    }
}

/// The journal of several workspaces in one unit is stored, each entry in its own.
pub async fn the_journal_of_several_workspaces_is_stored(fixture: &Fixture) {
    let (one, two) = (fixture.member().await, fixture.member().await);
    let mut work = fixture.changing().await;
    let mut entries = Vec::new();
    for member in [&one, &two] {
        work.enter(member.organization.id).await.expect("entering");
        let subject = (member.person.id.raw(), 2);
        let system = OpContext::system(member.organization.id, "an operator");
        for ctx in [&member.ctx, &system] {
            let data = json!({ "password": "changed" });
            let entry = fixture.entry_of(ctx, Verb::Updated, ("users", "user"), subject, data);
            work.journal(entry.clone());
            entries.push(entry);
        }
    }
    work.commit().await.expect("a commit");
    for (member, entries) in [(&one, &entries[..2]), (&two, &entries[2..])] {
        let expected: Vec<_> = entries.iter().map(|entry| entry.envelope()).collect();
        let events = fixture.backdoor.events(member.organization.id).await;
        assert_eq!(events, expected, "each workspace has its events");
        let expected: Vec<_> = entries.iter().map(super::AuditRow::from).collect();
        let audit = fixture.backdoor.audit(member.organization.id).await;
        assert_eq!(audit, expected, "and its audit entries");
    }
}

/// Staff act where they are no members: what they do is journaled as theirs, and remembered.
pub async fn staff_act_where_they_are_no_members(fixture: &Fixture) {
    let member = fixture.member().await;
    let (tenant, staff) = (member.organization.id, fixture.somebody().await);
    let ctx = OpContext { actor: Actor::Staff(staff.id), ..member.repeating("key", b"print") };
    let begun: Result<Box<dyn AccountsWork>> = fixture.accounts.begin_write(&ctx).await;
    let mut work = begun.expect("a unit for writing");
    let subject = (tenant.raw(), 2);
    let entry = fixture.entry_of(
        &ctx,
        Verb::Updated,
        ("organizations", "organization"),
        subject,
        json!({ "plan": "pro" }),
    );
    work.journal(entry.clone());
    work.remember(json!(1));
    work.commit().await.expect("a commit");
    let events = fixture.backdoor.events(tenant).await;
    assert_eq!(events[0]["actor"], json!({ "user": staff.id, "staff": true }), "it says who");
    let audit = fixture.backdoor.audit(tenant).await;
    assert_eq!(audit, [super::AuditRow::from(&entry)], "the audit entry names them, too");
    let begun: Result<Box<dyn AccountsWork>> = fixture.accounts.begin_write(&ctx).await;
    let again = begun.expect("a unit for writing").remembered().await.expect("a look-up");
    assert_eq!(again.map(|found| found.outcome), Some(json!(1)), "and what it gave is remembered");
}

/// The platform's own workspace is there from the start, with everything in its plan.
pub async fn the_platforms_own_workspace_is_there(fixture: &Fixture) {
    let mut work = fixture.looking().await;
    let found = work.organization(TenantId::PLATFORM).await.expect("a look-up");
    assert_eq!(found.expect("it is there").slug, "platform");
    work.enter(TenantId::PLATFORM).await.expect("entering");
    let entitlements = work.entitlements(today(fixture.now())).await.expect("what may be used");
    assert!(entitlements.features.iter().all(|feature| feature.enabled));
}

/// A unit of accounts sees one state, too.
pub async fn a_unit_of_accounts_sees_one_state(fixture: &Fixture) {
    let member = fixture.member().await;
    let mut work = fixture.looking().await;
    work.enter(member.organization.id).await.expect("entering");
    assert_eq!(work.members().await.expect("a list").len(), 1);
    let colleague = fixture.colleague(&member, RoleSet::ADMIN).await;
    assert_eq!(work.members().await.expect("a list").len(), 1, "who joined meanwhile is not seen");
    let found = work.person(colleague.person.id).await.expect("a look-up");
    assert_eq!(found, None, "nor who registered");
    let people: BTreeSet<_> =
        fixture.members(member.organization.id).await.iter().map(|one| one.person).collect();
    assert!(people.contains(&colleague.person.id), "the next unit sees them");
}
