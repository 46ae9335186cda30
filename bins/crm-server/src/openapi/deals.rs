//! Descriptions of how deals end.

use domain_kernel::Resource as _;
use domain_sales::Opportunity;
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, written};
use super::resource::fields;
use crate::deals::{LoseDeal, REASON, ReopenDeal, WinDeal};
use crate::http::described::Operation as _;

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let reason: Map<String, Value> =
        [(REASON.name.to_owned(), written(&REASON))].into_iter().collect();
    vec![
        conclusion(
            WinDeal::id(),
            "Win a deal",
            "An open deal ends: the customer has agreed.",
            Map::new(),
        ),
        conclusion(
            LoseDeal::id(),
            "Lose a deal",
            "An open deal ends: nothing comes of it.",
            reason,
        ),
        conclusion(
            ReopenDeal::id(),
            "Open a deal again",
            "A deal that was won or lost is worked on again, in the stage where it was.",
            Map::new(),
        ),
    ]
}

fn conclusion(id: String, summary: &str, text: &str, takes: Map<String, Value>) -> OperationDoc {
    let gate = Opportunity::FEATURE.map(|code| format!("Needs the feature `{code}`. "));
    let record = json!({ "anyOf": [reference("Opportunity"), reference("OpportunitySelection")] });
    OperationDoc::new(id, Opportunity::NAME, summary)
        .text(format!("{}{text}", gate.unwrap_or_default()))
        .takes(object(takes, Vec::new()))
        .gives(200, "The deal as it is now.", record)
        .tagged(200)
        .parameter(fields::<Opportunity>())
        .conditional()
        .repeatable()
        .fails(&[404, 409])
}
