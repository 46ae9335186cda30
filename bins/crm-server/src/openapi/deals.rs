//! Descriptions of what is done with leads, deals and activities beside writing them.

use domain_kernel::Resource;
use domain_sales::{
    Activity, CONTACT_GIVES, Contact, Conversion, Lead, OPPORTUNITY_GIVES, Opportunity,
};
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, written};
use super::resource::fields;
use crate::deals::{CompleteActivity, ConvertLead, LoseDeal, REASON, ReopenDeal, WinDeal};
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
            reason.clone(),
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
        convert(),
        OperationDoc::new(CompleteActivity::id(), Activity::NAME, "Complete an activity")
            .text("Done now; what was done already stays done when it was.")
            .takes(object(Map::new(), Vec::new()))
            .gives(200, "The activity as it is now.", record("DealActivity"))
            .tagged(200)
            .parameter(fields::<Activity>())
            .conditional()
            .repeatable()
            .fails(&[404]),
    ]
}

fn convert() -> OperationDoc {
    let mut takes: Map<String, Value> =
        Conversion::FIELDS.iter().map(|field| (field.name.to_owned(), written(field))).collect();
    let contact = "Who the lead is, where it names no contact: the one with this e-mail address, or a \
        new one.";
    takes.insert("contact".to_owned(), nested::<Contact>(contact, CONTACT_GIVES));
    let opportunity = "A deal with them; needs the feature `sales.advanced_pipeline`.";
    takes.insert("opportunity".to_owned(), nested::<Opportunity>(opportunity, OPPORTUNITY_GIVES));
    OperationDoc::new(ConvertLead::id(), Lead::NAME, "Convert a lead")
        .text(
            "The lead becomes a contact, with their company and a deal where the request wants one, \
             all in one step. What is there already is used. Repeated, it gives what the lead became.",
        )
        .takes(object(takes, Vec::new()))
        .gives(200, "The lead as it is now.", record("Lead"))
        .tagged(200)
        .parameter(fields::<Lead>())
        .repeatable()
        .fails(&[404, 409])
}

/// The object that makes a record, without the fields that follow from elsewhere.
fn nested<R: Resource>(description: &str, without: &[&str]) -> Value {
    let writable =
        R::FIELDS.iter().filter(|field| !field.read_only && !without.contains(&field.name));
    let required = writable.clone().filter(|field| field.required).map(|field| field.name);
    let required = required.collect();
    let properties = writable.map(|field| (field.name.to_owned(), written(field))).collect();
    let mut schema = object(properties, required);
    schema["description"] = json!(description);
    schema["nullable"] = json!(true);
    schema
}

/// A record, whole or with some of its fields.
fn record(name: &str) -> Value {
    json!({ "anyOf": [reference(name), reference(&format!("{name}Selection"))] })
}

fn conclusion(id: String, summary: &str, text: &str, takes: Map<String, Value>) -> OperationDoc {
    let gate = Opportunity::FEATURE.map(|code| format!("Needs the feature `{code}`. "));
    OperationDoc::new(id, Opportunity::NAME, summary)
        .text(format!("{}{text}", gate.unwrap_or_default()))
        .takes(object(takes, Vec::new()))
        .gives(200, "The deal as it is now.", record("Opportunity"))
        .tagged(200)
        .parameter(fields::<Opportunity>())
        .conditional()
        .repeatable()
        .fails(&[404, 409])
}
