//! The document's schemas.

use serde_json::{Map, Value, json};

use super::{
    auth, billing, catalog, data_import, leaving, overview, resource, second_factor, session, stock,
};
use crate::resource::served;

/// Every schema by its name.
pub(super) fn all() -> Map<String, Value> {
    let of_resources = served().iter().flat_map(resource::schemas);
    let (billing, session) = (billing::schemas(), session::schemas());
    shared()
        .into_iter()
        .chain(auth::schemas())
        .chain(session)
        .chain(second_factor::schemas())
        .chain(billing)
        .chain(leaving::schemas())
        .chain(catalog::schemas())
        .chain(stock::schemas())
        .chain(overview::schemas())
        .chain(data_import::schemas())
        .chain(of_resources)
        .collect()
}

fn shared() -> Vec<(String, Value)> {
    let detail = json!({
        "type": "object",
        "properties": { "detail": { "type": "string" } },
        "required": ["detail"],
        "additionalProperties": false,
    });
    let messages = json!({ "anyOf": [
        { "type": "string" },
        { "type": "array", "items": { "anyOf": [{ "type": "string" }, { "type": "object" }] } },
        { "type": "object" },
    ] });
    let invalid = json!({
        "type": "object",
        "description": "Messages by field; `non_field_errors` for the whole input, or `detail`.",
        "additionalProperties": messages,
    });
    let problem = json!({
        "type": "object",
        "description": "RFC 9457, for clients that accept application/problem+json.",
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string" },
            "errors": { "type": "object" },
        },
        "required": ["type", "title", "status", "detail", "instance"],
        "additionalProperties": false,
    });
    let bulk = json!({
        "type": "object",
        "properties": {
            "committed": { "type": "boolean", "description": "Whether anything was written." },
            "results": { "type": "array", "items": {
                "type": "object",
                "properties": {
                    "status": { "type": "integer" },
                    "id": { "type": "integer", "format": "int64" },
                    "data": { "type": "object" },
                    "errors": { "type": "object" },
                },
                "required": ["status"],
                "additionalProperties": false,
            } },
        },
        "required": ["committed", "results"],
        "additionalProperties": false,
    });
    vec![
        ("Detail".to_owned(), detail),
        ("Invalid".to_owned(), invalid),
        ("Problem".to_owned(), problem),
        ("BulkAnswer".to_owned(), bulk),
    ]
}
