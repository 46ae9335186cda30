//! Descriptions of the dashboard's figures.

use domain_kernel::Currency;
use domain_sales::overview::NOTES_RECENT_DAYS;
use serde_json::{Value, json};

use super::parts::{OperationDoc, object, reference};
use crate::http::described::Operation as _;
use crate::overview::Show;

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let text = format!(
        "Amounts are numbers here. Totals are of what is in the workspace's currency, or, where \
         `currency` names one, of all there is, converted into it by `/api/exchange-rates/`: orders \
         at the rates of the day on which they were ordered, what is owed at those of when the \
         invoice was issued, payments of when they were made, and open deals at today's; days are \
         UTC's. Where a rate is missing, it is 400. Those of every \
         currency stand beside them (`…_totals`, `values`), never added up. `pending_orders` are \
         drafts and what is agreed upon and not wholly shipped, `orders_total` is of what is agreed \
         upon, `payments_month` of this month in the workspace's time zone less what was given back, \
         `notes_recent` of the last {NOTES_RECENT_DAYS} days. The newest six of each kind follow, eight notes, and what \
         is due next. What the caller's roles or the workspace's plan do not show is empty."
    );
    vec![
        OperationDoc::new(Show::id(), "dashboard", "Show what the workspace does, at a glance")
            .text(text)
            .parameter(json!({
                "name": "currency",
                "in": "query",
                "description": "The currency that all totals are converted into.",
                "schema": { "type": "string", "enum": Currency::CODES },
            }))
            .gives(200, "The figures.", reference("DashboardOverview")),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let all = |properties: Value| {
        let properties = properties.as_object().cloned().unwrap_or_default();
        let names: Vec<String> = properties.keys().cloned().collect();
        object(properties, names.iter().map(String::as_str).collect())
    };
    let list = |row: Value| json!({ "type": "array", "items": all(row) });
    let count = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let id = || json!({ "type": "integer", "format": "int64" });
    let link = || json!({ "type": "integer", "format": "int64", "nullable": true });
    let text = || json!({ "type": "string" });
    let amount = || json!({ "type": "number" });
    let totals = || json!({ "type": "object", "additionalProperties": { "type": "number" } });
    let moment = || json!({ "type": "string", "format": "date-time", "nullable": true });
    let day = || json!({ "type": "string", "format": "date", "nullable": true });
    let summary = all(json!({
        "open_opportunities": count(),
        "pipeline_total": amount(),
        "pipeline_totals": totals(),
        "pending_orders": count(),
        "orders_total": amount(),
        "orders_totals": totals(),
        "invoices_due": count(),
        "invoices_due_total": amount(),
        "invoices_due_totals": totals(),
        "overdue_invoices": count(),
        "payments_month": amount(),
        "payments_month_totals": totals(),
        "shipments_in_transit": count(),
        "products_active": count(),
        "product_variants": count(),
        "suppliers": count(),
        "inventory_on_hand": count(),
        "notes_recent": count(),
        "currency": text(),
    }));
    let deal = json!({ "allOf": [all(json!({ "id": id(), "name": text() }))], "nullable": true });
    let overview = all(json!({
        "summary": summary,
        "pipeline": list(json!({
            "pipeline": text(), "stage": text(), "count": count(), "value": amount(),
            "values": totals(),
        })),
        "recent_opportunities": list(json!({
            "id": id(), "name": text(), "pipeline": text(), "stage": text(), "owner": text(),
            "amount": amount(), "currency": text(), "close_date": day(), "probability": amount(),
        })),
        "recent_orders": list(json!({
            "id": id(), "status": text(), "currency": text(), "total": amount(),
            "contact": text(), "ordered_at": moment(),
        })),
        "recent_invoices": list(json!({
            "id": id(), "status": text(), "currency": text(), "total": amount(),
            "due_date": day(), "issued_at": moment(), "order_id": link(),
        })),
        "recent_payments": list(json!({
            "id": id(), "amount": amount(), "currency": text(), "provider": text(),
            "processed_at": moment(), "invoice_id": link(),
        })),
        "recent_shipments": list(json!({
            "id": id(), "status": text(), "carrier": text(), "tracking_number": text(),
            "shipped_at": moment(), "delivered_at": moment(), "order_id": link(),
        })),
        "recent_notes": list(json!({
            "id": id(), "content": text(), "author": text(), "created_at": moment(),
            "related_object": all(json!({ "type": text(), "id": id() })),
        })),
        "upcoming_activities": list(json!({
            "id": id(), "type": text(), "subject": text(), "due_at": moment(),
            "completed_at": moment(), "owner": text(), "opportunity": deal,
        })),
    }));
    vec![("DashboardOverview".to_owned(), overview)]
}
