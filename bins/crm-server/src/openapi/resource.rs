//! The operations and schemas that every resource has, from its declaration.

use domain_kernel::query::{
    DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_SEARCH, Test, filters, is_searched, marks_deletion,
    orderable,
};
use domain_kernel::{Operations, Resource, all_fields};
use serde_json::{Map, Value, json};

use super::parts::{
    IGNORED, OperationDoc, TEXT, compared, object, query, reference, shown, written_within,
};
use crate::http::described::Operation as _;
use crate::resource::{
    Bulk, Change, Create, Delete, List, Replace, Restore, Retrieve, ServedResource, bulk_limits,
};

/// The operations of a resource.
pub(crate) fn operations<R: Resource>() -> Vec<OperationDoc> {
    let (one, many) = (R::SINGULAR, R::NAME);
    let tag = R::NAME;
    let gate = match R::FEATURE {
        Some(code) => format!("Needs the feature `{code}`."),
        None => String::new(),
    };
    let record = json!({ "anyOf": [
        reference(&pascal(one)),
        reference(&format!("{}Selection", pascal(one))),
    ] });
    let whole = reference(&format!("{}Write", pascal(one)));
    let marks_deletion = marks_deletion::<R>();
    let create = OperationDoc::new(Create::<R>::id(), tag, format!("Create a {one}"))
        .takes(whole.clone())
        .or_form(form::<R>(true))
        .gives(201, "The new record.", record.clone())
        .tagged(201)
        .parameter(fields::<R>());
    let operations = vec![
        list::<R>(),
        // What is shown once cannot be shown again.
        if R::HAS_SECRET { create.fails(&[409]) } else { create.repeatable() },
        OperationDoc::new(Retrieve::<R>::id(), tag, format!("Show a {one}"))
            .parameter(fields::<R>())
            .parameters(marks_deletion.then(|| {
                query("deleted", "Also when it is deleted.", json!({ "type": "boolean" }))
            }))
            .gives(200, "The record.", record.clone())
            .tagged(200)
            .empty(304, "The client has this version already (If-None-Match).")
            .fails(&[404]),
        OperationDoc::new(Replace::<R>::id(), tag, format!("Replace a {one}"))
            .text("Every required field is given; of the others, those that are not stay as they are.")
            .takes(whole)
            .or_form(form::<R>(true))
            .gives(200, "The record as it is now.", record.clone())
            .tagged(200)
            .parameter(fields::<R>())
            .conditional()
            .fails(&[404, 409]),
        OperationDoc::new(Change::<R>::id(), tag, format!("Change some fields of a {one}"))
            .takes(reference(&format!("{}Patch", pascal(one))))
            .or_form(form::<R>(false))
            .gives(200, "The record as it is now.", record.clone())
            .tagged(200)
            .parameter(fields::<R>())
            .conditional()
            .repeatable()
            .fails(&[404]),
        OperationDoc::new(Delete::<R>::id(), tag, format!("Delete a {one}"))
            .text("It can be restored.")
            .parameters(R::MOVES_TO.map(move_to))
            .empty(204, "It is deleted.")
            .conditional()
            .fails(&[404, 409]),
        OperationDoc::new(Restore::<R>::id(), tag, format!("Bring a deleted {one} back"))
            .takes(object(Map::new(), Vec::new()))
            .gives(200, "The record as it is now.", record)
            .tagged(200)
            .parameter(fields::<R>())
            .repeatable()
            .fails(&[404]),
        OperationDoc::new(Bulk::<R>::id(), tag, format!("Write many {many}"))
            .text(
                "Up to 1,000 creates, updates and deletes, with a result for each in the same \
                 order. Atomic (the default), all are done or none; otherwise each that can be.",
            )
            .takes(reference(&format!("{}Bulk", pascal(one))))
            .gives(200, "What each operation gave.", reference("BulkAnswer"))
            .gives(
                400,
                "The input is invalid, or an operation of an atomic request failed.",
                json!({ "anyOf": [reference("BulkAnswer"), reference("Invalid")] }),
            )
            .repeatable(),
    ];
    let offered = |doc: &OperationDoc| match R::OPERATIONS {
        Operations::All => true,
        Operations::OneByOne => doc.id != Bulk::<R>::id(),
        Operations::Changes => {
            let ids = [List::<R>::id(), Retrieve::<R>::id(), Replace::<R>::id(), Change::<R>::id()];
            ids.contains(&doc.id)
        }
        Operations::ReadOnly => [List::<R>::id(), Retrieve::<R>::id()].contains(&doc.id),
    };
    operations.into_iter().filter(offered).map(|doc| doc.gated(&gate)).collect()
}

impl OperationDoc {
    /// Says which feature it needs.
    fn gated(mut self, gate: &str) -> Self {
        if !gate.is_empty() {
            self.description = format!("{gate} {}", self.description).trim().to_owned();
        }
        self
    }
}

fn list<R: Resource>() -> OperationDoc {
    let names: Vec<&str> = orderable::<R>().map(|field| field.name).collect();
    let searched: Vec<&str> =
        R::FIELDS.iter().filter(|field| field.searched).map(|field| field.name).collect();
    let page = json!({ "type": "integer", "minimum": 1, "maximum": 2_147_483_647 });
    let page_size = json!({ "type": "integer", "minimum": 1, "default": DEFAULT_PAGE_SIZE });
    let mut ordering =
        json!({ "type": "string", "pattern": format!("^$|{}", names_pattern(&names, "-?")) });
    if !R::ORDER.is_empty() {
        ordering["default"] = json!(R::ORDER.join(","));
    }
    let mut doc = OperationDoc::new(List::<R>::id(), R::NAME, format!("List {}", R::NAME))
        .text(R::DESCRIPTION)
        .parameter(query("page", "The page, from 1. Not read beside `cursor`.", page))
        .parameter(query(
            "page_size",
            &format!("Rows on a page; more than {MAX_PAGE_SIZE} means {MAX_PAGE_SIZE}."),
            page_size,
        ))
        .parameter(query(
            "cursor",
            "Pages by position instead of number: no count, and every page costs the same. Empty \
             for the first; then follow `next` and `previous`.",
            json!({ "type": "string" }),
        ))
        .parameters(is_searched::<R>().then(|| {
            let within = searched.join(", ");
            let text =
                format!("Words, each of which must occur, ignoring case, in one of: {within}.");
            let schema = json!({ "type": "string", "maxLength": MAX_SEARCH, "pattern": TEXT });
            query("search", &text, schema)
        }))
        .parameter(query(
            "ordering",
            "Fields, separated by commas; `-` before one for descending. Rows without a value \
             come last.",
            ordering,
        ))
        .parameters(marks_deletion::<R>().then(|| {
            let text = "The deleted rows instead of the others.";
            query("deleted", text, json!({ "type": "boolean" }))
        }))
        .parameter(query(
            "format",
            "A page in JSON, or every matching row as CSV or as JSON lines.",
            json!({ "type": "string", "enum": ["json", "csv", "ndjson"], "default": "json" }),
        ))
        .parameter(fields::<R>());
    for (name, field, test) in filters::<R>() {
        let text = match test {
            Test::Equal if field.nullable => format!("`{}` is this, or `null`.", field.name),
            Test::Equal => format!("`{}` is this.", field.name),
            Test::From => format!("`{}` is at this moment or later.", field.name),
            Test::Until => format!("`{}` is at this moment or earlier.", field.name),
        };
        doc = doc.parameter(query(&name, &text, compared(field, test)));
    }
    let page = reference(&format!("{}Page", pascal(R::SINGULAR)));
    let mut doc = doc.gives(200, "A page.", page).fails(&[404]);
    if let Some(response) = doc.responses.get_mut(&200) {
        response["content"]["text/csv"] = json!({ "schema": { "type": "string" } });
        response["content"]["application/x-ndjson"] = json!({ "schema": { "type": "string" } });
    }
    doc
}

/// A form that brings a file with the fields, where the rows can hold one.
fn form<R: Resource>(whole: bool) -> Option<Value> {
    let file = R::FILE?;
    let writable = || R::FIELDS.iter().filter(|field| !field.read_only);
    let texts = writable().map(|field| (field.name.to_owned(), written_within(field, R::NAME)));
    let mut properties: Map<String, Value> = texts.collect();
    let binary = json!({ "type": "string", "format": "binary", "description": file.description });
    properties.insert(file.part.to_owned(), binary);
    // The file says where it is and what it is called.
    let given =
        |field: &&domain_kernel::Field| field.name != file.address && Some(field.name) != file.name;
    let required = writable().filter(|field| whole && field.required).filter(given);
    Some(object(properties, required.map(|field| field.name).collect()))
}

/// What takes over what a deleted row held.
fn move_to(resource: &'static str) -> Value {
    let text = format!(
        "The row of `{resource}` that takes over what the deleted one held; without it the deletion \
         is refused (409) while it holds anything."
    );
    query("move_to", &text, json!({ "type": "integer", "format": "int64", "minimum": 1 }))
}

/// The parameter that says which fields are shown.
pub(super) fn fields<R: Resource>() -> Value {
    let names: Vec<&str> = all_fields::<R>().map(|field| field.name).collect();
    query(
        "fields",
        "Show only these fields, separated by commas.",
        json!({ "type": "string", "pattern": names_pattern(&names, "") }),
    )
}

/// Some of the names, separated by commas.
fn names_pattern(names: &[&str], before: &str) -> String {
    let one = format!("{before}({})", names.join("|"));
    format!("^{one}(,{one})*$")
}

/// The schemas of a resource.
pub(super) fn schemas(resource: &ServedResource) -> Vec<(String, Value)> {
    let name = pascal(resource.singular);
    let writable = || resource.fields.iter().filter(|field| !field.read_only);
    let read: Map<String, Value> =
        resource.fields.iter().map(|field| (field.name.to_owned(), shown(field))).collect();
    let write: Map<String, Value> = writable()
        .map(|field| (field.name.to_owned(), written_within(field, resource.name)))
        .collect();
    // Clients may send a record back as they got it; what the server writes is ignored.
    let ignored = resource
        .fields
        .iter()
        .filter(|field| field.read_only)
        .map(|field| (field.name.to_owned(), json!({ "description": IGNORED })));
    let write: Map<String, Value> = write.into_iter().chain(ignored).collect();
    let all: Vec<&str> = resource.fields.iter().map(|field| field.name).collect();
    let required = writable().filter(|field| field.required).map(|field| field.name).collect();
    let record = reference(&name);
    let any_record = json!({ "anyOf": [record, reference(&format!("{name}Selection"))] });
    let mut schemas = vec![
        (name.clone(), object(read.clone(), all)),
        (format!("{name}Selection"), object(read, Vec::new())),
        (format!("{name}Page"), page(&any_record)),
    ];
    if resource.offers != Operations::ReadOnly {
        schemas.push((format!("{name}Write"), object(write.clone(), required)));
        schemas.push((format!("{name}Patch"), object(write, Vec::new())));
    }
    if resource.offers == Operations::All {
        schemas.push((format!("{name}Bulk"), bulk(&name)));
    }
    schemas
}

fn page(record: &Value) -> Value {
    let link = json!({ "type": "string", "format": "uri", "nullable": true });
    let count = json!({
        "type": "integer", "format": "int64", "minimum": 0,
        "description": "Rows over all pages; absent when paging by cursor.",
    });
    json!({
        "type": "object",
        "properties": {
            "count": count,
            "next": link,
            "previous": link,
            "results": { "type": "array", "items": record },
        },
        "required": ["next", "previous", "results"],
        "additionalProperties": false,
    })
}

fn bulk(name: &str) -> Value {
    let (fewest, most) = bulk_limits();
    let operation = |op: &str, properties: Value, required: Value| {
        let mut schema = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        schema["properties"]["op"] = json!({ "type": "string", "enum": [op] });
        schema
    };
    let id = json!({ "type": "integer", "format": "int64", "minimum": 1 });
    let version = json!({
        "type": "integer", "format": "int64",
        "description": "The version that was read; another one fails with 412.",
    });
    let data = |kind: &str| reference(&format!("{name}{kind}"));
    json!({
        "type": "object",
        "properties": {
            "atomic": { "type": "boolean", "default": true },
            "operations": {
                "type": "array",
                "minItems": fewest,
                "maxItems": most,
                "items": { "anyOf": [
                    operation("create", json!({ "data": data("Write") }), json!(["op", "data"])),
                    operation(
                        "update",
                        json!({ "id": id, "data": data("Patch"), "version": version }),
                        json!(["op", "id"]),
                    ),
                    operation("delete", json!({ "id": id, "version": version }), json!(["op", "id"])),
                ] },
            },
        },
        "required": ["operations"],
        "additionalProperties": false,
    })
}

/// `deal_stage` as `DealStage`.
pub(super) fn pascal(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect::<String>()
            })
        })
        .collect()
}
