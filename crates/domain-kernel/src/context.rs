//! Who asks, for which workspace, and with which rights.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::policy::{self, Action, Area, RoleSet};
use crate::{Error, IdempotencyKey, PersonId, Result, TenantId};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A member of the workspace.
    Member(PersonId),
    /// Somebody of the platform's staff, in a workspace that they are no member of.
    Staff(PersonId),
    /// The system itself or its operator at the command line.
    System,
}

impl Actor {
    /// The same actor in a workspace that they are no member of.
    pub const fn elsewhere(self) -> Self {
        match self {
            Self::Member(person) | Self::Staff(person) => Self::Staff(person),
            Self::System => Self::System,
        }
    }

    /// The person, where one acts.
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::Member(person) | Self::Staff(person) => Some(person),
            Self::System => None,
        }
    }
}

/// The context of one operation; whoever holds one was authenticated.
///
/// Every use case takes it first. The tenant in it is the only one that the operation can reach.
#[derive(Debug, Clone)]
pub struct OpContext {
    /// The workspace that is acted in.
    pub tenant: TenantId,
    /// Who acts.
    pub actor: Actor,
    /// The actor's roles in this workspace.
    pub roles: RoleSet,
    /// Codes of the features that the workspace has.
    pub features: Arc<BTreeSet<String>>,
    /// Names the request in logs, audit entries and events.
    pub request_id: Arc<str>,
    /// Set when the client may repeat the request.
    pub idempotency: Option<IdempotencyKey>,
}

impl OpContext {
    /// The context of the system acting by itself in a workspace: everything is allowed.
    pub fn system(tenant: TenantId, request_id: impl Into<Arc<str>>) -> Self {
        Self {
            tenant,
            actor: Actor::System,
            roles: RoleSet::ADMIN.with_staff(),
            features: Arc::default(),
            request_id: request_id.into(),
            idempotency: None,
        }
    }

    /// Allows an action on an area, or says that it is forbidden.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when none of the roles has the permission.
    pub fn require(&self, area: Area, action: Action) -> Result<()> {
        if policy::allows(self.roles, area, action) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Checks that the plan includes a feature; the system and the platform's staff need none.
    ///
    /// # Errors
    /// [`Error::FeatureMissing`] naming the code.
    pub fn require_feature(&self, code: &str) -> Result<()> {
        if self.roles.is_staff() || self.features.contains(code) {
            Ok(())
        } else {
            Err(Error::FeatureMissing(code.to_owned()))
        }
    }
}
