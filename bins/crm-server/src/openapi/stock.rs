//! Descriptions of what one does with stock beside its resources' own operations.

use domain_catalog::{ADJUST_FIELDS, InventoryLot, ProductVariant, TRANSFER_FIELDS};
use domain_kernel::{Field, Resource};
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, written};
use crate::http::described::Operation as _;
use crate::stock::{Adjust, Level, Transfer};

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let gate = "Needs the feature `inventory.advanced_tracking`.";
    vec![
        OperationDoc::new(Level::id(), ProductVariant::NAME, "Show what there is of a variant")
            .text(format!("{gate} In all, by place and by lot."))
            .gives(200, "What there is today.", reference("StockLevel"))
            .fails(&[404]),
        OperationDoc::new(Adjust::id(), InventoryLot::NAME, "Add units to a lot or take some away")
            .text(format!("{gate} With the reason in the ledger."))
            .takes(reference("StockAdjustment"))
            .gives(200, "The lot as it is now.", reference("InventoryLot"))
            .repeatable()
            .fails(&[404]),
        OperationDoc::new(Transfer::id(), InventoryLot::NAME, "Carry units to another place")
            .text(format!(
                "{gate} All of a lot moves as it is; of a part a lot is made there, or one joined \
                 that is alike but for its place. What is reserved moves with all of its lot only."
            ))
            .takes(reference("StockTransfer"))
            .gives(200, "The lots as they are now.", reference("StockTransferred"))
            .repeatable()
            .fails(&[404]),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let body = |fields: &[Field]| {
        let properties: Map<String, Value> =
            fields.iter().map(|field| (field.name.to_owned(), written(field))).collect();
        let required = fields.iter().filter(|field| field.required).map(|field| field.name);
        object(properties, required.collect())
    };
    let all = |properties: Value| {
        let properties = properties.as_object().cloned().unwrap_or_default();
        let names: Vec<String> = properties.keys().cloned().collect();
        object(properties, names.iter().map(String::as_str).collect())
    };
    let units = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let id = || json!({ "type": "integer", "format": "int64" });
    let lot = || reference("InventoryLot");
    let level = all(json!({
        "variant": id(),
        "tracked": { "type": "boolean", "description": "Whether it is in stock-keeping." },
        "on_hand": units(),
        "reserved": units(),
        "available": units(),
        "expired": units(),
        "locations": { "type": "array", "items": all(json!({
            "location": { "type": "string" },
            "on_hand": units(),
            "reserved": units(),
            "available": units(),
        })) },
        "lots": { "type": "array", "items": all(json!({
            "lot": id(),
            "location": { "type": "string" },
            "expires_at": { "type": "string", "format": "date", "nullable": true },
            "on_hand": units(),
            "reserved": units(),
            "available": units(),
        })) },
    }));
    vec![
        ("StockLevel".to_owned(), level),
        ("StockAdjustment".to_owned(), body(&ADJUST_FIELDS)),
        ("StockTransfer".to_owned(), body(&TRANSFER_FIELDS)),
        ("StockTransferred".to_owned(), all(json!({ "from": lot(), "to": lot() }))),
    ]
}
