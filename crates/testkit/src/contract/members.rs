//! What admins and the platform's staff reach over the API: members, roles, the trail, workspaces.

use domain_accounts::{
    AccountsWork, AuditLog, NewToken, Token, TokenKind, User, UserRole, Workspace,
};
use domain_kernel::field::{Choice, Email, Flag, Link, Moment, ShortText, Slug};
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::query::Window;
use domain_kernel::{Error, Id, OpContext, PersonId, Record, Resource, Result, TenantId, Which};

use super::{Fixture, asked};
use crate::builders::Member;

impl Fixture {
    /// A unit of accounts for writing in a context.
    async fn administering(&self, ctx: &OpContext) -> Box<dyn AccountsWork> {
        let begun: Result<Box<dyn AccountsWork>> = self.accounts.begin_write(ctx).await;
        begun.expect("a unit for writing")
    }

    /// Stores a row anew; whether it was its turn.
    async fn put<T>(&self, ctx: &OpContext, record: &Record<T>) -> bool
    where
        T: Resource<Work = dyn AccountsWork>,
    {
        let mut work = self.administering(ctx).await;
        let done = T::records(&mut *work).update(record).await.expect("an update");
        work.commit().await.expect("a commit");
        done
    }

    /// The row with an id, deleted or not.
    async fn got<T>(&self, ctx: &OpContext, id: Id<T>, which: Which) -> Option<Record<T>>
    where
        T: Resource<Work = dyn AccountsWork>,
    {
        let mut work = self.administering(ctx).await;
        T::records(&mut *work).find(&[id], which).await.expect("a look-up").pop()
    }

    /// The rows that a list shows.
    async fn shown<T>(&self, ctx: &OpContext, parameters: &[(&str, &str)]) -> Vec<Record<T>>
    where
        T: Resource<Work = dyn AccountsWork>,
    {
        let mut query = asked::<T>(parameters);
        query.window = Window::Page { number: 1, size: 200 };
        let begun: Result<Box<dyn AccountsWork>> = self.accounts.begin_read(ctx).await;
        let mut work = begun.expect("a unit for reading");
        T::records(&mut *work).list(&query).await.expect("a list").records
    }

    /// A new member, as an admin makes them.
    async fn made(&self, ctx: &OpContext, name: &str, active: bool) -> Record<User> {
        let data = User {
            username: ShortText::trusted(name),
            email: Email::trusted(format!("{name}@example.com")),
            title: ShortText::trusted("Head of Sales"),
            is_active: Flag(active),
            ..User::default()
        };
        let mut work = self.administering(ctx).await;
        let made = work.users().insert(data, self.now()).await.expect("a member");
        work.commit().await.expect("a commit");
        made
    }

    async fn roles_of(&self, member: &Member) -> Option<RoleSet> {
        let mut work = self.looking().await;
        work.enter(member.organization.id).await.expect("entering");
        let found = work.membership(member.person.id).await.expect("a look-up");
        found.map(|membership| membership.roles)
    }
}

/// A member who is made is found as they were, is a person and belongs to the workspace.
pub async fn a_member_who_is_made_is_found_as_they_were(fixture: &Fixture) {
    let admin = fixture.member().await;
    let name = fixture.name("bob");
    let made = fixture.made(&admin.ctx, &name, true).await;
    assert_eq!(made.version, 1, "the first version");
    assert_eq!((&*made.data.username, &*made.data.title), (name.as_str(), "Head of Sales"));
    assert_eq!(made.data.organization.0, Some(admin.organization.clone()), "with the workspace");
    assert_eq!(fixture.got(&admin.ctx, made.id, Which::Live).await, Some(made.clone()));
    let shown = fixture.shown::<User>(&admin.ctx, &[("search", &name)]).await;
    assert_eq!(shown, std::slice::from_ref(&made), "also in the list");
    let mut work = fixture.looking().await;
    let (person, hash) = work.person_by_login(&name).await.expect("a look-up").expect("a person");
    assert_eq!((person.id.raw(), hash.as_str()), (made.id.raw(), domain_accounts::NO_PASSWORD));
    let places = work.memberships_of(person.id).await.expect("a look-up");
    assert_eq!(places, [admin.organization.id], "they belong to it");
    drop(work);
    let idle = fixture.made(&admin.ctx, &fixture.name("idle"), false).await;
    assert!(!idle.data.is_active.0, "they can be made without being let in");
    let idle = fixture.shown::<User>(&admin.ctx, &[("is_active", "false")]).await;
    assert_eq!(idle.len(), 1, "and are found by that");
}

/// A member whose name is taken is refused, and the unit goes on.
pub async fn a_member_whose_name_is_taken_is_refused_and_the_unit_goes_on(fixture: &Fixture) {
    let (admin, other) = (fixture.member().await, fixture.member().await);
    let taken =
        User { username: ShortText::trusted(&other.person.draft.username), ..User::default() };
    let mut work = fixture.administering(&admin.ctx).await;
    let refused = work.users().insert(taken, fixture.now()).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let free = User { username: ShortText::trusted(fixture.name("free")), ..User::default() };
    work.users().insert(free, fixture.now()).await.expect("the unit goes on");
    work.commit().await.expect("a commit");
}

/// A member is written by the version that was read: what is theirs, or their place, or both.
pub async fn a_member_is_written_by_the_version_that_was_read(fixture: &Fixture) {
    let admin = fixture.member().await;
    let made = fixture.made(&admin.ctx, &fixture.name("bob"), true).await;
    let titled = User { title: ShortText::trusted("Boss"), ..made.data.clone() };
    let idle = User { is_active: Flag(false), ..titled.clone() };
    let both = User { title: ShortText::trusted("Chief"), is_active: Flag(true), ..idle.clone() };
    let mut current = made.clone();
    for data in [titled, idle, both] {
        let next = current.rewritten(data, fixture.later());
        assert!(fixture.put(&admin.ctx, &next).await, "it is its turn");
        assert!(!fixture.put(&admin.ctx, &next).await, "but once");
        let found = fixture.got(&admin.ctx, made.id, Which::Live).await;
        assert_eq!(found.as_ref(), Some(&next), "it is found as it was written");
        current = next;
    }
}

/// A removed member is out, is found only when asked for, and can come back.
pub async fn a_removed_member_is_out_until_they_come_back(fixture: &Fixture) {
    let admin = fixture.member().await;
    let bob = fixture.colleague(&admin, [Role::Analyst].into_iter().collect()).await;
    let id = Id::<User>::new(bob.person.id.raw());
    let before = fixture.got(&admin.ctx, id, Which::Live).await.expect("a member");
    let gone = before.rewritten(before.data.clone(), fixture.later());
    let gone = Record { deleted_at: Some(gone.updated_at), ..gone };
    assert!(fixture.put(&admin.ctx, &gone).await);
    assert_eq!(fixture.got(&admin.ctx, id, Which::Live).await, None, "they are gone");
    assert_eq!(fixture.got(&admin.ctx, id, Which::Any).await, Some(gone.clone()), "but kept");
    let shown = fixture.shown::<User>(&admin.ctx, &[("deleted", "true")]).await;
    assert_eq!(shown, std::slice::from_ref(&gone), "where one asks for them");
    assert_eq!(fixture.roles_of(&bob).await, None, "they may do nothing");
    let mut work = fixture.administering(&admin.ctx).await;
    let places = work.memberships_of(bob.person.id).await.expect("a look-up");
    assert!(places.is_empty(), "they belong nowhere");
    let linked = work.existing("users", &[id.raw()]).await.expect("a look-up");
    assert!(linked.is_empty(), "and nothing new leads to them");
    drop(work);
    let back = gone.rewritten(gone.data.clone(), fixture.later());
    let back = Record { deleted_at: None, ..back };
    assert!(fixture.put(&admin.ctx, &back).await);
    assert_eq!(fixture.roles_of(&bob).await, Some(bob.ctx.roles), "with the roles they had");
}

/// A role counts while it is there.
pub async fn a_role_counts_while_it_is_there(fixture: &Fixture) {
    let admin = fixture.member().await;
    let bob = fixture.colleague(&admin, RoleSet::default()).await;
    let data = UserRole {
        user: Link::to(Some(Id::new(bob.person.id.raw()))),
        role: Choice::trusted(Role::Marketer.code()),
        assigned_at: Moment(Some(fixture.now())),
    };
    let mut work = fixture.administering(&admin.ctx).await;
    let given = work.user_roles().insert(data, fixture.now()).await.expect("a role");
    work.commit().await.expect("a commit");
    let marketer: RoleSet = [Role::Marketer].into_iter().collect();
    assert_eq!(fixture.roles_of(&bob).await, Some(marketer), "it counts");
    let found = fixture.shown::<UserRole>(&admin.ctx, &[("role", "marketer")]).await;
    assert_eq!(found, std::slice::from_ref(&given), "it is found by its word");
    let ended = given.rewritten(given.data.clone(), fixture.later());
    let ended = Record { deleted_at: Some(ended.updated_at), ..ended };
    assert!(fixture.put(&admin.ctx, &ended).await);
    assert_eq!(fixture.roles_of(&bob).await, Some(RoleSet::default()), "it does not any more");
}

/// Members, roles and trails of another workspace are not reached.
pub async fn another_workspaces_members_are_not_reached(fixture: &Fixture) {
    let (ours, theirs) = (fixture.member().await, fixture.member().await);
    let id = Id::<User>::new(theirs.person.id.raw());
    assert_eq!(fixture.got(&ours.ctx, id, Which::Any).await, None);
    let seen = fixture.got(&theirs.ctx, id, Which::Live).await.expect("a member");
    let claimed =
        Record { tenant: ours.ctx.tenant, ..seen.rewritten(seen.data.clone(), seen.updated_at) };
    assert!(!fixture.put(&ours.ctx, &claimed).await, "nor written");
    assert_eq!(fixture.got(&theirs.ctx, id, Which::Live).await, Some(seen));
    let whose = |records: &[Record<UserRole>]| records.iter().all(|r| r.tenant == ours.ctx.tenant);
    assert!(whose(&fixture.shown::<UserRole>(&ours.ctx, &[]).await), "their roles are not listed");
}

/// A person's tokens end in one workspace and not in the others.
pub async fn tokens_end_in_one_workspace_only(fixture: &Fixture) {
    let (here, there) = (fixture.member().await, fixture.member().await);
    let mut tokens = Vec::new();
    for (tenant, person) in [
        (here.organization.id, here.person.id),
        (here.organization.id, there.person.id),
        (there.organization.id, there.person.id),
    ] {
        let mut work = fixture.changing().await;
        work.enter(tenant).await.expect("entering");
        if tenant != there.organization.id && person == there.person.id {
            let joined = work.insert_membership(person, RoleSet::default(), fixture.now()).await;
            joined.expect("joining");
        }
        let digest = Token::generate(&fixture.random, TokenKind::Token).digest();
        work.insert_token(person, &NewToken::plain(digest), fixture.now()).await.expect("a token");
        work.commit().await.expect("a commit");
        tokens.push((digest, Some((tenant, person))));
    }
    let mut work = fixture.administering(&here.ctx).await;
    let ended = work.revoke_tokens_here(there.person.id, fixture.now()).await.expect("an end");
    assert_eq!(ended, 1, "one was valid here");
    work.commit().await.expect("a commit");
    tokens[1].1 = None;
    for (digest, whose) in tokens {
        let mut work = fixture.looking().await;
        let found = work.token(&digest, fixture.now()).await.expect("a look-up");
        assert_eq!(found.map(|token| (token.tenant, token.person)), whose);
    }
}

/// The trail shows what was journaled, and nothing is written to it.
pub async fn the_trail_shows_what_was_journaled(fixture: &Fixture) {
    let member = fixture.member().await;
    let row = fixture.insert(&member.ctx, crate::builders::company("Acme")).await;
    let entry = fixture.entry(&member.ctx, Verb::Created, &row);
    let mut work = fixture.writing(&member.ctx).await;
    work.journal(entry.clone());
    work.commit().await.expect("a commit");
    let shown = fixture.shown::<AuditLog>(&member.ctx, &[("entity", "companies")]).await;
    let [one] = &shown[..] else { panic!("{shown:?}") };
    assert_eq!(one.data.user.0, Some(member.person.id));
    assert_eq!((&*one.data.action, one.data.entity_id.0), ("company.created", row.id.raw()));
    assert_eq!(one.data.metadata.0["changed"], serde_json::json!(entry.change.changed));
    assert_eq!((one.created_at, one.tenant), (entry.at, member.ctx.tenant));
    let nobodys = fixture.shown::<AuditLog>(&member.ctx, &[("user", "null")]).await;
    assert!(nobodys.is_empty(), "it was somebody");
    let mut work = fixture.administering(&member.ctx).await;
    assert!(work.audit_log().insert(one.data.clone(), fixture.now()).await.is_err());
}

/// A workspace is renamed, closed and opened again; its slug stays its own.
pub async fn a_workspace_is_closed_and_opened(fixture: &Fixture) {
    let (one, two) = (fixture.member().await, fixture.member().await);
    let ctx = OpContext::system(TenantId::PLATFORM, "an operator");
    let id = Id::<Workspace>::new(one.organization.id.raw());
    let before = fixture.got(&ctx, id, Which::Live).await.expect("a workspace");
    let renamed = Workspace { name: ShortText::trusted("Ünder new name"), ..before.data.clone() };
    let renamed = before.rewritten(renamed, fixture.later());
    assert!(fixture.put(&ctx, &renamed).await && !fixture.put(&ctx, &renamed).await, "once");
    let shown = fixture.shown::<Workspace>(&ctx, &[("slug", &one.organization.slug)]).await;
    assert_eq!(shown, std::slice::from_ref(&renamed));
    let closed = renamed.rewritten(renamed.data.clone(), fixture.later());
    let closed = Record { deleted_at: Some(closed.updated_at), ..closed };
    assert!(fixture.put(&ctx, &closed).await);
    let mut work = fixture.looking().await;
    let (by_id, places) = (
        work.organization(one.organization.id).await.expect("a look-up"),
        work.memberships_of(PersonId::new(one.person.id.raw())).await.expect("a look-up"),
    );
    assert_eq!((by_id, places.len()), (None, 0), "nobody finds it");
    drop(work);
    let taken = Workspace { slug: Slug::trusted(&one.organization.slug), ..Workspace::default() };
    let mut work = fixture.administering(&ctx).await;
    let refused = work.workspaces().insert(taken, fixture.now()).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "a closed one keeps its slug: {refused:?}");
    let other = workspace_row(&mut *work, two.organization.id).await;
    let clash = Workspace { slug: closed.data.slug.clone(), ..other.data.clone() };
    let refused = work.workspaces().update(&other.rewritten(clash, fixture.now())).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "also from another: {refused:?}");
    drop(work);
    let open = closed.rewritten(closed.data.clone(), fixture.later());
    assert!(fixture.put(&ctx, &Record { deleted_at: None, ..open }).await);
    let mut work = fixture.looking().await;
    let found = work.organization(one.organization.id).await.expect("a look-up");
    assert_eq!(found.map(|found| found.name), Some("Ünder new name".to_owned()));
}

async fn workspace_row(work: &mut dyn AccountsWork, tenant: TenantId) -> Record<Workspace> {
    let ids = [Id::new(tenant.raw())];
    let found = work.workspaces().find(&ids, Which::Live).await.expect("a look-up").pop();
    found.expect("a workspace")
}
