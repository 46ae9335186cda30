//! The members of a workspace.

use async_trait::async_trait;
use domain_kernel::field::{Email, Embedded, Flag, Locale, ShortText, ZoneName};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{
    Error, NewJob, Operations, PLATFORM_FIELDS, PersonId, Record, Records, Resource, Result, Step,
    TenantId, fold,
};
use jiff::Timestamp;

use super::keep_an_admin;
use crate::draft::bad_username;
use crate::sign_in::organization;
use crate::{AccountsWork, Organization, PersonDraft, SendLetter};

domain_kernel::resource! {
    /// A member of the workspace. What is theirs (name, e-mail and so on) is the same in every
    /// workspace that they belong to; whether they are active is each workspace's own.
    pub struct User, patch UserPatch, beside PLATFORM_FIELDS {
        /// The name to sign in with, unique over all workspaces.
        username: ShortText<150> [required, searched],
        /// The e-mail address; also a name to sign in with.
        email: Email [searched],
        /// The first name.
        first_name: ShortText<150> [searched],
        /// The last name.
        last_name: ShortText<150> [searched],
        /// The workspace.
        organization: Embedded<Organization> [read_only],
        /// The position.
        title: ShortText<255>,
        /// The time zone, by its IANA name.
        timezone: ZoneName,
        /// The language, as a BCP 47 tag.
        locale: Locale,
        /// Whether they may sign in to this workspace.
        is_active: Flag<true>,
        /// Whether they belong to the platform's staff.
        is_staff: Flag<false> [read_only],
    }
}

#[async_trait]
impl Resource for User {
    const NAME: &'static str = "users";
    const SINGULAR: &'static str = "user";
    const MODULE: &'static str = "accounts";
    const DESCRIPTION: &'static str = "The members of the workspace.";
    const AREA: Area = Area::Members;
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.users()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_workspace().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if let Some(message) = bad_username(&data.username) {
            return Err(Error::field("username", message));
        }
        let Some(before) = step.before else {
            if step.ctx.tenant == TenantId::PLATFORM {
                return Err(Error::Forbidden);
            }
            return make_room(work, step.ctx.tenant, step.now).await;
        };
        let person = PersonId::new(before.id.raw());
        if !data.same_person(&before.data) && work.memberships_of(person).await?.len() > 1 {
            let message = "This person belongs to other workspaces, too: what is theirs they \
                change themselves.";
            return Err(Error::field("non_field_errors", message));
        }
        let comes_in = data.is_active.0 && !before.data.is_active.0;
        if comes_in && work.person(person).await?.is_none_or(|person| !person.is_active) {
            let message = "The account is disabled by the platform.";
            return Err(Error::field("is_active", message));
        }
        let is_back = step.verb == Verb::Restored && data.is_active.0;
        if comes_in || is_back {
            make_room(work, step.ctx.tenant, step.now).await?;
        }
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        let person = PersonId::new(record.id.raw());
        let email = fold(&record.data.email);
        let letter = match step.before {
            None => Some(SendLetter::PasswordSetup { person }),
            Some(before) if fold(&before.data.email) != email => {
                Some(SendLetter::EmailVerification { person })
            }
            Some(_) => None,
        };
        if let Some(letter) = letter.filter(|_| !email.is_empty()) {
            work.enqueue(NewJob::new(step.ctx, step.now, &letter)?).await?;
        }
        let out = record.deleted_at.is_some() || !record.data.is_active.0;
        if step.verb == Verb::Created || !out {
            return Ok(());
        }
        work.revoke_tokens_here(person, step.now).await?;
        keep_an_admin(work).await
    }
}

/// What of a member is the person's own.
impl From<&User> for PersonDraft {
    fn from(user: &User) -> Self {
        Self {
            username: user.username.to_string(),
            email: user.email.to_string(),
            first_name: user.first_name.to_string(),
            last_name: user.last_name.to_string(),
            title: user.title.to_string(),
            timezone: user.timezone.to_string(),
            locale: user.locale.to_string(),
        }
    }
}

impl User {
    /// Whether all that is the person's own is the same.
    pub fn same_person(&self, other: &Self) -> bool {
        PersonDraft::from(self) == PersonDraft::from(other)
    }
}

/// Refuses one more member than the plan allows.
pub(crate) async fn make_room(
    work: &mut dyn AccountsWork,
    tenant: TenantId,
    now: Timestamp,
) -> Result<()> {
    let today = organization(work, tenant).await?.day_of(now);
    let plan = work.entitlements(today).await?.plan;
    let used = i64::try_from(work.members().await?.len()).unwrap_or(i64::MAX);
    if used >= plan.max_users {
        return Err(Error::LimitReached { limit: "max_users", allowed: plan.max_users, used });
    }
    Ok(())
}
