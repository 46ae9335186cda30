//! Descriptions of what one does with the catalog beside its resources' own operations.

use domain_catalog::{Category, Product, SET_STATUS_FIELDS};
use domain_kernel::{Resource, all_fields};
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, shown, written};
use super::resource::fields;
use crate::catalog::{SetStatus, Tree};
use crate::http::described::Operation as _;

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::new(Tree::id(), Category::NAME, "Show all categories as a tree")
            .text("Each level in order of name; a category holds those in it as `children`.")
            .gives(200, "The categories that are in no other.", branches()),
        OperationDoc::new(SetStatus::id(), Product::NAME, "Change the status of a product")
            .text("The same as changing `status` alone; `is_active` goes with it.")
            .takes(reference("ProductStatus"))
            .gives(
                200,
                "The record as it is now.",
                json!({ "anyOf": [
                reference("Product"),
                reference("ProductSelection"),
            ] }),
            )
            .tagged(200)
            .parameter(fields::<Product>())
            .conditional()
            .repeatable()
            .fails(&[404]),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let status: Map<String, Value> =
        SET_STATUS_FIELDS.iter().map(|field| (field.name.to_owned(), written(field))).collect();
    vec![("ProductStatus".to_owned(), object(status, vec!["status"]))]
}

/// Categories with those in them. One level is spelt out: the others are like it.
fn branches() -> Value {
    let mut category: Map<String, Value> =
        all_fields::<Category>().map(|field| (field.name.to_owned(), shown(field))).collect();
    let children = json!({
        "type": "array",
        "items": { "type": "object", "description": "A category with its own `children`." },
    });
    category.insert("children".to_owned(), children);
    let names: Vec<String> = category.keys().cloned().collect();
    let required = names.iter().map(String::as_str).collect();
    json!({ "type": "array", "items": object(category, required) })
}
