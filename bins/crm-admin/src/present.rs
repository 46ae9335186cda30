//! People, workspaces and plans as scripts and people see them. The shapes only grow.

use domain_accounts::{Organization, Person, PersonDraft, Plan};
use domain_kernel::policy::{Role, RoleSet};
use serde_json::{Value, json};

use crate::output::clean;

/// A person for scripts; never with a secret.
pub fn person(person: &Person) -> Value {
    let mut json = person.json();
    json["is_superuser"] = json!(person.is_superuser);
    json["created_at"] = json!(person.created_at.to_string());
    json
}

/// A workspace for scripts.
pub fn organization(organization: &Organization) -> Value {
    let Organization { id, name, slug, currency, timezone, created_at, .. } = organization;
    json!({
        "id": id, "name": name, "slug": slug, "currency": currency, "timezone": timezone,
        "created_at": created_at.to_string(),
    })
}

/// Roles for scripts: their codes.
pub fn roles(roles: RoleSet) -> Value {
    roles.iter().map(Role::code).collect()
}

/// Roles for people.
pub fn role_names(roles: RoleSet) -> String {
    let codes: Vec<&str> = roles.iter().map(Role::code).collect();
    if codes.is_empty() { "no role".to_owned() } else { codes.join("+") }
}

/// A person's full name for people.
pub fn full_name(person: &Person) -> String {
    let name = format!("{} {}", person.draft.first_name, person.draft.last_name);
    name.trim().to_owned()
}

/// How a person is named in a sentence: by both names that one can sign in with, so that the
/// operator sees whom they have changed.
pub fn called(person: &Person) -> String {
    let PersonDraft { username, email, .. } = &person.draft;
    if username == email { clean(username) } else { clean(&format!("{username} ({email})")) }
}

/// A plan's limits for people.
pub fn limits(plan: &Plan) -> String {
    let Plan { max_users, max_deals, max_api_calls_per_minute: calls, .. } = plan;
    format!("{max_users} members, {max_deals} deals, {calls} calls a minute")
}
