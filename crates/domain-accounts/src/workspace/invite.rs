//! Invitations into a workspace, as its members see them and its admins make them.

use std::borrow::Cow;

use async_trait::async_trait;
use domain_kernel::field::{Choice, DoneBy, Email, Flag, Moment, Word};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{
    Error, NewJob, Operations, Record, Records, Resource, Result, Step, TenantId, fold,
};
use jiff::{SignedDuration, Timestamp};

use super::RoleCode;
use crate::{AccountsWork, LinkDigest, LinkSecret, Person, SendLetter};

/// How long an invitation is good unless its admin says otherwise.
const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

domain_kernel::resource! {
    /// An invitation into the workspace. Whoever accepts it becomes a member with its role; deleted,
    /// it is revoked.
    pub struct Invite, patch InvitePatch {
        /// Whose it is, and where it is mailed to; without one it is for whoever has it.
        email: Email [searched],
        /// The secret that accepts it: shown in the answer that makes it, and empty ever after.
        token: Word<255> [read_only],
        /// The role of who accepts it; without one they are a member without a role.
        role: Choice<RoleCode>,
        /// Until when it is good; seven days from now unless given.
        expires_at: Moment,
        /// When it was accepted.
        accepted_at: Moment [read_only],
        /// Who made it.
        created_by: DoneBy [read_only],
        /// Their name.
        created_by_name: Word<301> [read_only],
        /// Whether it can be accepted: it was not yet, is not revoked, and its time is not over.
        is_active: Flag<true> [read_only],
    }
}

#[async_trait]
impl Resource for Invite {
    const NAME: &'static str = "organization-invites";
    const SINGULAR: &'static str = "organization_invite";
    const MODULE: &'static str = "accounts";
    const DESCRIPTION: &'static str = "Invitations into the workspace.";
    const AREA: Area = Area::Members;
    const OPERATIONS: Operations = Operations::OneByOne;
    const HAS_SECRET: bool = true;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.invites()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        // Who accepts one meanwhile waits, or was first.
        work.lock_workspace().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if step.ctx.tenant == TenantId::PLATFORM {
            return Err(Error::Forbidden);
        }
        match step.before {
            Some(before) if before.data.accepted_at.0.is_some() => {
                let message = "This invitation was accepted: it stays as it is.";
                return Err(Error::Conflict(message.to_owned()));
            }
            Some(_) => {}
            None => {
                let maker = step.ctx.actor.person();
                data.token = Word::trusted(LinkSecret::generate(step.random).reveal());
                data.created_by = DoneBy(maker);
                if let Some(maker) = maker
                    && let Some(person) = work.person(maker).await?
                {
                    data.created_by_name = Word::trusted(person.display_name());
                }
            }
        }
        let given = data
            .expires_at
            .0
            .filter(|_| step.before.is_none_or(|before| before.data.expires_at != data.expires_at));
        if given.is_some_and(|until| until <= step.now) {
            return Err(Error::field("expires_at", "This moment has passed."));
        }
        if data.expires_at.0.is_none() {
            data.expires_at = Moment(step.now.checked_add(LIFETIME).ok());
        }
        data.is_active = Flag(data.is_open(step.now) && step.verb != Verb::Deleted);
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        if step.verb == Verb::Created {
            let secret = LinkDigest::of(&record.data.token);
            let secret = secret.ok_or_else(|| Error::internal("an invitation without a secret"))?;
            work.insert_invite_link(&secret, record.id, "", step.now).await?;
        }
        let email = fold(&record.data.email);
        let before = step.before.map(|before| fold(&before.data.email)).unwrap_or_default();
        if email != before && !email.is_empty() {
            let letter = SendLetter::Invitation { invite: record.id.raw() };
            work.enqueue(NewJob::new(step.ctx, step.now, &letter)?).await?;
        }
        Ok(())
    }

    fn kept(record: &Record<Self>) -> Cow<'_, Record<Self>> {
        let mut kept = record.clone();
        kept.data.token = Word::default();
        Cow::Owned(kept)
    }
}

impl Invite {
    /// Whether it can be accepted, if it is not revoked.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.accepted_at.0.is_none() && self.expires_at.0.is_some_and(|until| until > now)
    }

    /// Whether it is for a person with this address.
    pub(crate) fn is_for(&self, person: &Person) -> bool {
        self.email.is_empty() || fold(&self.email) == fold(&person.draft.email)
    }
}
