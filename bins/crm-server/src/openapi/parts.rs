//! The parts that descriptions are made of.

use std::collections::BTreeMap;

use domain_kernel::field::{COUNT_MAX, LINKS_MAX, LONG_TEXT_MAX, NESTED_MAX};
use domain_kernel::query::Test;
use domain_kernel::{Currency, Field, Kind};
use serde_json::{Map, Value, json};

/// What an operation takes and gives.
#[derive(Debug, Clone)]
pub(crate) struct OperationDoc {
    /// The `operationId`; what joins it with its route.
    pub(crate) id: String,
    /// One line.
    pub(crate) summary: String,
    /// More, in Markdown.
    pub(crate) description: String,
    /// The group it is shown in.
    pub(crate) tag: &'static str,
    /// Whether one must be signed in.
    pub(crate) secured: bool,
    /// Parameters beside those of the path.
    pub(crate) parameters: Vec<Value>,
    /// The schema of the body, as JSON.
    pub(crate) body: Option<Value>,
    /// The schema of the form that may be sent in its place, or must be where there is none.
    pub(crate) form: Option<Value>,
    /// Responses by status.
    pub(crate) responses: BTreeMap<u16, Value>,
}

impl OperationDoc {
    /// An operation for signed-in callers.
    pub(crate) fn new(
        id: impl Into<String>,
        tag: &'static str,
        summary: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            summary: summary.into(),
            description: String::new(),
            tag,
            secured: true,
            parameters: Vec::new(),
            body: None,
            form: None,
            responses: BTreeMap::new(),
        }
        .fails(&[400, 429, 500, 503, 504])
        .fails(&[401, 403])
    }

    /// For everybody, signed in or not.
    pub(crate) fn open(mut self) -> Self {
        self.secured = false;
        self.responses.remove(&401);
        self.responses.remove(&403);
        self
    }

    pub(crate) fn text(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    pub(crate) fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    pub(crate) fn parameters(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// Takes a body of this schema.
    pub(crate) fn takes(mut self, schema: Value) -> Self {
        self.body = Some(schema);
        self.fails(&[408, 413, 415])
    }

    /// Takes a form of this schema, too.
    pub(crate) fn or_form(mut self, schema: Option<Value>) -> Self {
        self.form = schema;
        self
    }

    /// Takes nothing but a form of this schema; files in it are of the format `binary`.
    pub(crate) fn takes_form(self, schema: Value) -> Self {
        self.or_form(Some(schema)).fails(&[408, 413, 415])
    }

    /// Gives an object of this schema.
    pub(crate) fn gives(mut self, status: u16, description: &str, schema: Value) -> Self {
        let content = json!({ "application/json": { "schema": schema } });
        self.responses.insert(status, json!({ "description": description, "content": content }));
        self
    }

    /// Answers without a body.
    pub(crate) fn empty(mut self, status: u16, description: &str) -> Self {
        self.responses.insert(status, json!({ "description": description }));
        self
    }

    /// Gives the version of the answer as an entity tag.
    pub(crate) fn tagged(mut self, status: u16) -> Self {
        if let Some(response) = self.responses.get_mut(&status) {
            response["headers"]["ETag"] = json!({
                "description": "The record's version, for If-Match.",
                "schema": { "type": "string" },
            });
        }
        self
    }

    /// Can fail with these statuses.
    pub(crate) fn fails(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            self.responses.insert(*status, error(*status));
        }
        self
    }

    /// May be sent again under the same key.
    pub(crate) fn repeatable(self) -> Self {
        self.parameter(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Sent again with the same key within 24 hours, the request is not done \
                again: the first answer comes back, with `Idempotent-Replayed: true`.",
            "schema": {
                "type": "string", "minLength": 1, "maxLength": 255,
                // Visible characters, with spaces between them.
                "pattern": "^[!-~]([ -~]*[!-~])?$",
            },
        }))
        .fails(&[409, 422])
    }

    /// May ask for a version.
    pub(crate) fn conditional(self) -> Self {
        self.parameter(json!({
            "name": "If-Match",
            "in": "header",
            "description": "The ETag that was read: the write is refused with 412 when the record \
                was changed meanwhile.",
            "schema": { "type": "string", "pattern": "^$|^(\\*|(W/)?\"v[0-9]{1,9}(-[0-9]{1,10})?\")$" },
        }))
        .fails(&[412])
    }
}

/// The response of a failure.
fn error(status: u16) -> Value {
    let (description, schema) = match status {
        400 => ("The input is invalid; messages by field.", "Invalid"),
        401 => ("Nobody is signed in, or the token is not valid.", "Detail"),
        403 => ("Not allowed by role or plan.", "Detail"),
        404 => ("There is no such record.", "Detail"),
        408 => ("The body took too long to arrive.", "Detail"),
        409 => ("Not possible in the present state.", "Detail"),
        412 => ("The record was changed meanwhile.", "Detail"),
        413 => ("The body is too large.", "Detail"),
        415 => ("The body is not JSON.", "Detail"),
        422 => ("The Idempotency-Key was used for another request.", "Detail"),
        423 => (
            "Too many failed attempts to sign in with this name from here; try again after the \
             seconds in Retry-After.",
            "Detail",
        ),
        429 => ("Too many calls; try again after the seconds in Retry-After.", "Detail"),
        503 => {
            ("Too much to do at the moment; try again after the seconds in Retry-After.", "Detail")
        }
        504 => ("It took too long, and may still be done.", "Detail"),
        _ => ("A fault of the server.", "Detail"),
    };
    let mut response = json!({
        "description": description,
        "content": {
            "application/json": { "schema": reference(schema) },
            "application/problem+json": { "schema": reference("Problem") },
        },
    });
    let header =
        |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    match status {
        401 => response["headers"]["WWW-Authenticate"] = header("Always `Token`."),
        423 | 429 | 503 => response["headers"]["Retry-After"] = header("Seconds."),
        _ => {}
    }
    response
}

/// A reference to a schema.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A query parameter.
pub(crate) fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

/// No text may hold a NUL.
pub(super) const TEXT: &str = "^[^\\u0000]*$";
/// Nor may a required one be blank.
const NOT_BLANK: &str = "^[^\\u0000]*\\S[^\\u0000]*$";
/// An address whose host has a name that ends in letters: what the parser takes for sure.
const EMAIL: &str = "^$|^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,63}$";
const WEB_ADDRESS: &str =
    "^$|^(https?|ftps?)://([A-Za-z0-9]+\\.)*[A-Za-z]+(:[0-9]{1,4})?(/[!-~]*)?$";
/// A decimal number greater than zero, with up to eight digits before the point and ten after it.
const RATE: &str = "^(0\\.[0-9]{0,9}[1-9]|[1-9][0-9]{0,7}(\\.[0-9]{1,10})?)$";
/// An id as forms send it.
const DIGITS: &str = "^[1-9][0-9]{0,14}$";
const DIGITS_OR_EMPTY: &str = "^([1-9][0-9]{0,14})?$";
/// A day of a year that both databases hold.
const DAY: &str = "^([1-9][0-9]{3}|0[0-9]{2}[1-9])-[0-9]{2}-[0-9]{2}$";
/// The largest id: 2^53 - 1.
const MAX_ID: i64 = 9_007_199_254_740_991;

/// How a field is written (in a request).
pub(crate) fn written(field: &Field) -> Value {
    written_within(field, "")
}

/// How a field of a resource is written.
pub(super) fn written_within(field: &Field, within: &str) -> Value {
    let pattern = if field.required { NOT_BLANK } else { TEXT };
    let schema = match field.kind {
        Kind::ShortText { max } | Kind::Word { max } | Kind::TargetKind { max } => {
            json!({ "type": "string", "maxLength": max, "pattern": pattern })
        }
        Kind::Phone { max } => json!({ "type": "string", "maxLength": max, "pattern": pattern }),
        Kind::LongText => {
            json!({ "type": "string", "maxLength": LONG_TEXT_MAX, "pattern": pattern })
        }
        // Not `format: email`: an optional address may be empty.
        Kind::Email { max } => json!({
            "type": "string", "maxLength": max,
            "pattern": if field.required { EMAIL.trim_start_matches("^$|") } else { EMAIL },
        }),
        Kind::WebAddress { max } => {
            json!({ "type": "string", "maxLength": max, "pattern": WEB_ADDRESS })
        }
        Kind::Integer => {
            json!({ "type": "integer", "minimum": -COUNT_MAX, "maximum": COUNT_MAX })
        }
        Kind::Count => json!({ "type": "integer", "minimum": 0, "maximum": COUNT_MAX }),
        Kind::Money { digits, places } => json!({ "anyOf": [
            { "type": "string",
              "pattern": format!("^[0-9]{{1,{}}}(\\.[0-9]{{1,{places}}})?$", digits - 2) },
            { "type": "integer", "minimum": 0, "maximum": 10_i64.pow(digits - 2) - 1 },
        ] }),
        Kind::Percent => json!({ "anyOf": [
            { "type": "string", "pattern": "^(100(\\.0{1,2})?|[0-9]{1,2}(\\.[0-9]{1,2})?)$" },
            { "type": "integer", "minimum": 0, "maximum": 100 },
        ] }),
        Kind::Rate => json!({ "anyOf": [
            { "type": "string", "pattern": RATE },
            { "type": "number", "minimum": 1e-10, "maximum": 99_999_999 },
        ] }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Choice { codes } => json!({ "type": "string", "enum": chosen(codes, field) }),
        Kind::Currency => json!({ "type": "string", "enum": chosen(Currency::CODES, field) }),
        Kind::Slug { max } => {
            let pattern = if field.required { "^[A-Za-z0-9_-]+$" } else { "^[A-Za-z0-9_-]*$" };
            json!({ "type": "string", "maxLength": max, "pattern": pattern })
        }
        Kind::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Kind::Date => json!({ "type": "string", "format": "date", "pattern": DAY }),
        Kind::Links { .. } => json!({
            "type": "array", "maxItems": LINKS_MAX,
            "items": { "type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID },
        }),
        Kind::Link { .. } | Kind::Key { .. } | Kind::Member | Kind::Target => json!({ "anyOf": [
            { "type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID },
            { "type": "string", "pattern": if field.required { DIGITS } else { DIGITS_OR_EMPTY } },
        ] }),
        Kind::Json => json!({ "anyOf": [
            { "type": "array", "items": {} },
            { "type": "object" },
            { "type": "string", "pattern": TEXT },
            { "type": "number" },
            { "type": "boolean" },
        ] }),
        Kind::Object => json!({ "type": "object", "additionalProperties": true }),
        Kind::Rows { beside, fields } => json!({
            "type": "array", "maxItems": NESTED_MAX, "items": nested_written(beside, fields, within),
        }),
    };
    // What is required is not empty, whatever may become of it later.
    finished(schema, &Field { nullable: field.nullable && !field.required, ..*field })
}

/// A row within another, as it is written: one with an id changes, another is new. Which row it is
/// within, nobody needs to say.
fn nested_written(beside: &[Field], fields: &[Field], within: &str) -> Value {
    let id = json!({
        "type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID, "nullable": true,
        "description": NESTED_ID,
    });
    let is_id = |field: &&Field| field.name == "id";
    let others = beside.iter().filter(|field| !is_id(field)).chain(fields);
    let others = others.map(|field| {
        let schema = match field.kind {
            _ if field.read_only => json!({ "description": IGNORED }),
            Kind::Link { resource } if resource == within => json!({ "description": IGNORED }),
            _ => written(field),
        };
        (field.name.to_owned(), schema)
    });
    object([("id".to_owned(), id)].into_iter().chain(others).collect(), Vec::new())
}

/// What is said of the id of a row within another.
const NESTED_ID: &str = "The row that changes; a row without one is new, and what is not in the \
    list goes.";
/// What is said of what only the server writes.
pub(super) const IGNORED: &str = "Ignored: only the server writes it.";

/// How a field is shown (in a response).
pub(crate) fn shown(field: &Field) -> Value {
    let schema = match field.kind {
        Kind::ShortText { max }
        | Kind::Phone { max }
        | Kind::Word { max }
        | Kind::TargetKind { max } => {
            json!({ "type": "string", "maxLength": max })
        }
        Kind::LongText => json!({ "type": "string" }),
        Kind::Email { max } => json!({ "type": "string", "maxLength": max }),
        Kind::WebAddress { max } => json!({ "type": "string", "maxLength": max }),
        Kind::Integer | Kind::Count => json!({ "type": "integer", "format": "int64" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Choice { codes } => json!({ "type": "string", "enum": chosen(codes, field) }),
        Kind::Currency => json!({ "type": "string", "enum": Currency::CODES }),
        Kind::Slug { max } => json!({ "type": "string", "maxLength": max }),
        Kind::Percent => json!({ "type": "string", "pattern": "^[0-9]{1,3}\\.[0-9]{2}$" }),
        Kind::Rate => json!({ "type": "string", "pattern": "^[0-9]{1,8}\\.[0-9]{2,10}$" }),
        Kind::Money { .. } => json!({ "type": "string", "pattern": "^-?[0-9]+\\.[0-9]{2,4}$" }),
        Kind::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Links { .. } => json!({
            "type": "array", "items": { "type": "integer", "format": "int64" },
        }),
        Kind::Link { .. } | Kind::Key { .. } | Kind::Member | Kind::Target => {
            json!({ "type": "integer", "format": "int64" })
        }
        Kind::Json => json!({}),
        Kind::Object => json!({ "type": "object", "additionalProperties": true }),
        Kind::Rows { beside, fields } => {
            let fields = || beside.iter().chain(fields);
            let properties = fields().map(|field| (field.name.to_owned(), shown(field))).collect();
            let required = fields().map(|field| field.name).collect();
            json!({ "type": "array", "items": object(properties, required) })
        }
    };
    let mut schema = finished(schema, field);
    if field.read_only {
        schema["readOnly"] = json!(true);
    }
    schema
}

/// How a field is compared with a query parameter.
pub(crate) fn compared(field: &Field, test: Test) -> Value {
    let or_null = field.nullable && test == Test::Equal;
    match field.kind {
        Kind::Integer if or_null => json!({ "anyOf": [
            { "type": "integer", "format": "int64" },
            { "type": "string", "enum": ["null"] },
        ] }),
        Kind::Integer | Kind::Count | Kind::Target => {
            json!({ "type": "integer", "format": "int64" })
        }
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Choice { codes } => json!({ "type": "string", "enum": codes }),
        Kind::Currency => json!({ "type": "string", "enum": Currency::CODES }),
        Kind::Link { .. } | Kind::Key { .. } | Kind::Member => json!({ "anyOf": [
            { "type": "integer", "format": "int64" },
            { "type": "string", "enum": ["null"] },
        ] }),
        Kind::Timestamp if or_null => json!({ "anyOf": [
            { "type": "string", "format": "date-time" },
            { "type": "string", "enum": ["null"] },
        ] }),
        Kind::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Kind::Date if or_null => json!({ "anyOf": [
            { "type": "string", "format": "date", "pattern": DAY },
            { "type": "string", "enum": ["null"] },
        ] }),
        Kind::Date => json!({ "type": "string", "format": "date", "pattern": DAY }),
        Kind::Money { .. } => {
            json!({ "type": "string", "pattern": "^[0-9]{1,9}(\\.[0-9]{1,4})?$" })
        }
        Kind::Percent => json!({ "type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9]{1,2})?$" }),
        Kind::Rate => json!({ "type": "string", "pattern": RATE }),
        _ => json!({ "type": "string", "pattern": TEXT }),
    }
}

/// The words of a choice; an optional one may be empty.
fn chosen(codes: &[&str], field: &Field) -> Vec<String> {
    let empty = (!field.required).then_some("");
    codes.iter().copied().chain(empty).map(str::to_owned).collect()
}

fn finished(mut schema: Value, field: &Field) -> Value {
    let description = field.description.trim();
    if !description.is_empty() {
        schema["description"] = json!(description);
    }
    if field.nullable {
        schema["nullable"] = json!(true);
    }
    schema
}

/// An object schema with nothing beside its properties.
pub(crate) fn object(properties: Map<String, Value>, required: Vec<&str>) -> Value {
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}
