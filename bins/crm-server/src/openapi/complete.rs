//! Joins the routes that paperclip collected with the descriptions of their operations.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::parts::OperationDoc;
use crate::resource::served;

/// The whole document.
///
/// # Errors
/// Which route has no description, or which description no route.
pub(super) fn complete(
    collected: &Value,
    operations: Vec<OperationDoc>,
    schemas: Map<String, Value>,
) -> Result<Value, String> {
    let mut described: BTreeMap<String, OperationDoc> =
        operations.into_iter().map(|operation| (operation.id.clone(), operation)).collect();
    let mut paths = Map::new();
    let routes = collected["paths"].as_object().ok_or("paperclip collected no paths")?;
    for (path, methods) in routes {
        let mut item = Map::new();
        for (method, route) in methods.as_object().into_iter().flatten() {
            let id = route["operationId"].as_str().unwrap_or_default();
            // HEAD is GET without the body; documents leave it out.
            if id.is_empty() || method == "head" {
                continue;
            }
            let operation = described
                .remove(id)
                .ok_or_else(|| format!("{method} {path} ({id}) has no description"))?;
            item.insert(method.clone(), operation_object(path, operation, &schemas));
        }
        paths.insert(path.clone(), item.into());
    }
    if let Some(id) = described.keys().next() {
        return Err(format!("the description {id} has no route"));
    }
    let resource_tags = served()
        .iter()
        .map(|known| json!({ "name": known.name, "description": known.description }));
    let tags: Vec<Value> = [
        json!({ "name": "root", "description": "The API itself." }),
        json!({ "name": "auth", "description": "Signing in, registering, one's own profile." }),
    ]
    .into_iter()
    .chain(resource_tags)
    .collect();
    Ok(json!({
        "openapi": "3.0.3",
        "info": {
            "title": "SimplyCRM",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "headers": limit_headers(),
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Token <access>`, from `/api/auth/token/`.",
                },
                "bearer": { "type": "http", "scheme": "bearer" },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "sessionid",
                    "description": "A browser's session, from `/api/auth/session/` or the sign-in \
                        page (over https its name is `__Host-sessionid`). Requests that change \
                        something need `X-CSRFToken` besides.",
                },
            },
        },
    }))
}

/// The headers that say how much of the tightest limit is left, by name.
const LIMIT_HEADERS: [(&str, &str); 3] = [
    ("RateLimit-Limit", "Most calls in a window, by the tightest limit that applies."),
    ("RateLimit-Remaining", "How many of them are left."),
    ("RateLimit-Reset", "Seconds until the window ends."),
];

fn limit_headers() -> Map<String, Value> {
    let header = |(name, description): &(&str, &str)| {
        let schema = json!({ "type": "integer", "minimum": 0 });
        ((*name).to_owned(), json!({ "description": description, "schema": schema }))
    };
    LIMIT_HEADERS.iter().map(header).collect()
}

/// A response with these headers: every answer of the API has them, and the document names them
/// where a client looks: when it succeeded, and when it was refused.
fn with_limits(status: u16, mut response: Value) -> Value {
    if matches!(status, 200..=299 | 429) {
        for (name, _) in LIMIT_HEADERS {
            let reference = format!("#/components/headers/{name}");
            response["headers"][name] = json!({ "$ref": reference });
        }
    }
    response
}

/// What a reader of the document should know first.
const INTRODUCTION: &str = "A multi-tenant CRM.\n\nSign in at `POST /api/auth/token/` and send \
    the token as `Authorization: Token <access>`. Every path is served with and without its final \
    slash; resources also answer below their module (`/api/sales/contacts/`). Errors are \
    `{\"detail\": …}` or messages by field; clients that accept `application/problem+json` get \
    RFC 9457.";

fn operation_object(path: &str, operation: OperationDoc, schemas: &Map<String, Value>) -> Value {
    let mut parameters: Vec<Value> = path_parameters(path);
    parameters.extend(operation.parameters);
    let responses: Map<String, Value> = operation
        .responses
        .into_iter()
        .map(|(status, response)| (status.to_string(), with_limits(status, response)))
        .collect();
    let mut object = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
        "security": if operation.secured { json!([{ "token": [] }, { "bearer": [] }, { "session": [] }]) } else { json!([]) },
    });
    if !operation.description.is_empty() {
        object["description"] = json!(operation.description);
    }
    let kinds = [("application/json", operation.body), ("multipart/form-data", operation.form)];
    let bodies: Vec<_> = kinds.into_iter().filter_map(|(kind, body)| Some((kind, body?))).collect();
    if let Some((_, schema)) = bodies.first() {
        // A body whose fields are all optional may be left out.
        let required = !required_fields(schema, schemas).is_empty();
        object["requestBody"] = json!({ "required": required });
        for (kind, schema) in bodies {
            object["requestBody"]["content"][kind] = json!({ "schema": schema });
        }
    }
    object
}

/// The fields that a schema, or the one that it refers to, requires.
fn required_fields<'s>(schema: &'s Value, schemas: &'s Map<String, Value>) -> &'s [Value] {
    let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    let schema = name.and_then(|name| schemas.get(name)).unwrap_or(schema);
    schema["required"].as_array().map_or(&[], Vec::as_slice)
}

/// The parameters in a path's braces: ids, all of them but the names of providers.
fn path_parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| match name {
            "provider" => json!({
                "name": name,
                "in": "path",
                "required": true,
                "description": "The provider's name, from `/api/auth/providers/`.",
                "schema": { "type": "string", "pattern": "^[a-z0-9-]{1,32}$" },
            }),
            _ => json!({
                "name": name,
                "in": "path",
                "required": true,
                "description": "The record's id.",
                "schema": { "type": "integer", "format": "int64", "minimum": 1 },
            }),
        })
        .collect()
}
