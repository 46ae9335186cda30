//! Descriptions of leaving.

use domain_accounts::{CONFIRM_FIELD, PASSWORD_FIELD};
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, written};
use crate::http::described::Operation as _;
use crate::leaving::{DeleteWorkspace, ExportWorkspace};

const WORKSPACE: &str = "workspace";

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let mut export = OperationDoc::new(ExportWorkspace::id(), WORKSPACE, "Export the workspace")
        .text(
            "Everything in one zip: a file of JSON lines for each resource, deleted rows included, \
             and `manifest.json` with the number of rows and a SHA-256 for each.",
        )
        .takes(object(Map::new(), Vec::new()))
        .gives(200, "The archive.", json!({ "type": "string", "format": "binary" }));
    if let Some(response) = export.responses.get_mut(&200) {
        let schema = json!({ "type": "string", "format": "binary" });
        response["content"] = json!({ "application/zip": { "schema": schema } });
    }
    vec![
        export,
        OperationDoc::new(DeleteWorkspace::id(), WORKSPACE, "Delete the workspace for good")
            .text(
                "Everything in it is removed, with the people who belong to no other workspace. \
                 Nothing brings it back: export it first. The answer proves what was removed.",
            )
            .takes(reference("Farewell"))
            .gives(200, "What was removed.", reference("Erasure"))
            .fails(&[404, 409, 423]),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let mut farewell: Map<String, Value> = Map::new();
    farewell.insert("confirm".to_owned(), written(&CONFIRM_FIELD));
    farewell.insert("password".to_owned(), written(&PASSWORD_FIELD));
    let all = |properties: Value| {
        let properties = properties.as_object().cloned().unwrap_or_default();
        let names: Vec<String> = properties.keys().cloned().collect();
        object(properties, names.iter().map(String::as_str).collect())
    };
    let count = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let text = || json!({ "type": "string" });
    let mut trail = all(json!({ "position": count(), "chain": text() }));
    trail["nullable"] = json!(true);
    let erasure = all(json!({
        "organization": all(json!({ "id": count(), "name": text(), "slug": text() })),
        "erased_at": { "type": "string", "format": "date-time" },
        "removed": {
            "type": "object",
            "description": "Rows by table.",
            "additionalProperties": count(),
        },
        "trail": trail,
        "digest": text(),
    }));
    vec![
        ("Farewell".to_owned(), object(farewell, vec!["confirm", "password"])),
        ("Erasure".to_owned(), erasure),
    ]
}
