//! Which role may do what: the one table that every way in asks.

use serde::{Deserialize, Serialize};

/// A role of a member in a workspace; several unite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything in the workspace.
    Admin,
    /// Reads and writes all business data.
    Manager,
    /// Reads all business data.
    Analyst,
    /// Reads all business data, writes what customers are approached by.
    Marketer,
}

impl Role {
    /// All roles, in the order of the documents.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Manager, Self::Analyst, Self::Marketer];

    /// The code that the API and the database use.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Analyst => "analyst",
            Self::Marketer => "marketer",
        }
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// The roles of one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoleSet(u8);

impl RoleSet {
    /// The admin's set.
    pub const ADMIN: Self = Self(1 << Role::Admin as u8);
    /// What the platform's staff have besides: no role of a workspace's, and given by no one in it.
    const STAFF: u8 = 1 << 7;

    /// The set with what the platform's staff have besides.
    pub const fn with_staff(self) -> Self {
        Self(self.0 | Self::STAFF)
    }

    /// Whether it is the set of somebody of the platform's staff.
    pub const fn is_staff(self) -> bool {
        self.0 & Self::STAFF != 0
    }

    /// Whether the set has a role.
    pub const fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// The roles in it.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }
}

impl FromIterator<Role> for RoleSet {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | (1 << role as u8)))
    }
}

/// A part of the system that permissions are given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Contacts, companies and leads: whom one sells to.
    Customers,
    /// What one sells: products, their prices, suppliers and stock.
    Catalog,
    /// What one agrees on with customers: from the deal to the order, its invoice and shipment.
    Sales,
    /// The members of the workspace and their roles.
    Members,
    /// Who did what and when.
    Audit,
    /// What is done in the background; each sees what they have started.
    Jobs,
    /// The workspace as a whole: its export and its end.
    Workspace,
    /// What is sold: the plans. Everybody sees them, the platform's staff change them.
    Plans,
    /// What the workspace is subscribed to.
    Billing,
    /// The platform itself: its staff's alone.
    Platform,
}

/// What is done with a row or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// List and retrieve.
    Read,
    /// Create one.
    Create,
    /// Replace or change one.
    Update,
    /// Delete or restore one.
    Delete,
    /// Write many in one request.
    Bulk,
    /// Download a whole list.
    Export,
}

impl Action {
    /// All actions, in the order of the documents.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Create, Self::Update, Self::Delete, Self::Bulk, Self::Export];
}

/// Whether somebody with these roles may do the action.
///
/// Roles unite: what one of them allows is allowed. A member without a role has a manager's
/// rights except to delete, to write in bulk and to export.
pub fn allows(roles: RoleSet, area: Area, action: Action) -> bool {
    match area {
        Area::Customers => of_business(roles, action, true),
        Area::Catalog | Area::Sales => of_business(roles, action, false),
        Area::Jobs => {
            matches!(action, Action::Read | Action::Export) && of_business(roles, action, false)
        }
        Area::Members | Area::Billing | Area::Plans if action == Action::Read => true,
        Area::Plans if action == Action::Export => true,
        Area::Members | Area::Billing | Area::Audit | Area::Workspace => {
            roles.contains(Role::Admin)
        }
        Area::Plans | Area::Platform => roles.is_staff(),
    }
}

/// Whether somebody with these roles may do the action with what the workspace's business is about;
/// `marketing` says whether marketers write it, too.
fn of_business(roles: RoleSet, action: Action, marketing: bool) -> bool {
    if roles == RoleSet::default() {
        return !matches!(action, Action::Delete | Action::Bulk | Action::Export);
    }
    let reads = matches!(action, Action::Read | Action::Export);
    roles.iter().any(|role| match role {
        Role::Admin | Role::Manager => true,
        Role::Marketer => marketing || reads,
        Role::Analyst => reads,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(roles: &[Role]) -> RoleSet {
        roles.iter().copied().collect()
    }

    #[test]
    fn an_analyst_reads_and_exports_only() {
        let allowed: Vec<_> = Action::ALL
            .into_iter()
            .filter(|action| allows(set(&[Role::Analyst]), Area::Customers, *action))
            .collect();
        assert_eq!(allowed, [Action::Read, Action::Export]);
    }

    #[test]
    fn a_marketer_writes_customers_and_reads_the_rest() {
        let allowed = |area| {
            let marketer = set(&[Role::Marketer]);
            Action::ALL.into_iter().filter(move |action| allows(marketer, area, *action)).count()
        };
        assert_eq!(allowed(Area::Customers), Action::ALL.len());
        assert_eq!(allowed(Area::Catalog), 2);
        assert_eq!(allowed(Area::Sales), 2);
    }

    #[test]
    fn without_a_role_one_neither_deletes_nor_moves_many() {
        let allowed: Vec<_> = Action::ALL
            .into_iter()
            .filter(|action| allows(RoleSet::default(), Area::Customers, *action))
            .collect();
        assert_eq!(allowed, [Action::Read, Action::Create, Action::Update]);
    }

    #[test]
    fn what_is_the_admins_or_the_staffs_is_nobody_elses() {
        let manager = set(&[Role::Manager, Role::Analyst, Role::Marketer]);
        let staff = RoleSet::ADMIN.with_staff();
        for action in Action::ALL {
            let read = action == Action::Read;
            assert_eq!(allows(manager, Area::Members, action), read);
            assert_eq!(allows(RoleSet::default(), Area::Members, action), read);
            assert!(!allows(manager, Area::Audit, action));
            assert!(allows(RoleSet::ADMIN, Area::Audit, action));
            assert!(!allows(RoleSet::ADMIN, Area::Platform, action));
            assert!(allows(staff, Area::Platform, action));
        }
    }

    #[test]
    fn roles_unite() {
        let both = set(&[Role::Analyst, Role::Marketer]);
        assert!(Action::ALL.into_iter().all(|action| allows(both, Area::Customers, action)));
    }
}
