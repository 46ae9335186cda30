//! The API document (OpenAPI 3).
//!
//! paperclip collects the routes as they are registered; what each takes and gives follows from
//! the resources' declarations and from descriptions beside the handlers. A route without a
//! description, and a description without a route, are errors, so the document cannot drift.

pub(crate) mod acts;
mod auth;
mod billing;
mod catalog;
mod complete;
mod credentials;
mod data_import;
mod deals;
mod federation;
mod leaving;
mod money_back;
mod overview;
mod parts;
pub(crate) mod resource;
mod schemas;
mod second_factor;
mod session;
mod stock;

use actix_web::App;
use actix_web::web::Bytes;
use paperclip::actix::OpenApiExt as _;
use serde_json::Value;

pub(crate) use parts::OperationDoc;

use crate::resource::served;
use crate::routes;

/// The document in both forms.
pub(crate) struct Documents {
    json: Bytes,
    yaml: Bytes,
}

impl Documents {
    /// Makes the document.
    ///
    /// # Errors
    /// As [`document`].
    pub(crate) fn build() -> Result<Self, String> {
        let document = document()?;
        let json = serde_json::to_vec(&document).map_err(|error| error.to_string())?;
        let yaml = yaml_serde::to_string(&document).map_err(|error| error.to_string())?;
        Ok(Self { json: json.into(), yaml: yaml.into() })
    }

    pub(crate) fn json(&self) -> Bytes {
        self.json.clone()
    }

    pub(crate) fn yaml(&self) -> Bytes {
        self.yaml.clone()
    }
}

/// The document of all routes.
///
/// # Errors
/// Which route has no description, or which description no route.
pub fn document() -> Result<Value, String> {
    let mut collected = Value::Null;
    let _app = App::new().wrap_api().configure(routes::api).with_raw_json_spec_v3(|app, spec| {
        collected = spec;
        app
    });
    let operations: Vec<OperationDoc> = auth::operations()
        .into_iter()
        .chain(credentials::operations())
        .chain(federation::operations())
        .chain(session::operations())
        .chain(second_factor::operations())
        .chain(billing::operations())
        .chain(leaving::operations())
        .chain(deals::operations())
        .chain(catalog::operations())
        .chain(stock::operations())
        .chain(crate::acts::operations())
        .chain(money_back::operations())
        .chain(overview::operations())
        .chain(data_import::operations())
        .chain(served().iter().flat_map(|resource| resource.operations.clone()))
        .collect();
    complete::complete(&collected, operations, schemas::all())
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn every_route_is_described() {
        let document = document().expect("complete");
        let paths = document["paths"].as_object().expect("paths");
        assert!(paths.contains_key("/api/contacts/{id}/restore/"));
        assert!(paths["/api/contacts/"].get("head").is_none());
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "how `just gen` asks for the file")]
    fn the_committed_document_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let document = document().expect("complete");
        let made = serde_json::to_string_pretty(&document).expect("JSON") + "\n";
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &made).expect("the document is written");
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == made, "docs/openapi.json is out of date: run `just gen`");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document().expect("complete");
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().expect("a pointer");
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
