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
}

impl Provider {
    /// Whether its word for an address is good everywhere. One that the operator gave to a
    /// workspace is in the hands of that workspace: its word is good for the domains that the
    /// operator said are its own.
    pub(super) fn is_believed(&self, email: &str) -> bool {
        self.home.is_none() || self.owns(email)
    }

    /// Whether it may let its people into a person's account, which reaches into every workspace of
    /// theirs. One that is not believed may, where that is its own workspace alone; the platform's
    /// staff are out of the reach of every workspace's.
    pub(super) fn may_reach(
        &self,
        person: &Person,
        workspaces: &[TenantId],
        home: Option<TenantId>,
    ) -> bool {
        let Some(home) = home else { return true };
        let only_here = || workspaces.iter().all(|one| *one == home);
        !person.is_superuser && (self.is_believed(&person.draft.email) || only_here())
    }
}
