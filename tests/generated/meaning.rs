//! What the values that requests carry mean: which are ids, and of what.
//!
//! The one place to extend when a new field or parameter is one that the generator cannot tell by
//! its schema: it panics with the name of the operation and of the value.

use serde_json::{Value, json};

use crate::document::Operation;

/// Something that an id leads to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Thing {
    /// A row of a resource, by the resource's name.
    Row(String),
    /// A workspace.
    Workspace,
    /// A person.
    Person,
    /// What a person is signed in with.
    Token,
}

/// What a value means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    /// An id.
    Id(Thing),
    /// What only the server writes: a value is ignored, but an id there is tried all the same.
    Ignored(Option<Thing>),
    /// An object of named values.
    Object,
    /// A list of values that are alike, or of the kinds in `anyOf`.
    List,
    /// A position in a list, made by the server.
    Cursor,
    /// Nothing that leads anywhere; a value that is valid. `{who}` and `{n}` stand for the
    /// workspace's own word and a number that is new in each request, `{day}` for a day that is.
    Plain(Value),
    /// Better left out.
    Omitted,
}

/// Links by their name, where it is not the resource's own.
const LINKS: &[(&str, &str)] = &[
    ("company", "companies"),
    ("parent", "categories"),
    ("category", "categories"),
    ("product", "products"),
    ("variant", "product-variants"),
    ("supplier", "suppliers"),
    ("lot", "inventory-lots"),
    ("user", "users"),
    ("workspace", "organizations"),
    ("plan", "subscription-plans"),
    ("plan_id", "subscription-plans"),
    ("plans", "subscription-plans"),
    ("feature", "feature-flags"),
    ("contact", "contacts"),
    ("lead", "leads"),
    ("pipeline", "pipelines"),
    ("stage", "deal-stages"),
    ("converted_contact", "contacts"),
    ("converted_company", "companies"),
    ("converted_opportunity", "opportunities"),
    ("from_stage", "deal-stages"),
    ("to_stage", "deal-stages"),
    ("move_to", "deal-stages"),
    ("opportunity", "opportunities"),
    ("owner", "users"),
    ("order", "orders"),
    ("order_line", "order-lines"),
    ("product_variant", "product-variants"),
    ("invoice", "invoices"),
    ("payment", "payments"),
    ("author", "users"),
    ("uploaded_by", "users"),
    // Of the kind that stands beside it.
    ("related_object_id", "contacts"),
];

/// Whole numbers that are no ids.
const NUMBERS: &[&str] = &[
    "page",      // counts pages
    "page_size", // counts rows
    "entity_id", // of any resource, beside its name
    "version",   // compared with the row's own
    "progress",
    "attempts",
    "max_attempts", // count
    "value",        // a limit
    "quantity",
    "position", // a place in an order
    "score",
    "seconds_in_former_stage",
    "reserved",
    "quantity",     // units
    "reference_id", // of any resource, beside its name
];

/// Limits of plans: high enough for all that is tried.
const LIMITS: &[&str] = &["max_users", "max_deals", "max_api_calls_per_minute"];

/// How many units of something.
const UNITS: &[&str] = &["quantity", "change"];

/// Amounts of money.
const AMOUNTS: &[&str] = &[
    "price_per_month",
    "price",
    "cost",
    "amount",
    "expected_value",
    "probability",
    "win_probability",
    "unit_price",
    "rate",
    "total_price",
    "discount_share",
    "subtotal_amount",
    "tax_amount",
    "total_amount",
    "paid_amount",
    "refunded_amount",
    "credited_amount",
    "owed_amount",
    "discount_amount",
    "tax_rate",
];

/// Amounts of which there may be too much: what is taken off, a rate.
const NOTHING: &[&str] = &["discount_amount", "tax_rate"];

/// What is left out because something else is given in its place.
const ALTERNATIVES: &[(&str, &str)] = &[("plan-overrides", "limit"), ("billing", "plan_id")];

/// Values of any form that hold no ids of ours.
const FREE: &[&str] = &["tags", "attributes", "metadata"];

/// What only the server writes and what is no id.
const SERVER_WRITTEN: &[&str] = &[
    "version",
    "created_at",
    "updated_at",
    "deleted_at",
    "username",
    "is_staff",
    "is_superuser",
    "feature_flags",
    "assigned_at",
    "by_staff",
    "action",
    "entity",
    "entity_id",
    "request_id",
    "metadata",
    "token",
    "accepted_at",
    "created_by_name",
    "is_active",
    "key",
    "plan",
    "requested_by",
    "decided_at",
    "pipeline_name",
    "stage_name",
    "owner_name",
    "status",
    "expected_value",
    "stage_entered_at",
    "closed_at",
    "lost_reason",
    "won_reason",
    "number",
    "contact_name",
    "state",
    "subtotal_amount",
    "tax_amount",
    "total_amount",
    "ordered_at",
    "variant_name",
    "variant_sku",
    "total_price",
    "discount_share",
    "issued_at",
    "overdue_at",
    "currency",
    "paid_amount",
    "refunded_amount",
    "credited_amount",
    "owed_amount",
    "processed_at",
    "path",
    "category_name",
    "category_slug",
    "main_image_url",
    "published_at",
    "price_history",
    "reserved",
    "overdue",
    "author_name",
    "uploaded_by_name",
    "uploaded_at",
    "upcoming",
    "converted_at",
    "converted_contact",
    "converted_company",
    "converted_opportunity",
];

/// Texts that must be particular ones.
const TEXTS: &[(&str, &str)] = &[
    ("timezone", "Europe/Paris"),
    ("locale", "en-US"),
    ("password", system_tests::PASSWORD),
    ("current_password", system_tests::PASSWORD),
    // The same again, so that everybody stays who they are.
    ("new_password", system_tests::PASSWORD),
    // A plan of the platform's, the same for everybody.
    ("plan_key", "enterprise"),
    // One of the operator's, the same for everybody.
    ("provider", "main"),
    ("next", "/"),
    ("related_object_type", "contact"),
    // Of a new row, or of none.
    ("slug", "{who}-{n}"),
    ("category_slug", "{who}-{n}"),
];

/// Texts that are left out. An invitation, and the secret of a link: what is not stored is refused, and
/// what is comes from [`crate::draft`]. The id
/// of a request: made by its client, it names no row. What a provider gave: there is no valid one but
/// what [`crate::draft`] gets from one, and each of it is somebody's.
const OMITTED: &[&str] =
    &["invite_token", "request_id", "token", "credential", "state", "code", "otp"];

/// A file: a spreadsheet of one contact.
const FILE: &str = "first_name,last_name\n{who},{n}\n";
/// What it is called.
pub(crate) const FILE_NAME: &str = "contacts.csv";

/// Resources of the platform's: its staff alone write them, and see those that are not the same for
/// everybody, in any workspace. The table of permissions, which a test compares with the server, says so.
pub(crate) const PLATFORMS: &[&str] =
    &["organizations", "subscription-plans", "feature-flags", "plan-overrides", "plan-requests"];

/// Headers that carry nothing of anybody else's, beside those that are tried.
pub(crate) const PLAIN_HEADERS: &[&str] = &["If-Match"];

/// What a value of an operation means; `name` is that of the field or the parameter.
pub(crate) fn of(operation: &Operation, name: &str, schema: &Value) -> Meaning {
    let unknown = |why: &str| -> ! {
        panic!(
            "{} ({} {}): the generator does not know what `{name}` is ({why}): {schema}\n\
             Say so in tests/generated/meaning.rs.",
            operation.id, operation.method, operation.path
        )
    };
    let own = || match operation.tag.as_str() {
        "auth" if operation.id.starts_with("auth_sessions_") => Thing::Token,
        "auth" => Thing::Person,
        resource => Thing::Row(resource.to_owned()),
    };
    // Of a row within another: tried in tests of its own, for it must be one of that row's.
    if schema["description"].as_str().is_some_and(|d| d.starts_with("The row that changes")) {
        return Meaning::Omitted;
    }
    let says_ignored = schema["description"].as_str().is_some_and(|d| d.starts_with("Ignored:"));
    if says_ignored || schema["readOnly"] == true {
        return Meaning::Ignored(match name {
            "id" => Some(own()),
            "organization" | "workspace" => Some(Thing::Workspace),
            "user" => Some(Thing::Row("users".to_owned())),
            "created_by" => Some(Thing::Person),
            "product" => Some(Thing::Row("products".to_owned())),
            "order" => Some(Thing::Row("orders".to_owned())),
            _ if SERVER_WRITTEN.contains(&name) => None,
            _ => unknown("only the server writes it"),
        });
    }
    let is_body = operation.method != reqwest::Method::GET;
    if is_body && ALTERNATIVES.contains(&(operation.tag.as_str(), name)) {
        return Meaning::Omitted;
    }
    if is_body && LIMITS.contains(&name) {
        return Meaning::Plain(Value::from(1_000_000));
    }
    if is_body && operation.id == "inventory-lots_create" && name == "quantity" {
        // Enough for every order that is tried.
        return Meaning::Plain(Value::from(1_000_000));
    }
    if is_body && UNITS.contains(&name) {
        return Meaning::Plain(Value::from(5));
    }
    if is_body && NOTHING.contains(&name) {
        return Meaning::Plain(Value::from("0.00"));
    }
    if is_body && name == "total_amount" {
        // Of an invoice: enough for every payment that is tried.
        return Meaning::Plain(Value::from("90000.00"));
    }
    if is_body && name == "unit_price" {
        // Of a line: one of them is as much as all invoices ask for.
        return Meaning::Plain(Value::from("5000000.00"));
    }
    if operation.tag == "exchange-rates" && is_body {
        // Of a day there is one rate of two currencies.
        match name {
            "base" => return Meaning::Plain("EUR".into()),
            "date" => return Meaning::Plain("{day}".into()),
            _ => {}
        }
    }
    if AMOUNTS.contains(&name) {
        return Meaning::Plain(Value::from("12.50"));
    }
    let kinds = kinds(schema);
    let only = |kind: &str| kinds.iter().all(|k| k == kind) && !kinds.is_empty();
    if schema["format"] == "binary" {
        return Meaning::Plain(Value::from(FILE));
    }
    if schema["enum"].is_array() {
        return Meaning::Plain(schema["enum"][0].clone());
    }
    if only("boolean") {
        return Meaning::Plain(Value::Bool(true));
    }
    if only("array") {
        return Meaning::List;
    }
    if only("object") {
        return match schema.get("properties") {
            Some(_) => Meaning::Object,
            None if FREE.contains(&name) => Meaning::Plain(json!({ "note": "{who}-{n}" })),
            None => unknown("an object of any form"),
        };
    }
    if kinds.iter().any(|kind| kind == "object" || kind == "array") {
        return match FREE.contains(&name) {
            true => Meaning::Plain(Value::from(vec!["{who}-{n}"])),
            false => unknown("a value of any form"),
        };
    }
    if kinds.iter().any(|kind| kind == "integer") {
        return match LINKS.iter().find(|(link, _)| *link == name) {
            _ if name == "id" => Meaning::Id(own()),
            _ if ["started_by", "requested_by", "created_by", "changed_by", "recorded_by"]
                .contains(&name) =>
            {
                Meaning::Id(Thing::Person)
            }
            // As a filter: the founder, who acted and has a role.
            Some(("user", _)) if operation.method == reqwest::Method::GET => {
                Meaning::Id(Thing::Person)
            }
            Some((_, resource)) => Meaning::Id(Thing::Row((*resource).to_owned())),
            None if NUMBERS.contains(&name) || LIMITS.contains(&name) => Meaning::Omitted,
            None => unknown("a number, or an id"),
        };
    }
    if only("string") {
        // Elsewhere it is what a provider gave.
        if operation.tag == "feature-flags" && name == "code" {
            return Meaning::Plain("{who}-{n}".into());
        }
        return text(name, schema).unwrap_or_else(|| unknown("a text that names something"));
    }
    unknown("no type that it can make a value of")
}

/// The types that a schema admits.
fn kinds(schema: &Value) -> Vec<String> {
    match schema["anyOf"].as_array() {
        Some(ways) => ways.iter().flat_map(kinds).collect(),
        None => schema["type"].as_str().map(str::to_owned).into_iter().collect(),
    }
}

fn text(name: &str, schema: &Value) -> Option<Meaning> {
    if name == "cursor" {
        return Some(Meaning::Cursor);
    }
    if OMITTED.contains(&name) {
        return Some(Meaning::Omitted);
    }
    if let Some((_, value)) = TEXTS.iter().find(|(known, _)| *known == name) {
        return Some(Meaning::Plain(Value::from(*value)));
    }
    let names_something = ["id", "ids", "key", "token", "slug", "uuid", "code"]
        .iter()
        .any(|end| name == *end || name.ends_with(&format!("_{end}")));
    if names_something || schema["format"] == "uuid" {
        return None;
    }
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    Some(Meaning::Plain(match schema["format"].as_str() {
        // Of an invitation: not over yet.
        Some("date-time") if name == "expires_at" => "2999-01-31T09:30:00Z".into(),
        Some("date-time") => "2026-01-31T09:30:00Z".into(),
        // Of a lot: good for a long time.
        Some("date") if name == "expires_at" => "2999-01-31".into(),
        Some("date") => "2026-01-31".into(),
        Some("email") => "{who}-{n}@example.com".into(),
        None if pattern.contains("]{1,64}@") => "{who}-{n}@example.com".into(),
        None | Some("password") if pattern.contains("://") => {
            "https://example.com/{who}-{n}".into()
        }
        None => "{who}-{n}".into(),
        Some(_) => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(name: &str, schema: Value) -> Meaning {
        let operation = Operation {
            id: "tools_create".to_owned(),
            tag: "tools".to_owned(),
            method: reqwest::Method::POST,
            path: "/api/tools/".to_owned(),
            parameters: Vec::new(),
            body: None,
            in_parts: false,
            secured: true,
            feature: None,
        };
        of(&operation, name, &schema)
    }

    #[test]
    fn ids_are_told_by_their_names() {
        let integer = || json!({ "type": "integer" });
        assert_eq!(create("id", integer()), Meaning::Id(Thing::Row("tools".to_owned())));
        assert_eq!(create("company", integer()), Meaning::Id(Thing::Row("companies".to_owned())));
        assert_eq!(create("version", integer()), Meaning::Omitted);
    }

    #[test]
    #[should_panic(
        expected = "tools_create (POST /api/tools/): the generator does not know what `lender`"
    )]
    fn an_unknown_number_fails_by_name() {
        create("lender", json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] }));
    }

    #[test]
    #[should_panic(expected = "what `lender_token`")]
    fn an_unknown_name_of_something_fails() {
        create("lender_token", json!({ "type": "string" }));
    }

    #[test]
    #[should_panic(expected = "what `settings`")]
    fn a_value_of_any_form_fails() {
        create("settings", json!({ "type": "object" }));
    }
}
