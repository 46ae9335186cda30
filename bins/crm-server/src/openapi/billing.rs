//! Descriptions of the workspace's plan.

use domain_accounts::CHANGE_PLAN_FIELDS;
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, written};
use crate::billing::{ChangePlan, Overview};
use crate::http::described::Operation as _;

const BILLING: &str = "billing";

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::new(Overview::id(), BILLING, "Show the workspace's plan and what it uses")
            .gives(200, "The plan, and the others.", reference("BillingOverview")),
        OperationDoc::new(ChangePlan::id(), BILLING, "Change the plan, or ask for another")
            .text(
                "At once where the plan says `is_self_service`; otherwise the platform's staff \
                 decide, and a later request takes the place of the one before. A plan that allows \
                 less than the workspace uses is refused.",
            )
            .takes(reference("PlanWish"))
            .gives(200, "It is the plan already.", reference("SamePlan"))
            .gives(201, "The new subscription.", reference("Subscription"))
            .gives(202, "The request waits for approval.", reference("WaitingPlan"))
            .repeatable()
            .fails(&[409]),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let wish: Map<String, Value> =
        CHANGE_PLAN_FIELDS.iter().map(|field| (field.name.to_owned(), written(field))).collect();
    let all = |properties: Value| {
        let properties = properties.as_object().cloned().unwrap_or_default();
        let names: Vec<String> = properties.keys().cloned().collect();
        object(properties, names.iter().map(String::as_str).collect())
    };
    let count = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let text = || json!({ "type": "string" });
    let nullable = |name: &str| json!({ "allOf": [reference(name)], "nullable": true });
    let plan = all(json!({
        "id": count(),
        "key": text(),
        "name": text(),
        "description": text(),
        "price_per_month": text(),
        "max_users": count(),
        "max_deals": count(),
        "max_api_calls_per_minute": count(),
    }));
    let overview = all(json!({
        "current_subscription": nullable("Subscription"),
        "available_plans": { "type": "array", "items": reference("Plan") },
        "api_methods": {
            "type": "array",
            "items": all(json!({ "method": text(), "description": text() })),
        },
        "api_token": { "type": "string", "nullable": true, "description": "Always null." },
        "usage": all(json!({ "users": count(), "deals": count() })),
        "limits": all(json!({
            "max_users": count(),
            "max_deals": count(),
            "max_api_calls_per_minute": count(),
        })),
        "pending_request": nullable("PlanRequest"),
    }));
    let same = all(json!({ "detail": text(), "subscription": reference("Subscription") }));
    let waiting = all(json!({ "detail": text(), "request": reference("PlanRequest") }));
    vec![
        ("Plan".to_owned(), plan),
        ("PlanWish".to_owned(), object(wish, Vec::new())),
        ("BillingOverview".to_owned(), overview),
        ("SamePlan".to_owned(), same),
        ("WaitingPlan".to_owned(), waiting),
    ]
}
