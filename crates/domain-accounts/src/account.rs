//! The nouns: a workspace, a person, a membership.

use domain_kernel::policy::RoleSet;
use domain_kernel::{PersonId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use serde_json::{Value, json};

/// A workspace; the tenant of everything in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Organization {
    /// Its id.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
    /// Its name in addresses; unique.
    pub slug: String,
    /// ISO 4217, the currency that it counts in.
    pub currency: String,
    /// IANA name; decides what "today" is.
    pub timezone: String,
    /// Whether members who have a password must have a second factor.
    pub requires_second_factor: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// The workspace as the API shows it beside something of it.
impl Serialize for Organization {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Organization", 5)?;
        object.serialize_field("id", &self.id)?;
        object.serialize_field("name", &self.name)?;
        object.serialize_field("slug", &self.slug)?;
        object.serialize_field("created_at", &self.created_at)?;
        object.serialize_field("updated_at", &self.updated_at)?;
        object.end()
    }
}

impl Organization {
    /// The day that it is in the workspace.
    pub fn day_of(&self, now: Timestamp) -> Date {
        self.time_zone().to_datetime(now).date()
    }

    /// Its time zone; UTC where its name is not known here.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC)
    }

    /// As others name it: `{id, name, slug}`.
    pub fn reference(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "slug": self.slug })
    }
}

/// A person, over all workspaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Raised by each write.
    pub version: i64,
    /// What they write.
    pub draft: PersonDraft,
    /// Whether they may sign in at all.
    pub is_active: bool,
    /// Whether they belong to the platform's staff.
    pub is_superuser: bool,
    /// When somebody made sure that the e-mail address is theirs.
    pub email_verified_at: Option<Timestamp>,
    /// Since when they have a second factor.
    pub second_factor_at: Option<Timestamp>,
    /// Whether they can sign in by a password.
    pub has_password: bool,
    /// When they were registered.
    pub created_at: Timestamp,
}

/// What is written of a person.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PersonDraft {
    /// Unique, without regard to case.
    pub username: String,
    /// Unique, without regard to case; may be empty.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The position.
    pub title: String,
    /// IANA name.
    pub timezone: String,
    /// BCP 47 tag.
    pub locale: String,
}

impl PersonDraft {
    /// What others call them: by their names, else by what they sign in with.
    pub fn display_name(&self) -> String {
        let full = format!("{} {}", self.first_name, self.last_name);
        match full.trim() {
            "" => self.username.clone(),
            full => full.to_owned(),
        }
    }
}

impl Person {
    /// What others call them.
    pub fn display_name(&self) -> String {
        self.draft.display_name()
    }

    /// The person for audit entries and events; never with a secret.
    pub fn json(&self) -> Value {
        let PersonDraft { username, email, first_name, last_name, title, timezone, locale } =
            &self.draft;
        json!({
            "id": self.id, "username": username, "email": email,
            "first_name": first_name, "last_name": last_name, "title": title,
            "timezone": timezone, "locale": locale, "is_active": self.is_active,
        })
    }
}

/// A person's place in a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// The workspace.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
    /// What they may do.
    pub roles: RoleSet,
}
