//! The description of imports.

use domain_integrations::import::{CONTACT_COLUMNS, Column, MAX_ROWS, PRODUCT_COLUMNS, Target};
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference};
use crate::data_import::{Import, MAX_FILE};
use crate::http::described::Operation as _;

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let text = format!(
        "A `.csv` (UTF-8 or Windows-1251; commas, semicolons or tabs) or `.xlsx` file (its first \
         visible sheet) of at most {} MB and {MAX_ROWS} rows, whose first row names the columns. Of \
         contacts: {}. Of products: {}. Case and other signs than letters and digits do not count in \
         headers; other columns are left alone. An empty cell leaves what is stored.\n\nContacts are known \
         by their e-mail address, else by first and last name (one with another address is somebody \
         else), products by their SKU. Companies and categories are made when missing. All rows are \
         checked first; those that are sound are written, and the others are in `errors`. The same file \
         again changes nothing.",
        MAX_FILE / (1024 * 1024),
        headers(CONTACT_COLUMNS),
        headers(PRODUCT_COLUMNS),
    );
    vec![
        OperationDoc::new(Import::id(), "data-import", "Import a spreadsheet")
            .text(text)
            .takes_form(reference("DataImport"))
            .gives(200, "What became of the rows.", reference("DataImportReport"))
            .repeatable(),
    ]
}

/// The headers of columns, in words.
fn headers(columns: &[Column]) -> String {
    let all = columns.iter().map(|column| {
        let names: Vec<String> = column.headers.iter().map(|name| format!("`{name}`")).collect();
        let required = if column.required { " (required)" } else { "" };
        format!("{}{required}", names.join(" or "))
    });
    all.collect::<Vec<_>>().join(", ")
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let properties = |properties: Value| properties.as_object().cloned().unwrap_or_default();
    let all = |fields: Value| {
        let fields: Map<String, Value> = properties(fields);
        let names: Vec<String> = fields.keys().cloned().collect();
        object(fields, names.iter().map(String::as_str).collect())
    };
    let count = |description: &str| json!({ "type": "integer", "format": "int64", "minimum": 0, "description": description });
    let resource = json!({ "type": "string", "enum": Target::ALL.map(Target::name) });
    let row = json!({
        "type": "integer", "format": "int64", "minimum": 1,
        "description": "The number of the row in the spreadsheet; the headers are row 1.",
    });
    let import = json!({
        "resource": resource.clone(),
        "file": { "type": "string", "format": "binary", "description": "A .csv or .xlsx file." },
    });
    let report = json!({
        "resource": resource,
        "created": count("Rows that something new came of."),
        "updated": count("Rows that changed what was there."),
        "skipped": count("Rows that say what was there already."),
        "errors": { "type": "array", "items": all(json!({
            "row": row,
            "reason": { "type": "string" },
        })) },
    });
    vec![("DataImport".to_owned(), all(import)), ("DataImportReport".to_owned(), all(report))]
}
