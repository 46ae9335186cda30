//! Which workspace somebody comes into, by which way.

use domain_kernel::{Result, TenantId};

use super::{Provider, refused};
use crate::sign_in::organization;
use crate::{Accounts, AccountsWork, Organization, Person};

impl Accounts {
    /// The workspace that a person comes into: the first that they joined and that lets people in
    /// this way, by a provider or (without one) by a password. The unit of work is in it
    /// afterwards.
    ///
    /// # Errors
    /// [`Error::Invalid`](domain_kernel::Error::Invalid) when there is none.
    pub(crate) async fn come_home(
        &self,
        work: &mut dyn AccountsWork,
        person: &Person,
        by: Option<&Provider>,
    ) -> Result<Organization> {
        let mut closed = None;
        for tenant in work.memberships_of(person.id).await? {
            work.enter(tenant).await?;
            let found = organization(work, tenant).await?;
            match self.only_way_into(&found) {
                Some(only) if !person.is_superuser && by.is_none_or(|by| by.name != only.name) => {
                    closed.get_or_insert(only);
                }
                _ => return Ok(found),
            }
        }
        Err(match closed {
            None => refused("This account does not belong to a workspace."),
            Some(only) => {
                refused(format!("This workspace uses single sign-on: sign in with {}.", only.label))
            }
        })
    }

    /// The provider that is the only way into a workspace, if there is one.
    fn only_way_into(&self, organization: &Organization) -> Option<&Provider> {
        self.providers().iter().find(|provider| {
            provider.home.as_ref().is_some_and(|home| home.only && home.slug == organization.slug)
        })
    }

    /// Whether a provider may let its people into the account of a person whom it has not let in
    /// before, on the strength of their e-mail address.
    ///
    /// One that the operator gave to a workspace is in the hands of that workspace: it must not
    /// reach who belongs to others, unless the address is in a domain that the operator said is
    /// its own; and the platform's staff never.
    pub(super) fn may_link(
        provider: &Provider,
        person: &Person,
        workspaces: &[TenantId],
        home: Option<TenantId>,
    ) -> bool {
        let Some(home) = home else { return true };
        !person.is_superuser
            && (provider.owns(&person.draft.email) || workspaces.iter().all(|one| *one == home))
    }
}
