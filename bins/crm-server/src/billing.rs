//! The workspace's plan: what it is, what it gives, and changing it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use domain_accounts::{Plan, PlanChange, PlanWish};
use domain_kernel::Operations;
use paperclip::actix::web;
use serde_json::{Value, json};

use crate::accounts::operation;
use crate::http::body::Submission;
use crate::http::caller::Caller;
use crate::http::described::{Described, Operation};
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::{ServedResource, served};

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/billing/overview/")
                .route(web::get().to(overview))
                .route(web::head().to(overview))
                .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD"]))),
        )
        .service(
            web::resource("/api/billing/change-plan/")
                .route(web::post().to(change_plan))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
}

operation!(Overview, "billing_overview");
operation!(ChangePlan, "billing_change_plan");

/// `GET /api/billing/overview/`
fn overview(request: HttpRequest, caller: Caller) -> Described<Overview> {
    Described::new(async move {
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let context = caller.context;
        let found = state.run(async move { accounts.billing_overview(&context).await }).await?;
        let has = |resource: &&ServedResource| {
            let enabled = found.entitlements.enabled();
            resource.feature.is_none_or(|feature| enabled.contains(feature))
        };
        let plans: Vec<Plan> = found.plans.iter().map(Plan::from).collect();
        let limits = &found.entitlements.plan;
        let current = found.current.as_ref().map(|one| one.json()).transpose()?;
        let pending = found.pending.as_ref().map(|one| one.json()).transpose()?;
        Ok(HttpResponse::Ok().json(json!({
            "current_subscription": current,
            "available_plans": plans,
            "api_methods": served().iter().filter(has).flat_map(methods).collect::<Vec<_>>(),
            // A token is shown once, when it is made.
            "api_token": Value::Null,
            "usage": { "users": found.usage.users, "deals": found.usage.deals },
            "limits": {
                "max_users": limits.max_users,
                "max_deals": limits.max_deals,
                "max_api_calls_per_minute": limits.max_api_calls_per_minute,
            },
            "pending_request": pending,
        })))
    })
}

/// What can be done with a resource, as `api_methods` lists it.
fn methods(resource: &ServedResource) -> Vec<Value> {
    let list = format!("/api/{}/", resource.name);
    let one = format!("{list}{{id}}/");
    let (name, singular) = (resource.name, resource.singular.replace('_', " "));
    let mut all = vec![
        (format!("GET {list}"), format!("List {name}")),
        (format!("GET {one}"), format!("Retrieve one {singular}")),
    ];
    let writes = |all: &mut Vec<(String, String)>| {
        all.push((format!("PUT {one}"), format!("Replace one {singular}")));
        all.push((format!("PATCH {one}"), format!("Change one {singular}")));
    };
    match resource.offers {
        Operations::ReadOnly => {}
        Operations::Changes => writes(&mut all),
        Operations::All | Operations::OneByOne => {
            all.push((format!("POST {list}"), format!("Create one {singular}")));
            writes(&mut all);
            all.push((format!("DELETE {one}"), format!("Delete one {singular}")));
        }
    }
    let show = |(method, description)| json!({ "method": method, "description": description });
    all.into_iter().map(show).collect()
}

/// `POST /api/billing/change-plan/`
fn change_plan(request: HttpRequest, submission: Submission) -> Described<ChangePlan> {
    Described::new(async move {
        let Submission { caller, body } = submission;
        let wish = PlanWish::read(body.json)?;
        let state = State::of(&request)?;
        let accounts = state.application().accounts.clone();
        let context = caller.repeatable(&request, body.fingerprint)?;
        let (change, replayed) =
            state.run(async move { accounts.change_plan(&context, wish).await }).await?;
        let (status, shown) = match change {
            PlanChange::Changed(subscription) => (StatusCode::CREATED, subscription),
            PlanChange::Same(subscription) => {
                let detail = "The workspace is on this plan already.";
                (StatusCode::OK, json!({ "detail": detail, "subscription": subscription }))
            }
            PlanChange::Waits(wish) => {
                let detail = "The request waits for the platform's approval.";
                (StatusCode::ACCEPTED, json!({ "detail": detail, "request": wish }))
            }
        };
        let mut response = HttpResponse::build(status);
        if replayed {
            response.insert_header(("idempotent-replayed", "true"));
        }
        Ok(response.json(shown))
    })
}
