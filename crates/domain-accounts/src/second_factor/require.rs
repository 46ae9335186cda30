//! What a workspace asks of the accounts of its members.

use domain_kernel::field::Flag;
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Action, Area};
use domain_kernel::{Error, Field, FieldType, Input, OpContext, Result};
use serde_json::{Value, json};

use crate::operate::operator;
use crate::sign_in::organization;
use crate::{Accounts, AccountsWork, Acting, Organization, Subject, done};

/// What a workspace asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkspaceSecurity {
    /// A second factor of whoever has a password.
    pub require_second_factor: bool,
}

impl WorkspaceSecurity {
    /// Its fields.
    pub const FIELDS: [Field; 1] = [Field::new(
        "require_second_factor",
        "Whether members must have a second factor.",
        Flag::<false>::KIND,
        false,
    )
    .required()];

    /// Reads it from a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every message of every field.
    pub fn read(json: Value) -> Result<Self> {
        let [required] = &Self::FIELDS;
        let mut input = Input::new(json)?;
        let required = input.take::<Flag<false>>(required);
        input.finish()?;
        Ok(Self { require_second_factor: required.unwrap_or_default().0 })
    }

    /// As the API shows it.
    pub fn json(self) -> Value {
        json!({ "require_second_factor": self.require_second_factor })
    }
}

impl Accounts {
    /// What the caller's workspace asks.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn workspace_security(&self, ctx: &OpContext) -> Result<WorkspaceSecurity> {
        ctx.require(Area::Members, Action::Update)?;
        let mut work = self.store.begin_read(ctx).await?;
        let found = organization(&mut *work, ctx.tenant).await?;
        let security = WorkspaceSecurity { require_second_factor: found.requires_second_factor };
        done(work, security).await
    }

    /// Changes what the caller's workspace asks; it holds at once.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn set_workspace_security(
        &self,
        ctx: &OpContext,
        security: WorkspaceSecurity,
    ) -> Result<WorkspaceSecurity> {
        ctx.require(Area::Members, Action::Update)?;
        let mut work = self.store.begin_write(ctx).await?;
        let acting = Acting { tenant: ctx.tenant, actor: ctx.actor, request_id: &ctx.request_id };
        self.require_factor(&mut *work, &acting, security.require_second_factor).await?;
        work.commit().await?;
        self.signed_in.forget_all();
        Ok(security)
    }

    /// The same, as an operator.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn require_second_factor(&self, slug: &str, required: bool) -> Result<Organization> {
        let mut work = self.store.open_write().await?;
        let found = work.organization_by_slug(slug).await?.ok_or(Error::NotFound)?;
        work.enter(found.id).await?;
        self.require_factor(&mut *work, &operator(found.id), required).await?;
        work.commit().await?;
        self.signed_in.forget_all();
        Ok(Organization { requires_second_factor: required, ..found })
    }

    async fn require_factor(
        &self,
        work: &mut dyn AccountsWork,
        acting: &Acting<'_>,
        required: bool,
    ) -> Result<()> {
        work.lock_workspace().await?;
        let found = organization(work, acting.tenant).await?;
        if found.requires_second_factor == required {
            return Ok(());
        }
        work.require_second_factor(required).await?;
        let (mut before, mut after) = (found.reference(), found.reference());
        before["require_second_factor"] = json!(found.requires_second_factor);
        after["require_second_factor"] = json!(required);
        let id = found.id.raw();
        let subject = Subject { entity: "organizations", singular: "organization", id, version: 1 };
        self.note(work, acting, Verb::Updated, subject, &before, after);
        Ok(())
    }
}
