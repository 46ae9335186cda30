//! The API document as the server serves it, with every reference followed.

use reqwest::Method;
use serde_json::Value;
use system_tests::TestApp;

/// What a client can do: one method of one path.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// Its `operationId`.
    pub(crate) id: String,
    /// Its group: the resource's name for those of resources.
    pub(crate) tag: String,
    pub(crate) method: Method,
    /// With parameters in braces.
    pub(crate) path: String,
    pub(crate) parameters: Vec<Parameter>,
    /// The schema of the body.
    pub(crate) body: Option<Value>,
    /// Whether it is sent in several parts.
    pub(crate) in_parts: bool,
    /// Whether one must be signed in.
    pub(crate) secured: bool,
    /// The feature that it needs.
    pub(crate) feature: Option<String>,
}

/// A parameter of the path, the query or the headers.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// `path`, `query` or `header`.
    pub(crate) place: String,
    pub(crate) schema: Value,
}

/// The type of a body of several parts.
const IN_PARTS: &str = "multipart/form-data";

impl Operation {
    /// The parameters in a place.
    pub(crate) fn parameters_in(&self, place: &str) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    /// The parameter of the query with this name.
    pub(crate) fn query(&self, name: &str) -> Option<&Parameter> {
        self.parameters_in("query").find(|parameter| parameter.name == name)
    }

    /// Whether a field of the body is a file.
    pub(crate) fn is_file(&self, field: &str) -> bool {
        let format = self.body.as_ref().map(|body| &body["properties"][field]["format"]);
        format.is_some_and(|format| format == "binary")
    }

    /// Whether it lists rows, page by page.
    pub(crate) fn lists(&self) -> bool {
        self.method == Method::GET && self.query("cursor").is_some()
    }

    /// The values that a query parameter may have.
    pub(crate) fn choices(&self, name: &str) -> Vec<String> {
        let choices = self.query(name).and_then(|parameter| parameter.schema["enum"].as_array());
        choices.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }
}

/// Every operation that the server's document lists.
pub(crate) async fn operations(app: &TestApp) -> Vec<Operation> {
    let document = app.stranger().get("/api/schema/").await.expect(200);
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            operations.push(read(&document, path, method, operation));
        }
    }
    assert!(!operations.is_empty(), "the document lists operations");
    operations
}

fn read(document: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| Parameter {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        schema: followed(document, &parameter["schema"], 0),
    });
    let body = operation.pointer("/requestBody/content").map(|content| {
        let kinds: Vec<&str> =
            content.as_object().expect("content").keys().map(String::as_str).collect();
        let object = followed(document, &content[kinds[0]]["schema"], 0);
        match kinds[..] {
            ["application/json"] => (object, false),
            ["application/json", IN_PARTS] => {
                brings_a_file(path, &object, &content[IN_PARTS]["schema"]);
                (object, false)
            }
            [IN_PARTS] => (object, true),
            _ => panic!("{path}: no body of the kinds {kinds:?} can be made"),
        }
    });
    let (body, in_parts) = body.map_or((None, false), |(body, parts)| (Some(body), parts));
    Operation {
        id: text(&operation["operationId"]),
        tag: text(&operation["tags"][0]),
        method: method.to_uppercase().parse().expect("a method"),
        path: path.to_owned(),
        parameters: parameters.collect(),
        body,
        in_parts,
        secured: operation["security"].as_array().is_some_and(|ways| !ways.is_empty()),
        feature: feature(operation["description"].as_str().unwrap_or_default()),
    }
}

/// A form says nothing that the object does not, but for the file that it brings: what is tested with
/// objects holds for it.
fn brings_a_file(path: &str, object: &Value, form: &Value) {
    let mut files = 0;
    for (name, schema) in form["properties"].as_object().expect("properties") {
        if schema["format"] == "binary" {
            files += 1;
        } else {
            assert!(object["properties"].get(name).is_some(), "{path}: {name} is in the form only");
        }
    }
    assert_eq!(files, 1, "{path}: a form brings one file");
}

/// The code in "Needs the feature `code`."
fn feature(description: &str) -> Option<String> {
    let (_, rest) = description.split_once("Needs the feature `")?;
    rest.split_once('`').map(|(code, _)| code.to_owned())
}

/// A schema with what it refers to in the place of each reference.
fn followed(document: &Value, schema: &Value, depth: usize) -> Value {
    assert!(depth < 32, "a schema refers to itself: the generator must learn to stop");
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                let pointer = reference.trim_start_matches('#');
                let target = document.pointer(pointer).expect("the reference leads somewhere");
                return followed(document, target, depth + 1);
            }
            let inner = object.iter();
            Value::Object(
                inner.map(|(name, v)| (name.clone(), followed(document, v, depth + 1))).collect(),
            )
        }
        Value::Array(list) => list.iter().map(|v| followed(document, v, depth + 1)).collect(),
        plain => plain.clone(),
    }
}
