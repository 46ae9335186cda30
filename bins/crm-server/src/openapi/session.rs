//! Descriptions of sessions.

use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference};
use crate::http::described::Operation as _;
use crate::session::{Begin, End, EndOne, EndOthers, Grant, List};

const AUTH: &str = "auth";

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let mut begin = OperationDoc::new(Begin::id(), AUTH, "Sign in with a session")
        .open()
        .text(
            "For scripts in browsers: the answer sets the cookie of a new session, which no script \
             can read, and another `csrftoken`. The request needs the token of `/api/auth/csrf/` \
             in `X-CSRFToken`, as every request does that changes something and comes with a \
             session.",
        )
        .takes(reference("Credentials"))
        .gives(200, "The profile; the session is in the cookie.", reference("Profile"))
        .fails(&[403, 423]);
    let mut grant = OperationDoc::new(Grant::id(), AUTH, "Get a token for requests with a session")
        .open()
        .text(
            "It is good for the session that the request comes with, or for signing in, and goes \
             into `X-CSRFToken`. It is in the body, in the header of that name and, for pages of \
             the same host, in the cookie `csrftoken`.",
        )
        .gives(200, "The token.", reference("CsrfToken"));
    for operation in [&mut begin, &mut grant] {
        if let Some(response) = operation.responses.get_mut(&200) {
            response["headers"]["X-CSRFToken"] =
                json!({ "description": "The token.", "schema": { "type": "string" } });
        }
    }
    vec![
        grant,
        begin,
        OperationDoc::new(End::id(), AUTH, "Sign out")
            .text("Ends the session (or the token) that the request comes with, at once.")
            .empty(204, "It has ended."),
        OperationDoc::new(List::id(), AUTH, "List what one is signed in with")
            .text(
                "One's own sessions and tokens in every workspace, the last used first. Uses are \
                 noted to some minutes.",
            )
            .gives(
                200,
                "Sessions and tokens.",
                json!({ "type": "array", "items": reference("Session") }),
            ),
        OperationDoc::new(EndOthers::id(), AUTH, "End all others")
            .text("Ends all of one's own sessions and tokens but the one of this request.")
            .empty(204, "They have ended."),
        OperationDoc::new(EndOne::id(), AUTH, "End one of one's own sessions or tokens")
            .empty(204, "It has ended.")
            .fails(&[404]),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let all = |properties: Value| {
        let properties: Map<String, Value> = properties.as_object().cloned().unwrap_or_default();
        let names: Vec<String> = properties.keys().cloned().collect();
        object(properties, names.iter().map(String::as_str).collect())
    };
    let instant = || json!({ "type": "string", "format": "date-time" });
    let session = all(json!({
        "id": { "type": "integer", "format": "int64" },
        "kind": { "type": "string", "enum": ["token", "session"] },
        "created_at": instant(),
        "last_used_at": instant(),
        "ends_at": {
            "type": "string", "format": "date-time", "nullable": true,
            "description": "When it ends unless it is used; tokens do not end.",
        },
        "address": { "type": "string", "description": "Where it was made." },
        "user_agent": { "type": "string", "description": "By what it was made." },
        "current": { "type": "boolean", "description": "Whether it is that of this request." },
    }));
    vec![
        ("Session".to_owned(), session),
        ("CsrfToken".to_owned(), all(json!({ "csrfToken": { "type": "string" } }))),
    ]
}
