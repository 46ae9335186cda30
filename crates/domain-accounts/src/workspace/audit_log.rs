//! Who did what and when, as the workspace's admins read it.

use domain_kernel::field::{Count, DoneBy, Flag, Json, Word};
use domain_kernel::policy::Area;
use domain_kernel::{ENTRY_FIELDS, Operations, Records, Resource};

use crate::AccountsWork;

domain_kernel::resource! {
    /// An entry of the trail.
    pub struct AuditLog, patch AuditLogPatch, beside ENTRY_FIELDS {
        /// The person who acted; nobody when it was the system or its operator.
        user: DoneBy [read_only],
        /// Whether they acted as the platform's staff, without being a member.
        by_staff: Flag<false> [read_only],
        /// What was done: `contact.updated`.
        action: Word<255> [read_only, searched],
        /// The resource: `contacts`.
        entity: Word<255> [read_only, searched],
        /// The row.
        entity_id: Count<0> [read_only],
        /// In which request.
        request_id: Word<255> [read_only, searched],
        /// More: `changed` holds `{field: [before, after]}`.
        metadata: Json [read_only],
    }
}

impl Resource for AuditLog {
    const NAME: &'static str = "audit-logs";
    const SINGULAR: &'static str = "audit_log";
    const MODULE: &'static str = "accounts";
    const DESCRIPTION: &'static str = "Who did what and when.";
    const AREA: Area = Area::Audit;
    const FEATURE: Option<&'static str> = Some("compliance.audit_logs");
    const OPERATIONS: Operations = Operations::ReadOnly;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.audit_log()
    }
}
