//! The roles of members.

use async_trait::async_trait;
use domain_kernel::field::{Choice, Choices, Link, Moment};
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Area, Role};
use domain_kernel::{Error, Operations, PersonId, Record, Records, Resource, Result, Step};

use super::{User, keep_an_admin};
use crate::AccountsWork;

/// The roles that a member can have.
#[derive(Debug)]
pub enum RoleCode {}

impl Choices for RoleCode {
    const CODES: &'static [&'static str] =
        &[Role::Admin.code(), Role::Manager.code(), Role::Analyst.code(), Role::Marketer.code()];
}

domain_kernel::resource! {
    /// A role that a member has.
    pub struct UserRole, patch UserRolePatch {
        /// The member.
        user: Link<User> [required],
        /// What they may do; see the table of permissions.
        role: Choice<RoleCode> [required],
        /// When it was given.
        assigned_at: Moment [read_only],
    }
}

#[async_trait]
impl Resource for UserRole {
    const NAME: &'static str = "user-roles";
    const SINGULAR: &'static str = "user_role";
    const MODULE: &'static str = "accounts";
    const DESCRIPTION: &'static str = "The roles of members; several unite.";
    const AREA: Area = Area::Members;
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.user_roles()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_workspace().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let same = step.before.is_some_and(|before| {
            before.deleted_at.is_none()
                && before.data.user == data.user
                && before.data.role == data.role
        });
        if step.verb == Verb::Deleted || same {
            return Ok(());
        }
        data.assigned_at = Moment(Some(step.now));
        let member = data.user.kept().map(|user| PersonId::new(user.raw()));
        let (Some(member), Some(role)) = (member, Role::from_code(&data.role)) else {
            return Ok(());
        };
        if work.membership(member).await?.is_some_and(|member| member.roles.contains(role)) {
            let message = "The fields user, role must make a unique set.";
            return Err(Error::field("non_field_errors", message));
        }
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        _: &mut Record<Self>,
    ) -> Result<()> {
        if step.verb == Verb::Created { Ok(()) } else { keep_an_admin(work).await }
    }
}
