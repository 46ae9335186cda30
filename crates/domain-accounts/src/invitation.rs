//! Coming into a workspace by an invitation: somebody who has an account, or somebody new.

use domain_kernel::field::{Flag, Moment};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Role;
use domain_kernel::{
    Actor, Error, Field, FieldType as _, Id, Input, OpContext, Record, Resource as _, Result,
    TenantId, Which, fold,
};
use serde_json::Value;

use crate::session::signed_in;
use crate::workspace::make_room;
use crate::{
    Accounts, AccountsWork, Acting, Invite, LinkDigest, Organization, Person, Subject, User, done,
};

/// The secret of an invitation.
pub const INVITE_FIELD: Field = Field::new(
    "token",
    "The secret of the invitation.",
    domain_kernel::field::ShortText::<255>::KIND,
    false,
)
.required();

/// A link that carries an invitation.
#[derive(Debug, Clone, PartialEq)]
pub struct InviteLink {
    /// Into which workspace.
    pub tenant: TenantId,
    /// Which one.
    pub invite: Id<Invite>,
    /// Where it was mailed to; empty when it was handed over.
    pub email: String,
}

/// An invitation that somebody came with.
pub(crate) struct Invitation {
    link: InviteLink,
    organization: Organization,
    record: Record<Invite>,
}

impl Accounts {
    /// Makes the caller a member of the workspace that they are invited to.
    ///
    /// # Errors
    /// [`Error::Invalid`] under `token` when the invitation is not good any more, never was, or is
    /// somebody else's, and under `detail` when they are a member already;
    /// [`Error::LimitReached`] when the plan allows no more members.
    pub async fn accept_invite(&self, ctx: &OpContext, json: Value) -> Result<Record<Invite>> {
        let id = signed_in(ctx)?;
        let mut input = Input::new(json)?;
        let token = input.take_verbatim(&INVITE_FIELD);
        input.finish()?;
        let mut work = self.store.open_write().await?;
        let gone = || Error::Unauthenticated("User inactive or deleted.");
        let (person, _) = work.lock_person(id).await?.ok_or_else(gone)?;
        let token = token.unwrap_or_default();
        let invitation = self.invitation(&mut *work, &token, INVITE_FIELD.name).await?;
        let row = Id::<User>::new(id.raw());
        if let Some(member) = work.users().find(&[row], Which::Any).await?.pop() {
            let out = member.deleted_at.is_some() || !member.data.is_active.0;
            return Err(Error::field("detail", if out { REMOVED } else { ALREADY }));
        }
        let accepted =
            self.join(&mut *work, invitation, &person, INVITE_FIELD.name, &ctx.request_id).await?;
        done(work, accepted).await
    }

    /// The invitation with this secret, if it can be accepted; the unit of work is in its workspace
    /// afterwards, and whoever else changes that waits.
    pub(crate) async fn invitation(
        &self,
        work: &mut dyn AccountsWork,
        token: &str,
        field: &str,
    ) -> Result<Invitation> {
        let found = self.look_up_invitation(work, token, true).await?;
        found.ok_or_else(|| Error::field(field, UNKNOWN))
    }

    /// Whether a secret is that of an invitation that can be accepted, as far as can be seen before
    /// everybody else waits.
    ///
    /// # Errors
    /// [`Error::Invalid`] under `field` when it is not.
    pub(crate) async fn check_invitation(&self, token: &str, field: &str) -> Result<()> {
        let mut work = self.store.open_read().await?;
        let found = self.look_up_invitation(&mut *work, token, false).await?;
        done(work, found).await?.map(drop).ok_or_else(|| Error::field(field, UNKNOWN))
    }

    async fn look_up_invitation(
        &self,
        work: &mut dyn AccountsWork,
        token: &str,
        locked: bool,
    ) -> Result<Option<Invitation>> {
        let Some(digest) = LinkDigest::of(token) else { return Ok(None) };
        let Some(link) = work.invite_link(&digest).await? else { return Ok(None) };
        let Some(organization) = work.organization(link.tenant).await? else { return Ok(None) };
        work.enter(link.tenant).await?;
        if locked {
            work.lock_workspace().await?;
        }
        let now = self.clock.now();
        let found = work.invites().find(&[link.invite], Which::Live).await?.pop();
        // What was mailed to another address is nobody's any more.
        let is_current = |email: &str| link.email.is_empty() || fold(&link.email) == fold(email);
        let open = found.filter(|row| row.data.is_open(now) && is_current(&row.data.email));
        Ok(open.map(|record| Invitation { link, organization, record }))
    }

    /// Makes a person a member by an invitation, and uses it up. The unit of work is in its
    /// workspace.
    pub(crate) async fn join(
        &self,
        work: &mut dyn AccountsWork,
        Invitation { link, organization, record }: Invitation,
        person: &Person,
        field: &str,
        request_id: &str,
    ) -> Result<Record<Invite>> {
        if !record.data.is_for(person) {
            return Err(Error::field(field, "This invitation is for another e-mail address."));
        }
        let now = self.clock.now();
        make_room(work, organization.id, now).await?;
        let role = Role::from_code(&record.data.role);
        work.insert_membership(person.id, role.into_iter().collect(), now).await?;
        let mut data = record.data.clone();
        (data.accepted_at, data.is_active) = (Moment(Some(now)), Flag(false));
        let accepted = record.rewritten(data, now);
        if !work.invites().update(&accepted).await? {
            return Err(Error::Busy);
        }
        // Who has the link that was mailed there has the mailbox.
        let is_theirs = fold(&link.email) == fold(&person.draft.email) && !link.email.is_empty();
        if is_theirs && person.email_verified_at.is_none() {
            work.verify_email(person.id, now).await?;
        }
        let acting =
            Acting { tenant: organization.id, actor: Actor::Member(person.id), request_id };
        self.note(work, &acting, Verb::Created, person.subject(), &Value::Null, person.json());
        let (id, version) = (accepted.id.raw(), accepted.version);
        let subject = Subject { entity: Invite::NAME, singular: Invite::SINGULAR, id, version };
        self.note(work, &acting, Verb::Updated, subject, &record.json()?, accepted.json()?);
        Ok(accepted)
    }
}

impl Invitation {
    /// The workspace that it leads into.
    pub(crate) fn organization(&self) -> &Organization {
        &self.organization
    }

    /// Whether it came by mail to this address.
    pub(crate) fn was_mailed_to(&self, email: &str) -> bool {
        !email.is_empty() && fold(&self.link.email) == fold(email)
    }
}

/// What is said of every invitation that is not good: it tells nothing about the others.
const UNKNOWN: &str = "This invitation does not exist or is no longer valid.";
const ALREADY: &str = "You are a member of this workspace already.";
const REMOVED: &str = "You were a member of this workspace. Ask an admin to bring you back.";
