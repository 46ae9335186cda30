//! What the members of a workspace see of it over the API, as resources.

mod audit_log;
mod erasure;
mod invite;
mod organization;
mod user;
mod user_role;

use domain_kernel::{Error, Result};

pub use audit_log::{AuditLog, AuditLogPatch};
pub use erasure::{CONFIRM_FIELD, Erasure, Farewell};
pub use invite::{Invite, InvitePatch};
pub use organization::{Workspace, WorkspacePatch};
pub(crate) use user::make_room;
pub use user::{User, UserPatch};
pub use user_role::{RoleCode, UserRole, UserRolePatch};

use crate::AccountsWork;

/// Refuses what would leave a workspace without anybody who can administer it.
async fn keep_an_admin(work: &mut dyn AccountsWork) -> Result<()> {
    let members = work.members().await?;
    let admin = domain_kernel::policy::Role::Admin;
    if members.iter().any(|member| member.roles.contains(admin)) {
        return Ok(());
    }
    Err(Error::Conflict("A workspace keeps at least one admin.".to_owned()))
}
