//! The dashboard's figures. In this one payload amounts are JSON numbers, as its clients expect.

use actix_web::{HttpRequest, HttpResponse};
use domain_kernel::field::Moment;
use domain_kernel::{Amount, Currency, Record, UnknownCurrency};
use domain_sales::overview::{Overview, StageOverview, Sums, Upcoming};
use domain_sales::{Invoice, Note, Opportunity, Order, Payment, Shipment};
use paperclip::actix::web;
use serde_json::{Map, Value, json};

use crate::accounts::operation;
use crate::http::caller::Caller;
use crate::http::described::{Described, Operation};
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::write;

/// Adds the route.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config.service(
        web::resource("/api/dashboard/overview/")
            .route(web::get().to(show))
            .route(web::head().to(show))
            .default_service(actix_web::web::to(refuse_method(&["GET", "HEAD"]))),
    );
}

operation!(Show, "dashboard_overview");

/// `GET /api/dashboard/overview/`
fn show(request: HttpRequest, caller: Caller) -> Described<Show> {
    Described::new(async move {
        let read = |code: &str| {
            code.parse::<Currency>().map_err(|error| UnknownCurrency::to_string(&error))
        };
        let into = write::one_parameter(&request, "currency", read)?;
        let state = State::of(&request)?;
        let trade = state.application().trade.clone();
        let context = caller.context;
        let found = state.run(async move { trade.overview(&context, into).await }).await?;
        Ok(HttpResponse::Ok().json(json(&found)))
    })
}

fn json(found: &Overview) -> Value {
    json!({
        "summary": summary(found),
        "pipeline": found.stages.iter().map(of_stage).collect::<Vec<_>>(),
        "recent_opportunities": found.opportunities.iter().map(opportunity).collect::<Vec<_>>(),
        "recent_orders": found.orders.iter().map(order).collect::<Vec<_>>(),
        "recent_invoices": found.invoices.iter().map(invoice).collect::<Vec<_>>(),
        "recent_payments": found.payments.iter().map(payment).collect::<Vec<_>>(),
        "recent_shipments": found.shipments.iter().map(shipment).collect::<Vec<_>>(),
        "recent_notes": found.notes.iter().map(note).collect::<Vec<_>>(),
        "upcoming_activities": found.activities.iter().map(activity).collect::<Vec<_>>(),
    })
}

fn summary(found: &Overview) -> Value {
    let (figures, totals) = (&found.figures, &found.totals);
    json!({
        "open_opportunities": figures.open_opportunities(),
        "pipeline_total": number(totals.pipeline),
        "pipeline_totals": by_currency(&figures.pipeline()),
        "pending_orders": figures.pending_orders,
        "orders_total": number(totals.orders),
        "orders_totals": by_currency(&figures.orders),
        "invoices_due": figures.invoices_due,
        "invoices_due_total": number(totals.owed),
        "invoices_due_totals": by_currency(&figures.owed),
        "overdue_invoices": figures.overdue_invoices,
        "payments_month": number(totals.payments),
        "payments_month_totals": by_currency(&figures.payments),
        "shipments_in_transit": figures.shipments_in_transit,
        "products_active": figures.products_active,
        "product_variants": figures.product_variants,
        "suppliers": figures.suppliers,
        "inventory_on_hand": figures.inventory_on_hand,
        "notes_recent": figures.notes_recent,
        "currency": found.currency.code(),
    })
}

fn number(amount: Amount) -> Value {
    // Written with a point and digits only, so it is read as what it is.
    json!(amount.to_string().parse::<f64>().unwrap_or_default())
}

fn by_currency(sums: &Sums) -> Value {
    let sums = sums.iter().map(|(currency, sum)| (currency.code().to_owned(), number(*sum)));
    Value::Object(sums.collect::<Map<_, _>>())
}

fn of_stage(stage: &StageOverview) -> Value {
    json!({
        "pipeline": stage.pipeline,
        "stage": stage.stage,
        "count": stage.count,
        "value": number(stage.value),
        "values": by_currency(&stage.values),
    })
}

fn opportunity(row: &Record<Opportunity>) -> Value {
    let deal = &row.data;
    json!({
        "id": row.id,
        "name": deal.name,
        "pipeline": deal.pipeline_name,
        "stage": deal.stage_name,
        "owner": deal.owner_name,
        "amount": number(deal.amount.0),
        "currency": deal.currency,
        "close_date": deal.close_date,
        "probability": number(Amount::from_ten_thousandths(deal.probability.hundredths() * 100)),
    })
}

fn order(row: &Record<Order>) -> Value {
    let order = &row.data;
    json!({
        "id": row.id,
        "status": order.status,
        "currency": order.currency,
        "total": number(order.total_amount.0),
        "contact": order.contact_name,
        "ordered_at": order.ordered_at,
    })
}

fn invoice(row: &Record<Invoice>) -> Value {
    let invoice = &row.data;
    json!({
        "id": row.id,
        "status": invoice.status,
        "currency": invoice.currency,
        "total": number(invoice.total_amount.amount()),
        "due_date": invoice.due_date,
        "issued_at": invoice.issued_at,
        "order_id": invoice.order,
    })
}

fn payment(row: &Record<Payment>) -> Value {
    let payment = &row.data;
    json!({
        "id": row.id,
        "amount": number(payment.amount.0),
        "currency": payment.currency,
        "provider": payment.provider,
        "processed_at": payment.processed_at,
        "invoice_id": payment.invoice,
    })
}

fn shipment(row: &Record<Shipment>) -> Value {
    let shipment = &row.data;
    json!({
        "id": row.id,
        "status": shipment.status,
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "shipped_at": shipment.shipped_at,
        "delivered_at": shipment.delivered_at,
        "order_id": shipment.order,
    })
}

fn note(row: &Record<Note>) -> Value {
    let note = &row.data;
    json!({
        "id": row.id,
        "content": note.content,
        "author": note.author_name,
        "created_at": Moment(Some(row.created_at)),
        "related_object": { "type": note.related_object_type, "id": note.related_object_id },
    })
}

fn activity(upcoming: &Upcoming) -> Value {
    let (row, deal) = (&upcoming.activity, &upcoming.opportunity);
    let activity = &row.data;
    json!({
        "id": row.id,
        "type": activity.r#type,
        "subject": activity.subject,
        "due_at": activity.due_at,
        "completed_at": activity.completed_at,
        "owner": activity.owner_name,
        "opportunity": deal.as_ref().map(|deal| json!({ "id": deal.id, "name": deal.data.name })),
    })
}
