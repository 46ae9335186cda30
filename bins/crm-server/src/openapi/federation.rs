//! Descriptions of signing in with other services.

use domain_accounts::GOOGLE_FIELDS;
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, TEXT, object, query, reference, written};
use crate::federation::{Callback, Google, Login, Providers};
use crate::http::described::Operation as _;

const AUTH: &str = "auth";

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let text = |name: &str, description: &str| {
        query(name, description, json!({ "type": "string", "pattern": TEXT }))
    };
    vec![
        OperationDoc::new(Google::id(), AUTH, "Sign in with Google")
            .open()
            .text(
                "Takes Google's ID token, as `token` or as `credential`. The first time, it leads \
                 to the account with the same e-mail address, or makes one with a workspace of \
                 its own; later to the account that it led to before. 404 where it is not set up.",
            )
            .takes(reference("GoogleSignIn"))
            .gives(200, "A new token.", reference("SignedIn"))
            .gives(201, "A new token, of a new account.", reference("SignedIn"))
            .fails(&[404, 409]),
        OperationDoc::new(Providers::id(), AUTH, "List what one can sign in with").open().gives(
            200,
            "The providers, for a sign-in page.",
            reference("Providers"),
        ),
        OperationDoc::new(Login::id(), AUTH, "Begin to sign in at a provider")
            .open()
            .text("For browsers: it sends them to the provider, which sends them back.")
            .parameter(text(
                "next",
                "Where to go in the end: a path of this server, or an address of a listed origin.",
            ))
            .empty(302, "To the provider.")
            .fails(&[404]),
        OperationDoc::new(Callback::id(), AUTH, "End a sign-in at a provider")
            .open()
            .text(
                "Where providers send browsers back to. It works once, in the browser in which the \
                 sign-in began, for ten minutes. Further parameters are ignored.",
            )
            .parameter(text("state", "As it was sent to the provider."))
            .parameter(text("code", "What the provider gave."))
            .gives(200, "A new token.", reference("SignedInAtProvider"))
            .gives(201, "A new token, of a new account.", reference("SignedInAtProvider"))
            .fails(&[403, 404, 409]),
    ]
}

/// The schemas; `signed_in` is that of every sign-in.
pub(super) fn schemas(signed_in: &Value) -> Vec<(String, Value)> {
    let google: Map<String, Value> =
        GOOGLE_FIELDS.iter().map(|field| (field.name.to_owned(), written(field))).collect();
    let mut at_provider = signed_in.clone();
    at_provider["properties"]["next"] = json!({
        "type": "string",
        "description": "Where the browser wanted to go; may be empty.",
    });
    if let Some(required) = at_provider["required"].as_array_mut() {
        required.push(json!("next"));
    }
    let all = |properties: Value| {
        let properties = properties.as_object().cloned().unwrap_or_default();
        let names: Vec<String> = properties.keys().cloned().collect();
        object(properties, names.iter().map(String::as_str).collect())
    };
    let providers = all(json!({
        "google": all(json!({
            "enabled": { "type": "boolean" },
            "client_id": { "type": "string", "nullable": true },
        })),
        "providers": {
            "type": "array",
            "items": all(json!({
                "name": { "type": "string" },
                "label": { "type": "string" },
                "login_url": { "type": "string", "format": "uri" },
            })),
        },
    }));
    vec![
        ("GoogleSignIn".to_owned(), object(google, Vec::new())),
        ("SignedInAtProvider".to_owned(), at_provider),
        ("Providers".to_owned(), providers),
    ]
}
