//! Descriptions of the second factor.

use domain_accounts::WorkspaceSecurity;
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, written};
use crate::accounts::PASSWORD;
use crate::http::described::Operation as _;
use crate::second_factor::{
    Begin, CODE, ChangeWorkspace, Confirm, Remove, Renew, Show, ShowWorkspace,
};

const AUTH: &str = "auth";

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let codes = || reference("RecoveryCodes");
    let proof = || reference("PasswordAndCode");
    vec![
        OperationDoc::new(Show::id(), AUTH, "Show how one stands with the second factor").gives(
            200,
            "Whether there is one, and whether there must be.",
            reference("SecondFactor"),
        ),
        OperationDoc::new(Begin::id(), AUTH, "Begin to set up a second factor")
            .text(
                "Gives the secret for an authenticator app (RFC 6238: SHA-1, six digits, 30 \
                 seconds), shown once. It counts when a code has confirmed it.",
            )
            .takes(reference("CurrentPassword"))
            .gives(200, "What the app needs.", reference("SecondFactorSetup"))
            .fails(&[409, 423]),
        OperationDoc::new(Confirm::id(), AUTH, "Confirm a second factor by its first code")
            .takes(reference("SecondFactorCode"))
            .gives(200, "The recovery codes, shown once.", codes())
            .fails(&[409]),
        OperationDoc::new(Renew::id(), AUTH, "Make new recovery codes")
            .text("Those before end.")
            .takes(proof())
            .gives(200, "The recovery codes, shown once.", codes())
            .fails(&[409, 423]),
        OperationDoc::new(Remove::id(), AUTH, "Remove the second factor")
            .text("Not while the workspace, or the platform of its staff, requires one.")
            .takes(proof())
            .empty(204, "It is removed.")
            .fails(&[409, 423]),
        OperationDoc::new(ShowWorkspace::id(), AUTH, "Show what the workspace asks of accounts")
            .gives(200, "What it asks.", reference("WorkspaceSecurity")),
        OperationDoc::new(
            ChangeWorkspace::id(),
            AUTH,
            "Change what the workspace asks of accounts",
        )
        .text(
            "A member who has a password and no second factor then gets 403 on all but the \
                 profile, setting one up, and signing out. Who comes in by a provider needs none.",
        )
        .takes(reference("WorkspaceSecurity"))
        .gives(200, "What it asks.", reference("WorkspaceSecurity")),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let all = |properties: Value| {
        let properties: Map<String, Value> = properties.as_object().cloned().unwrap_or_default();
        let names: Vec<String> = properties.keys().cloned().collect();
        object(properties, names.iter().map(String::as_str).collect())
    };
    let [required] = &WorkspaceSecurity::FIELDS;
    let text = || json!({ "type": "string" });
    vec![
        (
            "SecondFactor".to_owned(),
            all(json!({
                "enabled": { "type": "boolean" },
                "enabled_at": { "type": "string", "format": "date-time", "nullable": true },
                "recovery_codes_left": { "type": "integer", "minimum": 0 },
                "required": { "type": "boolean" },
            })),
        ),
        (
            "SecondFactorSetup".to_owned(),
            all(json!({ "secret": text(), "otpauth_url": text(), "qr_svg": text() })),
        ),
        (
            "RecoveryCodes".to_owned(),
            all(json!({ "recovery_codes": { "type": "array", "items": text() } })),
        ),
        ("CurrentPassword".to_owned(), all(json!({ "password": written(&PASSWORD) }))),
        ("SecondFactorCode".to_owned(), all(json!({ "code": written(&CODE) }))),
        (
            "PasswordAndCode".to_owned(),
            all(json!({ "password": written(&PASSWORD), "code": written(&CODE) })),
        ),
        (
            "WorkspaceSecurity".to_owned(),
            all(json!({ "require_second_factor": written(required) })),
        ),
    ]
}
