//! Descriptions of the endpoints that are not resources.

use domain_accounts::{PASSWORD_FIELD, PROFILE_FIELDS, REGISTRATION_FIELDS};
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, query, reference, shown, written};
use super::{credentials, federation};
use crate::accounts::{
    ChangeProfile, GetProfile, OTP, PASSWORD, Register, ReplaceProfile, Revoke, SignIn, USERNAME,
};
use crate::api_root::Root;
use crate::documents::Schema;
use crate::http::described::Operation as _;

const AUTH: &str = "auth";
const ROOT: &str = "root";

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let profile = || reference("Profile");
    let profile_write = || reference("ProfileWrite");
    let mut root = OperationDoc::new(Root::id(), ROOT, "List the resources").open().gives(
        200,
        "The resources with their addresses.",
        reference("Root"),
    );
    if let Some(response) = root.responses.get_mut(&200) {
        response["content"]["text/html"] = json!({ "schema": { "type": "string" } });
    }
    let mut schema = OperationDoc::new(Schema::id(), ROOT, "This document")
        .open()
        .parameter(query(
            "format",
            "JSON or YAML.",
            json!({ "type": "string", "enum": ["json", "yaml"], "default": "json" }),
        ))
        .gives(200, "OpenAPI 3.", json!({ "type": "object" }));
    if let Some(response) = schema.responses.get_mut(&200) {
        response["content"]["application/yaml"] = json!({ "schema": { "type": "string" } });
    }
    vec![
        root,
        schema,
        OperationDoc::new(SignIn::id(), AUTH, "Sign in")
            .open()
            .text(
                "Gives a token, to be sent as `Authorization: Token <access>`. It is shown once. Who \
                 has a second factor gives its code as `otp`; without it the answer to the right \
                 password is 400 with `second_factor`: `[\"required\"]`.",
            )
            .takes(reference("Credentials"))
            .gives(200, "A new token.", reference("SignedIn"))
            .fails(&[423]),
        OperationDoc::new(Revoke::id(), AUTH, "Revoke the token of this request")
            .text("It stops working at once.")
            .takes(object(Map::new(), Vec::new()))
            .empty(204, "It is revoked."),
        OperationDoc::new(Register::id(), AUTH, "Register")
            .open()
            .text(
                "Makes an account with a workspace of its own on the free plan, and signs it in. \
                 Give either `organization_name` or `invite_token`.",
            )
            .takes(reference("Registration"))
            .gives(201, "A new token.", reference("SignedIn")),
        OperationDoc::new(GetProfile::id(), AUTH, "Show who is signed in").gives(
            200,
            "The profile.",
            profile(),
        ),
        OperationDoc::new(ReplaceProfile::id(), AUTH, "Change one's own data")
            .takes(profile_write())
            .gives(200, "The profile.", profile())
            .fails(&[409]),
        OperationDoc::new(ChangeProfile::id(), AUTH, "Change some of one's own data")
            .takes(profile_write())
            .gives(200, "The profile.", profile())
            .repeatable(),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let fields = |fields: &[domain_kernel::Field]| -> Map<String, Value> {
        fields.iter().map(|field| (field.name.to_owned(), written(field))).collect()
    };
    let credentials = object(fields(&[USERNAME, PASSWORD, OTP]), vec!["username", "password"]);
    let mut registration = fields(&REGISTRATION_FIELDS);
    registration.insert("password".to_owned(), {
        let mut password = written(&PASSWORD_FIELD);
        password["minLength"] = json!(12);
        password["format"] = json!("password");
        password
    });
    let mut profile_write = fields(&PROFILE_FIELDS);
    for name in ["id", "username", "is_staff", "is_superuser", "organization", "feature_flags"] {
        let text = "Ignored: only the server writes it.";
        profile_write.insert(name.to_owned(), json!({ "description": text }));
    }
    profile_write["timezone"]["example"] = json!("Europe/Paris");
    profile_write["locale"]["pattern"] = json!("^[A-Za-z][A-Za-z0-9]{0,7}([-_][A-Za-z0-9]{1,8})*$");
    let text = || json!({ "type": "string" });
    let flag = || json!({ "type": "boolean", "readOnly": true });
    let id = || json!({ "type": "integer", "format": "int64", "readOnly": true });
    let mut profile: Map<String, Value> =
        PROFILE_FIELDS.iter().map(|field| (field.name.to_owned(), shown(field))).collect();
    profile.insert("id".to_owned(), id());
    profile.insert("username".to_owned(), json!({ "type": "string", "readOnly": true }));
    profile.insert("is_staff".to_owned(), flag());
    profile.insert("is_superuser".to_owned(), flag());
    profile.insert(
        "organization".to_owned(),
        json!({
            "type": "object",
            "readOnly": true,
            "properties": { "id": id(), "name": text(), "slug": text() },
            "required": ["id", "name", "slug"],
            "additionalProperties": false,
        }),
    );
    profile.insert(
        "feature_flags".to_owned(),
        json!({
            "type": "array",
            "readOnly": true,
            "description": "Every known feature, and whether the workspace has it.",
            "items": {
                "type": "object",
                "properties": {
                    "code": text(), "name": text(), "description": text(),
                    "enabled": { "type": "boolean" },
                },
                "required": ["code", "name", "description", "enabled"],
                "additionalProperties": false,
            },
        }),
    );
    let names: Vec<String> = profile.keys().cloned().collect();
    let required = names.iter().map(String::as_str).collect();
    let signed_in = json!({
        "type": "object",
        "properties": {
            "access": text(),
            "token_type": { "type": "string", "enum": ["Token"] },
            "profile": reference("Profile"),
        },
        "required": ["access", "token_type", "profile"],
        "additionalProperties": false,
    });
    let root = json!({
        "type": "object",
        "additionalProperties": { "type": "string", "format": "uri" },
    });
    let mut schemas = vec![
        ("Root".to_owned(), root),
        ("Credentials".to_owned(), credentials),
        ("Registration".to_owned(), object(registration, vec!["email", "password"])),
        ("Profile".to_owned(), object(profile, required)),
        ("ProfileWrite".to_owned(), object(profile_write, Vec::new())),
        ("SignedIn".to_owned(), signed_in.clone()),
    ];
    schemas.extend(credentials::schemas());
    schemas.extend(federation::schemas(&signed_in));
    schemas
}
