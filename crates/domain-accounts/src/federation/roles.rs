//! Groups at a provider as roles here.

use domain_kernel::field::{Choice, Link, Moment};
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::query::ListQuery;
use domain_kernel::{Error, Id, PersonId, Record, Result};
use serde_json::Value as JsonValue;

use super::Home;
use crate::{Accounts, AccountsWork, Acting, Subject, User, UserRole};

impl Home {
    /// The roles of somebody in these groups, of those that groups decide.
    pub(super) fn roles_of(&self, groups: &[String]) -> RoleSet {
        let theirs = self.roles.iter().filter(|(group, _)| groups.contains(group));
        theirs.map(|(_, role)| *role).collect()
    }

    /// The roles that groups decide.
    fn decided(&self) -> RoleSet {
        self.roles.iter().map(|(_, role)| *role).collect()
    }
}

impl Accounts {
    /// Gives and takes the roles that a member's groups decide. The workspace's last admin keeps
    /// that role. The unit of work is in the workspace.
    pub(super) async fn follow_groups(
        &self,
        work: &mut dyn AccountsWork,
        acting: &Acting<'_>,
        person: PersonId,
        home: &Home,
        groups: &[String],
    ) -> Result<()> {
        work.lock_workspace().await?;
        let has = work.membership(person).await?.map_or_else(RoleSet::default, |one| one.roles);
        let wanted = home.roles_of(groups);
        for role in home.decided().iter() {
            match (wanted.contains(role), has.contains(role)) {
                (true, false) => self.give(work, acting, person, role).await?,
                (false, true) => self.take(work, acting, person, role).await?,
                _ => {}
            }
        }
        Ok(())
    }

    async fn give(
        &self,
        work: &mut dyn AccountsWork,
        acting: &Acting<'_>,
        person: PersonId,
        role: Role,
    ) -> Result<()> {
        let now = self.clock.now();
        let data = UserRole {
            user: Link::to(Some(Id::<User>::new(person.raw()))),
            role: Choice::trusted(role.code()),
            assigned_at: Moment(Some(now)),
        };
        let made = work.user_roles().insert(data, now).await?;
        self.note(work, acting, Verb::Created, subject(&made), &JsonValue::Null, made.json()?);
        Ok(())
    }

    async fn take(
        &self,
        work: &mut dyn AccountsWork,
        acting: &Acting<'_>,
        person: PersonId,
        role: Role,
    ) -> Result<()> {
        if role == Role::Admin {
            let members = work.members().await?;
            let another = |other: &crate::Membership| other.person != person;
            if !members.iter().filter(|one| another(one)).any(|one| one.roles.contains(role)) {
                return Ok(());
            }
        }
        let now = self.clock.now();
        let rows = work.user_roles().list(&theirs(person, role)?).await?.records;
        for stored in rows {
            let ended =
                Record { deleted_at: Some(now), ..stored.rewritten(stored.data.clone(), now) };
            if !work.user_roles().update(&ended).await? {
                return Err(Error::Busy);
            }
            let (before, after) = (stored.json()?, ended.json()?);
            self.note(work, acting, Verb::Deleted, subject(&ended), &before, after);
        }
        Ok(())
    }
}

/// The rows that give a member a role.
fn theirs(person: PersonId, role: Role) -> Result<ListQuery> {
    let parameters = [("user", person.to_string()), ("role", role.code().to_owned())];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value));
    Ok(ListQuery::parse::<UserRole>(&parameters, &[])?.0)
}

/// A role as the journal names it.
fn subject(record: &Record<UserRole>) -> Subject {
    let (id, version) = (record.id.raw(), record.version);
    Subject { entity: "user-roles", singular: "user_role", id, version }
}
