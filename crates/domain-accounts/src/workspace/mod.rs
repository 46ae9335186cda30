//! What the members of a workspace see of it over the API, as resources.

mod audit_log;
mod erasure;
mod invite;
mod organization;
mod user;
mod user_role;

use domain_kernel::{Error, Field, FieldType, Kind, Result, Value};
use serde::{Serialize, Serializer};
use serde_json::Value as JsonValue;

pub use audit_log::{AuditLog, AuditLogPatch};
pub use erasure::{CONFIRM_FIELD, Erasure, Farewell};
pub use invite::{Invite, InvitePatch};
pub use organization::{Workspace, WorkspacePatch};
pub(crate) use user::make_room;
pub use user::{User, UserPatch};
pub use user_role::{RoleCode, UserRole, UserRolePatch};

use crate::{AccountsWork, Organization};

/// The workspace as an object, where the contract wants one; only the server writes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkspaceObject(pub Option<Organization>);

impl Serialize for WorkspaceObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().map(Organization::json).serialize(serializer)
    }
}

impl FieldType for WorkspaceObject {
    const KIND: Kind = Kind::Json;

    fn read(_: JsonValue, _: &Field) -> Result<Self, String> {
        Err("Only the server writes it.".to_owned())
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        Value::Null
    }
}

/// Refuses what would leave a workspace without anybody who can administer it.
async fn keep_an_admin(work: &mut dyn AccountsWork) -> Result<()> {
    let members = work.members().await?;
    let admin = domain_kernel::policy::Role::Admin;
    if members.iter().any(|member| member.roles.contains(admin)) {
        return Ok(());
    }
    Err(Error::Conflict("A workspace keeps at least one admin.".to_owned()))
}
