//! The platform's staff in the workspaces of its customers.

use std::sync::Arc;

use domain_kernel::policy::RoleSet;
use domain_kernel::{Error, OpContext, Result, TenantId};

use crate::{Accounts, Principal};

/// How a workspace is named by somebody of the staff who wants to act in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// By its id.
    Id(i64),
    /// By its slug.
    Slug(String),
}

impl Accounts {
    /// The context of somebody of the staff in a workspace: as its admins, and journaled as staff.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody else; [`Error::Invalid`] when there is no such workspace.
    pub async fn act_in(
        &self,
        principal: &Principal,
        place: &Place,
        request_id: impl Into<Arc<str>>,
    ) -> Result<OpContext> {
        if !principal.roles.is_staff() {
            return Err(Error::Forbidden);
        }
        let mut work = self.store.open_read().await?;
        let (field, found) = match place {
            Place::Id(id) => ("organization_id", work.organization(TenantId::new(*id)).await?),
            Place::Slug(slug) => ("organization_slug", work.organization_by_slug(slug).await?),
        };
        let missing = || Error::field(field, "There is no such workspace.");
        let organization = found.ok_or_else(missing)?;
        let context = principal.context(request_id);
        if organization.id == principal.tenant {
            work.commit().await?;
            return Ok(context);
        }
        work.enter(organization.id).await?;
        let entitlements = work.entitlements(self.today(&organization)).await?;
        work.commit().await?;
        Ok(OpContext {
            tenant: organization.id,
            actor: context.actor.elsewhere(),
            roles: RoleSet::ADMIN.with_staff(),
            features: Arc::new(entitlements.enabled()),
            ..context
        })
    }
}
