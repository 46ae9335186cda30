//! Descriptions of the moves of documents.

use domain_kernel::Resource as _;
use serde_json::{Map, json};

use super::parts::{OperationDoc, object, reference};
use super::resource::{fields, pascal};
use crate::acts::{Act, Acts};
use crate::http::described::Operation as _;

/// The operation of a move.
pub(crate) fn described<A: Act>() -> OperationDoc {
    let name = pascal(A::Of::SINGULAR);
    let gate = A::Of::FEATURE.map(|code| format!("Needs the feature `{code}`. "));
    let selection = format!("{name}Selection");
    let record = json!({ "anyOf": [reference(&name), reference(&selection)] });
    OperationDoc::new(Acts::<A>::id(), A::Of::NAME, A::SUMMARY)
        .text(format!("{}{}", gate.unwrap_or_default(), A::TEXT))
        .takes(object(Map::new(), Vec::new()))
        .gives(200, "The document as it is now.", record)
        .tagged(200)
        .parameter(fields::<A::Of>())
        .conditional()
        .repeatable()
        .fails(&[404, 409])
}
