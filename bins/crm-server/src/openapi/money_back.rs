//! Descriptions of money that goes back.

use domain_kernel::Resource;
use domain_sales::{CreditNote, Invoice, Payment, Refund};
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, written};
use super::resource::{fields, pascal};
use crate::http::described::Operation as _;
use crate::money_back::{AMOUNT, CreditInvoice, REASON, RefundPayment};

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    vec![
        back::<Invoice, CreditNote>(
            CreditInvoice::id(),
            "Credit an invoice",
            "Takes back some of what an issued invoice asks for, or all of it, by a credit note.",
            "The credit note.",
        ),
        back::<Payment, Refund>(
            RefundPayment::id(),
            "Refund a payment",
            "Enters what of a payment was given back. The invoice asks for it again, unless a \
             credit note took it back.",
            "The refund.",
        ),
    ]
}

fn back<O: Resource, B: Resource>(
    id: String,
    summary: &str,
    text: &str,
    gives: &str,
) -> OperationDoc {
    let name = pascal(B::SINGULAR);
    let gate = B::FEATURE.map(|code| format!("Needs the feature `{code}`. "));
    let record = json!({ "anyOf": [reference(&name), reference(&format!("{name}Selection"))] });
    let takes: Map<String, Value> = [&AMOUNT, &REASON]
        .into_iter()
        .map(|field| (field.name.to_owned(), written(field)))
        .collect();
    OperationDoc::new(id, O::NAME, summary)
        .text(format!("{}{text}", gate.unwrap_or_default()))
        .takes(object(takes, vec![AMOUNT.name]))
        .gives(201, gives, record)
        .tagged(201)
        .parameter(fields::<B>())
        .repeatable()
        .fails(&[404, 409])
}
